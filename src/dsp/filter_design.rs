//! Impulse responses for gains over frequency.

mod exponential;

use std::sync::Arc;

pub use exponential::exp2;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex, num_complex::Complex};

/// What the phase of a filter is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilterPhase {
    /// 0 at every frequency: symmetric around its middle, before which it must be known.
    Zero,
    /// The least that a causal filter of these gains can have: it begins with its largest taps.
    Minimum,
}

/// Designs filters of a fixed length. Nothing allocates after construction.
pub struct FilterDesign {
    phase: FilterPhase,
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
    spectrum: Vec<Complex<f32>>,
    /// A window that ends the response.
    fade: Vec<f32>,
    response: Vec<f32>,
    taps: Vec<f32>,
    scratch: Vec<Complex<f32>>,
}

/// Nepers in a dB: the natural logarithm of the gain that is 1 dB.
const NEPERS_PER_DB: f32 = std::f32::consts::LN_10 / 20.0;

/// `10^(dB/20)` is `2^(dB * this)`.
const OCTAVES_PER_DB: f32 = std::f32::consts::LOG2_10 / 20.0;

impl FilterDesign {
    /// How many times the filter's length the transforms are long: the response of steep gains is longer than the filter, and what
    /// doesn't fit into a transform comes back at its other end.
    const OVERSAMPLING: usize = 2;

    /// Plans everything for filters of `taps` taps, an even number.
    pub fn new(taps: usize, phase: FilterPhase) -> Self {
        let len = Self::OVERSAMPLING * taps;
        let mut planner = RealFftPlanner::new();
        let forward = planner.plan_fft_forward(len);
        let inverse = planner.plan_fft_inverse(len);
        let scratch = forward.get_scratch_len().max(inverse.get_scratch_len());
        Self {
            phase,
            spectrum: forward.make_output_vec(),
            fade: fade(taps, phase),
            response: vec![0.0; len],
            taps: vec![0.0; taps],
            scratch: vec![Complex::default(); scratch],
            forward,
            inverse,
        }
    }

    /// Length of the transforms: half as many gains, and one, make a filter.
    pub fn transform_len(&self) -> usize {
        self.response.len()
    }

    /// Where the unit impulse is among the taps.
    pub fn centre(&self) -> usize {
        match self.phase {
            FilterPhase::Zero => self.taps.len() / 2,
            FilterPhase::Minimum => 0,
        }
    }

    /// The taps of a filter with these gains, in dB, at evenly spaced frequencies from 0 to half the sample rate.
    pub fn design(&mut self, gain_db: impl Iterator<Item = f32>) -> &[f32] {
        match self.phase {
            FilterPhase::Zero => self.zero_phase(gain_db),
            FilterPhase::Minimum => self.minimum_phase(gain_db),
        }
        &self.taps
    }

    fn zero_phase(&mut self, gain_db: impl Iterator<Item = f32>) {
        let scale = 1.0 / self.response.len() as f32;
        for (bin, gain_db) in self.spectrum.iter_mut().zip(gain_db) {
            *bin = Complex::new(exp2(gain_db * OCTAVES_PER_DB) * scale, 0.0);
        }
        self.transform_back();
        let half = self.taps.len() / 2;
        let (late, early) = self.taps.split_at_mut(half);
        // Of the response, which is symmetric around its first sample, the end is what comes before.
        let before = self.response.iter().rev().take(half).rev();
        let around = late
            .iter_mut()
            .zip(before)
            .chain(early.iter_mut().zip(&self.response));
        for ((tap, response), fade) in around.zip(&self.fade) {
            *tap = response * fade;
        }
    }

    /// By the real cepstrum: its anticausal half is folded over the causal one, and the exponential of what that transforms to has the same
    /// gains and the least phase (Oppenheim & Schafer, *Discrete-Time Signal Processing*, chapter on cepstrum analysis and
    /// homomorphic deconvolution).
    fn minimum_phase(&mut self, gain_db: impl Iterator<Item = f32>) {
        let len = self.response.len();
        let scale = 1.0 / len as f32;
        for (bin, gain_db) in self.spectrum.iter_mut().zip(gain_db) {
            *bin = Complex::new(gain_db * NEPERS_PER_DB, 0.0);
        }
        self.transform_back();
        for (quefrency, value) in self.response.iter_mut().enumerate() {
            let weight = if quefrency == 0 || 2 * quefrency == len {
                1.0
            } else if 2 * quefrency < len {
                2.0
            } else {
                0.0
            };
            *value *= weight * scale;
        }
        let _ = self.forward.process_with_scratch(
            &mut self.response,
            &mut self.spectrum,
            &mut self.scratch,
        );
        for bin in &mut self.spectrum {
            *bin = exponential::exp(*bin) * scale;
        }
        self.transform_back();
        for ((tap, response), fade) in self.taps.iter_mut().zip(&self.response).zip(&self.fade) {
            *tap = response * fade;
        }
    }

