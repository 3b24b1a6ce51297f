//! What the editor draws: plain values, filled anew for every frame.

use std::sync::Arc;

use crate::{
    listen::{History, Readout},
    model::{Bands, Code, TagInfo, TimbreMap},
};

/// Everything that is shown besides the parameters.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// The tagger's outputs, in order.
    pub tags: Arc<[TagInfo]>,
    /// The tagger's latest answer.
    pub readout: Readout,
    /// The readouts of the last minutes.
    pub history: History,
    /// The input's code and the code after the knobs; `None` while there is none (no sound yet, no model).
    pub codes: Option<Codes>,
    /// The plane of the latent space with the named timbres; `None` without a model.
    pub map: Option<Arc<TimbreMap>>,
    /// The sidechain input.
    pub sidechain: Sidechain,
    /// The newest spectra; `None` before the first sound.
    pub spectrum: Option<Spectrum>,
    /// Centres of the spectra's bands, in Hz; empty without a model.
    pub band_hz: Arc<[f32]>,
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
    /// Where the input is on the map, -1 to 1 from left to right and from bottom to top.
    pub live_at: [f32; 2],
    /// The same after Follow, knobs and Morph.
    pub shaped_at: [f32; 2],
}

/// What is known of the sidechain input.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sidechain {
    /// Whether anything has been heard there since the plugin was activated.
    pub connected: bool,
    /// Where its sound is on the map; `None` unless Morph leads there and it has been heard.
    pub at: Option<[f32; 2]>,
}

/// Levels in the mel bands, in dB relative to a full-scale sine; about thirty a second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spectrum {
    /// Mono mix of the input.
    pub input: Bands,
    /// Mono mix of the output, behind Mix, Output and Bypass; as late as the plugin's latency.
    pub output: Bands,
    /// The gain curve, in dB.
    pub curve: Bands,
    /// Counts the hops: two spectra with the same number are the same.
    pub hop: u64,
    /// Time from one hop to the next, in seconds.
    pub hop_seconds: f32,
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
