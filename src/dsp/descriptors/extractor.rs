//! All frame-wise descriptors together.

use super::{
    Chroma, ChromaBank, Contrast, Frame, FrameStream, MFCCS, MelCepstrum, OnsetStrength, Onsets,
    ShapeMeter, SpectralShape, Yin, YinPitch,
    level::{rms, zero_crossing_rate},
    spectral::CONTRAST_BANDS,
};

/// What is measured of one frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrameValues {
    /// Where the frame's middle is, in seconds.
    pub seconds: f64,
    /// See [`rms`](super::rms).
    pub rms: f64,
    /// See [`zero_crossing_rate`](super::zero_crossing_rate).
    pub zero_crossing_rate: f64,
    /// Centroid, bandwidth, rolloff, flatness and flux.
    pub shape: SpectralShape,
    /// See [`Contrast`].
    pub contrast: [f64; CONTRAST_BANDS],
    /// How strongly something begins.
    pub onsets: Onsets,
    /// See [`MelCepstrum`].
    pub mfcc: [f64; MFCCS],
    /// See [`ChromaBank`].
    pub chroma: Chroma,
    /// See [`Yin`].
    pub pitch: YinPitch,
}

/// Measures all that can be of each frame of a mono stream at [`DESCRIPTOR_RATE`](super::DESCRIPTOR_RATE); nothing allocates after construction.
#[derive(Default)]
pub struct FrameDescriptors {
    stream: FrameStream,
    meters: Meters,
}

#[derive(Default)]
struct Meters {
    shape: ShapeMeter,
    contrast: Contrast,
    cepstrum: MelCepstrum,
    onsets: OnsetStrength,
    chroma: ChromaBank,
    yin: Yin,
}

impl FrameDescriptors {
    /// Takes samples in and hands out what is measured of each frame that they complete, with the frame.
    pub fn push(&mut self, samples: &[f32], mut measured: impl FnMut(&Frame<'_>, &FrameValues)) {
        let meters = &mut self.meters;
        self.stream.push(samples, |frame| {
            measured(frame, &meters.measure(frame));
        });
    }

    /// Hands out the frames around the stream's end, and begins a new stream.
    pub fn finish(&mut self, mut measured: impl FnMut(&Frame<'_>, &FrameValues)) {
        let meters = &mut self.meters;
        self.stream.finish(|frame| {
            measured(frame, &meters.measure(frame));
        });
        meters.shape.reset();
        meters.cepstrum.reset();
        meters.onsets.reset();
    }
}

impl Meters {
    fn measure(&mut self, frame: &Frame<'_>) -> FrameValues {
        let onsets = self.onsets.hear(self.cepstrum.levels(frame));
        FrameValues {
            seconds: frame.seconds(),
            rms: rms(frame),
            zero_crossing_rate: zero_crossing_rate(frame),
            shape: self.shape.measure(frame),
            contrast: self.contrast.measure(frame),
            onsets,
            mfcc: self.cepstrum.coefficients(),
            chroma: self.chroma.measure(frame),
            pitch: self.yin.measure(frame),
        }
    }
}
