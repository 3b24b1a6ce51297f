//! The frames that descriptors are measured on.

use std::{f64::consts::TAU, ops::Range, sync::Arc};

use realfft::{RealFftPlanner, RealToComplex, num_complex::Complex};

/// The rate that framed descriptors are measured at, in Hz: librosa's default.
pub const DESCRIPTOR_RATE: f64 = 22_050.0;

/// Length of a frame, in samples.
pub const DESCRIPTOR_WINDOW: usize = 2048;

/// From one frame to the next, in samples.
pub const DESCRIPTOR_HOP: usize = 512;

/// Samples of a frame on either side of its middle.
const HALF: usize = DESCRIPTOR_WINDOW / 2;

/// One frame.
pub struct Frame<'a> {
    /// Its number: its middle is sample `number * DESCRIPTOR_HOP`.
    pub number: usize,
    /// The samples, without a window.
    pub samples: &'a [f64],
    /// Which of them are the stream's: those before its beginning and behind its end are 0.
    pub real: Range<usize>,
    /// Magnitudes of the spectrum under a periodic Hann window, bin by bin, [`DESCRIPTOR_WINDOW`] / 2 + 1 of them.
    pub magnitudes: &'a [f64],
}

impl Frame<'_> {
    /// Distance between two bins, in Hz.
    pub const BIN_HZ: f64 = DESCRIPTOR_RATE / DESCRIPTOR_WINDOW as f64;

    /// Bins of a spectrum.
    pub const BINS: usize = HALF + 1;

    /// Where its middle is, in seconds from the stream's beginning.
    pub fn seconds(&self) -> f64 {
        (self.number * DESCRIPTOR_HOP) as f64 / DESCRIPTOR_RATE
    }
}

/// Cuts a stream at [`DESCRIPTOR_RATE`] into frames as `librosa.stft` does with `center=True, pad_mode="constant"`: frame `i` is centred
/// on sample `i * hop`, and there are zeros beyond the ends. Nothing allocates after construction.
pub struct FrameStream {
    forward: Arc<dyn RealToComplex<f64>>,
    window: Vec<f64>,
    /// Samples from the start of the next frame on, the zeros before the beginning included.
    pending: Vec<f64>,
    /// Samples so far.
    taken: usize,
    /// Frames so far.
    number: usize,
    windowed: Vec<f64>,
    spectrum: Vec<Complex<f64>>,
    scratch: Vec<Complex<f64>>,
    magnitudes: Vec<f64>,
}

impl FrameStream {
    /// A stream at its beginning.
    pub fn new() -> Self {
        let forward = RealFftPlanner::<f64>::new().plan_fft_forward(DESCRIPTOR_WINDOW);
        let step = TAU / DESCRIPTOR_WINDOW as f64;
        let mut pending = Vec::with_capacity(2 * DESCRIPTOR_WINDOW);
        pending.resize(HALF, 0.0);
        Self {
            window: (0..DESCRIPTOR_WINDOW)
                .map(|n| 0.5 - 0.5 * (step * n as f64).cos())
                .collect(),
            pending,
            taken: 0,
            number: 0,
            windowed: vec![0.0; DESCRIPTOR_WINDOW],
            spectrum: forward.make_output_vec(),
            scratch: forward.make_scratch_vec(),
            magnitudes: vec![0.0; Frame::BINS],
            forward,
        }
    }

    /// Back to the beginning of a stream.
    pub fn reset(&mut self) {
        self.pending.clear();
        self.pending.resize(HALF, 0.0);
        self.taken = 0;
        self.number = 0;
    }

    /// Takes samples in and hands out each frame that they complete.
    pub fn push(&mut self, samples: &[f32], mut frame: impl FnMut(&Frame<'_>)) {
        // In pieces, so that `pending` never grows.
        for piece in samples.chunks(DESCRIPTOR_WINDOW) {
            self.pending.extend(piece.iter().copied().map(f64::from));
            self.taken += piece.len();
            self.hand_out(&mut frame);
        }
    }

    /// Hands out the frames around the stream's end, and begins a new stream.
    pub fn finish(&mut self, mut frame: impl FnMut(&Frame<'_>)) {
        if self.taken > 0 {
            // At most half a frame is missing of the last one: that whose middle is in the stream.
            self.pending.resize(self.pending.len() + HALF, 0.0);
            let frames = 1 + self.taken / DESCRIPTOR_HOP;
            while self.number < frames && self.pending.len() >= DESCRIPTOR_WINDOW {
                self.next(&mut frame);
            }
        }
        self.reset();
    }

    fn hand_out(&mut self, frame: &mut impl FnMut(&Frame<'_>)) {
        while self.pending.len() >= DESCRIPTOR_WINDOW {
            self.next(frame);
        }
    }

    fn next(&mut self, frame: &mut impl FnMut(&Frame<'_>)) {
        let samples = self.pending.get(..DESCRIPTOR_WINDOW).unwrap_or_default();
        let windowed = self.windowed.iter_mut().zip(samples);
        for ((windowed, sample), window) in windowed.zip(&self.window) {
            *windowed = sample * window;
        }
        // The lengths are the plan's own, so that it can't fail.
        let _ = self.forward.process_with_scratch(
            &mut self.windowed,
            &mut self.spectrum,
            &mut self.scratch,
        );
        for (magnitude, bin) in self.magnitudes.iter_mut().zip(&self.spectrum) {
            *magnitude = bin.norm_sqr().sqrt();
        }
        // The frame begins `HALF` samples before its middle.
        let middle = self.number * DESCRIPTOR_HOP;
        let end = (self.taken + HALF).saturating_sub(middle);
        frame(&Frame {
            number: self.number,
            samples,
            real: HALF.saturating_sub(middle)..end.min(DESCRIPTOR_WINDOW),
            magnitudes: &self.magnitudes,
        });
        self.number += 1;
        self.pending.drain(..DESCRIPTOR_HOP);
    }
}

impl Default for FrameStream {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Number, range of real samples and first magnitude of every frame.
    fn frames(sound: &[f32], piece: usize) -> Vec<(usize, Range<usize>, f64)> {
        let mut stream = FrameStream::new();
        let mut found = Vec::new();
        let mut keep = |frame: &Frame<'_>| {
            let first = frame.magnitudes.first().copied().unwrap_or_default();
            found.push((frame.number, frame.real.clone(), first));
        };
        for piece in sound.chunks(piece) {
            stream.push(piece, &mut keep);
        }
        stream.finish(&mut keep);
        found
    }

    #[test]
    #[cfg_attr(miri, ignore = "transforms: hours")]
    fn frames_do_not_depend_on_the_pieces_and_are_as_many_as_librosas() {
        for length in [1, 511, 512, 1_023, 2_048, 5_000, 10_240] {
            let sound: Vec<f32> = (0..length).map(|n| (n * n % 97) as f32 / 97.0).collect();
            let whole = frames(&sound, length);
            assert_eq!(whole.len(), 1 + length / DESCRIPTOR_HOP, "{length}");
            for piece in [1, 100, 513, 4_096] {
                let cut = frames(&sound, piece);
                for (whole, cut) in whole.iter().zip(&cut) {
                    assert_eq!((whole.0, whole.2), (cut.0, cut.2), "{length}, {piece}");
                    assert_eq!(whole.1, cut.1, "{length}, {piece}");
                }
                assert_eq!(whole.len(), cut.len(), "{length}, {piece}");
            }
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "transforms: hours")]
    fn nothing_comes_of_nothing() {
        assert!(frames(&[], 1).is_empty());
    }
}
