//! What a frame's spectrum looks like.

mod cepstrum;
mod contrast;
mod shape;

pub use cepstrum::{MFCCS, MelCepstrum, MelLevels};
pub use contrast::{CONTRAST_BANDS, Contrast};
pub use shape::{ShapeMeter, SpectralShape};
