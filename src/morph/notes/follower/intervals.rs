//! How pitches lie to each other.

/// So near a pitch is to a whole part of another's, in semitones, and the number of the smallest part.
const PART_SEMITONES: f32 = 0.5;
const LARGEST_PART: f32 = 6.0;

/// How far two pitches are apart, in semitones.
pub(in crate::morph::notes) fn apart(one: f32, other: f32) -> f32 {
    (12.0 * (one / other).log2()).abs()
}

/// Whether a pitch is a whole part of a note's: of a period that is as many times longer the note is a partial.
pub(in crate::morph::notes) fn is_part(hz: f32, note_hz: f32) -> bool {
    let number = (note_hz / hz).round();
    (2.0..=LARGEST_PART).contains(&number) && apart(number * hz, note_hz) < PART_SEMITONES
}
