//! The pitch of a single line, hop by hop, from power spectra.

use std::{
    f32::consts::{PI, TAU},
    sync::Arc,
};

use realfft::{ComplexToReal, RealFftPlanner, num_complex::Complex};

/// Lowest bins of a power spectrum that a pitch is heard in. At windows of 32 to 60 ms they reach [`HIGHEST_PARTIAL_HZ`].
pub const PITCH_BINS: usize = 320;

/// Partials above this say little of the pitch and much of breath and bow.
const HIGHEST_PARTIAL_HZ: f32 = 5_000.0;

/// The range of pitches that are looked for, in Hz.
const LOWEST_HZ: f32 = 55.0;
const HIGHEST_HZ: f32 = 1_700.0;

/// Beyond this share of the window a lag has too little left to compare.
const LONGEST_LAG: f32 = 0.45;

/// Length of the inverse transform: lags are a 1024th of a window apart, between which a parabola goes.
const LAGS: usize = 1024;

/// Candidates of a frame.
const CANDIDATES: usize = 8;

/// A peak of the autocorrelation below this is none.
const WEAKEST: f32 = 0.2;

/// What an octave downwards costs, so that of the multiples of a period the period itself is taken.
const OCTAVE_COST: f32 = 0.06;

/// What it costs that the first partial is missing, and from here to there it counts as such, in dB below the strongest: while a note begins
/// softly, a period of several of its own is as strong.
const MISSING_COST: f32 = 0.2;
const MISSING_DB: (f32, f32) = (-34.0, -44.0);

/// What it costs that of the partials up to the tenth, but for the first, only multiples of one of these numbers are there, and from here to there the others count as missing, in dB
/// below the strongest: as a string is plucked, its body sounds below the note, where a part of the pitch has its first partial.
const STRIDES: std::ops::RangeInclusive<usize> = 2..=5;
const HIGHEST_PARTIAL: usize = 10;
const SKIPPED_COST: f32 = 0.2;
const SKIPPED_DB: (f32, f32) = (-10.0, -20.0);

/// What a jump costs, an octave and 10 ms of hop, and how strong no pitch at all is.
const JUMP_COST: f32 = 0.35;
const UNVOICED_STRENGTH: f32 = 0.45;
/// What it costs to begin or to end, 10 ms of hop.
const VOICING_COST: f32 = 0.14;

/// Of the second partial's power at the first one's place, by how much more than the window's share is not believed.
const LEAKAGE: f32 = 3.0;

/// How much of what was before counts in the next hop.
const MEMORY: f32 = 0.9;

/// What is heard of the pitch at one hop.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Pitch {
    /// Its frequency in Hz; 0 where there is none.
    pub hz: f32,
    /// How periodic the sound is, 0 to 1.
    pub strength: f32,
    /// Power of the first partial over the strongest one's, in dB: next to nothing is there where notes of a chord share the period.
    pub fundamental_db: f32,
}

#[derive(Debug, Clone, Copy, Default)]
struct Candidate {
    pitch: Pitch,
    /// Its strength, less what an octave costs.
    local: f32,
    /// The best path's that ends here, less the best of all.
    score: f32,
    /// Where that path was one hop before.
    before: Pitch,
}

/// Tracks a pitch through frames under a Hann window whose hop is a quarter of the window; nothing allocates after construction.
///
/// The autocorrelation of each frame over that of its window gives candidates, and the cheapest path leads through them:
/// P. Boersma, "Accurate short-term analysis of the fundamental frequency and the harmonics-to-noise ratio of a sampled sound",
/// Proc. Institute of Phonetic Sciences 17, 1993. The path is told one hop late, and forgets.
pub struct PitchTracker {
    bin_hz: f32,
    jump_cost: f32,
    voicing_cost: f32,
    inverse: Arc<dyn ComplexToReal<f32>>,
    spectrum: Vec<Complex<f32>>,
    correlation: Vec<f32>,
    scratch: Vec<Complex<f32>>,
    /// One over the autocorrelation of the window, lag by lag.
    weights: Vec<f32>,
    candidates: [Candidate; CANDIDATES + 1],
    /// How many of them there are; none at the beginning.
    count: usize,
    newest: Pitch,
}

impl PitchTracker {
    /// For frames of four times `hop_seconds`.
    pub fn new(hop_seconds: f32) -> Self {
        let inverse = RealFftPlanner::new().plan_fft_inverse(LAGS);
        let weights = (0..LAGS / 2)
            .map(|lag| {
                let share = lag as f32 / LAGS as f32;
                // Boersma's equation 8.
                let own =
                    (1.0 - share) * (2.0 + (TAU * share).cos()) / 3.0 + (TAU * share).sin() / TAU;
                1.0 / own.max(0.1)
            })
            .collect();
        let tens_of_ms = hop_seconds / 0.01;
        Self {
            bin_hz: 1.0 / (4.0 * hop_seconds),
            jump_cost: JUMP_COST / tens_of_ms,
            voicing_cost: VOICING_COST / tens_of_ms,
            spectrum: inverse.make_input_vec(),
            correlation: inverse.make_output_vec(),
            scratch: inverse.make_scratch_vec(),
            inverse,
            weights,
            candidates: [Candidate::default(); CANDIDATES + 1],
            count: 0,
            newest: Pitch::default(),
        }
    }

