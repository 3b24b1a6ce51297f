//! The notes of a chord as they are heard: pitches, onsets, levels; and how sure it is that they are all there is.

mod choose;
mod line;

use crate::{
    dsp::{ChordSpectrum, EVIDENCE, FineSpectrum, HeardPitch, PITCHES},
    model::{ChordEar, EAR_EVIDENCE, EAR_PITCHES, ModelError},
    morph::FrameMessage,
};

use super::follower::{GATE_DB, HeardNote, UNCLEAR_HOPS, ramp};
use choose::{choose, is_same, nearest};
use line::{below_all, is_period, no_line};

// What the ear is told is what is measured for it.
const _: () = assert!(EAR_PITCHES == PITCHES && EAR_EVIDENCE == EVIDENCE);

/// Notes of a chord that are followed, at most.
pub const CHORD_NOTES: usize = 6;

/// What has so little of the power is no note.
const LEAST_SHARE: f32 = 0.01;

/// A pitch is a note's once it was heard in so many hops, and no longer one after so many without it.
const CONFIRMED_HOPS: u32 = 3;
const LOST_HOPS: u32 = 6;
/// A note that sounds is struck again where it is so much louder than before, in dB, so many hops after the level has risen.
const STRUCK_HOPS: u32 = 5;
const STRUCK_DB: f32 = 3.0;
/// So many hops after the level has risen notes are looked for that are higher than the ear knows.
const HIGH_HOPS: u32 = 6;
/// Seconds in which a note's pitch follows, and its share of the power.
const PITCH_SECONDS: f32 = 0.05;
const SHARE_SECONDS: f32 = 0.03;
/// From here to there of the power in partials, what the notes explain makes a chord of it.
const EXPLAINED: (f32, f32) = (0.25, 0.55);
/// From here to there the ear's doubt makes a chord less sure: of rendered chords it is .05 to .3, of recorded guitars, pianos and harps .25 to .5, of songs .45 to .65, in
/// whose loudest partials a few notes may explain much. It counts over so many seconds.
const DOUBT: (f32, f32) = (0.42, 0.57);
const DOUBT_SECONDS: f32 = 1.2;
/// So many pitches more are heard than there are: in silence there is no doubt.
const FEW: f32 = 0.1;
/// Seconds in which what is explained counts, and in which it no longer does: soon, since between the beats of a song's drums much is explained.
const SURE_SECONDS: f32 = 0.01;
const UNSURE_SECONDS: f32 = 0.06;
/// Seconds in which a chord is no line, and in which it is no longer so.
const CHORD_SECONDS: f32 = 0.03;
const LOST_SECONDS: f32 = 0.25;

/// Seconds in which a chord becomes a line where nothing begins: it may be a note that isn't heard for a moment.
const HELD_SECONDS: f32 = 0.6;
/// Hops after which notes that sound together are no line: where they began together, and where one may still be that from before.
const TOGETHER_HOPS: u32 = 2;
const OVERLAP_HOPS: u32 = 20;

/// While nothing is played one frame in so many is heard.
const RESTING_HOPS: u32 = 8;

/// What is heard of a chord at one hop.
#[derive(Clone, Copy)]
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
    doubt: Doubt,
    plural: f32,
    /// Hops for which notes have sounded that are no line's.
    together: u32,
    /// Hops since the level last rose as it does where notes begin.
    since_struck: u32,
    /// Frames that weren't heard since the last that was, and hops from that one to the one that is heard.
    rested: u32,
    passed: u32,
    /// The line beside the newest frame, if that is still to be heard.
    left: Option<HeardNote>,
}

impl ChordFollower {
    /// At the beginning of a stream. Allocates.
    pub fn new(hop_seconds: f32) -> Self {
        let spectrum = ChordSpectrum::new(hop_seconds);
        Self::with(hop_seconds, FineSpectrum::default(), spectrum)
    }

    /// Back at the beginning of a stream, with what was made for it: making that anew takes as long as a curve.
    pub fn at_the_beginning(mut self) -> Self {
        self.fine.reset();
        Self::with(self.hop_seconds, self.fine, self.spectrum)
    }

    fn with(hop_seconds: f32, fine: FineSpectrum, spectrum: ChordSpectrum) -> Self {
        Self {
            hop_seconds,
            fine,
            spectrum,
            places: [Place::default(); CHORD_NOTES],
            sure: 0.0,
            doubt: Doubt::default(),
            plural: 0.0,
            together: 0,
            since_struck: u32::MAX,
            rested: 0,
            passed: 1,
            left: None,
        }
    }

