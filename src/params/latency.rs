//! How late the sound comes out. It is no parameter, since no host can follow a latency that is automated.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use nice_plug::params::persist::PersistentField;
use serde::{Deserialize, Serialize};

/// How late the output is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LatencyMode {
    /// The sound waits for its curve, and the host makes up for that.
    #[default]
    Studio,
    /// The sound never waits: a change of timbre comes a little later than the sound that it was made of.
    Live,
}

impl LatencyMode {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Studio, Self::Live];

    /// The name that users see.
    pub fn name(self) -> &'static str {
        match self {
            Self::Studio => "Studio",
            Self::Live => "Live",
        }
    }
}

/// The present [`LatencyMode`]. The editor and the main thread share it, wait-free; it takes effect with the next activation.
#[derive(Debug, Default)]
pub struct LatencyChoice {
    live: AtomicBool,
    changes: AtomicU32,
}

impl LatencyChoice {
    /// Returns the present choice.
    pub fn get(&self) -> LatencyMode {
        if self.live.load(Ordering::Acquire) {
            LatencyMode::Live
        } else {
            LatencyMode::Studio
        }
    }

    /// Chooses.
    pub fn choose(&self, mode: LatencyMode) {
        let live = mode == LatencyMode::Live;
        if self.live.swap(live, Ordering::AcqRel) != live {
            self.changes.fetch_add(1, Ordering::Release);
        }
    }

    /// How often the choice has changed.
    pub(super) fn changes(&self) -> u32 {
        self.changes.load(Ordering::Acquire)
    }
}

impl PersistentField<'_, LatencyMode> for LatencyChoice {
    fn set(&self, mode: LatencyMode) {
        self.choose(mode);
    }

    fn map<F, R>(&self, f: F) -> R
    where
        F: Fn(&LatencyMode) -> R,
    {
        f(&self.get())
    }
}
