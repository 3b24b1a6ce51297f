//! A spectrum over many frames, finer than theirs.

use std::{
    f32::consts::{FRAC_PI_2, TAU},
    ops::Range,
};

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

/// A transform over the frames is made of so many over as many of them.
const FOURS: usize = 4;
const _: () = assert!(FRAMES == FOURS * FOURS && FINER == FOURS);

/// Bins that a processor reckons at once, each a fourth from the one before: they turn alike.
const LANES: usize = 8;

/// Bins of a frame that are made at a time, and the fine bins of these.
const STRETCH: usize = LANES * FOURS;
const FINE_STRETCH: usize = FINER * STRETCH;
const STRETCHES: usize = LOW_BINS / STRETCH;

/// Of the fine bins of a frame's bin so many lie below it.
const BELOW: usize = FINER / 2;

/// Makes fine power spectra of frames under a Hann window whose hop is a quarter of the window; nothing allocates after construction.
///
/// A bin of successive frames is a signal of its own, at the hop's rate. Its Fourier transform over some of them is the sound's under the sum
/// of their windows, which is that much longer: J. B. Allen and L. R. Rabiner, "A unified approach to short-time Fourier analysis and
/// synthesis", Proc. IEEE 65(11), 1977. Each fine bin is taken from the frame's bin that is nearest.
pub struct FineSpectrum {
    /// The last frames' lowest bins, a ring.
    frames: Vec<Frame>,
    /// Where the oldest is.
    oldest: usize,
    /// The weight of each frame, the oldest first; their sum is 1.
    weights: [f32; FRAMES],
    /// A turn in so many steps.
    turns: [Complex<f32>; FRAMES],
    power: Vec<f32>,
}

/// A frame's bins by their stretch, and in it by the remainder of their number.
type Frame = [[Bins; FOURS]; STRETCHES];

impl Default for FineSpectrum {
    /// Before any sound, over all frames. Allocates.
    fn default() -> Self {
        Self::over(RISING, FALLING)
    }
}

impl FineSpectrum {
    /// Before any sound; over as many of the newest frames as the weight is to rise and to fall over, at most [`FRAMES`]. Allocates.
    pub fn over(rising: usize, falling: usize) -> Self {
        let slope = |place: usize, of: usize| {
            let way = (place as f32 + 0.5) / of as f32;
            (FRAC_PI_2 * way.min(1.0)).sin().powi(2)
        };
        let silent = FRAMES.saturating_sub(rising + falling);
        let weights: [f32; FRAMES] = std::array::from_fn(|frame| {
            let rises = frame
                .checked_sub(silent)
                .map_or(0.0, |place| slope(place, rising));
            rises * slope(FRAMES - 1 - frame, falling)
        });
        let sum: f32 = weights.iter().sum();
        Self {
            frames: vec![SILENT; FRAMES],
            oldest: 0,
            weights: weights.map(|weight| weight / sum),
            turns: std::array::from_fn(|step| {
                Complex::from_polar(1.0, -TAU * step as f32 / FRAMES as f32)
            }),
            power: vec![0.0; FINE_BINS],
        }
    }

    /// The weight of each frame, the oldest first; their sum is 1.
    pub fn weights(&self) -> &[f32] {
        &self.weights
    }

    /// Forgets what came before.
    pub fn reset(&mut self) {
        self.frames.fill(SILENT);
    }

    /// Takes in a frame's lowest bins.
    pub fn take(&mut self, low: &[Complex<f32>; LOW_BINS]) {
        let stretches = self.frames.get_mut(self.oldest);
        let stretches = stretches.into_iter().flatten();
        for (bins, low) in stretches.zip(low.chunks_exact(STRETCH)) {
            for (remainder, bins) in bins.iter_mut().enumerate() {
                let low = low.iter().skip(remainder).step_by(FOURS);
                let places = bins.real.iter_mut().zip(&mut bins.imaginary);
                for ((real, imaginary), low) in places.zip(low) {
                    (*real, *imaginary) = (low.re, low.im);
                }
            }
        }
        self.oldest = (self.oldest + 1) % FRAMES;
    }

    /// The power of each fine bin of the frames so far, on the scale of the frames' own powers.
    pub fn power(&mut self) -> &[f32] {
        self.power_within(0..FINE_BINS)
    }

    /// The same, of which only what lies within these fine bins, and at most [`FINE_STRETCH`] beside them, is that of the newest frames.
    ///
    /// Each bin gives four results of a transform over 16 frames. They are made of transforms over every fourth frame: J. W. Cooley and
    /// J. W. Tukey, "An algorithm for the machine calculation of complex Fourier series", Mathematics of Computation 19, 1965.
    pub fn power_within(&mut self, fine: Range<usize>) -> &[f32] {
        let first = fine.start / FINE_STRETCH;
        let behind = (fine.end + BELOW).div_ceil(FINE_STRETCH);
        for stretch in first..behind.min(STRETCHES) {
            for remainder in 0..FOURS {
                self.fill(stretch, remainder);
            }
        }
        &self.power
    }

