//! Notes of a chord above those that the ear knows.

use super::{ChordSpectrum, HeardPitch};

/// From here to there a peak that no note explains may be one itself, in Hz: from G6, from where on an ear that knows nothing above C7 misses some, to C8.
const HIGH_HZ: (f32, f32) = (1_520.0, 4_435.0);

/// It has such a share of the power at least: less is a bell's or a string's own, or noise.
const LEAST_SHARE: f32 = 0.05;

/// A peak is a multiple of a pitch within such a share of itself.
const MISTUNED: f32 = 0.012;

impl ChordSpectrum {
    /// The highest note that what is left of the peaks makes beside the pitches that have taken theirs; `whole` is the power of all peaks.
    pub(super) fn high_note(&self, pitches: &[HeardPitch], whole: f32) -> Option<HeardPitch> {
        let (lowest, highest) = HIGH_HZ;
        let high = self
            .peaks
            .iter()
            .filter(|peak| (lowest..highest).contains(&peak.hz));
        high.filter(|peak| peak.left > LEAST_SHARE * whole)
            .filter(|peak| pitches.iter().all(|pitch| is_strange(pitch.hz, peak.hz)))
            .max_by(|one, other| one.left.total_cmp(&other.left))
            .map(|peak| HeardPitch {
                hz: peak.hz,
                share: 0.0,
            })
    }
}

/// Whether a peak is none of a pitch's partials, both in Hz. At the place of one it may be a note an octave or more above, but an organ's mixtures and a hollow tone's odd partials
/// are as strong there.
fn is_strange(hz: f32, peak_hz: f32) -> bool {
    let number = (peak_hz / hz).round().max(1.0);
    (peak_hz - number * hz).abs() > MISTUNED * peak_hz
}
