//! Notes of a chord above those that the ear knows.

use super::{ChordSpectrum, HeardPitch, PARTIALS, partials};

/// From here to there a peak that no note explains may be one itself, in Hz: from G6, from where on an ear that knows nothing above C7 misses some, to C8.
const HIGH_HZ: (f32, f32) = (1_520.0, 4_435.0);

/// It has such a share of the power at least: less is a bell's or a string's own, or noise.
const LEAST_SHARE: f32 = 0.05;

/// A peak is a multiple of a pitch within such a share of itself.
const MISTUNED: f32 = 0.02;

/// At a partial's place a note has such a share of the first one's power at least.
const STRONG: f32 = 0.5;

impl ChordSpectrum {
    /// The highest note that what is left of the peaks makes beside the pitches that have taken theirs; `whole` is the power of all peaks.
    pub(super) fn high_note(&self, pitches: &[HeardPitch], whole: f32) -> Option<HeardPitch> {
        let (lowest, highest) = HIGH_HZ;
        let high = self
            .peaks
            .iter()
            .filter(|peak| (lowest..highest).contains(&peak.hz));
        high.filter(|peak| peak.left > LEAST_SHARE * whole)
            .filter(|peak| {
                let strange = |pitch: &HeardPitch| self.is_strange(pitch.hz, peak.hz, peak.left);
                pitches.iter().all(strange)
            })
            .max_by(|one, other| one.left.total_cmp(&other.left))
            .map(|peak| HeardPitch {
                hz: peak.hz,
                share: 0.0,
            })
    }

    /// Whether a peak with so much left is none of a pitch's partials, both in Hz. At the place of one it may be a note if it is about as strong as the pitch's
    /// first: a hollow tone's odd partials have neighbours that explain nothing.
    fn is_strange(&self, hz: f32, peak_hz: f32, left: f32) -> bool {
        let number = (peak_hz / hz).round();
        if (peak_hz - number * hz).abs() > MISTUNED * peak_hz {
            return true;
        }
        let [first, ..] = partials(&self.peaks, hz);
        let first = first.and_then(|first| self.peaks.get(first));
        (2.0..=PARTIALS as f32).contains(&number)
            && first.is_some_and(|first| left > STRONG * first.power)
    }
}
