//! Constant-Q magnitudes, and the chroma that is made of them.
//!
//! - [`octaves`]: the stream at its rate and at the halves of it
//! - [`bank`]: one octave's filters on every octave
//! - [`cens`]: the chroma of their magnitudes

mod bank;
mod cens;
mod octaves;

use self::{
    bank::Bank,
    cens::Cens,
    octaves::{OCTAVES, Octaves},
};

use super::Chroma;
use crate::dsp::descriptors::DESCRIPTOR_HOP;

/// Frequencies that are a semitone apart, from C1 to B7.
pub const CONSTANT_Q_BINS: usize = 12 * OCTAVES;

/// Frequencies an octave that the chroma is made of.
const FINE: usize = 36;

/// What comes of a stream, each frame by frame from frame 0 on.
#[derive(Debug, Clone, Copy)]
pub enum Tones<'a> {
    /// The magnitudes of the next frame, [`CONSTANT_Q_BINS`] of them, a semitone apart from C1 on. The unit is amplitude times the root of samples: a
    /// sine on one of the frequencies has half its amplitude times the root of the filter's length, 17.3 periods of it, in samples.
    /// `abs(librosa.cqt(y))`.
    Magnitudes(&'a [f64]),
    /// The CENS chroma of the next frame, of unit length: `librosa.feature.chroma_cens(y=y, tuning=0.0)`.
    Cens(&'a Chroma),
}

/// Constant-Q magnitudes and CENS chroma of a mono stream at [`DESCRIPTOR_RATE`](crate::dsp::descriptors::DESCRIPTOR_RATE), a frame every
/// [`DESCRIPTOR_HOP`] samples, frame 0 being centred on the first sample; nothing allocates after construction.
///
/// C. Schörkhuber and A. Klapuri, "Constant-Q transform toolbox for music processing", SMC 2010, as librosa has it by default: an octave's filters on the
/// stream, the same on the stream at half the rate, and so on, spectra with the smallest hundredth left out.
///
/// Long filters see far ahead: a frame's magnitudes come 0.9 s of sound after its middle, its CENS, whose filters are three times as long and which is a mean
/// over the frames around, 2.5 s.
pub struct ConstantQ {
    octaves: Octaves,
    semitones: Bank,
    fine: Bank,
    cens: Cens,
}

impl ConstantQ {
    /// A stream at its beginning.
    pub fn new() -> Self {
        Self {
            octaves: Octaves::new(),
            semitones: Bank::new(CONSTANT_Q_BINS / OCTAVES),
            fine: Bank::new(FINE),
            cens: Cens::new(),
        }
    }

    /// Takes samples in and hands out what they complete. A frame's magnitudes come before its CENS.
    pub fn push(&mut self, samples: &[f32], mut out: impl FnMut(Tones<'_>)) {
        let (semitones, fine, cens) = (&mut self.semitones, &mut self.fine, &mut self.cens);
        self.octaves.push(samples, |octave, samples| {
            semitones.push(octave, samples, |row| out(Tones::Magnitudes(row)));
            fine.push(octave, samples, |row| {
                cens.push(row, |chroma| out(Tones::Cens(chroma)));
            });
        });
    }

    /// Hands out the frames around the stream's end, and begins a new stream.
    pub fn finish(&mut self, mut out: impl FnMut(Tones<'_>)) {
        let (semitones, fine, cens) = (&mut self.semitones, &mut self.fine, &mut self.cens);
        let taken = self.octaves.taken();
        if taken > 0 {
            self.octaves.finish(|octave, samples| {
                semitones.push(octave, samples, |row| out(Tones::Magnitudes(row)));
                fine.push(octave, samples, |row| {
                    cens.push(row, |chroma| out(Tones::Cens(chroma)));
                });
            });
            let frames = 1 + taken / DESCRIPTOR_HOP;
            semitones.finish(frames, |row| out(Tones::Magnitudes(row)));
            fine.finish(frames, |row| {
                cens.push(row, |chroma| out(Tones::Cens(chroma)));
            });
            cens.finish(|chroma| out(Tones::Cens(chroma)));
        }
        self.octaves.reset();
    }
}

impl Default for ConstantQ {
    fn default() -> Self {
        Self::new()
    }
}
