//! Headlines over answers that the shipped tagger gave to real music (`tests/fixtures/answers`), and over made-up ones.

use std::{collections::HashMap, sync::LazyLock};

use super::*;

/// The wider tag of each, as the shipped tagger's card has it.
static WIDER: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let card: serde_json::Value =
        serde_json::from_str(include_str!("../../../models/tagger/card.json")).unwrap();
    let tags = card["tags"].as_array().unwrap().iter();
    let parent = |tag: &serde_json::Value| Some(tag["parent"].as_str()?.to_owned());
    tags.filter_map(|tag| Some((tag["name"].as_str()?.to_owned(), parent(tag)?)))
        .collect()
});

/// The default averaging and the longest one, in seconds.
const AVERAGING: f64 = 4.0;
const LONGEST: f64 = 30.0;

/// Answers half a second apart.
struct Sequence {
    tags: Vec<TagInfo>,
    answers: Vec<Vec<f32>>,
}

impl Sequence {
    /// Reads a table: a line for each answer, a column for each tag, in thousandths.
    fn read(name: &str) -> Self {
        let file = format!(
            "{}/tests/fixtures/answers/{name}.csv",
            env!("CARGO_MANIFEST_DIR")
        );
        let text = std::fs::read_to_string(file).unwrap();
        let mut lines = text.lines();
        let head = lines.next().unwrap().split(',').skip(1);
        let tags = head
            .map(|title| {
                let (kind, name) = title.split_once(": ").unwrap();
                let kind = TagKind::ALL.into_iter().find(|own| own.id() == kind);
                tag(name, kind.unwrap())
            })
            .collect();
        let value = |field: &str| field.parse::<f32>().unwrap() / 1_000.0;
        let answers = lines
            .map(|line| line.split(',').skip(1).map(value).collect())
            .collect();
        Self { tags, answers }
    }

    fn name(&self, tag: Option<usize>) -> &str {
        tag.map_or("-", |tag| &self.tags[tag].name)
    }

    /// Every change of a headline.
    fn changes(&self, averaging: f64) -> Vec<HeadlineChange> {
        let parents = parents_of(&self.tags);
        let mut tracker = HeadlineTracker::new(&self.tags, |tag| parents[tag]);
        let mut changes = Vec::new();
        for (index, answer) in self.answers.iter().enumerate() {
            let seconds = 0.5 * (index + 1) as f64;
            let mut readout = Readout {
                state: if seconds < 3.7 {
                    ListenState::WarmingUp
                } else {
                    ListenState::Live
                },
                seconds,
                probabilities: answer.clone(),
                ..Readout::default()
            };
            tracker.hear(&mut readout, averaging, LONGEST);
            for change in &readout.headline_changes {
                assert_eq!(readout.headlines.get(change.kind), change.to);
            }
            changes.extend(readout.headline_changes);
        }
        changes
    }

    /// A kind's changes as times and names.
    fn changes_of(&self, kind: TagKind, averaging: f64) -> Vec<(f64, &str)> {
        let changes = self.changes(averaging).into_iter();
        let changes = changes.filter(|change| change.kind == kind);
        changes
            .map(|change| (change.seconds, self.name(change.to)))
            .collect()
    }
}

fn tag(name: &str, kind: TagKind) -> TagInfo {
    TagInfo {
        name: name.to_owned(),
        kind,
        parent: WIDER.get(name).cloned(),
    }
}

const STEADY: [&str; 6] = ["ambient", "choral", "house", "piano", "polka", "ska"];

/// What is named when the second piece is heard, of the kinds that the answers are of one mind about.
const SPLICES: [(&str, &[(TagKind, &str)]); 5] = [
    (
        "piano-house",
        &[(TagKind::Genre, "electronic"), (TagKind::Mood, "angry")],
    ),
    (
        "rock-ambient",
        &[
            (TagKind::Genre, "electronic"),
            (TagKind::Instrument, "synthesizer"),
            (TagKind::Mood, "atmospheric"),
        ],
    ),
    (
        "ska-piano",
        &[(TagKind::Instrument, "cello"), (TagKind::Mood, "scary")],
    ),
    (
        "piano-disco",
        &[
            (TagKind::Genre, "electronic"),
            (TagKind::Instrument, "drum machine"),
            (TagKind::Mood, "energetic"),
        ],
    ),
    (
        "beats-celtic",
        &[
            (TagKind::Genre, "folk"),
            (TagKind::Instrument, "violin"),
            (TagKind::Mood, "acoustic"),
        ],
    ),
];
/// Where the second piece begins, in seconds.
const SPLICE: f64 = 20.0;

