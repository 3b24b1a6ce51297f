//! Pitches whose periods are too long for a frame.

use std::{f32::consts::TAU, sync::Arc};

use realfft::{ComplexToReal, RealFftPlanner, num_complex::Complex};

use super::{
    fine_spectrum::{FINE_BINS, FINER, FineSpectrum, LOW_BINS},
    heard::Pitch,
    maximum::{Maximum, parabola, strength},
};

/// The range of pitches that are looked for, in Hz: from C1 on, and a semitone below it.
const LOWEST_HZ: f32 = 30.9;
const HIGHEST_HZ: f32 = 58.0;

/// Frames over which the weight rises, and over which it falls: three periods of the lowest pitch are within them.
const RISING: usize = 4;
const FALLING: usize = 4;

/// Partials above this say little of a low pitch: those of long strings are no longer where they belong. What sounds from there up to the second speaks against one: a song has
/// more there than a low line.
const HIGHEST_PARTIAL_HZ: f32 = 1_000.0;
const HIGHEST_HEARD_HZ: f32 = 5_000.0;

/// Length of the inverse transform, and of its half.
const LAGS: usize = 2 * HALF;
const HALF: usize = 1_024;

/// A period's autocorrelation is at least so much, and by so much more than any of at most [`SHORTER`] of it: else that is the period. Weighed by
/// frequency it is at least the second: slapped basses have 0.4 to 0.6.
const LEAST_STRENGTH: f32 = 0.6;
const LEAST_WEIGHED: f32 = 0.45;
const MARGIN: f32 = 0.1;
const SHORTER: f32 = 0.75;

/// A longer period is taken only where it is by so much more periodic.
const LONGER: f32 = 1.1;

/// Notes of a chord that only share the period have none of its first partials, in dB below the strongest. What the window spreads there of theirs is no peak: so many bins
/// aside there is less than at one.
const LEAST_FUNDAMENTAL_DB: f32 = -24.0;
const ASIDE: usize = 2;

/// So much of the lowest pitch is below all sound.
const BELOW: f32 = 0.6;

/// Below this power there is silence.
const SILENT: f32 = 1e-12;
const TINY: f32 = 1e-30;

/// From here on, and where the first partial is next to the strongest, in dB, the phase of one of a frame's bins tells its frequency, within so many octaves: of a tone that is hardly
/// more than that the autocorrelation is off by up to half a semitone, since each fine bin is taken from one of a frame's bins.
const DULL_DB: f32 = -3.0;
const TUNED_HZ: f32 = 44.0;
const TUNED_BIN: usize = 2;
const TUNED_OCTAVES: f32 = 0.1;

/// The autocorrelation of the window is summed over so many places in a hop.
const PLACES: usize = 16;
/// Lags in a hop.
const LAGS_A_HOP: usize = LAGS / (4 * FINER);

/// Hears low pitches in the lowest bins of frames under a Hann window whose hop is a quarter of the window; nothing allocates after construction.
///
/// As [`PitchTracker`](super::PitchTracker) does, by the autocorrelation over that of the window, but of a [`FineSpectrum`] over eight frames: so it knows later.
pub(super) struct LowPitch {
    bin_hz: f32,
    hop_seconds: f32,
    fine: FineSpectrum,
    /// What the newest two frames have in [`TUNED_BIN`], the newest last.
    tuned: [Complex<f32>; 2],
    inverse: Arc<dyn ComplexToReal<f32>>,
    powers: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    correlation: Vec<f32>,
    scratch: Vec<Complex<f32>>,
    /// One over the autocorrelation of the window, lag by lag.
    weights: Vec<f32>,
}

impl LowPitch {
    /// For frames of four times `hop_seconds`. Allocates.
    pub fn new(hop_seconds: f32) -> Self {
        let inverse = RealFftPlanner::new().plan_fft_inverse(LAGS);
        let fine = FineSpectrum::over(RISING, FALLING);
        Self {
            bin_hz: 1.0 / (4.0 * FINER as f32 * hop_seconds),
            hop_seconds,
            tuned: [Complex::default(); 2],
            weights: weights(fine.weights()),
            fine,
            powers: vec![0.0; (HIGHEST_PARTIAL_HZ * 4.0 * FINER as f32 * hop_seconds) as usize],
            spectrum: inverse.make_input_vec(),
            correlation: inverse.make_output_vec(),
            scratch: inverse.make_scratch_vec(),
            inverse,
        }
    }

    /// Forgets all sound.
    pub fn reset(&mut self) {
        self.fine.reset();
    }

    /// Takes in a frame's lowest bins.
    pub fn take(&mut self, low: &[Complex<f32>; LOW_BINS]) {
        self.fine.take(low);
        let [_, before] = self.tuned;
        self.tuned = [before, low.get(TUNED_BIN).copied().unwrap_or_default()];
    }

