//! The pitch of a single line by YIN.

use std::sync::Arc;

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex, num_complex::Complex};

use crate::dsp::descriptors::{DESCRIPTOR_RATE, DESCRIPTOR_WINDOW, Frame};

/// The range of pitches, C2 to C7, in Hz.
const LOWEST_HZ: f64 = 65.406_391_325_149_66;
const HIGHEST_HZ: f64 = 2_093.004_522_404_789;

/// The shortest and the longest period, in samples.
const SHORTEST: usize = (DESCRIPTOR_RATE / HIGHEST_HZ) as usize;
const LONGEST: usize = (DESCRIPTOR_RATE / LOWEST_HZ) as usize + 1;

/// The first difference below this is a period's.
const TROUGH: f64 = 0.1;

/// What YIN hears in a frame.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct YinPitch {
    /// The likeliest pitch in Hz, whether there is one or not.
    pub hz: f64,
    /// How much the sound changes from one period to the next, over what it changes at any other lag: 0 for a tone, about 1 for noise. From 0.1 up there is no pitch.
    pub aperiodicity: f64,
}

impl YinPitch {
    /// The pitch in Hz, if there is one.
    pub fn pitch(&self) -> Option<f64> {
        (self.aperiodicity < TROUGH).then_some(self.hz)
    }
}

/// A. de Cheveigné and H. Kawahara, "YIN, a fundamental frequency estimator for speech and music", J. Acoust. Soc. Am. 111(4), 2002:
/// `librosa.yin(y, fmin=note_to_hz("C2"), fmax=note_to_hz("C7"))`. Nothing allocates after construction.
pub struct Yin {
    forward: Arc<dyn RealToComplex<f64>>,
    inverse: Arc<dyn ComplexToReal<f64>>,
    padded: Vec<f64>,
    spectrum: Vec<Complex<f64>>,
    scratch: Vec<Complex<f64>>,
    inverse_scratch: Vec<Complex<f64>>,
    /// The normalised differences at the lags from [`SHORTEST`] to [`LONGEST`].
    differences: Vec<f64>,
}

impl Yin {
    /// Plans everything.
    pub fn new() -> Self {
        let mut planner = RealFftPlanner::<f64>::new();
        let forward = planner.plan_fft_forward(2 * DESCRIPTOR_WINDOW);
        let inverse = planner.plan_fft_inverse(2 * DESCRIPTOR_WINDOW);
        Self {
            padded: vec![0.0; 2 * DESCRIPTOR_WINDOW],
            spectrum: forward.make_output_vec(),
            scratch: forward.make_scratch_vec(),
            inverse_scratch: inverse.make_scratch_vec(),
            differences: vec![0.0; LONGEST + 1 - SHORTEST],
            forward,
            inverse,
        }
    }

    /// The pitch of a frame.
    pub fn measure(&mut self, frame: &Frame<'_>) -> YinPitch {
        self.correlate(frame.samples);
        self.normalise(frame.samples);
        let at = |place: usize| self.differences.get(place).copied();
        let is_trough = |place: &usize| {
            let Some(here) = at(*place) else {
                return false;
            };
            let falls = place.checked_sub(1).and_then(at).is_none_or(|x| here < x);
            let rises = match at(place + 1) {
                // At either end there is but one neighbour, and it must be higher.
                Some(next) if *place == 0 => here < next,
                next => next.is_none_or(|next| here <= next),
            };
            falls && rises && here < TROUGH
        };
        let trough = (0..self.differences.len()).find(is_trough);
        let lowest = || {
            let all = self.differences.iter().enumerate();
            let lowest = all.min_by(|one, other| one.1.total_cmp(other.1));
            lowest.map_or(0, |(place, _)| place)
        };
        let place = trough.unwrap_or_else(lowest);
        let here = at(place).unwrap_or_default();
        let shift = match (place.checked_sub(1).and_then(at), at(place + 1)) {
            (Some(left), Some(right)) => {
                let (bend, slope) = (left + right - 2.0 * here, (right - left) / 2.0);
                if slope.abs() >= bend.abs() {
                    0.0
                } else {
                    -slope / bend
                }
            }
            _ => 0.0,
        };
        YinPitch {
            hz: DESCRIPTOR_RATE / ((SHORTEST + place) as f64 + shift),
            aperiodicity: match trough {
                Some(_) => here,
                // Something that isn't a trough, in silence for instance, is no period.
                None => here.max(TROUGH),
            },
        }
    }

    /// Brings `padded` to the autocorrelation of the samples, over the length of the transform.
    fn correlate(&mut self, samples: &[f64]) {
        self.padded.fill(0.0);
        for (slot, sample) in self.padded.iter_mut().zip(samples) {
            *slot = *sample;
        }
        // The lengths are the plans' own, so that neither can fail.
        let _ = self.forward.process_with_scratch(
            &mut self.padded,
            &mut self.spectrum,
            &mut self.scratch,
        );
        for bin in &mut self.spectrum {
            *bin = Complex::new(bin.norm_sqr(), 0.0);
        }
        let _ = self.inverse.process_with_scratch(
            &mut self.spectrum,
            &mut self.padded,
            &mut self.inverse_scratch,
        );
    }

    /// The differences of the paper's step 3: at each lag over the mean of those at all lags up to it.
    fn normalise(&mut self, samples: &[f64]) {
        let length = self.padded.len() as f64;
        let power = self.padded.first().copied().unwrap_or_default() / length;
        let (mut energy, mut sum) = (0.0, 0.0);
        let lags = self.padded.iter().skip(1).zip(samples).enumerate();
        for (lag, (correlation, sample)) in lags.take(LONGEST) {
            let lag = lag + 1;
            energy += sample * sample;
            let difference = 2.0 * (power - correlation / length) - energy;
            sum += difference;
            let place = lag.checked_sub(SHORTEST);
            if let Some(slot) = place.and_then(|place| self.differences.get_mut(place)) {
                *slot = difference / (sum / lag as f64 + f64::MIN_POSITIVE);
            }
        }
    }
}

impl Default for Yin {
    fn default() -> Self {
        Self::new()
    }
}
