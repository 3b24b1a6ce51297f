//! What Morph tells of one frame.

use crate::model::{Latent, MelDb};

/// What is seen of one frame; made on Morph's thread, about thirty times a second.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct MorphView {
    /// Where the sound is; `None` until something was heard.
    pub latents: Option<Latents>,
    /// Where the sidechain is on the map; `None` unless Morph leads there and it has been heard.
    pub sidechain_at: Option<[f32; 2]>,
    /// The frame's spectra; `None` before the first that somebody has asked for.
    pub spectrum: Option<Spectrum>,
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