    /// The low pitch of the frames so far; `None` where there is none.
    pub fn pitch(&mut self) -> Option<Pitch> {
        self.correlate()?;
        let lag_of = |hz: f32| LAGS as f32 * self.bin_hz / hz;
        let (shortest, longest) = (lag_of(HIGHEST_HZ), lag_of(LOWEST_HZ));
        let around = self.correlation.windows(3).zip(1..=longest as usize);
        let (mut lag, mut peak) = (0.0, 0.0);
        for (values, place) in around.skip(shortest as usize) {
            let &[left, middle, right] = values else {
                break;
            };
            if left > middle || right >= middle {
                continue;
            }
            let Maximum { aside, peak: top } = parabola(left, middle, right);
            let top = strength(top);
            if top > LONGER * peak {
                (lag, peak) = (place as f32 + aside, top);
            }
        }
        if lag <= 0.0 || peak < LEAST_STRENGTH {
            return None;
        }
        let hz = lag_of(1.0) / lag;
        let shorter = self.correlation.iter().take((SHORTER * lag) as usize);
        // What lies in the first slope is the sound itself.
        let slope = shorter.clone().take_while(|value| **value > 0.0).count();
        if shorter.skip(slope).any(|value| value + MARGIN > peak) {
            return None;
        }
        let fundamental_db = self.fundamental_db(hz);
        (fundamental_db > LEAST_FUNDAMENTAL_DB && self.weighed(lag) > LEAST_WEIGHED).then_some(
            Pitch {
                hz: if fundamental_db > DULL_DB {
                    self.tuned(hz)
                } else {
                    hz
                },
                strength: peak,
                fundamental_db,
                above: false,
            },
        )
    }

    /// A pitch in Hz, tuned by the phase of its first partial where that has a bin nearly for itself.
    fn tuned(&self, hz: f32) -> f32 {
        let [before, now] = self.tuned;
        let turns = (now * before.conj()).arg() / TAU;
        // Of the frequencies that turn so the nearest.
        let tuned = (turns + (hz * self.hop_seconds - turns).round()) / self.hop_seconds;
        let near = (tuned / hz).log2().abs() < TUNED_OCTAVES;
        if hz > TUNED_HZ && near { tuned } else { hz }
    }

    /// The autocorrelation at a lag, where each power counts as often as its frequency: a song's bass is most of its power, but not of what is heard.
    fn weighed(&mut self, lag: f32) -> f32 {
        let step = Complex::from_polar(1.0, TAU * lag / LAGS as f32);
        let mut turn = Complex::new(1.0, 0.0);
        let (mut whole, mut alike) = (self.above(), 0.0);
        for (bin, power) in self.powers.iter().enumerate() {
            whole += bin as f32 * power;
            alike += bin as f32 * power * turn.re;
            turn *= step;
        }
        let weight = self.weights.get(lag as usize).copied().unwrap_or(1.0);
        weight * alike / whole.max(TINY)
    }

    /// Power above the partials that count, each bin's times its number. It is asked for where all else speaks for a pitch, and only then made.
    fn above(&mut self) -> f32 {
        let highest = (HIGHEST_HEARD_HZ / self.bin_hz) as usize;
        let heard = self.powers.len()..highest.min(FINE_BINS);
        let power = self.fine.power_within(heard.clone());
        let above = heard.clone().zip(power.get(heard).unwrap_or_default());
        above.map(|(bin, power)| bin as f32 * power).sum()
    }

    /// Power of the first partial of a pitch in Hz over the strongest that counts, in dB; next to nothing where there is no peak.
    fn fundamental_db(&self, hz: f32) -> f32 {
        let place = (hz / self.bin_hz).round() as usize;
        let strongest = self.powers.iter().copied().fold(TINY, f32::max);
        let around = self.powers.iter().skip(place.saturating_sub(1)).take(3);
        let first = around.copied().fold(TINY, f32::max);
        let aside = [place.saturating_sub(ASIDE), place + ASIDE];
        let beside = aside.map(|bin| self.powers.get(bin).copied().unwrap_or_default());
        if beside.iter().any(|power| *power > first) {
            return f32::MIN;
        }
        10.0 * (first / strongest).log10()
    }

    /// Fills in powers and autocorrelation; `None` where there is nothing to hear.
    fn correlate(&mut self) -> Option<()> {
        // Below the lowest pitch there is only what trembles.
        let lowest = (BELOW * LOWEST_HZ / self.bin_hz).ceil() as usize;
        let power = self.fine.power_within(0..self.powers.len());
        for (bin, (kept, power)) in self.powers.iter_mut().zip(power).enumerate() {
            *kept = if bin < lowest { 0.0 } else { *power };
        }
        let sum = 2.0 * self.powers.iter().sum::<f32>();
        if !(sum.is_finite() && sum > SILENT) {
            return None;
        }
        self.spectrum.fill(Complex::default());
        for (bin, power) in self.spectrum.iter_mut().zip(&self.powers) {
            bin.re = *power;
        }
        // The lengths are the plan's own, so it can't fail.
        let _ = self.inverse.process_with_scratch(
            &mut self.spectrum,
            &mut self.correlation,
            &mut self.scratch,
        );
        for (value, weight) in self.correlation.iter_mut().zip(&self.weights) {
            *value *= weight / sum;
        }
        Some(())
    }
}

/// One over the autocorrelation of what frames of these weights are heard through, up to the longest lag.
fn weights(frames: &[f32]) -> Vec<f32> {
    let window: Vec<f32> = (0..(frames.len() + 4) * LAGS_A_HOP)
        .map(|place| {
            let hops = place as f32 / LAGS_A_HOP as f32;
            let hann = |(frame, weight): (usize, &f32)| {
                let share = (hops - frame as f32) / 4.0;
                let inside = (0.0..1.0).contains(&share);
                if inside {
                    weight * (0.5 - 0.5 * (TAU * share).cos())
                } else {
                    0.0
                }
            };
            frames.iter().enumerate().map(hann).sum()
        })
        .collect();
    let alike = |lag: usize| {
        let pairs = window.iter().zip(window.iter().skip(lag));
        pairs
            .step_by(LAGS_A_HOP / PLACES)
            .map(|(one, other)| one * other)
            .sum::<f32>()
    };
    let whole = alike(0);
    (0..HALF)
        .map(|lag| whole / alike(lag).max(0.1 * whole))
        .collect()
}

#[cfg(test)]
mod tests;
