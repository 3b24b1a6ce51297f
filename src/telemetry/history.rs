//! The readouts of the last minutes.

use std::{collections::VecDeque, sync::Arc};

use super::{HeadlineChange, ListenState, Readout};
use crate::model::Affect;

/// Readouts that are kept: ten minutes at two a second.
pub const HISTORY_LENGTH: usize = 1200;

/// One readout of the past.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Moment {
    /// Counts the readouts since the plugin was made, without gaps.
    pub index: u64,
    /// End of the audio that it describes, in seconds since the reset before it.
    pub seconds: f64,
    /// What the numbers mean.
    pub state: ListenState,
    /// Averaged probability of each tag, 0 to 1, in the card's order.
    pub average: Vec<f32>,
    /// The headlines that changed with it.
    pub headline_changes: Vec<HeadlineChange>,
    /// Averaged valence and arousal; `None` of a tagger that doesn't know.
    pub affect: Option<Affect>,
    /// Where it was on the map of music, if there was a place for it.
    pub place: Option<[f32; 2]>,
    /// Where the host's song was, in seconds, if the host tells it.
    pub song_seconds: Option<f64>,
}

/// The last readouts, oldest first. Copies share the moments. Listen's thread adds to the instance's own, behind a lock; the editor's
/// thread has a copy.
#[derive(Debug, Clone, Default)]
pub struct ReadoutHistory {
    moments: VecDeque<Arc<Moment>>,
    next: u64,
    /// Counts the activations.
    activation: u64,
}

impl ReadoutHistory {
    /// A new activation begins: its number. What one before it still has to say comes too late.
    pub fn begin(&mut self) -> u64 {
        self.activation += 1;
        self.activation
    }

    /// Whether this is the number of the newest activation.
    pub fn is_of(&self, activation: u64) -> bool {
        self.activation == activation
    }

    /// Forgets what was heard, but not who may add to it.
    pub fn forget(&mut self) {
        self.moments.clear();
        self.next = 0;
    }

    /// Adds what has just been heard.
    pub fn add(&mut self, readout: &Readout) {
        self.take(Arc::new(Moment {
            index: self.next,
            seconds: readout.seconds,
            state: readout.state,
            average: readout.average.clone(),
            headline_changes: readout.headline_changes.clone(),
            affect: readout.affect,
            place: readout.place.map(|place| place.at),
            song_seconds: readout.song.map(|song| song.seconds),
        }));
    }

    /// Adds what `other` has heard since this was last brought up to it. Starts anew if that was too long ago.
    pub fn catch_up(&mut self, other: &Self) {
        let missing = other.next.saturating_sub(self.next) as usize;
        if other.next < self.next || missing > other.moments.len() {
            self.clone_from(other);
            return;
        }
        let known = other.moments.len() - missing;
        for moment in other.moments.iter().skip(known) {
            self.take(moment.clone());
        }
    }

    /// The moments, oldest first.
    pub fn moments(&self) -> impl DoubleEndedIterator<Item = &Moment> + ExactSizeIterator {
        self.moments.iter().map(Arc::as_ref)
    }

    /// How many readouts there have been: tells whether anything has changed.
    pub fn count(&self) -> u64 {
        self.next
    }

    fn take(&mut self, moment: Arc<Moment>) {
        self.next = moment.index + 1;
        if self.moments.len() == HISTORY_LENGTH {
            self.moments.pop_front();
        }
        self.moments.push_back(moment);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn readout(seconds: f64) -> Readout {
        Readout {
            seconds,
            state: ListenState::Live,
            average: vec![0.5],
            ..Readout::default()
        }
    }

    fn seconds(history: &ReadoutHistory) -> Vec<f64> {
        history.moments().map(|moment| moment.seconds).collect()
    }

    #[test]
    fn it_keeps_the_last_ten_minutes() {
        let mut history = ReadoutHistory::default();
        for index in 0..HISTORY_LENGTH + 3 {
            history.add(&readout(index as f64));
        }
        assert_eq!(history.moments().len(), HISTORY_LENGTH);
        assert_eq!(history.moments().next().unwrap().seconds, 3.0);
        assert_eq!(history.count(), HISTORY_LENGTH as u64 + 3);
    }

    #[test]
    fn a_copy_is_brought_up_to_the_original_however_long_it_was_away() {
        let (mut history, mut copy) = (ReadoutHistory::default(), ReadoutHistory::default());
        for (round, more) in [1, 0, 5, HISTORY_LENGTH, 2 * HISTORY_LENGTH, 1]
            .into_iter()
            .enumerate()
        {
            for index in 0..more {
                history.add(&readout((round * 10_000 + index) as f64));
            }
            copy.catch_up(&history);
            assert_eq!(seconds(&copy), seconds(&history), "round {round}");
        }
        copy.catch_up(&ReadoutHistory::default());
        assert_eq!(copy.moments().len(), 0, "another instance's");
    }
}
