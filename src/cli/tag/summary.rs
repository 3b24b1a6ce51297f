//! What a whole file comes to, in the memory that one answer takes.

use crate::{
    cli::hearing::AVERAGING,
    listen::{HeadlineTracker, parents_of},
    model::{Affect, TagKind, TaggerCard},
    params::LONGEST_AVERAGE,
    telemetry::{Headlines, ListenState, Readout},
};

/// Length of a section, in seconds.
const SECTION: f64 = 10.0;

/// After so many answers that are the same the plugin's large words stay, half a second each.
const SETTLED: u32 = 8;

/// Sums up the answers on one file as they come.
pub struct Tally {
    /// Of each tag, over all answers.
    sums: Vec<f64>,
    valence: f64,
    arousal: f64,
    answers: u64,
    section: Section,
    /// Of each tag the section in which it is strongest.
    strongest: Vec<Option<Strongest>>,
}

/// The answers that end within one stretch of [`SECTION`] seconds.
#[derive(Default)]
struct Section {
    start: f64,
    end: f64,
    sums: Vec<f64>,
    answers: u64,
}

/// Where a tag is strongest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Strongest {
    /// In seconds.
    pub from: f64,
    /// In seconds.
    pub to: f64,
    /// Its mean probability there, 0 to 1.
    pub probability: f32,
}

/// What a file comes to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summary {
    /// How many answers there were.
    pub answers: u64,
    /// Mean probability of each tag, 0 to 1, in the card's order; empty without an answer.
    pub probabilities: Vec<f32>,
    /// Of how that feels, the mean.
    pub affect: Option<Affect>,
    /// Of each column's kind, the tag that the plugin would name in large letters if every answer were the mean one.
    pub headlines: [Option<usize>; TagKind::COLUMNS.len()],
    /// Of each tag the ten seconds in which it is strongest.
    pub strongest: Vec<Option<Strongest>>,
}

impl Tally {
    /// Nothing yet, of a tagger with so many tags.
    pub fn new(tags: usize) -> Self {
        Self {
            sums: vec![0.0; tags],
            valence: 0.0,
            arousal: 0.0,
            answers: 0,
            section: Section::default(),
            strongest: vec![None; tags],
        }
    }

    /// Takes an answer in; that there is silence is none.
    pub fn add(&mut self, readout: &Readout, card: &TaggerCard) {
        if readout.probabilities.is_empty() {
            return;
        }
        if readout.seconds >= self.section.start + SECTION {
            self.end_section(false);
            self.section.start = (readout.seconds / SECTION).floor() * SECTION;
        }
        self.answers += 1;
        let affect = card.circumplex.as_ref();
        if let Some(Affect { valence, arousal }) =
            affect.map(|circumplex| circumplex.affect(&readout.probabilities))
        {
            self.valence += f64::from(valence);
            self.arousal += f64::from(arousal);
        }
        self.section.sums.resize(self.sums.len(), 0.0);
        self.section.answers += 1;
        self.section.end = readout.seconds;
        let sums = self.sums.iter_mut().zip(&mut self.section.sums);
        for ((sum, section), probability) in sums.zip(&readout.probabilities) {
            *sum += f64::from(*probability);
            *section += f64::from(*probability);
        }
    }

    /// Takes what was heard in the section for what may be the strongest; of the last of several at least half must be there.
    fn end_section(&mut self, last: bool) {
        let section = std::mem::take(&mut self.section);
        let short = section.end < section.start + SECTION / 2.0;
        let several = self.strongest.iter().any(Option::is_some);
        if section.answers == 0 || (last && several && short) {
            return;
        }
        for (strongest, sum) in self.strongest.iter_mut().zip(&section.sums) {
            let probability = (sum / section.answers as f64) as f32;
            if strongest.is_none_or(|strongest| probability > strongest.probability) {
                let to = if last {
                    section.end
                } else {
                    section.start + SECTION
                };
                *strongest = Some(Strongest {
                    from: section.start,
                    to,
                    probability,
                });
            }
        }
    }

