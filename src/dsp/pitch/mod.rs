//! Pitches: of a single line, and of the notes of a chord.

mod chord;
mod fine_spectrum;
mod line;
mod maxima;

pub use chord::{ChordSpectrum, EVIDENCE, HeardPitch, LOWEST_PITCH, PITCHES, hertz};
pub use fine_spectrum::{FineSpectrum, LOW_BINS};
pub use line::{PITCH_BINS, Pitch, PitchTracker};
