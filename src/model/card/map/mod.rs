//! Planes.
//!
//! - `projection`: the one through the latent space, as a timbre model's card has it
//! - `music`: the one of songs, which a tagger's card names as a file beside it
//! - `layer`: the dense layers of that one

mod layer;
mod music;
mod projection;

pub use music::{FARTHEST, MusicMap, MusicPlace, NEAREST_SONGS, Song};
pub(in crate::model) use projection::Projection;

#[cfg(test)]
mod tests;
