//! What Morph tells of one frame.

use crate::model::{Latent, MelDb};

/// What is seen of one frame; made on Morph's thread, about thirty times a second.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct MorphView {
    /// Where the sound is; `None` until something was heard.
    pub latents: Option<Latents>,
    /// Where the sidechain is on the map; `None` unless Morph leads there and it has been heard.
    pub sidechain_at: Option<[f32; 2]>,
    /// The gain curve in dB, averaged as the spectra are: indexed by [`Speed`](super::Speed); `None` before the first.
    pub curves: Option<[MelDb; 3]>,
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
