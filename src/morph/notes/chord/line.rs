//! Whether notes that are heard are a single line's, at the pitch that it would have.

use super::{CHORD_NOTES, Place, choose::is_same, sounding};
use crate::dsp::{ChordSpectrum, LOWEST_FRAME_HZ};

/// A note counts against a single line if it has such a share of the power and is not, within so many semitones, a partial of it. Of a period that
/// notes share none of the lowest partials sounds.
const COUNTS: f32 = 0.1;
const PARTIAL_SEMITONES: f32 = 0.5;
/// Notes that aren't partials of it deny it together where they have such a share: less is what still rings of the note before.
const STRANGE: f32 = 0.35;
const LOWEST_PARTIALS: f32 = 2.0;
/// Partials of a line so far below the strongest, in dB, aren't there, once so many hops of its beginning tell them apart: recorded lines have one that is louder.
const MISSING_DB: f32 = -22.0;
const RESOLVED_HOPS: u32 = 3;
/// The same where a note may be the second partial, as in open chords: of a line that low the ear hears the second and the third, so that more is asked for, of the first, where
/// a piano's chord has a knock 20 to 30 dB below its notes, and of those that no note of such a chord has.
const FIRST_DB: f32 = -20.0;
const LONE_DB: f32 = -35.0;
const LONE_HOPS: u32 = 8;

/// Whether a line's pitch in Hz is only the period that notes share: of 4, 5 and 6 times a pitch, a major triad, none of its lowest partials sounds, of 2, 3 and 5
/// times it, an open one, neither the first nor any that is no multiple of these.
pub(super) fn is_period(
    places: &[Place; CHORD_NOTES],
    spectrum: &ChordSpectrum,
    line_hz: f32,
    since_struck: u32,
) -> bool {
    // So low a pitch is one whose first partial was heard.
    if line_hz < LOWEST_FRAME_HZ {
        return false;
    }
    let (mut count, mut lowest) = (0, f32::MAX);
    for place in sounding(places) {
        let (number, partial) = partial_of(place.heard.hz, line_hz);
        if !partial {
            return false;
        }
        count += 1;
        lowest = number.min(lowest);
    }
    if count < 2 || lowest < LOWEST_PARTIALS {
        return false;
    }
    let unseen = since_struck > RESOLVED_HOPS && spectrum.unexplained_db(line_hz) < MISSING_DB;
    let alone = || {
        since_struck > LONE_HOPS
            && spectrum.first_db(line_hz) < FIRST_DB
            && spectrum.lone_db(line_hz) < LONE_DB
    };
    (lowest > LOWEST_PARTIALS && unseen) || alone()
}

/// Whether several notes sound that are no single line's at this pitch in Hz. Where a note `begins` those that aren't heard now are the one's before.
pub(super) fn no_line(places: &[Place; CHORD_NOTES], line_hz: f32, begins: bool) -> bool {
    let sounding = sounding(places).filter(|place| !(begins && place.missed > 0));
    let whole: f32 = sounding.clone().map(|place| place.share).sum();
    // Of so low a pitch the first partial was heard, and the ear may hear none of the next.
    let mut lowest = line_hz < LOWEST_FRAME_HZ;
    let (mut count, mut strange) = (0, 0.0);
    for place in sounding.filter(|place| place.share > COUNTS * whole) {
        let (number, partial) = partial_of(place.heard.hz, line_hz);
        count += 1;
        lowest |= partial && number <= LOWEST_PARTIALS;
        if !partial {
            strange += place.share;
        }
    }
    count > 1 && (strange > STRANGE * whole || !lowest)
}

/// Which partial of a line a note is next to, both in Hz, and whether it is one.
fn partial_of(note_hz: f32, line_hz: f32) -> (f32, bool) {
    let ratio = note_hz / line_hz;
    let number = ratio.round().max(1.0);
    let partial = 12.0 * (ratio / number).log2().abs() < PARTIAL_SEMITONES;
    (number, partial)
}

/// Whether a pitch in Hz is below every note that sounds, as the period that those of a chord share is.
pub(super) fn below_all(places: &[Place; CHORD_NOTES], hz: f32) -> bool {
    sounding(places).all(|place| place.heard.hz > hz && !is_same(place.heard.hz, hz))
}
