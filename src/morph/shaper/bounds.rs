//! How far a curve may go in each band of a frame.

use crate::{
    dsp::crossfade,
    model::{BANDS, MelDb},
    morph::limits::{FULL_BOOST_ABOVE_DB, HIGHEST_GAIN_DB, LOWEST_GAIN_DB, NO_BOOST_BELOW_DB},
};

/// A band so far below the frame's strongest, in dB, holds no lowest partial.
const LOWEST_PARTIAL_DB: f32 = 30.0;

/// Least gain of what is about as loud as a frame's strongest band, in dB, and from where to where below that a band may have less, down to the least of all. It
/// is as much as Keep Loudness makes up for: a lone high tone, where a timbre's envelope holds next to nothing, would be as much softer as its gain is
/// below that. What the models are trained with has no such tones, nor this bound.
const LOWEST_GAIN_OF_STRONGEST_DB: f32 = -40.0;
const STRONG_DB: (f32, f32) = (-20.0, -40.0);

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

/// A curve in units of so many dB, in dB and within its bounds in a frame with these levels, in dB: a band may be boosted the less, the further it is below
/// the frame's strongest, and be taken away the less, the nearer it is to that.
pub(super) fn bounded(curve: &[f32; BANDS], unit_db: f32, levels: &MelDb) -> MelDb {
    let strongest = levels.iter().copied().fold(f32::MIN, f32::max);
    std::array::from_fn(|band| {
        let below = levels[band] - strongest;
        let span = FULL_BOOST_ABOVE_DB - NO_BOOST_BELOW_DB;
        let allowance = ((below - NO_BOOST_BELOW_DB) / span).clamp(0.0, 1.0);
        let (strong, weak) = STRONG_DB;
        let weakness = ((below - strong) / (weak - strong)).clamp(0.0, 1.0);
        let lowest = crossfade(LOWEST_GAIN_OF_STRONGEST_DB, LOWEST_GAIN_DB, weakness);
        (unit_db * curve[band]).clamp(lowest, HIGHEST_GAIN_DB * allowance)
    })
}
