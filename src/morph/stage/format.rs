//! What a stage is built for: how late its output is, and how long it goes on.

use crate::{
    dsp::{ConvolverFormat, FilterPhase, StftLayout, k_weight},
    params::LatencyMode,
};

/// In Studio so many hops behind a frame are heard before its curve is made: where a note begins it takes as long to tell which it is.
const LOOKAHEAD_HOPS: usize = 5;

/// What a stage is built for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StageFormat {
    /// The frames.
    pub layout: StftLayout,
    /// In Hz.
    pub sample_rate: f64,
    /// 1 or 2.
    pub channels: usize,
    /// How late the output is.
    pub latency_mode: LatencyMode,
}

impl StageFormat {
    /// Delay from input to output, in samples.
    pub fn latency(&self) -> usize {
        match self.latency_mode {
            LatencyMode::Studio => self.layout.latency() + self.lookahead() * self.layout.hop,
            LatencyMode::Live => 0,
        }
    }

    /// Frames behind each one that are heard before its curve is made.
    pub fn lookahead(&self) -> usize {
        match self.latency_mode {
            LatencyMode::Studio => LOOKAHEAD_HOPS,
            LatencyMode::Live => 0,
        }
    }

    /// Hops from a frame's end until its filter is faded in.
    pub(super) fn wait(&self) -> usize {
        self.layout.wait + self.lookahead()
    }

    /// How much later than it came a change of controls is given to frames, in samples, so that a jump has gone half the way at its place in the sound. A
    /// frame reaches half a window back from its end, and a smoothed knob is there after some three quarters of a hop more than a frame takes.
    /// In Live frames act too late anyway.
    pub fn control_delay(&self) -> usize {
        match self.latency_mode {
            LatencyMode::Studio => 3 * self.layout.hop / 4,
            LatencyMode::Live => 0,
        }
    }

    /// How many frames before the newest is the one that the filter acts on whose turn it is; in Live that hasn't ended yet, and it is the newest.
    pub(super) fn own_frame(&self) -> usize {
        match self.latency_mode {
            LatencyMode::Studio => self.wait(),
            LatencyMode::Live => 0,
        }
    }

    /// Of the filters.
    pub(super) fn phase(&self) -> FilterPhase {
        match self.latency_mode {
            LatencyMode::Studio => FilterPhase::Zero,
            LatencyMode::Live => FilterPhase::Minimum,
        }
    }

    /// What the power in each bin of a frame counts for loudness.
    pub(super) fn k_weights(&self) -> Vec<f32> {
        let bin_hz = self.sample_rate / self.layout.window as f64;
        (0..self.layout.bins())
            .map(|bin| k_weight((bin as f64 * bin_hz) as f32))
            .collect()
    }

    /// How the filters are applied. In Studio the sound that the next filter acts on is there half a hop before the filter.
    pub(super) fn convolver(&self) -> ConvolverFormat {
        let StftLayout { window, hop, .. } = self.layout;
        let (centre, ahead) = match self.latency_mode {
            LatencyMode::Studio => (window / 2, hop + hop / 2),
            LatencyMode::Live => (0, 0),
        };
        ConvolverFormat {
            taps: window,
            centre,
            hop,
            ahead,
        }
    }

    /// What the sound waits for before it is filtered, in samples.
    pub(super) fn delay(&self) -> usize {
        let ConvolverFormat { centre, ahead, .. } = self.convolver();
        self.latency() - centre - ahead
    }

    /// How long the output goes on after the input has ended, in samples.
    pub fn tail(&self) -> usize {
        let filtered = self.delay() + self.convolver().tail();
        // The last frame that holds a sample ends a window after it; what is drawn of it comes with the next, waits, and takes a hop to sound
        // and one to end.
        let drawn = self.layout.window + (self.wait() + 3) * self.layout.hop;
        filtered.max(drawn)
    }
}
