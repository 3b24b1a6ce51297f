//! The notes of a chord as they are heard: pitches, onsets, levels; and how sure it is that they are all there is.

use crate::{
    dsp::{ChordSpectrum, EVIDENCE, FineSpectrum, HeardPitch, LOWEST_PITCH, PITCHES, hertz},
    model::{ChordEar, EAR_EVIDENCE, EAR_PITCHES, ModelError},
    morph::FrameMessage,
};

use super::follower::{GATE_DB, HeardNote, UNCLEAR_HOPS, ramp};

// What the ear is told is what is measured for it.
const _: () = assert!(EAR_PITCHES == PITCHES && EAR_EVIDENCE == EVIDENCE);

/// Notes of a chord that are followed, at most.
pub const CHORD_NOTES: usize = 6;

/// A pitch that sounds so surely begins a note, and one that still does so surely goes on.
const BEGINS_SURE: f32 = 0.6;
const GOES_ON_SURE: f32 = 0.3;
/// What has so little of the power is no note.
const LEAST_SHARE: f32 = 0.01;

/// A pitch is a note's once it was heard in so many hops, and no longer one after so many without it.
const CONFIRMED_HOPS: u32 = 3;
const LOST_HOPS: u32 = 6;
/// A note that sounds is struck again where it is so much louder than before, in dB, so many hops after the level has risen.
const STRUCK_HOPS: u32 = 5;
const STRUCK_DB: f32 = 3.0;
/// A pitch so near to a note's is the same note's, in semitones.
const SAME_SEMITONES: f32 = 0.7;
/// Seconds in which a note's pitch follows, and its share of the power.
const PITCH_SECONDS: f32 = 0.05;
const SHARE_SECONDS: f32 = 0.03;
/// From here to there of the power in partials, what the notes explain makes a chord of it.
const EXPLAINED: (f32, f32) = (0.6, 0.85);
/// Seconds in which what is explained counts, those in which a chord is no line, and those in which neither is so any longer.
const SURE_SECONDS: f32 = 0.01;
const CHORD_SECONDS: f32 = 0.03;
const LOST_SECONDS: f32 = 0.25;

/// A note counts against a single line if it has such a share of the power and is not, within so many semitones, a partial of it. Of a period that
/// notes share none of the lowest partials sounds.
const COUNTS: f32 = 0.1;
const PARTIAL_SEMITONES: f32 = 0.5;
/// Notes that aren't partials of it deny it together where they have such a share: less is what still rings of the note before.
const STRANGE: f32 = 0.35;
const LOWEST_PARTIALS: f32 = 2.0;
/// Seconds in which a chord becomes a line where nothing begins: it may be a note that isn't heard for a moment.
const HELD_SECONDS: f32 = 0.6;
/// Hops after which notes that sound together are no line: where they began together, and where one may still be that from before.
const TOGETHER_HOPS: u32 = 2;
const OVERLAP_HOPS: u32 = 20;

/// While nothing is played one frame in so many is heard.
const RESTING_HOPS: u32 = 4;

/// What is heard of a chord at one hop.
pub struct HeardChord {
    /// How surely it is one, 0 to 1.
    pub sure: f32,
    /// How surely no single line explains its notes, 0 to 1.
    pub plural: f32,
    /// Its notes, each in a place that it keeps; `since` is `None` where there is none.
    pub notes: [HeardNote; CHORD_NOTES],
}

impl HeardChord {
    /// Where nothing hears chords.
    pub const NONE: Self = Self {
        sure: 0.0,
        plural: 0.0,
        notes: [HeardNote::NONE; CHORD_NOTES],
    };
}

/// A place for a note.
#[derive(Clone, Copy, Default)]
struct Place {
    heard: HeardNote,
    /// Hops in which its pitch was heard, up to [`CONFIRMED_HOPS`]; 0 while it is free.
    seen: u32,
    /// Hops since then.
    missed: u32,
    /// Its share of the power.
    share: f32,
    /// How loud it was when the level last rose, in dB.
    before_db: f32,
}

/// Hears chords in frames, one after the other.
pub struct ChordFollower {
    hop_seconds: f32,
    fine: FineSpectrum,
    spectrum: ChordSpectrum,
    places: [Place; CHORD_NOTES],
    sure: f32,
    plural: f32,
    /// Hops for which notes have sounded that are no line's.
    together: u32,
    /// Hops since the level last rose as it does where notes begin.
    since_struck: u32,
    /// Frames that weren't heard since the last that was.
    rested: u32,
}