    /// Forgets all sound.
    pub fn reset(&mut self) {
        self.count = 0;
        self.newest = Pitch::default();
    }

    /// The pitch of the newest frame, as far as can be told without the next.
    pub fn newest(&self) -> Pitch {
        self.newest
    }

    /// Hears the next frame's lowest bins; tells the pitch of the frame before it.
    pub fn hear(&mut self, power: &[f32]) -> Pitch {
        let mut next = [Candidate::default(); CANDIDATES + 1];
        let count = self.find(power, &mut next);
        for candidate in next.iter_mut().take(count) {
            let (mut best, mut from) = (0.0, Pitch::default());
            for (number, before) in self.candidates.iter().take(self.count).enumerate() {
                let score = before.score - self.step_cost(before.pitch.hz, candidate.pitch.hz);
                if number == 0 || score > best {
                    (best, from) = (score, before.pitch);
                }
            }
            candidate.score = best + candidate.local;
            candidate.before = from;
        }
        let Some(best) = next
            .iter()
            .take(count)
            .copied()
            .max_by(|one, other| one.score.total_cmp(&other.score))
        else {
            return Pitch::default();
        };
        self.newest = best.pitch;
        for candidate in &mut next {
            candidate.score = MEMORY * (candidate.score - best.score);
        }
        (self.candidates, self.count) = (next, count);
        best.before
    }

    fn step_cost(&self, from: f32, to: f32) -> f32 {
        match (from > 0.0, to > 0.0) {
            (true, true) => self.jump_cost * (to / from).log2().abs(),
            (false, false) => 0.0,
            _ => self.voicing_cost,
        }
    }

    /// The frame's candidates, the first of them that there is no pitch; how many they are.
    fn find(&mut self, power: &[f32], found: &mut [Candidate; CANDIDATES + 1]) -> usize {
        if let Some(none) = found.first_mut() {
            none.local = UNVOICED_STRENGTH;
        }
        if !self.correlate(power) {
            return 1;
        }
        let shortest = (LAGS as f32 * self.bin_hz / HIGHEST_HZ) as usize;
        let longest = (LAGS as f32 * (self.bin_hz / LOWEST_HZ).min(LONGEST_LAG)) as usize;
        let strongest = power.iter().copied().fold(0.0, f32::max);
        let mut count = 1;
        let lags = shortest.max(1)..=longest;
        for (lag, around) in lags
            .clone()
            .zip(self.correlation.windows(3).skip(lags.start() - 1))
        {
            let &[left, middle, right] = around else {
                break;
            };
            if middle < WEAKEST || left > middle || right >= middle {
                continue;
            }
            let aside = 0.5 * (left - right) / (left - 2.0 * middle + right);
            let peak = middle - 0.25 * (left - right) * aside;
            // A peak above 1 comes of a window that is shorter than the period wants.
            let strength = if peak > 1.0 { 1.0 / peak } else { peak };
            let hz = LAGS as f32 * self.bin_hz / (lag as f32 + aside);
            let fundamental_db = below_db(self.fundamental(power, hz), strongest);
            let others_db = below_db(self.others(power, hz), strongest);
            let candidate = Candidate {
                pitch: Pitch {
                    hz,
                    strength,
                    fundamental_db,
                },
                local: strength
                    - OCTAVE_COST * (LOWEST_HZ / hz).log2()
                    - MISSING_COST * missing(fundamental_db, MISSING_DB)
                    - SKIPPED_COST * missing(others_db, SKIPPED_DB),
                ..Candidate::default()
            };
            insert(found, &mut count, candidate);
        }
        count
    }