    /// Hears a frame, of which `line` is what it would be as a single line. While it `rests`, since nothing is played, one frame in
    /// [`RESTING_HOPS`] is heard, told at the hops after it, too, and that later, by [`Self::catch_up`] or before the next: of many instances most rest, and all at the same hop, where others' curves are
    /// waited for. Allocates.
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
        self.catch_up(ear)?;
        self.strike(line.struck);
        self.fine.take(&frame.low);
        if rests {
            self.rested = (self.rested + 1) % RESTING_HOPS;
            self.left = (self.rested == 0).then_some(*line);
            return Ok(self.heard());
        }
        self.passed = self.rested + 1;
        self.rested = 0;
        self.hear_newest(line, ear)
    }

    /// Hears the newest frame if that was left for later; says whether it was. Allocates.
    ///
    /// # Errors
    /// When the network fails.
    pub fn catch_up(&mut self, ear: &ChordEar) -> Result<bool, ModelError> {
        let Some(line) = self.left.take() else {
            return Ok(false);
        };
        self.passed = RESTING_HOPS;
        self.hear_newest(&line, ear)?;
        Ok(true)
    }

    fn hear_newest(&mut self, line: &HeardNote, ear: &ChordEar) -> Result<HeardChord, ModelError> {
        let power = self.fine.power();
        let sure = match self.spectrum.evidence(power) {
            Some(evidence) => ear.hear(evidence)?,
            None => [0.0; PITCHES],
        };
        let mut pitches = [HeardPitch::default(); CHORD_NOTES];
        let goes_on = |hz| goes_on(&self.places, hz);
        let known = choose(&sure, self.plural, goes_on, &mut pitches);
        // A line's own partials are none of a chord's high notes, nor is what a note has only as it begins.
        let line_only = line.alone || self.since_struck < HIGH_HOPS;
        let room = if line_only { known } else { CHORD_NOTES };
        let pitches = pitches.get_mut(..room).unwrap_or_default();
        let (count, explained) = self.spectrum.explain(power, pitches, known);
        self.follow_pitches(pitches.get(..count).unwrap_or_default());
        self.follow_levels(line);
        self.doubt.hear(&sure, self.rate(DOUBT_SECONDS));
        self.follow_sure(explained);
        self.follow_plural(line);
        Ok(self.heard())
    }

    fn heard(&self) -> HeardChord {
        HeardChord {
            sure: self.sure,
            plural: self.plural,
            notes: self.places.map(|place| place.heard),
        }
    }

    /// Gives each pitch the place of its note, or a free one.
    fn follow_pitches(&mut self, pitches: &[HeardPitch]) {
        let [pitch_rate, share_rate] =
            [PITCH_SECONDS, SHARE_SECONDS].map(|seconds| self.rate(seconds));
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
                Some(since) if !again => Some(since + self.passed),
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
        let clear = line.clear && line.hz > 0.0;
        let begins = self.since_struck < OVERLAP_HOPS;
        let period = clear && is_period(&self.places, &self.spectrum, line.hz, self.since_struck);
        // As a line begins the ear hears pitches beside its own, and the one before.
        let beside = line.alone && !below_all(&self.places, line.hz);
        let no_line = clear && !beside && no_line(&self.places, line.hz, begins);
        self.together = if period || no_line {
            self.together.saturating_add(self.passed)
        } else {
            0
        };
        let patience = match (period, begins) {
            (true, _) => 0,
            (false, true) => TOGETHER_HOPS,
            (false, false) => OVERLAP_HOPS,
        };
        let goal = if self.together > patience { 1.0 } else { 0.0 };
        let seconds = if goal > self.plural {
            if period { SURE_SECONDS } else { CHORD_SECONDS }
        } else if begins {
            LOST_SECONDS
        } else {
            HELD_SECONDS
        };
        let rate = self.rate(seconds);
        self.plural += rate * (goal - self.plural);
    }

    /// How much the frame that is heard counts in what is a mean over so many seconds, 0 to 1.
    fn rate(&self, seconds: f32) -> f32 {
        1.0 - (-(self.passed as f32) * self.hop_seconds / seconds).exp()
    }

    fn follow_sure(&mut self, explained: f32) {
        let sure = if sounding(&self.places).next().is_some() {
            ramp(explained, EXPLAINED) * (1.0 - ramp(self.doubt.share(), DOUBT))
        } else {
            0.0
        };
        if sure < self.sure && self.since_struck < UNCLEAR_HOPS {
            return;
        }
        let seconds = if sure > self.sure {
            SURE_SECONDS
        } else {
            UNSURE_SECONDS
        };
        let rate = self.rate(seconds);
        self.sure += rate * (sure - self.sure);
    }
}

/// How unsure the ear is of the pitches that it hears.
#[derive(Default)]
struct Doubt {
    /// Pitches that it hears, as the sum of how surely it hears each, and of these those that it can't tell: the sum of the variances, of which a pitch that may
    /// as well sound as not has most. Both over [`DOUBT_SECONDS`].
    pitches: f32,
    untold: f32,
}

impl Doubt {
    /// Takes in how surely each pitch is heard, which counts as much as `rate` says, 0 to 1.
    fn hear(&mut self, sure: &[f32; PITCHES], rate: f32) {
        let pitches: f32 = sure.iter().sum();
        let untold: f32 = sure.iter().map(|sure| sure * (1.0 - sure)).sum();
        self.pitches += rate * (pitches - self.pitches);
        self.untold += rate * (untold - self.untold);
    }

    /// The share of pitches that can't be told, 0 to 1.
    fn share(&self) -> f32 {
        self.untold / (self.pitches + FEW)
    }
}

/// The places whose notes sound.
fn sounding(places: &[Place; CHORD_NOTES]) -> impl Iterator<Item = &Place> + Clone {
    places.iter().filter(|place| place.heard.since.is_some())
}

/// Whether a pitch in Hz is that of a note that is followed.
fn goes_on(places: &[Place; CHORD_NOTES], hz: f32) -> bool {
    places
        .iter()
        .any(|place| place.seen == CONFIRMED_HOPS && is_same(place.heard.hz, hz))
}