impl ChordFollower {
    /// At the beginning of a stream. Allocates.
    pub fn new(hop_seconds: f32) -> Self {
        Self {
            hop_seconds,
            fine: FineSpectrum::default(),
            spectrum: ChordSpectrum::new(hop_seconds),
            places: [Place::default(); CHORD_NOTES],
            sure: 0.0,
            plural: 0.0,
            together: 0,
            since_struck: u32::MAX,
            rested: 0,
        }
    }

    /// Hears a frame, of which `line` is what it would be as a single line. While it `rests`, since nothing is played, one frame in
    /// [`RESTING_HOPS`] is heard: of many instances most rest. Allocates.
    ///
    /// # Errors
    /// When the network fails.
    pub fn hear(
        &mut self,
        frame: &FrameMessage,
        line: &HeardNote,
        ear: &ChordEar,
        rests: bool,
    ) -> Result<HeardChord, ModelError> {
        self.strike(line.struck);
        self.fine.take(&frame.low);
        self.rested = if rests {
            (self.rested + 1) % RESTING_HOPS
        } else {
            0
        };
        if self.rested != 0 {
            return Ok(HeardChord::NONE);
        }
        let power = self.fine.power();
        let sure = match self.spectrum.evidence(power) {
            Some(evidence) => ear.hear(evidence)?,
            None => [0.0; PITCHES],
        };
        let mut pitches = [HeardPitch::default(); CHORD_NOTES];
        let count = choose(&sure, &self.places, &mut pitches);
        let pitches = pitches.get_mut(..count).unwrap_or_default();
        let explained = self.spectrum.explain(power, pitches);
        self.follow_pitches(pitches);
        self.follow_levels(line);
        self.follow_sure(explained);
        self.follow_plural(line);
        Ok(HeardChord {
            sure: self.sure,
            plural: self.plural,
            notes: self.places.map(|place| place.heard),
        })
    }

    /// Gives each pitch the place of its note, or a free one.
    fn follow_pitches(&mut self, pitches: &[HeardPitch]) {
        let rate = |seconds: f32| 1.0 - (-self.hop_seconds / seconds).exp();
        let [pitch_rate, share_rate] = [PITCH_SECONDS, SHARE_SECONDS].map(rate);
        let mut taken = [false; CHORD_NOTES];
        for place in self.places.iter_mut().filter(|place| place.seen > 0) {
            let found = nearest(pitches, place.heard.hz, &taken);
            if let Some((index, pitch)) = found {
                if let Some(taken) = taken.get_mut(index) {
                    *taken = true;
                }
                place.seen = (place.seen + 1).min(CONFIRMED_HOPS);
                place.missed = 0;
                let octaves = (pitch.hz / place.heard.hz).log2();
                place.heard.hz *= (pitch_rate * octaves).exp2();
                place.share += share_rate * (pitch.share - place.share);
                continue;
            }
            place.missed += 1;
            if place.missed > LOST_HOPS || place.seen < CONFIRMED_HOPS {
                place.seen = 0;
                place.heard.since = None;
            }
        }
        for (pitch, _) in pitches.iter().zip(taken).filter(|(_, taken)| !taken) {
            let free = self.places.iter_mut().find(|place| place.seen == 0);
            let Some(place) = free.filter(|_| pitch.share > LEAST_SHARE) else {
                continue;
            };
            *place = Place {
                heard: HeardNote {
                    note: place.heard.note.wrapping_add(1),
                    hz: pitch.hz,
                    clear: true,
                    ..HeardNote::default()
                },
                seen: 1,
                missed: 0,
                share: pitch.share,
                before_db: 0.0,
            };
        }
    }

    /// Counts the hops from one rise of the level to the next. What sounded before one is none of the spectrum of what begins there.
    fn strike(&mut self, struck: bool) {
        self.since_struck = self.since_struck.saturating_add(1);
        if !struck {
            return;
        }
        self.since_struck = 0;
        self.fine.reset();
        for place in &mut self.places {
            place.before_db = place.heard.level_db;
            place.missed = LOST_HOPS.saturating_sub(CONFIRMED_HOPS);
        }
    }

    fn follow_levels(&mut self, line: &HeardNote) {
        let confirmed = |place: &&mut Place| place.seen == CONFIRMED_HOPS && line.since.is_some();
        let whole: f32 = self
            .places
            .iter_mut()
            .filter(confirmed)
            .map(|place| place.share)
            .sum();
        for place in &mut self.places {
            let heard = &mut place.heard;
            if place.seen < CONFIRMED_HOPS || line.since.is_none() {
                heard.since = None;
                continue;
            }
            heard.steady_hz = heard.hz;
            heard.level_db = line.level_db + 10.0 * (place.share / whole.max(1e-9) + 1e-6).log10();
            let again =
                self.since_struck == STRUCK_HOPS && heard.level_db > place.before_db + STRUCK_DB;
            heard.since = match heard.since {
                Some(since) if !again => Some(since + 1),
                since => {
                    if since.is_some() {
                        heard.note = heard.note.wrapping_add(1);
                    }
                    heard.loudest_db = heard.level_db;
                    Some(self.since_struck.min(STRUCK_HOPS))
                }
            };
            heard.loudest_db = heard.loudest_db.max(heard.level_db);
            heard.gate_db = (heard.level_db - heard.loudest_db + GATE_DB).min(0.0);
        }
    }

