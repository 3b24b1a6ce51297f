//! Resynthesis of a single line and of chords: what a named timbre's player would do with the notes that are heard.
//!
//! On Morph's thread [`NoteDrawer`] hears the notes ([`follower`] those of a line, [`chord`] those of a chord), asks the player, and draws
//! each hop. On the audio thread [`Voice`] sounds it: oscillators at the multiples of each pitch and shaped noise (X. Serra and J. Smith,
//! "Spectral modeling synthesis", Computer Music Journal 14(4), 1990).

mod ahead;
mod bands;
mod chord;
mod drawer;
mod follower;
mod loudness;
mod noise;
mod pan;
mod tilt;
mod tone;
mod voice;
mod wave;

pub use bands::PlayedBands;
pub use drawer::{NoteDrawer, Played};
pub use loudness::DrawnLoudness;
pub use pan::Pan;
pub use voice::Voice;

use crate::model::{HARMONICS, NOISE_BANDS};

/// Notes that sound at a time, at most: that of a single line, and those of a chord.
pub const VOICES: usize = 1 + chord::CHORD_NOTES;

/// A note as it sounds at the end of a hop; all amplitudes are linear.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DrawnNote {
    /// Which note it is: another number is another note.
    pub note: u32,
    /// Its pitch in Hz; 0 if it doesn't sound.
    pub hz: f32,
    /// Amplitude of each harmonic.
    pub harmonics: [f32; HARMONICS],
}

/// One hop of what is to sound beside the source, or in its place; all amplitudes are linear.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drawn {
    /// What has a pitch, each in a place that it keeps: the single line's, and the chord's.
    pub notes: [DrawnNote; VOICES],
    /// The noise in each band: standard deviation of a sample of white noise at 48 kHz with that power in a bin.
    pub noise: [f32; NOISE_BANDS],
    /// What the source's own sound is multiplied by, 0 to 4: as loud as the player would be, and less where something sounds in its place.
    pub source: f32,
    /// Whether a player listens: over a phrase it may be louder or quieter than the source.
    pub plays: bool,
}

impl DrawnNote {
    /// Nothing.
    pub const SILENT: Self = Self {
        note: 0,
        hz: 0.0,
        harmonics: [0.0; HARMONICS],
    };
}

impl Drawn {
    /// Nothing beside the source.
    pub const NOTHING: Self = Self {
        notes: [DrawnNote::SILENT; VOICES],
        noise: [0.0; NOISE_BANDS],
        source: 1.0,
        plays: false,
    };

    /// Whether anything is done to the source, or sounds beside it.
    pub fn changes(&self) -> bool {
        self.source != 1.0 || self.sounds()
    }

    /// Whether anything sounds beside the source.
    pub fn sounds(&self) -> bool {
        self.notes.iter().any(|note| note.hz > 0.0)
    }
}

#[cfg(test)]
mod tests;