fn all() -> Vec<Sequence> {
    let steady = STEADY.iter().map(|name| format!("steady-{name}"));
    let splices = SPLICES.iter().map(|(name, _)| format!("splice-{name}"));
    steady
        .chain(splices)
        .map(|name| Sequence::read(&name))
        .collect()
}

#[test]
#[cfg_attr(miri, ignore = "reads files")]
fn steady_music_changes_a_headline_at_most_twice_a_minute() {
    for name in STEADY {
        let sequence = Sequence::read(&format!("steady-{name}"));
        assert!(sequence.answers.len() > 115, "a minute");
        for kind in TagKind::ALL {
            let changes = sequence.changes_of(kind, AVERAGING);
            // The first one is none: there was no headline.
            assert!(changes.len() <= 3, "{name}: {changes:?}");
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "reads files")]
fn another_piece_is_named_three_seconds_after_it_begins() {
    let mut late = Vec::new();
    for (name, heard) in SPLICES {
        let sequence = Sequence::read(&format!("splice-{name}"));
        for &(kind, wanted) in heard {
            let changes = sequence.changes_of(kind, AVERAGING);
            let found = changes
                .iter()
                .find(|(at, said)| *at > SPLICE && *said == wanted);
            let (at, _) = found.unwrap_or_else(|| panic!("{name}: {changes:?}"));
            assert!(at - SPLICE <= 3.5, "{name}: {changes:?}");
            late.push(at - SPLICE);
        }
    }
    let mean = late.iter().sum::<f64>() / late.len() as f64;
    assert!(mean <= 3.0, "{mean}: {late:?}");
}

#[test]
#[cfg_attr(miri, ignore = "reads files")]
fn a_headline_never_gives_way_to_a_wider_or_narrower_one() {
    let wider = |narrow: &str, wide: &str| WIDER.get(narrow).is_some_and(|own| own == wide);
    let mut narrow = 0;
    for sequence in all() {
        for change in sequence.changes(AVERAGING) {
            let (from, to) = (sequence.name(change.from), sequence.name(change.to));
            assert!(!wider(from, to) && !wider(to, from), "{from}, {to}");
            narrow += usize::from(WIDER.contains_key(to));
        }
    }
    assert!(narrow > 3, "{narrow}: there are narrow headlines");
}

/// Four genres, and instruments that all play on: so much of the answer stays the same.
fn genres(of: impl Fn(f64) -> [f32; 4]) -> Sequence {
    let names = ["rock", "jazz", "folk", "house"];
    let mut tags: Vec<_> = names.map(|name| tag(name, TagKind::Genre)).into();
    tags.extend((0..40).map(|index| tag(&format!("instrument {index}"), TagKind::Instrument)));
    let answers = (1..=80)
        .map(|index| {
            let mut answer = Vec::from(of(0.5 * f64::from(index)));
            answer.resize(44, 0.9);
            answer
        })
        .collect();
    Sequence { tags, answers }
}

#[test]
fn a_lead_counts_the_more_the_larger_it_is_and_the_longer_it_lasts() {
    let rock = |at: f64| if at < 10.0 { 0.4 } else { 0.16 };
    let taken_over = |jazz: f32| {
        let sequence = genres(|at| {
            let jazz = if at > 20.0 { jazz } else { 0.01 };
            [rock(at), jazz, 0.0, 0.0]
        });
        let changes = sequence.changes_of(TagKind::Genre, AVERAGING);
        assert_eq!(changes[0].1, "rock");
        changes.get(1).map(|(at, said)| {
            assert_eq!(*said, "jazz");
            at - 20.0
        })
    };
    assert_eq!(taken_over(0.16), None);
    assert_eq!(taken_over(0.28), None, "hardly ahead");
    let clearly = taken_over(0.5).unwrap();
    assert!((4.0..=7.0).contains(&clearly), "{clearly}");
    let far = taken_over(0.98).unwrap();
    assert!((2.0..=3.0).contains(&far), "{far}");
    // A second of it is nothing.
    let sequence = genres(|at| {
        let jazz = if (20.0..21.0).contains(&at) {
            0.9
        } else {
            0.01
        };
        [rock(at), jazz, 0.0, 0.0]
    });
    assert_eq!(sequence.changes_of(TagKind::Genre, AVERAGING).len(), 1);
}

#[test]
fn nothing_is_named_that_is_not_likely_and_what_is_no_more_is_let_go() {
    let unlikely = genres(|_| [0.14, 0.1, 0.05, 0.0]);
    assert_eq!(unlikely.changes_of(TagKind::Genre, AVERAGING), []);
    // A little below what made it likely is still good enough.
    let waning = genres(|at| [if at > 20.0 { 0.11 } else { 0.4 }, 0.1, 0.0, 0.0]);
    let changes = waning.changes_of(TagKind::Genre, AVERAGING);
    assert_eq!(changes.len(), 1, "{changes:?}");
    let gone = genres(|at| [if at > 20.0 { 0.02 } else { 0.4 }, 0.03, 0.0, 0.0]);
    let changes = gone.changes_of(TagKind::Genre, AVERAGING);
    let [(_, "rock"), (at, "-")] = changes[..] else {
        panic!("{changes:?}");
    };
    assert!((1.0..=3.0).contains(&(at - 20.0)), "{changes:?}");
}

#[test]
fn the_name_of_a_line_is_the_narrower_tag_if_that_is_nearly_as_likely_and_it_stays() {
    let keys = |piano: fn(f64) -> f32| {
        let tags = ["keyboard", "piano", "organ", "drums"];
        let tags = tags.map(|name| tag(name, TagKind::Instrument)).into();
        let answer = |index: i32| vec![0.8, piano(0.5 * f64::from(index)), 0.1, 0.1];
        let answers = (1..=80).map(answer).collect();
        let sequence = Sequence { tags, answers };
        let changes = sequence.changes_of(TagKind::Instrument, AVERAGING);
        changes
            .into_iter()
            .map(|(_, said)| said.to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(keys(|_| 0.7), ["piano"]);
    assert_eq!(keys(|_| 0.3), ["keyboard"]);
    let wavers = |at: f64| if at % 10.0 < 5.0 { 0.78 } else { 0.4 };
    assert_eq!(keys(wavers), ["piano"]);
    // What is not heard any more is let go before the wider one is named.
    let ends = |at: f64| if at < 20.0 { 0.7 } else { 0.05 };
    assert_eq!(keys(ends), ["piano", "-", "keyboard"]);
}

#[test]
fn a_long_average_sums_a_song_up_and_a_short_one_follows_it() {
    let break_of_three_seconds = genres(|at| match at {
        20.0..26.0 => [0.02, 0.9, 0.0, 0.0],
        _ => [0.4, 0.02, 0.0, 0.0],
    });
    let changes = |averaging| {
        let changes = break_of_three_seconds.changes_of(TagKind::Genre, averaging);
        changes.len()
    };
    assert_eq!(changes(1.0), 3, "jazz, and back");
    assert_eq!(changes(LONGEST), 1);
}

#[test]
fn answers_that_make_no_sense_and_parents_in_a_circle_are_survived() {
    let tags: Vec<_> = ["a", "b", "c"].map(|name| tag(name, TagKind::Mood)).into();
    let mut tracker = HeadlineTracker::new(&tags, |tag| Some((tag + 1) % 4));
    for (seconds, probabilities) in [
        (0.5, vec![f32::NAN, 0.9, f32::INFINITY]),
        (1.0, vec![0.9]),
        (f64::NAN, vec![0.9; 7]),
        (0.2, vec![-1.0, 2.0, 0.0]),
        (1e9, vec![]),
        (1e9, vec![0.0, 0.9, 0.9]),
        (1e9 + 0.5, vec![0.0, 0.9, 0.9]),
    ] {
        let mut readout = Readout {
            state: ListenState::Live,
            seconds,
            probabilities,
            ..Readout::default()
        };
        tracker.hear(&mut readout, AVERAGING, LONGEST);
    }
    tracker.reset();
    let mut silence = Readout::default();
    tracker.hear(&mut silence, AVERAGING, LONGEST);
    assert_eq!(silence.headlines, Headlines::default());
}

#[test]
fn silence_keeps_the_headlines() {
    let tags = [tag("jazz", TagKind::Genre)];
    let mut tracker = HeadlineTracker::new(&tags, |_| None);
    let mut readout = Readout::default();
    for step in 1..=4 {
        readout = Readout {
            state: ListenState::WarmingUp,
            seconds: 0.5 * f64::from(step),
            probabilities: vec![0.9],
            ..Readout::default()
        };
        tracker.hear(&mut readout, AVERAGING, LONGEST);
    }
    assert_eq!(readout.headlines.get(TagKind::Genre), Some(0));
    let mut silence = Readout {
        state: ListenState::Silence,
        seconds: 4.0,
        ..Readout::default()
    };
    tracker.hear(&mut silence, AVERAGING, LONGEST);
    assert_eq!(silence.headlines, readout.headlines);
    assert_eq!(silence.headline_changes, []);
}
