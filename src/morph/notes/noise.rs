//! Noise that is shaped in bands; on the audio thread.

use std::{f32::consts::FRAC_PI_2, sync::Arc};

use realfft::{ComplexToReal, RealFftPlanner, num_complex::Complex};

use super::Drawn;
use crate::{dsp::BandInterpolation, model::noise_edges_hz};

/// Rate that the noise was measured at, in Hz.
const NOISE_RATE: f32 = 48_000.0;

/// Where the noise begins, whatever the stream: the same bits every time.
const SEED: u64 = 0x9e37_79b9_7f4a_7c15;

/// Noise, two hops at a time, half of which overlaps. Nothing allocates after construction.
pub(super) struct Noise {
    sample_rate: f32,
    inverse: Arc<dyn ComplexToReal<f32>>,
    spectrum: Vec<Complex<f32>>,
    places: BandInterpolation,
    /// The square root of a Hann window: noises add by their powers.
    window: Vec<f32>,
    frame: Vec<f32>,
    /// The second half of the last frame.
    rest: Vec<f32>,
    random: u64,
    scratch: Vec<Complex<f32>>,
}

impl Noise {
    /// For hops of so many samples at a rate in Hz. Allocates.
    pub(super) fn new(planner: &mut RealFftPlanner<f32>, sample_rate: f64, hop: usize) -> Self {
        let inverse = planner.plan_fft_inverse(2 * hop);
        let edges: Vec<f64> = noise_edges_hz().collect();
        let centres: Vec<f64> = edges
            .windows(2)
            .map(|pair| pair.iter().product::<f64>().sqrt())
            .collect();
        Self {
            sample_rate: sample_rate as f32,
            spectrum: inverse.make_input_vec(),
            frame: inverse.make_output_vec(),
            scratch: inverse.make_scratch_vec(),
            inverse,
            places: BandInterpolation::new(sample_rate, 2 * hop, &centres),
            window: (0..2 * hop)
                .map(|index| (FRAC_PI_2 * (index as f32 + 0.5) / hop as f32).sin())
                .collect(),
            rest: vec![0.0; hop],
            random: SEED,
        }
    }

    /// Forgets all sound.
    pub(super) fn reset(&mut self) {
        self.rest.fill(0.0);
        self.random = SEED;
    }

    /// Adds a hop to `sum`: what is drawn is loudest where it ends.
    pub(super) fn add(&mut self, drawn: &Drawn, sum: &mut [f32]) {
        self.fill(drawn);
        let both = self.frame.iter().zip(&self.rest);
        for (sum, (noise, rest)) in sum.iter_mut().zip(both) {
            *sum += rest + noise;
        }
        let second = self.frame.iter().skip(self.rest.len());
        for (rest, noise) in self.rest.iter_mut().zip(second) {
            *rest = *noise;
        }
    }

    /// A number between -1 and 1.
    fn draw(&mut self) -> f32 {
        // Vigna's xorshift64*, 2014.
        self.random ^= self.random >> 12;
        self.random ^= self.random << 25;
        self.random ^= self.random >> 27;
        let bits = self.random.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 40;
        bits as f32 / (1 << 23) as f32 - 1.0
    }

    /// Fills the next frame.
    fn fill(&mut self, drawn: &Drawn) {
        if !drawn.sounds() {
            self.frame.fill(0.0);
            return;
        }
        // Of a number between -1 and 1 the variance is a third; a bin has two.
        let scale = (1.5 * self.sample_rate / NOISE_RATE / self.frame.len() as f32).sqrt();
        let mut spectrum = std::mem::take(&mut self.spectrum);
        for bin in &mut spectrum {
            *bin = Complex::new(self.draw(), self.draw()) * scale;
        }
        for (bin, amplitude) in spectrum.iter_mut().zip(self.places.spread(&drawn.noise)) {
            *bin *= amplitude;
        }
        if let Some(first) = spectrum.first_mut() {
            *first = Complex::default();
        }
        if let Some(last) = spectrum.last_mut() {
            *last = Complex::default();
        }
        // The lengths are the plan's own, so it can't fail.
        let _ =
            self.inverse
                .process_with_scratch(&mut spectrum, &mut self.frame, &mut self.scratch);
        self.spectrum = spectrum;
        for (sample, window) in self.frame.iter_mut().zip(&self.window) {
            *sample *= window;
        }
    }
}