    /// What it all comes to, of the tagger's tags.
    pub fn finish(mut self, card: &TaggerCard) -> Summary {
        if self.answers == 0 {
            return Summary::default();
        }
        self.end_section(true);
        let count = self.answers as f64;
        let probabilities: Vec<f32> = self.sums.iter().map(|sum| (sum / count) as f32).collect();
        let headlines = headlines(card, &probabilities);
        Summary {
            answers: self.answers,
            affect: card.circumplex.as_ref().map(|_| Affect {
                valence: (self.valence / count) as f32,
                arousal: (self.arousal / count) as f32,
            }),
            headlines: TagKind::COLUMNS.map(|kind| headlines.get(kind)),
            probabilities,
            strongest: self.strongest,
        }
    }
}

/// The large words for one answer that stays. What stands longest while a file plays hangs on single answers where tags are about as
/// likely; this doesn't.
fn headlines(card: &TaggerCard, probabilities: &[f32]) -> Headlines {
    let parents = parents_of(&card.tags);
    let mut tracker = HeadlineTracker::new(&card.tags, |tag| parents.get(tag).copied().flatten());
    let mut readout = Readout {
        state: ListenState::Live,
        probabilities: probabilities.to_vec(),
        ..Readout::default()
    };
    for answer in 0..SETTLED {
        readout.seconds = f64::from(answer) / 2.0;
        tracker.hear(&mut readout, AVERAGING, f64::from(LONGEST_AVERAGE));
    }
    readout.headlines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ModelSource;

    /// An answer of so many tags, in which the first has that probability.
    fn answer(tags: usize, seconds: f64, probability: f32) -> Readout {
        let mut probabilities = vec![0.0; tags];
        probabilities[0] = probability;
        Readout {
            state: ListenState::Live,
            seconds,
            probabilities,
            ..Readout::default()
        }
    }

    fn tally(answers: impl IntoIterator<Item = (f64, f32)>) -> (Summary, TagKind) {
        let card = ModelSource::Embedded.tagger_card().unwrap();
        let mut tally = Tally::new(card.tags.len());
        for (seconds, probability) in answers {
            tally.add(&answer(card.tags.len(), seconds, probability), &card);
        }
        (tally.finish(&card), card.tags[0].kind)
    }

    #[test]
    fn it_is_the_mean_and_says_where_a_tag_is_strongest() {
        // A minute, whose third ten seconds are it.
        let (summary, _) = tally((1..=120).map(|index| {
            let seconds = f64::from(index) / 2.0;
            let inside = (20.0..30.0).contains(&seconds);
            (seconds, if inside { 0.8 } else { 0.2 })
        }));
        assert_eq!(summary.answers, 120);
        assert!((summary.probabilities[0] - 0.3).abs() < 1e-6);
        let strongest = summary.strongest[0].unwrap();
        assert_eq!((strongest.from, strongest.to), (20.0, 30.0));
        assert!((strongest.probability - 0.8).abs() < 1e-6);
    }

    #[test]
    fn a_few_seconds_at_the_end_are_no_section_unless_they_are_all() {
        let minute = (1..=24).map(|index| {
            let seconds = f64::from(index) / 2.0;
            (seconds, if seconds >= 10.0 { 0.9 } else { 0.1 })
        });
        assert_eq!(tally(minute).0.strongest[0].unwrap().to, 10.0);
        let (short, _) = tally([(0.5, 0.4), (1.0, 0.6)]);
        let strongest = short.strongest[0].unwrap();
        assert_eq!((strongest.from, strongest.to), (0.0, 1.0));
    }

    #[test]
    fn the_headline_is_the_plugin_s_for_the_mean_and_none_where_that_is_unlikely() {
        let of = |share: u32, probability: f64| {
            let (summary, kind) = tally((0..10).map(|index| {
                let here = if index < share { probability } else { 0.0 };
                (f64::from(index), here as f32)
            }));
            let column = TagKind::COLUMNS.iter().position(|column| *column == kind);
            summary.headlines[column.unwrap()]
        };
        assert_eq!(of(10, 0.9), Some(0));
        assert_eq!(of(10, 0.001), None);
        // Ten answers of nine in ten come to the same as four of nine; and one alone to hardly anything.
        assert_eq!(of(4, 0.9), of(10, 0.36));
        assert_eq!(of(1, 0.1), None);
        assert_eq!(tally([]).0, Summary::default());
    }
}
