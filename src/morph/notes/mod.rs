//! Resynthesis of a single line: what a named timbre's player would do with the notes that are heard.
//!
//! On Morph's thread [`NoteDrawer`] hears the notes ([`follower`]), asks the player, and draws each hop. On the audio thread [`Voice`]
//! sounds it: oscillators at the multiples of one pitch and shaped noise (X. Serra and J. Smith, "Spectral modeling synthesis",
//! Computer Music Journal 14(4), 1990).

mod bands;
mod drawer;
mod follower;
mod pan;
mod voice;

pub use bands::PlayedBands;
pub use drawer::{NoteDrawer, Played};
pub use pan::Pan;
pub use voice::Voice;

use crate::model::{HARMONICS, NOISE_BANDS};

/// One hop of what is to sound beside the source, or in its place; all amplitudes are linear.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drawn {
    /// Which note it belongs to: another number is another note.
    pub note: u32,
    /// Its pitch in Hz; 0 if nothing sounds.
    pub hz: f32,
    /// Amplitude of each harmonic.
    pub harmonics: [f32; HARMONICS],
    /// The noise in each band: standard deviation of a sample of white noise at 48 kHz with that power in a bin.
    pub noise: [f32; NOISE_BANDS],
    /// What the source's own sound is multiplied by, 0 to 4: as loud as the player would be, and less where something sounds in its place.
    pub source: f32,
}

impl Drawn {
    /// Nothing beside the source.
    pub const NOTHING: Self = Self {
        note: 0,
        hz: 0.0,
        harmonics: [0.0; HARMONICS],
        noise: [0.0; NOISE_BANDS],
        source: 1.0,
    };
}

#[cfg(test)]
mod articulation_tests;
#[cfg(test)]
mod tests;
