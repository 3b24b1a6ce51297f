//! The pitch of a single line, hop by hop, from power spectra.

mod partials;

use std::{f32::consts::TAU, sync::Arc};

use realfft::{ComplexToReal, RealFftPlanner, num_complex::Complex};

use super::{
    fine_spectrum::LOW_BINS,
    heard::Pitch,
    low::LowPitch,
    maximum::{Maximum, cosine, parabola, strength},
};
use partials::{Partials, Weighed};

/// Lowest bins of a power spectrum that a pitch is heard in. At windows of 32 to 60 ms they reach [`HIGHEST_PARTIAL_HZ`].
pub const PITCH_BINS: usize = 320;

/// Partials above this say little of the pitch and much of breath and bow.
const HIGHEST_PARTIAL_HZ: f32 = 5_000.0;

/// The range of pitches that are looked for in a frame by itself, in Hz: up to a piccolo's, a piano's and a glockenspiel's highest, C8, and a semitone more. A lower
/// one is heard over several frames, and only where its first partial sounds.
pub const LOWEST_FRAME_HZ: f32 = 55.0;
const HIGHEST_HZ: f32 = 4_435.0;

/// Above this a period is so few lags that what a parabola is off by is heard, and a note has nothing below it: what sounds there has a lower note.
const HIGH_HZ: f32 = 1_700.0;

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

/// What a jump costs, an octave and 10 ms of hop, and how strong no pitch at all is.
const JUMP_COST: f32 = 0.35;
const UNVOICED_STRENGTH: f32 = 0.45;
/// What it costs to begin or to end, 10 ms of hop.
const VOICING_COST: f32 = 0.14;

/// Where a frame by itself is as periodic as this, no lower pitch is looked for.
const SURELY: f32 = 0.9;

/// How much of what was before counts in the next hop.
const MEMORY: f32 = 0.9;

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
    low: LowPitch,
    sounds_low: bool,
    candidates: [Candidate; CANDIDATES + 1],
    /// How many of them there are; none at the beginning.
    count: usize,
    newest: Pitch,
}

impl Candidate {
    /// Of a pitch that was heard.
    fn of(pitch: Pitch) -> Self {
        Self {
            pitch,
            local: pitch.strength - OCTAVE_COST * (LOWEST_FRAME_HZ / pitch.hz).log2(),
            ..Self::default()
        }
    }
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
            low: LowPitch::new(hop_seconds),
            sounds_low: false,
            candidates: [Candidate::default(); CANDIDATES + 1],
            count: 0,
            newest: Pitch::default(),
        }
    }

    /// Forgets all sound.
    pub fn reset(&mut self) {
        self.count = 0;
        self.newest = Pitch::default();
        self.low.reset();
    }

    /// Whether a pitch that is too low for a frame sounded at the newest.
    pub fn sounds_low(&self) -> bool {
        self.sounds_low
    }

    /// Forgets what low pitches are heard in, since another note begins.
    pub fn begin(&mut self) {
        self.low.reset();
    }

    /// The pitch of the newest frame, as far as can be told without the next.
    pub fn newest(&self) -> Pitch {
        self.newest
    }

    /// Hears the next frame: the power of its lowest bins, these bins themselves, and the power of all its bins together; tells the pitch of the frame before it. A pitch that is too
    /// low for a frame is heard late, and told only where `late` ones count.
    pub fn hear(
        &mut self,
        power: &[f32],
        low: &[Complex<f32>; LOW_BINS],
        whole: f32,
        late: bool,
    ) -> Pitch {
        let mut next = [Candidate::default(); CANDIDATES + 1];
        let mut count = self.find(power, whole, &mut next);
        self.low.take(low);
        let surely = |candidate: &Candidate| candidate.pitch.strength > SURELY;
        let low = if next.iter().any(surely) {
            None
        } else {
            self.low.pitch()
        };
        self.sounds_low = low.is_some();
        if let Some(pitch) = low.filter(|_| late) {
            insert(&mut next, &mut count, Candidate::of(pitch));
        }
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
    fn find(
        &mut self,
        power: &[f32],
        whole: f32,
        found: &mut [Candidate; CANDIDATES + 1],
    ) -> usize {
        if let Some(none) = found.first_mut() {
            none.local = UNVOICED_STRENGTH;
        }
        let partials = Partials::of(power, self.bin_hz);
        if partials.tone_above(HIGHEST_HZ, whole) {
            if let Some(none) = found.first_mut() {
                none.pitch.above = true;
            }
            return 1;
        }
        if !self.correlate(power) {
            return 1;
        }
        let shortest = (LAGS as f32 * self.bin_hz / HIGHEST_HZ) as usize;
        let high = (LAGS as f32 * self.bin_hz / HIGH_HZ) as usize;
        let longest = (LAGS as f32 * (self.bin_hz / LOWEST_FRAME_HZ).min(LONGEST_LAG)) as usize;
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
            let Maximum { aside, peak } = if lag < high {
                cosine(left, middle, right)
            } else {
                parabola(left, middle, right)
            };
            let strength = strength(peak);
            let hz = LAGS as f32 * self.bin_hz / (lag as f32 + aside);
            if hz > HIGHEST_HZ {
                continue;
            }
            let mut candidate = Candidate::of(Pitch {
                hz,
                strength,
                ..Pitch::default()
            });
            // What it costs only makes it weaker.
            if place_for(found, count, &candidate).is_none() {
                continue;
            }
            let Weighed {
                fundamental_db,
                cost,
            } = partials.weigh(hz, lag < high);
            candidate.pitch.fundamental_db = fundamental_db;
            candidate.local -= cost;
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
}

/// Where a candidate is put among the strongest, behind the first, which always stays; `None` if it is weaker than all.
fn place_for(
    found: &[Candidate; CANDIDATES + 1],
    count: usize,
    candidate: &Candidate,
) -> Option<usize> {
    if count < found.len() {
        return Some(count);
    }
    let others = found.iter().enumerate().skip(1);
    others
        .min_by(|(_, one), (_, other)| one.local.total_cmp(&other.local))
        .filter(|(_, weakest)| weakest.local < candidate.local)
        .map(|(place, _)| place)
}

/// Puts a candidate among the strongest.
fn insert(found: &mut [Candidate; CANDIDATES + 1], count: &mut usize, candidate: Candidate) {
    let Some(place) = place_for(found, *count, &candidate) else {
        return;
    };
    if let Some(slot) = found.get_mut(place) {
        *slot = candidate;
        *count = (*count).max(place + 1);
    }
}

#[cfg(test)]
mod tests;
