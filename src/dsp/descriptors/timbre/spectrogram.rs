//! Power spectra of pieces of a sound.

use std::{f64::consts::TAU, sync::Arc};

use realfft::{RealFftPlanner, RealToComplex, num_complex::Complex};

/// Power spectra of one length, as `scipy.signal.spectrogram` has them but for their scale: the mean is taken off each piece.
pub struct Spectrogram {
    forward: Arc<dyn RealToComplex<f64>>,
    frame: Vec<f64>,
    spectrum: Vec<Complex<f64>>,
    scratch: Vec<Complex<f64>>,
    powers: Vec<f64>,
}

impl Spectrogram {
    /// Plans a transform of so many points.
    pub fn new(length: usize) -> Self {
        let forward = RealFftPlanner::<f64>::new().plan_fft_forward(length.max(2));
        Self {
            frame: forward.make_input_vec(),
            spectrum: forward.make_output_vec(),
            scratch: forward.make_scratch_vec(),
            powers: vec![0.0; forward.len() / 2 + 1],
            forward,
        }
    }

    /// The powers of a piece under a window, no longer than the transform, bin by bin: those that have a mirror image count twice.
    pub fn powers(&mut self, piece: &[f64], window: &[f64]) -> &[f64] {
        let mean = piece.iter().sum::<f64>() / piece.len().max(1) as f64;
        self.frame.fill(0.0);
        for ((slot, sample), window) in self.frame.iter_mut().zip(piece).zip(window) {
            *slot = (sample - mean) * window;
        }
        // The lengths are the plan's own, so that it can't fail.
        let _ = self.forward.process_with_scratch(
            &mut self.frame,
            &mut self.spectrum,
            &mut self.scratch,
        );
        let last = self.powers.len() - 1;
        for (bin, (power, value)) in self.powers.iter_mut().zip(&self.spectrum).enumerate() {
            let sides = if bin == 0 || bin == last { 1.0 } else { 2.0 };
            *power = sides * value.norm_sqr();
        }
        &self.powers
    }
}

/// A periodic Hamming window.
pub fn hamming(len: usize) -> Vec<f64> {
    (0..len)
        .map(|n| 0.54 - 0.46 * (TAU * n as f64 / len as f64).cos())
        .collect()
}

/// A periodic Tukey window, a quarter of which are the two halves of a Hann window.
pub fn tukey(len: usize) -> Vec<f64> {
    const SHARE: f64 = 0.25;
    let steps = len as f64;
    let width = (SHARE * steps / 2.0).floor();
    let half_turn = |n: f64| std::f64::consts::PI * (2.0 * n / SHARE / steps);
    (0..len)
        .map(|n| {
            let n = n as f64;
            if n <= width {
                0.5 * (1.0 + (half_turn(n) - std::f64::consts::PI).cos())
            } else if n < steps - width {
                1.0
            } else {
                let fall = half_turn(n) + std::f64::consts::PI * (1.0 - 2.0 / SHARE);
                0.5 * (1.0 + fall.cos())
            }
        })
        .collect()
}
