//! Descriptors: what can be measured in a sound, equal to the field's references, from a stream.
//!
//! - [`FrameStream`]: the frames of 2048 samples at 22.05 kHz that the frame-wise ones are measured on
//! - `level`: RMS and zero crossings
//! - `spectral`: centroid, bandwidth, rolloff, flatness, flux, contrast and MFCCs
//! - `rhythm`: onset strength, tempo and beats
//! - `tonal`: chroma, key, tuning and pitch; constant-Q magnitudes and CENS chroma
//! - `loudness`: EBU R 128
//! - `timbre`: the attributes of AudioCommons
//! - [`FrameDescriptors`]: all frame-wise ones together but [`ConstantQ`], whose filters see far ahead
//!
//! Every number that is framed is what librosa 0.11 gives with its defaults for sound at its default rate of 22 050 Hz: the doc comments name the
//! function. In double precision, since a quiet bin beside a loud one would drown in the rounding of a single-precision transform.
//! `tests/signal/descriptors.rs` compares all of them with their references.

mod extractor;
mod frames;
mod level;
mod loudness;
mod rhythm;
mod spectral;
mod timbre;
mod tonal;

pub use extractor::{FrameDescriptors, FrameValues};
pub use frames::{DESCRIPTOR_HOP, DESCRIPTOR_RATE, DESCRIPTOR_WINDOW, Frame, FrameStream};
pub use level::{rms, zero_crossing_rate};
pub use loudness::{Loudness, LoudnessMeter, NoLoudness};
pub use rhythm::{OnsetStrength, Onsets, TempoTracker, beats};
pub use spectral::{
    CONTRAST_BANDS, Contrast, MFCCS, MelCepstrum, MelLevels, ShapeMeter, SpectralShape,
};
pub use timbre::{Timbre, TimbreMeter};
pub use tonal::{
    CHROMA, CONSTANT_Q_BINS, Chroma, ChromaBank, ConstantQ, Key, MeanChroma, Mode, Tones,
    TuningMeter, Yin, YinPitch, note_name,
};
