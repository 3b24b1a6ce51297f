//! A spectrum over many frames, finer than theirs.

use std::f32::consts::{FRAC_PI_2, TAU};

use realfft::num_complex::Complex;

/// Lowest bins of a frame that a fine spectrum is made of. At windows of 32 to 60 ms they reach 4.3 to 8 kHz.
pub const LOW_BINS: usize = 256;

/// Fine bins between two of a frame's.
pub const FINER: usize = 4;

/// Bins of a fine spectrum.
pub const FINE_BINS: usize = FINER * LOW_BINS;

/// Frames that one is made of: in as many hops a fine bin turns by a whole number of periods.
const FRAMES: usize = 4 * FINER;

/// The oldest frames, over which the weight rises, and the newest, over which it falls: a note that begins is to be heard soon.
const RISING: usize = 10;
const FALLING: usize = 6;

/// Makes fine power spectra of frames under a Hann window whose hop is a quarter of the window; nothing allocates after construction.
///
/// A bin of successive frames is a signal of its own, at the hop's rate. Its Fourier transform over some of them is the sound's under the sum
/// of their windows, which is that much longer: J. B. Allen and L. R. Rabiner, "A unified approach to short-time Fourier analysis and
/// synthesis", Proc. IEEE 65(11), 1977. Each fine bin is taken from the frame's bin that is nearest.
pub struct FineSpectrum {
    /// The last frames' lowest bins, a ring.
    frames: Vec<[Complex<f32>; LOW_BINS]>,
    /// Where the oldest is.
    oldest: usize,
    /// The weight of each frame, the oldest first; their sum is 1.
    weights: [f32; FRAMES],
    /// A turn in so many steps.
    turns: [Complex<f32>; FRAMES],
    power: Vec<f32>,
}

impl Default for FineSpectrum {
    /// Before any sound. Allocates.
    fn default() -> Self {
        let slope = |place: usize, of: usize| {
            let way = (place as f32 + 0.5) / of as f32;
            (FRAC_PI_2 * way.min(1.0)).sin().powi(2)
        };
        let weights: [f32; FRAMES] =
            std::array::from_fn(|frame| slope(frame, RISING) * slope(FRAMES - 1 - frame, FALLING));
        let sum: f32 = weights.iter().sum();
        Self {
            frames: vec![[Complex::default(); LOW_BINS]; FRAMES],
            oldest: 0,
            weights: weights.map(|weight| weight / sum),
            turns: std::array::from_fn(|step| {
                Complex::from_polar(1.0, -TAU * step as f32 / FRAMES as f32)
            }),
            power: vec![0.0; FINE_BINS],
        }
    }
}

impl FineSpectrum {
    /// Forgets what came before.
    pub fn reset(&mut self) {
        for frame in &mut self.frames {
            frame.fill(Complex::default());
        }
    }

    /// Takes in a frame's lowest bins; returns the power of each fine bin, on the scale of the frames' own powers.
    pub fn hear(&mut self, low: &[Complex<f32>; LOW_BINS]) -> &[f32] {
        if let Some(place) = self.frames.get_mut(self.oldest) {
            *place = *low;
        }
        self.oldest = (self.oldest + 1) % FRAMES;
        let mut sums = [[Complex::<f32>::default(); FINER]; LOW_BINS];
        let (newer, older) = self.frames.split_at(self.oldest);
        let ordered = older.iter().chain(newer).zip(self.weights).enumerate();
        for (number, (frame, weight)) in ordered {
            // Of the fine bin 4 k + j, j from -2 to 1, in the frame with this number the turn is (4 k + j) times the number: k comes to one of four.
            let turn = |step: usize| {
                let turn = self.turns.get(step * number % FRAMES).copied();
                turn.unwrap_or_default() * weight
            };
            let turns: [[Complex<f32>; FINER]; 4] = std::array::from_fn(|k| {
                std::array::from_fn(|j| turn((FINER * k + j + FRAMES - FINER / 2) % FRAMES))
            });
            for (four, sums) in frame.chunks_exact(4).zip(sums.chunks_exact_mut(4)) {
                for ((bin, sums), turns) in four.iter().zip(sums).zip(&turns) {
                    for (sum, turn) in sums.iter_mut().zip(turns) {
                        *sum += bin * turn;
                    }
                }
            }
        }
        // The first two lie below 0 Hz.
        let found = sums.iter().flatten().skip(FINER / 2);
        for (power, sum) in self.power.iter_mut().zip(found) {
            *power = sum.norm_sqr();
        }
        &self.power
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::{StftLayout, StreamingStft};

    const RATE: f64 = 48_000.0;
    const BIN_HZ: f64 = RATE / 8_192.0;

    /// The fine spectrum at the end of half a second of partials as (Hz, amplitude).
    fn heard(partials: &[(f64, f64)]) -> Vec<f32> {
        let layout = StftLayout::for_rate(RATE, RATE, 2_048);
        let mut stft = StreamingStft::new(layout, 1);
        let mut fine = FineSpectrum::default();
        let mut sound: Vec<f32> = (0..24_000)
            .map(|n| {
                let sine = |hz: f64| (std::f64::consts::TAU * hz * f64::from(n) / RATE).sin();
                partials
                    .iter()
                    .map(|(hz, size)| size * sine(*hz))
                    .sum::<f64>() as f32
            })
            .collect();
        let mut power = Vec::new();
        for hop in sound.chunks_exact_mut(512) {
            stft.take(&[hop], 0..512);
            let spectrum = &stft.frame()[0];
            let low = std::array::from_fn(|bin| spectrum[bin] / 512.0);
            power = fine.hear(&low).to_vec();
        }
        power
    }

    fn peaks(power: &[f32], from: f32) -> Vec<usize> {
        (1..power.len() - 1)
            .filter(|bin| {
                power[*bin] > from && power[*bin] > power[bin - 1] && power[*bin] >= power[bin + 1]
            })
            .collect()
    }

    #[test]
    #[cfg_attr(miri, ignore = "transforms: hours")]
    fn tones_a_third_apart_are_two_of_their_own_power() {
        for (low, high) in [(130.8, 164.8), (261.6, 311.1), (1_046.5, 1_108.7)] {
            let power = heard(&[(low, 0.5), (high, 0.25)]);
            let found = peaks(&power, 0.01);
            assert_eq!(found.len(), 2, "{low} {high}: {found:?}");
            for (bin, (hz, size)) in found.iter().zip([(low, 0.5), (high, 0.25)]) {
                assert!(
                    (*bin as f64 * BIN_HZ - hz).abs() < 0.6 * BIN_HZ,
                    "{hz}: {bin}"
                );
                let db = 10.0 * f64::from(power[*bin]).log10() - 20.0 * f64::log10(size);
                assert!(db.abs() < 2.5, "{hz}: {db} dB");
            }
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "transforms: hours")]
    fn of_a_tone_nothing_else_is_above_30_db_below_it() {
        for hz in [100.0, 440.0, 997.0, 3_003.0] {
            let power = heard(&[(hz, 0.5)]);
            let own = (hz / BIN_HZ).round() as usize;
            let beside = (0..FINE_BINS).filter(|bin| bin.abs_diff(own) > 5);
            let strongest = beside.map(|bin| power[bin]).fold(0.0, f32::max);
            assert!(strongest < 1e-3 * power[own], "{hz}: {strongest}");
        }
    }
}
