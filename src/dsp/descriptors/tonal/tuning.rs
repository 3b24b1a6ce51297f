//! How far from equal temperament with A at 440 Hz the notes are.

use std::ops::Range;

use crate::dsp::descriptors::Frame;

/// Where partials are looked for, in Hz, and how much weaker than the strongest magnitude of the frame they may be.
const RANGE_HZ: Range<f64> = 150.0..4_000.0;
const WEAKEST: f64 = 0.1;

/// Hundredths of a semitone.
const PLACES: usize = 100;

/// Classes of magnitude, a tenth of a decibel each, from the lowest one on, in dB.
const CLASSES: usize = 1_700;
const CLASS_DB: f64 = 0.1;
const LOWEST_DB: f64 = -100.0;

/// Counts where the partials of a stream are between the semitones; nothing allocates after construction.
///
/// `librosa.estimate_tuning(y=y)`: peaks of the magnitudes by a parabola (J. O. Smith, "Spectral audio signal processing", 2011), of which the louder half votes for a hundredth of a semitone. The median
/// magnitude that parts the halves is known to a tenth of a decibel here, since a stream doesn't keep its peaks.
pub struct TuningMeter {
    /// How often a peak was at a place, `[class][place]`.
    counts: Vec<[u32; PLACES]>,
    magnitudes: Vec<f64>,
}

impl TuningMeter {
    /// Before the first frame.
    pub fn new() -> Self {
        Self {
            counts: vec![[0; PLACES]; CLASSES],
            magnitudes: vec![0.0; Frame::BINS],
        }
    }

    /// Forgets all frames.
    pub fn reset(&mut self) {
        self.counts.fill([0; PLACES]);
    }

    /// Takes in a frame.
    pub fn hear(&mut self, frame: &Frame<'_>) {
        let most = frame.magnitudes.iter().copied().fold(0.0, f64::max);
        if most <= 0.0 {
            return;
        }
        // What is too weak is flat ground, out of which no peak rises.
        for (kept, magnitude) in self.magnitudes.iter_mut().zip(frame.magnitudes) {
            *kept = if *magnitude > WEAKEST * most {
                *magnitude
            } else {
                0.0
            };
        }
        let around = frame.magnitudes.windows(3).zip(self.magnitudes.windows(3));
        for (bin, around) in around.enumerate() {
            let bin = bin + 1;
            let (&[left, middle, right], &[kept_left, kept, kept_right]) = around else {
                continue;
            };
            let is_peak = kept > kept_left && kept >= kept_right;
            if !is_peak || !RANGE_HZ.contains(&(bin as f64 * Frame::BIN_HZ)) {
                continue;
            }
            let (bend, slope) = (left + right - 2.0 * middle, (right - left) / 2.0);
            let shift = if slope.abs() >= bend.abs() {
                0.0
            } else {
                -slope / bend
            };
            let magnitude = middle + 0.5 * slope * shift;
            count(
                &mut self.counts,
                (bin as f64 + shift) * Frame::BIN_HZ,
                magnitude,
            );
        }
    }

    /// The tuning in semitones from equal temperament, -0.5 to 0.49; `None` before there is any partial.
    pub fn tuning(&self) -> Option<f64> {
        let of_class = |counts: &[u32; PLACES]| counts.iter().copied().map(u64::from).sum::<u64>();
        let all: u64 = self.counts.iter().map(of_class).sum();
        // From the loudest class down to the one that the median is in.
        let mut votes = [0u64; PLACES];
        let mut taken = 0;
        for counts in self.counts.iter().rev() {
            if 2 * taken >= all {
                break;
            }
            taken += of_class(counts);
            for (vote, count) in votes.iter_mut().zip(counts) {
                *vote += u64::from(*count);
            }
        }
        let most = votes.iter().copied().max().filter(|most| *most > 0)?;
        let place = votes.iter().position(|vote| *vote == most)?;
        Some(place as f64 / PLACES as f64 - 0.5)
    }
}

/// Counts a partial.
fn count(counts: &mut [[u32; PLACES]], hz: f64, magnitude: f64) {
    // A is a whole number of semitones.
    let semitones = 12.0 * (hz / 440.0).log2();
    let place = ((semitones + 0.5).rem_euclid(1.0) * PLACES as f64) as usize;
    let class = (20.0 * magnitude.log10() - LOWEST_DB) / CLASS_DB;
    let class = (class.max(0.0) as usize).min(CLASSES - 1);
    let counts = counts.get_mut(class);
    if let Some(count) = counts.and_then(|counts| counts.get_mut(place)) {
        *count = count.saturating_add(1);
    }
}

impl Default for TuningMeter {
    fn default() -> Self {
        Self::new()
    }
}
