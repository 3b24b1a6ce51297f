//! Chooses the headlines: tags that are named in large letters, and so must change seldom, but soon where the music does.
//!
//! Every tag gathers evidence that it, and not its kind's headline, is what is heard: its lead, as the logarithm of the ratio of their
//! probabilities, less the least lead that counts, is summed up for as long as the sum is positive. When the sum is large enough
//! the tag takes the headline's place. This is the CUSUM test of E. S. Page, "Continuous inspection schemes", Biometrika 41 (1954). A
//! tag that is seven times as likely needs two seconds, one that is three times as likely six, one that is hardly ahead never does.
//!
//! How much that is depends on how much of the whole answer has changed: where one tag wavers, the music is the same; where all of
//! them have moved at once, it is another, and a change is due as soon as the answers show it.
//!
//! A tag and the wider one that it is a case of are one line. The name of a line is chosen when it becomes the headline, and stays.

use std::collections::VecDeque;

use super::average::Average;
use crate::{
    model::{TagInfo, TagKind},
    telemetry::{HeadlineChange, Headlines, ListenState, NARROWER, Readout, likely_from},
};

/// What it takes to become the headline.
#[derive(Debug, Clone, Copy)]
struct Demand {
    /// The least lead that counts, as a logarithm.
    lead: f32,
    /// The evidence that is enough: a lead, as a logarithm, times the seconds that it lasts.
    evidence: f32,
}

/// While the answer as a whole is as before: a tag has to be nearly twice as likely as the headline, for long enough.
const SAME_MUSIC: Demand = Demand {
    lead: 0.6,
    evidence: 3.0,
};
/// When the whole answer is another.
const OTHER_MUSIC: Demand = Demand {
    lead: 0.15,
    evidence: 0.05,
};
/// While a full window hasn't been heard: two answers have to agree.
const FIRST_SOUND: Demand = Demand {
    lead: 0.15,
    evidence: 1.0,
};
/// The largest lead that counts, as a logarithm.
const LARGEST_LEAD: f32 = 2.0;
/// How far an answer moves while the music stays the same (three of four do), and from where on it is another, as [`distance`] measures it.
const USUAL_DISTANCE: f32 = 0.2;
const ANOTHER_DISTANCE: f32 = 0.375;
/// An answer is compared with those that are older than this and no older than that, in seconds.
const COMPARED_FROM: f64 = 1.4;
const COMPARED_TO: f64 = 4.4;
/// The most answers that are kept.
const MOST_PAST: usize = 64;
/// The answers that decide whether the name of a line is the narrower one, in seconds.
const NAMED_BY: f64 = 1.9;
/// A headline is in doubt below this share of the probability that made it likely, or of the wider tag's.
const DOUBT: f32 = 0.6;
const DOUBT_OF_NARROWER: f32 = 0.3;
/// Probabilities below this are the same.
const LEAST: f32 = 1e-3;
/// The averaging, in seconds, up to which the headlines hear the answers as they come: each sums up seconds of sound already.
const PLAIN_AVERAGING: f64 = 4.0;
/// The longest time from one answer to the next that counts, in seconds.
const LONGEST_STEP: f64 = 1.0;
/// The time from one answer to the next where it isn't known, in seconds.
const USUAL_STEP: f64 = 0.5;

/// Chooses the headlines of one stream; on Listen's thread.
pub struct HeadlineTracker {
    kinds: Vec<TagKind>,
    /// The wider tag of each, as an index.
    parents: Vec<Option<usize>>,
    headlines: Headlines,
    /// Each tag's evidence that it should be the headline.
    evidence: Vec<f32>,
    /// Each kind's evidence that its headline is none any more.
    doubt: [f32; TagKind::ALL.len()],
    average: Average,
    /// The last answers and their ends in seconds, oldest first.
    past: VecDeque<(f64, Vec<f32>)>,
}

impl HeadlineTracker {
    /// Starts without headlines, for a tagger's tags. `parent_of` names the wider tag that each is a case of, by their indices.
    pub fn new(tags: &[TagInfo], parent_of: impl Fn(usize) -> Option<usize>) -> Self {
        Self {
            kinds: tags.iter().map(|tag| tag.kind).collect(),
            parents: (0..tags.len()).map(parent_of).collect(),
            headlines: Headlines::default(),
            evidence: vec![0.0; tags.len()],
            doubt: Default::default(),
            average: Average::default(),
            past: VecDeque::new(),
        }
    }

    /// Back to the beginning of a stream.
    pub fn reset(&mut self) {
        self.headlines = Headlines::default();
        self.evidence.fill(0.0);
        self.doubt = Default::default();
        self.average.reset();
        self.past.clear();
    }

