//! Keep Loudness: what is re-weighted is as loud as it was.

use realfft::num_complex::Complex;

use crate::dsp::exp2;

/// Keep Loudness turns the level up or down by no more than this factor (40 dB).
const LARGEST_MAKE_UP: f32 = 100.0;

/// `10^(dB/10)` is `2^(dB * this)`.
const OCTAVES_PER_DB: f32 = std::f32::consts::LOG2_10 / 10.0;

/// Sums that a processor computes at a time.
const LANES: usize = 8;

/// The powers of the newest frames as they count for loudness, of all channels together; owned by the audio thread.
pub(super) struct FramePowers {
    /// `[slot][bin]`, a ring.
    frames: Vec<Vec<f32>>,
    /// What the power in each bin counts.
    k_weights: Vec<f32>,
    /// Where the newest is.
    newest: usize,
}

impl FramePowers {
    /// Remembers frames, the powers in whose bins count so much, for so many frames behind the newest.
    pub(super) fn new(k_weights: Vec<f32>, frames: usize) -> Self {
        Self {
            frames: vec![vec![0.0; k_weights.len()]; frames + 1],
            k_weights,
            newest: 0,
        }
    }

    /// Takes in a frame's spectra, `[channel][bin]`.
    pub(super) fn take(&mut self, spectra: &[Vec<Complex<f32>>]) {
        self.newest = (self.newest + 1) % self.frames.len();
        let Some(powers) = self.frames.get_mut(self.newest) else {
            return;
        };
        powers.fill(0.0);
        for spectrum in spectra {
            for (power, bin) in powers.iter_mut().zip(spectrum) {
                *power += bin.norm_sqr();
            }
        }
        for (power, weight) in powers.iter_mut().zip(&self.k_weights) {
            *power *= weight;
        }
    }

    /// The factor that brings the oldest frame that is remembered back to its loudness, once it is filtered.
    /// `gain_db` are the filter's gains from 0 to half the sample rate, as finely as the frame's bins or a whole number of times finer.
    pub(super) fn make_up(&self, gain_db: &[f32]) -> f32 {
        let oldest = (self.newest + 1) % self.frames.len();
        let powers = self.frames.get(oldest).map_or(&[][..], Vec::as_slice);
        let step = gain_db.len().saturating_sub(1) / powers.len().saturating_sub(1).max(1);
        let (mut before, mut after) = ([0.0; LANES], [0.0; LANES]);
        let gains = gain_db.chunks(LANES * step.max(1));
        for (powers, gain_db) in powers.chunks(LANES).zip(gains) {
            let gain_db = gain_db.iter().step_by(step.max(1));
            let sums = before.iter_mut().zip(&mut after);
            for (((before, after), power), gain_db) in sums.zip(powers).zip(gain_db) {
                *before += power;
                *after += power * exp2(gain_db * OCTAVES_PER_DB);
            }
        }
        let (before, after): (f32, f32) = (before.iter().sum(), after.iter().sum());
        if after > 0.0 {
            (before / after)
                .sqrt()
                .clamp(1.0 / LARGEST_MAKE_UP, LARGEST_MAKE_UP)
        } else {
            1.0
        }
    }
}

/// Holds the output's energy over the last hop or two within 6 dB of the input's. A frame's make-up is set by the sound before, and what
/// begins suddenly may be quite another: the hum of a guitar that a curve takes away is turned up, and the next note with it.
/// Sound that goes on as it was is never touched. So it holds peaks of the last two hops or three: where a sound begins or ends at once, what is heard of the edge is
/// turned up with the sound that a curve takes away, and has next to no energy. What is steady and becomes that much more pointed is turned down by one gain, and doesn't
/// tremble. Owned by the audio thread.
#[derive(Default)]
pub(super) struct LoudnessGuard {
    /// In the hop before.
    before: Energies,
    /// In this one so far.
    now: Energies,
    /// In the hop before those.
    oldest: Peaks,
}

/// What came in, and what goes out.
#[derive(Clone, Copy, Default)]
struct Energies {
    dry: f32,
    wet: f32,
    peaks: Peaks,
}

/// The largest powers of one sample.
#[derive(Clone, Copy, Default)]
struct Peaks {
    dry: f32,
    wet: f32,
}

impl LoudnessGuard {
    /// Largest ratio of the energies, and of the powers of peaks: 6 dB.
    const LARGEST_RATIO: f32 = 4.0;

    /// Begins another hop.
    pub(super) fn next_hop(&mut self) {
        self.oldest = self.before.peaks;
        self.before = std::mem::take(&mut self.now);
    }

