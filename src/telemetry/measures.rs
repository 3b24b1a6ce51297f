//! What the Measure page shows.

use crate::dsp::descriptors::{CHROMA, Chroma, Key, Loudness, Timbre};

/// What is measured of the output while somebody looks at it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Measures {
    /// How long it has been measured, in seconds.
    pub seconds: f64,
    /// By EBU R 128, since it is measured.
    pub loudness: Loudness,
    /// In beats a minute, of the last 12 s; `None` where there is no beat.
    pub tempo: Option<f64>,
    /// Of the last 20 s; `None` where no note sounds.
    pub key: Option<Key>,
    /// How strong each note from C on is, of the last 20 s, the strongest being 1; all 0 in silence.
    pub chroma: Chroma,
    /// In semitones from equal temperament with A at 440 Hz; `None` where there is no partial.
    pub tuning: Option<f64>,
    /// Of the last stretch that wasn't silent.
    pub timbre: Option<Timbre>,
}

impl Measures {
    /// Notes of an octave.
    pub const NOTES: usize = CHROMA;
}