    /// Writes into an answer which headlines there are after it, and which of them are new. `averaging` is the user's and `longest`
    /// the most that the user may choose, both in seconds. Silence changes nothing.
    pub fn hear(&mut self, readout: &mut Readout, averaging: f64, longest: f64) {
        if !readout.probabilities.is_empty() {
            let answer = self.heard(readout, averaging, longest);
            let demand = match readout.state {
                ListenState::WarmingUp => FIRST_SOUND,
                _ => self.demand(readout.seconds, &answer),
            };
            let passed = self.past.back().map_or(USUAL_STEP, |(then, _)| {
                (readout.seconds - then).clamp(0.0, LONGEST_STEP)
            });
            self.past.push_back((readout.seconds, answer));
            // The second limit is for times that don't pass.
            while self.past.len() > 1
                && self.past.front().is_some_and(|(then, _)| {
                    *then < readout.seconds - COMPARED_TO || self.past.len() > MOST_PAST
                })
            {
                self.past.pop_front();
            }
            for kind in TagKind::COLUMNS {
                let from = self.headlines.get(kind);
                if let Some(to) = self.successor(kind, passed as f32, demand) {
                    self.headlines.set(kind, to);
                    readout.headline_changes.push(HeadlineChange {
                        seconds: readout.seconds,
                        kind,
                        from,
                        to,
                    });
                }
            }
        }
        readout.headlines = self.headlines;
    }

    /// An answer as the headlines hear it: a probability for each tag.
    fn heard(&mut self, readout: &Readout, averaging: f64, longest: f64) -> Vec<f32> {
        let sound = |index| {
            let value: Option<&f32> = readout.probabilities.get(index);
            value.copied().filter(|value| value.is_finite())
        };
        let answer: Vec<_> = (0..self.kinds.len())
            .map(|index| sound(index).unwrap_or(0.0).clamp(LEAST, 1.0))
            .collect();
        // At least the answer itself.
        let seconds = (averaging - PLAIN_AVERAGING).max(USUAL_STEP / 2.0);
        self.average
            .push(readout.seconds, &answer, seconds, longest)
    }

    /// What this answer demands of whatever is to be a headline.
    fn demand(&self, seconds: f64, answer: &[f32]) -> Demand {
        let before = self.mean(answer.len(), |then| then <= seconds - COMPARED_FROM);
        let moved = before.map_or(1.0, |before| distance(answer, &before));
        let share = (moved - USUAL_DISTANCE) / (ANOTHER_DISTANCE - USUAL_DISTANCE);
        let share = share.clamp(0.0, 1.0);
        let between = |same: f32, other: f32| same + share * (other - same);
        Demand {
            lead: between(SAME_MUSIC.lead, OTHER_MUSIC.lead),
            evidence: between(SAME_MUSIC.evidence, OTHER_MUSIC.evidence),
        }
    }

    /// Mean of the past answers whose ends are chosen, tag by tag; `None` if there are none.
    fn mean(&self, tags: usize, chosen: impl Fn(f64) -> bool) -> Option<Vec<f32>> {
        let mut mean = vec![0.0; tags];
        let mut count = 0.0;
        for (_, answer) in self.past.iter().filter(|(then, _)| chosen(*then)) {
            count += 1.0;
            for (sum, value) in mean.iter_mut().zip(answer) {
                *sum += value;
            }
        }
        mean.iter_mut().for_each(|sum| *sum /= count);
        (count > 0.0).then_some(mean)
    }

    /// Gathers the newest answer's evidence, `passed` seconds after the one before it, and gives a kind's next headline if there is
    /// enough for another.
    fn successor(&mut self, kind: TagKind, passed: f32, demand: Demand) -> Option<Option<usize>> {
        let present = self.headlines.get(kind);
        let strongest = self.gather(kind, present, passed, demand.lead);
        let doubt = self.gather_doubt(kind, present, passed);
        let ahead = strongest.filter(|(_, evidence)| *evidence > demand.evidence);
        let in_doubt = doubt > ahead.map_or(demand.evidence, |(_, evidence)| evidence);
        if ahead.is_none() && !in_doubt {
            return None;
        }
        if let Some(doubt) = self.doubt.get_mut(kind as usize) {
            *doubt = 0.0;
        }
        for (evidence, own) in self.evidence.iter_mut().zip(&self.kinds) {
            if *own == kind {
                *evidence = 0.0;
            }
        }
        let next = ahead.filter(|_| !in_doubt);
        Some(next.map(|(tag, _)| self.name_of_line(tag, present)))
    }

