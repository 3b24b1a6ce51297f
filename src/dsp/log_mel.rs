//! The streaming log-mel spectrogram of the tagger.

use std::sync::Arc;

use realfft::{RealFftPlanner, RealToComplex, num_complex::Complex};

use super::{MelBank, hann};

/// Turns a stream of samples into frames of log-mel levels, as a centred STFT with reflected edges has them (librosa's and
/// torchaudio's `center=True, pad_mode="reflect"`): frame `i` is centred on sample `i * hop`.
pub struct LogMel {
    n_fft: usize,
    hop: usize,
    floor: f32,
    bank: MelBank,
    window: Vec<f32>,
    transform: Arc<dyn RealToComplex<f64>>,
    /// Samples not yet used up, the first of which is the start of the next frame; the reflected edge included.
    pending: Vec<f32>,
    /// Whether the reflected left edge is in `pending`.
    started: bool,
    /// In double precision: a level of -80 dB beside one of +40 dB would drown in a single-precision transform's rounding.
    frame: Vec<f64>,
    spectrum: Vec<Complex<f64>>,
    scratch: Vec<Complex<f64>>,
    power: Vec<f32>,
    levels: Vec<f32>,
}

impl LogMel {
    /// A stream at its beginning. `floor` is the least power before the logarithm.
    pub fn new(n_fft: usize, hop: usize, bank: MelBank, bands: usize, floor: f32) -> Self {
        let transform = RealFftPlanner::<f64>::new().plan_fft_forward(n_fft);
        Self {
            n_fft,
            hop,
            floor,
            bank,
            window: hann(n_fft),
            pending: Vec::with_capacity(4 * n_fft),
            started: false,
            frame: vec![0.0; n_fft],
            spectrum: transform.make_output_vec(),
            scratch: transform.make_scratch_vec(),
            power: vec![0.0; n_fft / 2 + 1],
            levels: vec![0.0; bands],
            transform,
        }
    }

    /// Back to the beginning of a stream.
    pub fn reset(&mut self) {
        self.pending.clear();
        self.started = false;
    }

    /// Takes samples in and hands out the levels, in dB, of each frame that they complete.
    pub fn push(&mut self, samples: &[f32], mut frame: impl FnMut(&[f32])) {
        self.pending.extend_from_slice(samples);
        let half = self.n_fft / 2;
        if !self.started {
            if self.pending.len() <= half {
                return;
            }
            let edge: Vec<f32> = self
                .pending
                .iter()
                .skip(1)
                .take(half)
                .rev()
                .copied()
                .collect();
            self.pending.splice(..0, edge);
            self.started = true;
        }
        let mut start = 0;
        while let Some(samples) = self.pending.get(start..start + self.n_fft) {
            for ((windowed, sample), window) in self.frame.iter_mut().zip(samples).zip(&self.window)
            {
                *windowed = f64::from(sample * window);
            }
            // The lengths are the plan's own.
            let _ = self.transform.process_with_scratch(
                &mut self.frame,
                &mut self.spectrum,
                &mut self.scratch,
            );
            for (power, bin) in self.power.iter_mut().zip(&self.spectrum) {
                *power = bin.norm_sqr() as f32;
            }
            self.bank.apply(&self.power, &mut self.levels);
            for level in &mut self.levels {
                *level = 10.0 * level.max(self.floor).log10();
            }
            frame(&self.levels);
            start += self.hop;
        }
        self.pending.drain(..start);
    }

    /// Ends the stream: hands out the frames that need the reflected right edge, and starts anew.
    pub fn finish(&mut self, frame: impl FnMut(&[f32])) {
        let half = self.n_fft / 2;
        if self.started && self.pending.len() > half {
            let edge: Vec<f32> = self
                .pending
                .iter()
                .rev()
                .skip(1)
                .take(half)
                .copied()
                .collect();
            self.push(&edge, frame);
        }
        self.reset();
    }
}
