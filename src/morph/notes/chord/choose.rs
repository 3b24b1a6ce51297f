//! Which pitches are taken for a chord's notes.

use crate::{
    dsp::{HeardPitch, LOWEST_PITCH, PITCHES, crossfade, hertz},
    morph::notes::follower::apart,
};

/// A pitch that sounds so surely begins a note, beside those of a chord one that does less surely: a line's partials are none. One that still sounds so surely goes on.
const BEGINS_SURE: f32 = 0.6;
const BEGINS_BESIDE_SURE: f32 = 0.45;
const GOES_ON_SURE: f32 = 0.3;

/// A pitch so near to a note's is the same note's, in semitones.
const SAME_SEMITONES: f32 = 0.7;

/// Whether two pitches in Hz are the same note's.
pub(super) fn is_same(one: f32, other: f32) -> bool {
    apart(one, other) < SAME_SEMITONES
}

/// The pitch that is nearest to that of a note in Hz, if any that isn't taken is near enough, and which it is.
pub(super) fn nearest(
    pitches: &[HeardPitch],
    hz: f32,
    taken: &[bool],
) -> Option<(usize, HeardPitch)> {
    let free = pitches.iter().zip(taken).enumerate();
    free.filter(|(_, (pitch, taken))| !**taken && is_same(pitch.hz, hz))
        .map(|(index, (pitch, _))| (index, *pitch))
        .min_by(|(_, one), (_, other)| apart(one.hz, hz).total_cmp(&apart(other.hz, hz)))
}

/// The surest pitches into `pitches`; how many they are. `plural`: how surely what sounded before is no line, 0 to 1. `goes_on`: whether a pitch in Hz is that of a note
/// that sounds already.
pub(super) fn choose(
    sure: &[f32; PITCHES],
    plural: f32,
    goes_on: impl Fn(f32) -> bool,
    pitches: &mut [HeardPitch],
) -> usize {
    let begins_sure = crossfade(BEGINS_SURE, BEGINS_BESIDE_SURE, plural);
    let mut left = *sure;
    let mut count = 0;
    for pitch in pitches.iter_mut() {
        let surest = left
            .iter()
            .enumerate()
            .max_by(|(_, one), (_, other)| one.total_cmp(other));
        let Some((index, sure)) = surest.map(|(index, sure)| (index, *sure)) else {
            break;
        };
        if sure < GOES_ON_SURE {
            break;
        }
        if let Some(taken) = left.get_mut(index) {
            *taken = 0.0;
        }
        let hz = hertz(f32::from(LOWEST_PITCH) + index as f32);
        if sure >= begins_sure || goes_on(hz) {
            *pitch = HeardPitch { hz, share: 0.0 };
            count += 1;
        } else {
            break;
        }
    }
    count
}