    /// Gathers a kind's evidence for another headline than the present one; gives the tag that has most of it.
    fn gather(
        &mut self,
        kind: TagKind,
        present: Option<usize>,
        passed: f32,
        least_lead: f32,
    ) -> Option<(usize, f32)> {
        let likely = likely_from(kind);
        let least = match present {
            Some(tag) => self.newest(tag).ln() + least_lead,
            None => likely.ln(),
        };
        let mut strongest: Option<(usize, f32)> = None;
        for tag in 0..self.kinds.len() {
            if self.kinds.get(tag) != Some(&kind) {
                continue;
            }
            let probability = self.newest(tag);
            let same_line = present.is_some_and(|present| self.are_one_line(present, tag));
            let lead = if same_line || probability < likely {
                -LARGEST_LEAD
            } else {
                probability.ln() - least
            };
            if let Some(evidence) = self.evidence.get_mut(tag) {
                *evidence = gathered(*evidence, lead, passed);
                if strongest.is_none_or(|(_, most)| *evidence > most) {
                    strongest = Some((tag, *evidence));
                }
            }
        }
        strongest
    }

    /// Gathers a kind's evidence that its headline is wrong, whatever else is right; gives how much there is.
    fn gather_doubt(&mut self, kind: TagKind, present: Option<usize>, passed: f32) -> f32 {
        let lead = match present {
            Some(tag) => {
                let wider = self.wider(tag).map(|tag| self.newest(tag));
                let of_wider = DOUBT_OF_NARROWER * wider.fold(0.0, f32::max);
                let least = of_wider.max(DOUBT * likely_from(kind));
                least.ln() - self.newest(tag).ln()
            }
            None => -LARGEST_LEAD,
        };
        match self.doubt.get_mut(kind as usize) {
            Some(doubt) => {
                *doubt = gathered(*doubt, lead, passed);
                *doubt
            }
            None => 0.0,
        }
    }

    /// A tag's probability in the newest answer, as the headlines hear it.
    fn newest(&self, tag: usize) -> f32 {
        let newest = self.past.back();
        newest
            .and_then(|(_, answer)| answer.get(tag).copied())
            .unwrap_or(LEAST)
    }

    /// The tag that a line is called by, of which `tag` is a part: the widest, unless a narrower one is nearly as likely. Where the
    /// present headline is of the same line, it is `tag` or what is narrower.
    fn name_of_line(&self, tag: usize, present: Option<usize>) -> usize {
        let root = |tag| self.wider(tag).last().unwrap_or(tag);
        let mut name = match present {
            Some(present) if root(present) == root(tag) => tag,
            _ => root(tag),
        };
        let newest = self.past.back().map_or(0.0, |(then, _)| *then);
        let Some(mean) = self.mean(self.kinds.len(), |then| then >= newest - NAMED_BY) else {
            return tag;
        };
        let value = |tag: usize| mean.get(tag).copied().unwrap_or(0.0);
        for _ in 0..self.parents.len() {
            let narrower = (0..self.parents.len())
                .filter(|tag| self.parents.get(*tag) == Some(&Some(name)))
                .max_by(|one, other| value(*one).total_cmp(&value(*other)));
            match narrower {
                Some(narrower) if value(narrower) >= NARROWER * value(name) => name = narrower,
                _ => break,
            }
        }
        name
    }

    /// Whether one of two tags is the other, or a case of it.
    fn are_one_line(&self, one: usize, other: usize) -> bool {
        one == other
            || self.wider(one).any(|tag| tag == other)
            || self.wider(other).any(|tag| tag == one)
    }

    /// The tags that one is a case of, from the next wider one to the widest. Ends even where a table goes in a circle.
    fn wider(&self, tag: usize) -> impl Iterator<Item = usize> {
        let parent = |tag: &usize| self.parents.get(*tag).copied().flatten();
        std::iter::successors(parent(&tag), parent).take(self.parents.len())
    }
}

/// Adds what a lead says that lasted for `passed` seconds.
fn gathered(evidence: f32, lead: f32, passed: f32) -> f32 {
    (evidence + lead.clamp(-LARGEST_LEAD, LARGEST_LEAD) * passed).max(0.0)
}

/// How far apart two answers are: 0 for the same, 1 for two that have no tag in common (E. Hellinger's distance of measures that don't
/// sum up to 1).
fn distance(one: &[f32], other: &[f32]) -> f32 {
    let apart: f32 = one
        .iter()
        .zip(other)
        .map(|(one, other)| (one.sqrt() - other.sqrt()).powi(2))
        .sum();
    let both = one.iter().chain(other).sum::<f32>();
    if both > 0.0 {
        (apart / both).sqrt()
    } else {
        0.0
    }
}

/// The index of each tag's parent, as the tagger's card names it.
pub fn parents_of(tags: &[TagInfo]) -> Vec<Option<usize>> {
    let index = |tag: &TagInfo| {
        let parent = tag.parent.as_ref()?;
        tags.iter()
            .position(|other| other.kind == tag.kind && other.name == *parent)
    };
    tags.iter().map(index).collect()
}

#[cfg(test)]
mod tests;
