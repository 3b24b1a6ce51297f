//! What the editor draws: plain values, filled anew for every frame.

use std::sync::Arc;

use crate::{
    listen::Readout,
    model::{Code, TagInfo},
};

/// Everything that is shown besides the parameters.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// The tagger's outputs, in order.
    pub tags: Arc<[TagInfo]>,
    /// The tagger's latest answer.
    pub readout: Readout,
    /// The input's code and the code after the knobs; `None` while there is none (no sound yet, no model).
    pub codes: Option<Codes>,
    /// The status line's values.
    pub status: Status,
}

/// Where the sound is in the latent space, in standard deviations from the training data's mean.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Codes {
    /// The input.
    pub live: Code,
    /// After Follow, knobs and Morph.
    pub shaped: Code,
}

/// The status line.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Status {
    /// The host's rate, in Hz; 0 before the first activation.
    pub sample_rate: f32,
    /// Reported latency, in samples.
    pub latency: u32,
    /// Time that the network takes for one curve, in ms.
    pub curve_ms: f32,
    /// Curves that came too late since the last reset.
    pub late_curves: u64,
    /// Name of the tagger; empty if there is none.
    pub tagger: String,
    /// Name of the timbre model; empty if there is none.
    pub timbre: String,
    /// What is wrong, in one line, if anything is.
    pub fault: Option<String>,
}
