//! Pitches: of a single line, and of the notes of a chord.

mod chord;
mod fine_spectrum;
mod heard;
mod line;
mod low;
mod maxima;
mod maximum;

pub use chord::{ChordSpectrum, EVIDENCE, HeardPitch, LOWEST_PITCH, PITCHES, hertz};
pub use fine_spectrum::{FineSpectrum, LOW_BINS};
pub use heard::Pitch;
pub use line::{LOWEST_FRAME_HZ, PITCH_BINS, PitchTracker};