    fn follow_plural(&mut self, line: &HeardNote) {
        // What isn't clear yet has no partials.
        let begins = self.since_struck < OVERLAP_HOPS;
        // And as a line begins the ear hears pitches beside its own, and the one before.
        let beside = line.alone && !below_all(&self.places, line.hz);
        let may_be = line.clear && line.hz > 0.0 && !beside;
        self.together = if may_be && no_line(&self.places, line.hz, begins) {
            self.together.saturating_add(1)
        } else {
            0
        };
        let patience = if begins { TOGETHER_HOPS } else { OVERLAP_HOPS };
        let goal = if self.together > patience { 1.0 } else { 0.0 };
        let seconds = if goal > self.plural {
            CHORD_SECONDS
        } else if self.since_struck < OVERLAP_HOPS {
            LOST_SECONDS
        } else {
            HELD_SECONDS
        };
        let rate = 1.0 - (-self.hop_seconds / seconds).exp();
        self.plural += rate * (goal - self.plural);
    }

    fn follow_sure(&mut self, explained: f32) {
        let any = self.places.iter().any(|place| place.heard.since.is_some());
        let sure = if any { ramp(explained, EXPLAINED) } else { 0.0 };
        if sure < self.sure && self.since_struck < UNCLEAR_HOPS {
            return;
        }
        let seconds = if sure > self.sure {
            SURE_SECONDS
        } else {
            LOST_SECONDS
        };
        let rate = 1.0 - (-self.hop_seconds / seconds).exp();
        self.sure += rate * (sure - self.sure);
    }
}

/// Whether several notes sound that are no single line's at this pitch in Hz. Where a note `begins` those that aren't heard now are the one's before.
fn no_line(places: &[Place; CHORD_NOTES], line_hz: f32, begins: bool) -> bool {
    let sounding = places
        .iter()
        .filter(|place| place.heard.since.is_some() && !(begins && place.missed > 0));
    let whole: f32 = sounding.clone().map(|place| place.share).sum();
    let (mut count, mut lowest, mut strange) = (0, false, 0.0);
    for place in sounding.filter(|place| place.share > COUNTS * whole) {
        let ratio = place.heard.hz / line_hz;
        let number = ratio.round().max(1.0);
        let partial = 12.0 * (ratio / number).log2().abs() < PARTIAL_SEMITONES;
        count += 1;
        lowest |= partial && number <= LOWEST_PARTIALS;
        if !partial {
            strange += place.share;
        }
    }
    count > 1 && (strange > STRANGE * whole || !lowest)
}

/// Whether a pitch in Hz is below every note that sounds, as the period that those of a chord share is.
fn below_all(places: &[Place; CHORD_NOTES], hz: f32) -> bool {
    let mut sounding = places.iter().filter(|place| place.heard.since.is_some());
    sounding.all(|place| 12.0 * (place.heard.hz / hz).log2() > SAME_SEMITONES)
}

/// The pitch that is nearest to that of a note, if any that isn't taken is near enough, and which it is.
fn nearest(
    pitches: &[HeardPitch],
    hz: f32,
    taken: &[bool; CHORD_NOTES],
) -> Option<(usize, HeardPitch)> {
    let away = |pitch: &HeardPitch| 12.0 * (pitch.hz / hz).log2().abs();
    let free = pitches.iter().zip(taken).enumerate();
    free.filter(|(_, (pitch, taken))| !**taken && away(pitch) < SAME_SEMITONES)
        .map(|(index, (pitch, _))| (index, *pitch))
        .min_by(|(_, one), (_, other)| away(one).total_cmp(&away(other)))
}

/// The surest pitches into `pitches`; how many they are.
fn choose(
    sure: &[f32; PITCHES],
    places: &[Place; CHORD_NOTES],
    pitches: &mut [HeardPitch; CHORD_NOTES],
) -> usize {
    let goes_on = |hz: f32| {
        let same = |place: &Place| 12.0 * (place.heard.hz / hz).log2().abs() < SAME_SEMITONES;
        places
            .iter()
            .any(|place| place.seen == CONFIRMED_HOPS && same(place))
    };
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
        if sure >= BEGINS_SURE || goes_on(hz) {
            *pitch = HeardPitch { hz, share: 0.0 };
            count += 1;
        } else {
            break;
        }
    }
    count
}