    /// The response to the spectrum, which it uses up.
    fn transform_back(&mut self) {
        let last = self.spectrum.len().saturating_sub(1);
        for end in [0, last] {
            if let Some(bin) = self.spectrum.get_mut(end) {
                bin.im = 0.0;
            }
        }
        // The lengths are the plan's own, so that no transform here can fail.
        let _ = self.inverse.process_with_scratch(
            &mut self.spectrum,
            &mut self.response,
            &mut self.scratch,
        );
    }
}

/// A window of `taps` that is 1 but for the quarter at each end that is cut off, where it falls as a cosine.
fn fade(taps: usize, phase: FilterPhase) -> Vec<f32> {
    let slope = taps / 4;
    (0..taps)
        .map(|tap| {
            let from_end = match phase {
                FilterPhase::Minimum => taps - tap,
                FilterPhase::Zero => (tap + 1).min(taps - tap),
            };
            let way = (from_end as f64 / slope as f64).min(1.0);
            (0.5 - 0.5 * (std::f64::consts::PI * way).cos()) as f32
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAPS: usize = 1024;

    /// Gain at a frequency in radians a sample, in dB.
    fn gain_db(taps: &[f32], omega: f64) -> f64 {
        let (mut re, mut im) = (0.0, 0.0);
        for (n, tap) in taps.iter().enumerate() {
            re += f64::from(*tap) * (omega * n as f64).cos();
            im -= f64::from(*tap) * (omega * n as f64).sin();
        }
        10.0 * (re * re + im * im).log10()
    }

    /// A resonance of 20 dB on a slope that falls by 40 dB.
    fn wanted(way: f64) -> f64 {
        20.0 * (-((way - 0.1) / 0.02).powi(2)).exp() - 40.0 * way
    }

    #[test]
    #[cfg_attr(miri, ignore = "transforms: hours")]
    fn filters_have_the_gains_that_were_asked_for() {
        for phase in [FilterPhase::Zero, FilterPhase::Minimum] {
            let mut design = FilterDesign::new(TAPS, phase);
            let bins = design.transform_len() / 2;
            let gains = (0..=bins).map(|bin| wanted(bin as f64 / bins as f64) as f32);
            let taps = design.design(gains).to_vec();
            for step in 1..100 {
                let way = step as f64 / 100.0;
                let found = gain_db(&taps, std::f64::consts::PI * way);
                let error = (found - wanted(way)).abs();
                assert!(
                    error < 0.05,
                    "{phase:?} at {way}: {found} dB, off by {error}"
                );
            }
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "transforms: hours")]
    fn zero_phase_is_symmetric_and_minimum_phase_begins_with_its_energy() {
        let taps = |phase| {
            let mut design = FilterDesign::new(TAPS, phase);
            let bins = design.transform_len() / 2;
            let gains = (0..=bins).map(|bin| wanted(bin as f64 / bins as f64) as f32);
            design.design(gains).to_vec()
        };
        let zero = taps(FilterPhase::Zero);
        let centre = TAPS / 2;
        for n in 1..centre {
            assert!((zero[centre - n] - zero[centre + n]).abs() < 1e-6, "{n}");
        }
        // No other filter with these gains has as much energy in its first taps (Oppenheim & Schafer).
        let minimum = taps(FilterPhase::Minimum);
        let energy = |taps: &[f32]| taps.iter().map(|tap| tap * tap).sum::<f32>();
        assert!((energy(&minimum) / energy(&zero) - 1.0).abs() < 1e-3);
        for end in [8, 32, 128, centre, centre + 8, centre + 32] {
            assert!(energy(&minimum[..end]) > energy(&zero[..end]), "{end}");
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "transforms: hours")]
    fn no_gain_is_a_unit_impulse() {
        for phase in [FilterPhase::Zero, FilterPhase::Minimum] {
            let mut design = FilterDesign::new(TAPS, phase);
            let centre = design.centre();
            let taps = design.design(std::iter::repeat(0.0)).to_vec();
            for (n, tap) in taps.iter().enumerate() {
                let expected = if n == centre { 1.0 } else { 0.0 };
                assert!((tap - expected).abs() < 1e-6, "{phase:?}, {n}: {tap}");
            }
        }
    }
}