    /// Takes in one sample's powers, at this place in the hop, 0 to 1. Returns what the output must be turned down by: 1 if it is no louder than it
    /// may be.
    #[inline]
    pub(super) fn limit(&mut self, dry: f32, wet: f32, place: f32) -> f32 {
        let Self {
            before,
            now,
            oldest,
        } = self;
        now.dry += dry;
        now.wet += wet;
        now.peaks.dry = now.peaks.dry.max(dry);
        now.peaks.wet = now.peaks.wet.max(wet);
        // The hop before fades out, and of the peaks the one before that, so that nothing jumps where a hop ends.
        let left = 1.0 - place;
        let most = Self::LARGEST_RATIO * (now.dry + left * before.dry);
        let wet = now.wet + left * before.wet;
        let dry_peak = now.peaks.dry.max(before.peaks.dry).max(left * oldest.dry);
        let peak = now.peaks.wet.max(before.peaks.wet).max(left * oldest.wet);
        let highest = Self::LARGEST_RATIO * dry_peak;
        if wet > most || peak > highest {
            (most / wet).min(highest / peak).sqrt()
        } else {
            1.0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn make_up_brings_a_frame_back_to_its_loudness_within_40_db() {
        let made_up = |weight: f32, levels: [f32; 3], gain_db: &[f32]| {
            let mut powers = FramePowers::new(vec![1.0, 1.0, weight], 0);
            powers.take(&[levels.map(|level| Complex::new(level, 0.0)).to_vec()]);
            powers.make_up(gain_db)
        };
        let make_up = |levels, gain_db: &[f32]| made_up(1.0, levels, gain_db);
        let even = [1.0, 1.0, 1.0];
        let flat = make_up(even, &[6.0; 5]);
        assert!((20.0 * flat.log10() + 6.0).abs() < 1e-3, "{flat}");
        // The gains between the bins don't count.
        assert_eq!(make_up(even, &[6.0, 90.0, 6.0, 90.0, 6.0]), flat);
        let low = [1.0, 0.0, 0.0];
        assert_eq!(make_up(low, &[0.0, 0.0, -60.0, -60.0, -60.0]), 1.0);
        assert_eq!(make_up(low, &[-60.0; 5]), LARGEST_MAKE_UP);
        assert_eq!(make_up([0.0; 3], &[6.0; 5]), 1.0, "silence");
        // What counts four times as much for loudness, taken away.
        let gains = [0.0, 0.0, 0.0, 0.0, -90.0];
        let found = made_up(4.0, even, &gains);
        assert!((found * found - 3.0).abs() < 1e-3, "{found}");
    }

    #[test]
    fn make_up_is_that_of_the_frame_that_has_waited() {
        let mut powers = FramePowers::new(vec![1.0; 2], 2);
        let gains = [0.0, -20.0];
        for (low, high) in [(1.0, 0.0), (0.0, 1.0), (1.0, 0.0)] {
            powers.take(&[vec![Complex::new(low, 0.0), Complex::new(high, 0.0)]]);
        }
        assert_eq!(powers.make_up(&gains), 1.0);
        powers.take(&[vec![Complex::default(); 2]]);
        assert!((powers.make_up(&gains) - 10.0).abs() < 1e-4);
    }

    /// What comes through of so many hops, of powers in and out at each sample.
    fn guarded(
        guard: &mut LoudnessGuard,
        hops: usize,
        mut powers: impl FnMut(usize) -> (f32, f32),
    ) -> Vec<f32> {
        const HOP: usize = 512;
        let limit = |n: usize| {
            if n.is_multiple_of(HOP) {
                guard.next_hop();
            }
            let (dry, wet) = powers(n);
            guard.limit(dry, wet, (n % HOP) as f32 / HOP as f32)
        };
        (0..hops * HOP).map(limit).collect()
    }

    #[test]
    fn the_guard_leaves_what_goes_on_alone_and_holds_what_begins_within_6_db() {
        let mut guard = LoudnessGuard::default();
        // As loud out as in, at another phase.
        let phase = |n: usize| (n as f32 + 100.0) * std::f32::consts::TAU * 40.0 / 48_000.0;
        let tone = |n: usize| (phase(n).sin().powi(2), phase(n).cos().powi(2));
        let limits = guarded(&mut guard, 100, tone);
        assert!(limits[512..].iter().all(|limit| *limit == 1.0));
        // A sound that the make-up of the one before brings up by 26 dB.
        let limits = guarded(&mut guard, 4, |_| (100.0, 40_000.0));
        for (n, limit) in limits.iter().enumerate().skip(16) {
            assert!((0.09..0.11).contains(limit), "{n}: {limit}");
        }
        // Two hops later nothing is left of it.
        let limits = guarded(&mut guard, 4, tone);
        assert!(limits[1_024..].iter().all(|limit| *limit == 1.0));
    }

    #[test]
    fn the_guard_holds_peaks_within_6_db_and_lets_go_at_once_where_the_input_rises() {
        let mut guard = LoudnessGuard::default();
        // A tone that is cut off, and the edge that comes out a thousand times as strong.
        let limits = guarded(&mut guard, 2, |_| (1.0, 1.0));
        assert!(limits.iter().all(|limit| *limit == 1.0));
        let edge = |n: usize| (0.0, if n == 5 { 100.0 } else { 0.0 });
        let limits = guarded(&mut guard, 1, edge);
        let peak = 100.0 * limits[5].powi(2);
        assert!((3.9..4.1).contains(&peak), "{peak}");
        // What begins then is as loud as it is.
        let limits = guarded(&mut guard, 1, |n| {
            if n < 100 { (0.0, 0.0) } else { (60.0, 60.0) }
        });
        assert!(
            limits[100..].iter().all(|limit| *limit == 1.0),
            "{limits:?}"
        );
    }

    #[test]
    fn the_guard_turns_a_steady_sound_that_becomes_pointed_down_by_one_gain() {
        let mut guard = LoudnessGuard::default();
        // Of 110 Hz: as much energy, in pulses.
        let pulses = |n: usize| (1.0, if n % 436 < 20 { 20.0 } else { 0.05 });
        let limits = guarded(&mut guard, 20, pulses);
        for limit in &limits[3 * 512..] {
            assert!((limit - 0.2f32.sqrt()).abs() < 1e-4, "{limit}");
        }
    }
}
