//! The curve in use, where curves may be late.

use crate::{
    model::{BANDS, MelDb},
    morph::{Arrival, CurveMessage, CurveSource, Drawn},
};

/// Once a curve was late, no band moves by more than this in a hop until the newest curve is reached: about what the
/// curves of steady music differ by. Curves that come in time are never held back, since that would blunt the knobs.
pub(super) const LARGEST_CATCH_UP_DB: f32 = 3.0;

/// Follows a source's curves; owned by the audio thread.
pub(super) struct CurveFollower {
    /// The newest curve that has come, with what was drawn.
    newest: CurveMessage,
    /// The curve in use: the newest one, or on its way there after a late one.
    pub(super) curve: MelDb,
    /// Whether a curve was late and the newest has not been reached since.
    pub(super) catching_up: bool,
}

impl Default for CurveFollower {
    fn default() -> Self {
        Self {
            newest: CurveMessage::blank(),
            curve: [0.0; BANDS],
            catching_up: false,
        }
    }
}

impl CurveFollower {
    /// The curve to be used for frame `index`, and what was drawn with the newest; `None` if it is `early` and its own curve may come yet.
    pub(super) fn follow(
        &mut self,
        source: &mut impl CurveSource,
        generation: u32,
        index: u64,
        early: bool,
    ) -> Option<(&MelDb, &Drawn)> {
        let arrival = if !early {
            source.fetch(generation, index, &mut self.newest)
        } else if source.take_early(generation, index, &mut self.newest) {
            Arrival::InTime
        } else {
            return None;
        };
        self.catching_up |= arrival == Arrival::Late;
        if !self.catching_up {
            self.curve = self.newest.gain_db;
            return Some((&self.curve, &self.newest.drawn));
        }
        for (now, newest) in self.curve.iter_mut().zip(&self.newest.gain_db) {
            let step = (newest - *now).clamp(-LARGEST_CATCH_UP_DB, LARGEST_CATCH_UP_DB);
            // By the step alone a band might miss its goal by a rounding.
            *now = if step.abs() < LARGEST_CATCH_UP_DB {
                *newest
            } else {
                *now + step
            };
        }
        self.catching_up = arrival == Arrival::Late || self.curve != self.newest.gain_db;
        Some((&self.curve, &self.newest.drawn))
    }
}