    /// Fills in the fine bins of a stretch's bins of a remainder.
    fn fill(&mut self, stretch: usize, remainder: usize) {
        let mut sums = [Bins::SILENT; FINER];
        for first in 0..FOURS {
            let quarters = self.every_fourth(first, stretch, remainder);
            for (fine, sum) in sums.iter_mut().enumerate() {
                // Of the fine bin 4 k + j, j from -2 to 1, the turn is (4 k + j) / 16 from frame to frame, and j quarters in four frames.
                let steps = FINER * remainder + fine + FRAMES - BELOW;
                let turn = self.turns.get(steps * first % FRAMES);
                if let (Some(turn), Some(bins)) = (turn, quarters.get(steps % FOURS)) {
                    sum.add_turned(bins, *turn);
                }
            }
        }
        let begins = FINE_STRETCH * stretch + FINER * remainder;
        for (fine, sum) in sums.iter().enumerate() {
            let both = sum.real.iter().zip(&sum.imaginary);
            for (lane, (real, imaginary)) in both.enumerate() {
                // The first two of all lie below 0 Hz.
                let place = (begins + FINER * FOURS * lane + fine).checked_sub(BELOW);
                if let Some(power) = place.and_then(|place| self.power.get_mut(place)) {
                    *power = real * real + imaginary * imaginary;
                }
            }
        }
    }

    /// The transform over every fourth frame from `first` on, of a stretch's bins of a remainder: what turns by 0 to 3 quarters in four frames.
    fn every_fourth(&self, first: usize, stretch: usize, remainder: usize) -> [Bins; FOURS] {
        let [one, two, three, four] = std::array::from_fn(|number| {
            let age = FOURS * number + first;
            let frame = self.frames.get((self.oldest + age) % FRAMES);
            let bins = frame.and_then(|frame| frame.get(stretch)?.get(remainder));
            let weight = self.weights.get(age).copied().unwrap_or_default();
            bins.map_or(Bins::SILENT, |bins| bins.times(weight))
        });
        let (odd, odd_turned) = (one.plus(&three), one.minus(&three));
        let (even, even_turned) = (two.plus(&four), two.minus(&four).a_quarter_on());
        [
            odd.plus(&even),
            odd_turned.plus(&even_turned),
            odd.minus(&even),
            odd_turned.minus(&even_turned),
        ]
    }
}

/// Every fourth of a stretch of a frame's bins.
#[derive(Clone, Copy)]
struct Bins {
    real: [f32; LANES],
    imaginary: [f32; LANES],
}

/// A frame before any sound.
const SILENT: Frame = [[Bins::SILENT; FOURS]; STRETCHES];

impl Bins {
    const SILENT: Self = Self {
        real: [0.0; LANES],
        imaginary: [0.0; LANES],
    };

    #[inline]
    fn times(&self, factor: f32) -> Self {
        let mut sums = Self::SILENT;
        add(&mut sums.real, &self.real, factor);
        add(&mut sums.imaginary, &self.imaginary, factor);
        sums
    }

    #[inline]
    fn plus(mut self, other: &Self) -> Self {
        add(&mut self.real, &other.real, 1.0);
        add(&mut self.imaginary, &other.imaginary, 1.0);
        self
    }

    #[inline]
    fn minus(mut self, other: &Self) -> Self {
        add(&mut self.real, &other.real, -1.0);
        add(&mut self.imaginary, &other.imaginary, -1.0);
        self
    }

    /// Turned back by a quarter, as a transform turns.
    #[inline]
    fn a_quarter_on(&self) -> Self {
        let mut turned = Self {
            real: self.imaginary,
            imaginary: [0.0; LANES],
        };
        add(&mut turned.imaginary, &self.real, -1.0);
        turned
    }

    #[inline]
    fn add_turned(&mut self, other: &Self, turn: Complex<f32>) {
        add(&mut self.real, &other.real, turn.re);
        add(&mut self.real, &other.imaginary, -turn.im);
        add(&mut self.imaginary, &other.real, turn.im);
        add(&mut self.imaginary, &other.imaginary, turn.re);
    }
}

/// Adds so many times the others to the sums.
#[inline]
fn add(sums: &mut [f32; LANES], others: &[f32; LANES], factor: f32) {
    for (sum, other) in sums.iter_mut().zip(others) {
        *sum += factor * other;
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
            fine.take(&low);
            power = fine.power().to_vec();
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
