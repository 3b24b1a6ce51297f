//! How far a curve may go in each band of a frame.

use crate::{
    dsp::crossfade,
    model::{BANDS, MelDb},
    morph::limits::{
        FULL_BOOST_ABOVE_DB, HIGHEST_GAIN_DB, LOWEST_GAIN_DB, LOWEST_GAIN_OF_STRONGEST_DB,
        NO_BOOST_BELOW_DB, STRONG_ABOVE_DB, WEAK_BELOW_DB,
    },
};

/// A band so far below the frame's strongest, in dB, holds no lowest partial.
const LOWEST_PARTIAL_DB: f32 = 30.0;

/// Keeps a curve from lifting what lies below the lowest partial of a frame with these levels, in dB: an envelope is bridged down to the lowest band, and
/// there is only rumble to lift.
pub(super) fn unlifted_below_partials(curve: &mut [f32; BANDS], levels: &MelDb) {
    let strongest = levels.iter().copied().fold(f32::MIN, f32::max);
    let partial = |level: &f32| *level > strongest - LOWEST_PARTIAL_DB;
    // The band below the partial's still has its flank.
    let flank = levels
        .iter()
        .position(partial)
        .unwrap_or(0)
        .saturating_sub(1);
    let most = curve.get(flank).copied().unwrap_or(0.0).min(0.0);
    for gain in curve.iter_mut().take(flank) {
        *gain = gain.min(most);
    }
}

/// How far the gain of each band may go in a frame, in dB: a band may be boosted the less, the further it is below the frame's strongest, and be taken away the less,
/// the nearer it is to that.
pub(super) struct GainBounds {
    lowest: MelDb,
    highest: MelDb,
}

impl GainBounds {
    /// In a frame with these levels, in dB.
    pub(super) fn of(levels: &MelDb) -> Self {
        let strongest = levels.iter().copied().fold(f32::MIN, f32::max);
        let share = |level: f32, from: f32, to: f32| {
            ((level - strongest - from) / (to - from)).clamp(0.0, 1.0)
        };
        Self {
            lowest: levels.map(|level| {
                let weakness = share(level, STRONG_ABOVE_DB, WEAK_BELOW_DB);
                crossfade(LOWEST_GAIN_OF_STRONGEST_DB, LOWEST_GAIN_DB, weakness)
            }),
            highest: levels.map(|level| {
                HIGHEST_GAIN_DB * share(level, NO_BOOST_BELOW_DB, FULL_BOOST_ABOVE_DB)
            }),
        }
    }

    /// A gain of a band, in dB, within its bounds.
    pub(super) fn held(&self, band: usize, gain: f32) -> f32 {
        gain.clamp(self.lowest[band], self.highest[band])
    }

    /// How much of a gain's change is heard: 1 within the bounds, 0 beyond them, and straight between the two over so many dB around them.
    pub(super) fn freedom(&self, band: usize, gain: f32, knee_db: f32) -> f32 {
        let within = |inside: f32| (inside / knee_db + 0.5).clamp(0.0, 1.0);
        within(gain - self.lowest[band]) * within(self.highest[band] - gain)
    }
}

/// A curve in units of so many dB, in dB and within its bounds in a frame with these levels, in dB.
pub(super) fn bounded(curve: &[f32; BANDS], unit_db: f32, levels: &MelDb) -> MelDb {
    let bounds = GainBounds::of(levels);
    std::array::from_fn(|band| bounds.held(band, unit_db * curve[band]))
}
