//! What is heard and done, as plain values that are filled anew for every frame of the editor.

use std::sync::Arc;

use super::Status;
use crate::{
    listen::{Readout, ReadoutHistory},
    model::{Latent, MelDb, TagInfo, TimbreMap},
};

/// Everything that is shown besides the parameters.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// The tagger's outputs, in order.
    pub tags: Arc<[TagInfo]>,
    /// The tagger's latest answer.
    pub readout: Readout,
    /// The readouts of the last minutes.
    pub history: ReadoutHistory,
    /// The input's latent and the latent after the knobs; `None` while there is none (no sound yet, no model).
    pub latents: Option<Latents>,
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
pub struct Latents {
    /// The input.
    pub live: Latent,
    /// After Follow, knobs and Morph.
    pub shaped: Latent,
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
    pub input: MelDb,
    /// Mono mix of the output, behind Mix, Output and Bypass; as late as the plugin's latency.
    pub output: MelDb,
    /// The gain curve, in dB.
    pub curve: MelDb,
    /// Counts the hops: two spectra with the same number are the same.
    pub hop: u64,
    /// Time from one hop to the next, in seconds.
    pub hop_seconds: f32,
}
