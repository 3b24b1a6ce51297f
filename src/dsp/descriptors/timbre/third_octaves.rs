//! The levels of third-octave bands.

use super::biquad::Biquad;

/// Samples of a block.
pub const BLOCK: usize = 4096;

/// Bands: from 25 Hz to 12.5 kHz.
pub const BANDS: usize = 28;

/// Bands that are filtered at the full rate, of which three are filtered again and again at half of it; the first of them.
const DIRECT: usize = 4;
const FIRST_DIRECT: usize = BANDS - DIRECT;

/// Bands below them in groups of an octave.
const OCTAVES: usize = FIRST_DIRECT / 3;

/// The powers of a block in the bands; 1 is the mean square of a full-scale square wave.
pub type BandPowers = [f64; BANDS];

/// Brings blocks of [`BLOCK`] samples, each by itself, to the powers of the third-octave bands whose middles are at `1000 * 2^(n / 3)` Hz: Butterworth's band-passes of the fourth order, those of the
/// lower octaves on sound of half the rate each, as AudioCommons' `timbral_models` has them. Nothing allocates after construction.
pub struct ThirdOctaves {
    /// Of the highest bands, from the lowest on.
    filters: [[Biquad; 4]; DIRECT],
    halving: Biquad,
    block: Vec<f64>,
}

impl ThirdOctaves {
    /// For a rate in Hz of 28.1 kHz at least.
    pub fn new(rate: f64) -> Self {
        let sixth = 2f64.powf(1.0 / 6.0);
        Self {
            filters: std::array::from_fn(|band| {
                let middle = 1_000.0 * 2f64.powf((FIRST_DIRECT + band) as f64 / 3.0 - 16.0 / 3.0);
                Biquad::band_pass(middle / sixth, middle * sixth, rate)
            }),
            halving: Biquad::chebyshev_low_pass(0.1, 0.4),
            block: vec![0.0; BLOCK],
        }
    }

    /// The powers of a block; what is missing of it is silence.
    pub fn measure(&mut self, samples: &[f64]) -> BandPowers {
        let mut powers = [0.0; BANDS];
        self.block.fill(0.0);
        for (slot, sample) in self.block.iter_mut().zip(samples) {
            *slot = *sample;
        }
        let mut length = BLOCK;
        for (power, filter) in powers.iter_mut().skip(FIRST_DIRECT).zip(&mut self.filters) {
            *power = power_of(filter, self.block.get(..length).unwrap_or_default());
        }
        for octave in 0..OCTAVES {
            self.halving.reset();
            for index in 0..length {
                let sample = self.block.get(index).copied().unwrap_or_default();
                let filtered = self.halving.filter(sample);
                // Every second one is kept, in place.
                if index % 2 == 1
                    && let Some(slot) = self.block.get_mut(index / 2)
                {
                    *slot = filtered;
                }
            }
            length /= 2;
            let first = FIRST_DIRECT - 3 * (octave + 1);
            for (power, filter) in powers.iter_mut().skip(first).zip(&mut self.filters).take(3) {
                *power = power_of(filter, self.block.get(..length).unwrap_or_default());
            }
        }
        powers
    }
}

/// The mean square of samples behind a filter that begins anew.
fn power_of(filter: &mut [Biquad; 4], samples: &[f64]) -> f64 {
    for section in filter.iter_mut() {
        section.reset();
    }
    let squares = samples.iter().map(|sample| {
        let filtered = filter
            .iter_mut()
            .fold(*sample, |sample, section| section.filter(sample));
        filtered * filtered
    });
    squares.sum::<f64>() / samples.len().max(1) as f64
}
