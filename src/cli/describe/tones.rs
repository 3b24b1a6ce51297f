//! Frames that wait until their tones are known.

use std::collections::VecDeque;

use super::columns::{Moment, Tones};
use crate::dsp::descriptors::{self, CONSTANT_Q_BINS, ConstantQ};

/// Holds frames back until their constant-Q magnitudes and their CENS are known, 2.5 s of sound later.
#[derive(Default)]
pub struct WaitingForTones {
    constant_q: ConstantQ,
    waiting: Waiting,
}

/// The frames, and the magnitudes of those that have them already.
#[derive(Default)]
struct Waiting {
    frames: VecDeque<Moment>,
    magnitudes: VecDeque<[f64; CONSTANT_Q_BINS]>,
}

impl WaitingForTones {
    /// Takes in a frame before its tones.
    pub fn wait(&mut self, moment: Moment) {
        self.waiting.frames.push_back(moment);
    }

    /// Takes in sound, and hands out each frame whose tones it completes.
    pub fn hear(&mut self, samples: &[f32], mut complete: impl FnMut(&Moment)) {
        let waiting = &mut self.waiting;
        self.constant_q
            .push(samples, |tones| waiting.take(tones, &mut complete));
    }

    /// Hands out the frames that are left.
    pub fn finish(&mut self, mut complete: impl FnMut(&Moment)) {
        let waiting = &mut self.waiting;
        self.constant_q
            .finish(|tones| waiting.take(tones, &mut complete));
    }
}

impl Waiting {
    fn take(&mut self, tones: descriptors::Tones<'_>, complete: &mut impl FnMut(&Moment)) {
        match tones {
            descriptors::Tones::Magnitudes(magnitudes) => {
                let mut row = [0.0; CONSTANT_Q_BINS];
                for (own, magnitude) in row.iter_mut().zip(magnitudes) {
                    *own = *magnitude;
                }
                self.magnitudes.push_back(row);
            }
            descriptors::Tones::Cens(cens) => {
                let next = self.frames.pop_front().zip(self.magnitudes.pop_front());
                if let Some((moment, magnitudes)) = next {
                    complete(&Moment {
                        tones: Some(Tones {
                            magnitudes,
                            cens: *cens,
                        }),
                        ..moment
                    });
                }
            }
        }
    }
}
