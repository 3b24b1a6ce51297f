//! How the user listens for a while: to the change alone, or to the bypassed sound at the loudness of the processed one. These are no parameters and are kept
//! nowhere: no host automates them, no preset and no project brings them back on.

use std::sync::atomic::{AtomicBool, Ordering};

use atomic_float::AtomicF32;

/// The switches Delta and Match, and what Match has measured. The editor sets them, the audio thread and a worker follow; all of it is wait-free.
#[derive(Debug, Default)]
pub struct Audition {
    delta: AtomicBool,
    matched: AtomicBool,
    match_db: AtomicF32,
}

impl Audition {
    /// Whether only the change is heard: the output less the delayed input.
    pub fn delta(&self) -> bool {
        self.delta.load(Ordering::Relaxed)
    }

    /// Switches [`Self::delta`].
    pub fn set_delta(&self, on: bool) {
        self.delta.store(on, Ordering::Relaxed);
    }

    /// Whether the bypassed sound is as loud as the processed one.
    pub fn is_matched(&self) -> bool {
        self.matched.load(Ordering::Relaxed)
    }

    /// Switches [`Self::is_matched`].
    pub fn set_matched(&self, on: bool) {
        self.matched.store(on, Ordering::Relaxed);
    }

    /// How much louder the processed sound is than the input, in dB, as measured last; 0 before that.
    pub fn match_db(&self) -> f32 {
        self.match_db.load(Ordering::Relaxed)
    }

    /// Notes a measurement, in dB.
    pub fn set_match_db(&self, db: f32) {
        self.match_db.store(db, Ordering::Relaxed);
    }

    /// The gain of the bypassed sound, in dB: 0 unless it is matched.
    pub fn bypass_db(&self) -> f32 {
        if self.is_matched() {
            self.match_db()
        } else {
            0.0
        }
    }
}