    /// Fills in the autocorrelation; false where there is nothing to hear.
    fn correlate(&mut self, power: &[f32]) -> bool {
        let highest = (HIGHEST_PARTIAL_HZ / self.bin_hz) as usize;
        self.spectrum.fill(Complex::default());
        let mut sum = 0.0;
        let heard = power.iter().take(highest.min(PITCH_BINS));
        for (bin, power) in self.spectrum.iter_mut().zip(heard) {
            bin.re = *power;
            sum += 2.0 * power;
        }
        if !(sum.is_finite() && sum > 1e-12) {
            return false;
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
        true
    }

    /// The power of the partials of a pitch but for the first and the multiples of a number, for the number that leaves the least: next to none where it is a
    /// part of the pitch that sounds.
    fn others(&self, power: &[f32], hz: f32) -> f32 {
        let partial = |number: usize| at(power, number as f32 * hz / self.bin_hz);
        let partials: [f32; HIGHEST_PARTIAL] = std::array::from_fn(|index| partial(index + 1));
        STRIDES
            .map(|stride| {
                let others = (1..).zip(partials).skip(1);
                others
                    .filter(|(number, _)| number % stride != 0)
                    .map(|(_, power)| power)
                    .sum::<f32>()
            })
            .fold(f32::MAX, f32::min)
    }

    /// The power of the first partial of a pitch.
    fn fundamental(&self, power: &[f32], hz: f32) -> f32 {
        let place = hz / self.bin_hz;
        let at = |place: f32| at(power, place);
        // What the window spreads there of the second partial, in whatever phase, is no first one.
        let away = 2.0 * place - place.round();
        let angle = PI * away;
        let lobe = angle.sin() / angle / (1.0 - away * away);
        (at(place) - LEAKAGE * at(2.0 * place) * lobe * lobe).max(0.0)
    }
}

/// A power over the strongest, in dB.
fn below_db(power: f32, strongest: f32) -> f32 {
    10.0 * ((power + 1e-20) / (strongest + 1e-20)).log10()
}

/// How surely what lies so far below the strongest, in dB, is missing, 0 to 1.
fn missing(db: f32, (from, to): (f32, f32)) -> f32 {
    ((db - from) / (to - from)).clamp(0.0, 1.0)
}

/// The power at a place between bins: that of the nearest.
fn at(power: &[f32], place: f32) -> f32 {
    power
        .get(place.round() as usize)
        .copied()
        .unwrap_or_default()
}

/// Puts a candidate among the strongest, behind the first, which always stays.
fn insert(found: &mut [Candidate; CANDIDATES + 1], count: &mut usize, candidate: Candidate) {
    if let Some(slot) = found.get_mut(*count) {
        *slot = candidate;
        *count += 1;
        return;
    }
    let weakest = found
        .iter_mut()
        .skip(1)
        .min_by(|one, other| one.local.total_cmp(&other.local));
    if let Some(weakest) = weakest
        && weakest.local < candidate.local
    {
        *weakest = candidate;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOP_SECONDS: f32 = 512.0 / 48_000.0;
    const BIN_HZ: f32 = 1.0 / (4.0 * HOP_SECONDS);

    /// The power spectrum of steady partials under a Hann window, far apart enough not to meet.
    fn partials(hz: f32, levels: &[f32]) -> Vec<f32> {
        let mut power = vec![0.0; PITCH_BINS];
        for (number, level) in levels.iter().enumerate() {
            let place = hz * (number + 1) as f32 / BIN_HZ;
            for (bin, power) in power.iter_mut().enumerate() {
                let away = bin as f32 - place;
                let lobe = if away.abs() < 1e-3 {
                    1.0
                } else if (away.abs() - 1.0).abs() < 1e-3 {
                    0.5
                } else {
                    let angle = PI * away;
                    angle.sin() / angle / (1.0 - away * away)
                };
                *power += level * lobe * lobe;
            }
        }
        power
    }

    fn heard(power: &[f32]) -> Pitch {
        let mut tracker = PitchTracker::new(HOP_SECONDS);
        let mut last = Pitch::default();
        for _ in 0..4 {
            last = tracker.hear(power);
        }
        last
    }

    #[test]
    fn a_steady_tone_has_its_pitch_whatever_its_partials_are() {
        for hz in [82.0, 131.0, 220.0, 261.6, 440.0, 700.0, 1_318.5] {
            for levels in [
                &[1.0, 0.5, 0.3, 0.2, 0.1, 0.05][..],
                &[0.05, 1.0, 0.3, 0.8, 0.2, 0.1],
                &[1.0, 0.0, 0.5, 0.0, 0.2, 0.0],
                &[1.0],
            ] {
                let pitch = heard(&partials(hz, levels));
                let cents = 1200.0 * (pitch.hz / hz).log2();
                assert!(cents.abs() < 15.0, "{hz} Hz, {levels:?}: {pitch:?}");
                assert!(pitch.strength > 0.8, "{hz} Hz, {levels:?}: {pitch:?}");
            }
        }
    }

    #[test]
    fn a_chord_lacks_the_first_partial_of_the_period_that_it_has() {
        let mut chord = partials(261.6, &[1.0, 0.5, 0.2]);
        for hz in [329.6, 392.0] {
            for (sum, power) in chord.iter_mut().zip(partials(hz, &[1.0, 0.5, 0.2])) {
                *sum += power;
            }
        }
        let pitch = heard(&chord);
        assert!(
            pitch.strength < 0.8 || pitch.fundamental_db < -25.0,
            "{pitch:?}"
        );
    }

    #[test]
    fn silence_and_flat_noise_have_none() {
        assert_eq!(heard(&[0.0; PITCH_BINS]), Pitch::default());
        assert_eq!(heard(&[1.0; PITCH_BINS]).hz, 0.0);
        assert_eq!(heard(&[f32::NAN; PITCH_BINS]), Pitch::default());
    }
}
