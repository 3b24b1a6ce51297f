//! Notes as they are heard: pitch, onset, loudness, end; and how sure it is that there is a single line at all.

mod ending;
mod intervals;
mod ramp;
mod trust;

use crate::{
    dsp::{FilterPhase, Pitch, PitchTracker},
    morph::FrameMessage,
};

use ending::Ending;
pub(super) use ending::GATE_DB;
pub(super) use intervals::{apart, is_part};
pub(super) use ramp::ramp;
pub(super) use trust::Trust;

/// So much louder within [`RISE_HOPS`] is an onset, in dB.
const RISE_DB: f32 = 8.0;
const RISE_HOPS: usize = 4;
/// An onset is where the level no longer rises by so much a hop, in dB, or after so many hops: the window hears it early.
const STEEP_DB: f32 = 6.0;
const LONGEST_RISE_HOPS: u32 = 4;
/// A pitch less periodic than this is not yet a note's; so long a note is silent without. Later on less will do.
const CLEAR_STRENGTH: f32 = 0.5;
const LONGEST_UNCLEAR_HOPS: u32 = 3;
const FOLLOWED_STRENGTH: f32 = 0.6;
/// What is expected to rise by more than this before it is as loud as the note, in dB, has no clear pitch yet: breath, bow and keys come before
/// a tone that begins softly.
pub(super) const SOFT_DB: f32 = 15.0;
/// So much of a step in pitch, in semitones, is an onset, too: slides and vibrato stay below from hop to hop.
const STEP_SEMITONES: f32 = 0.6;
/// No two onsets lie closer than the first; up to the second a step in pitch is only a note's own settling. In hops.
const REST_HOPS: u32 = 6;
const SETTLING_HOPS: u32 = 14;
/// Nor does a step count so far below the note's loudest, in dB: there a tracker hears the room.
const STEP_RANGE_DB: f32 = 20.0;
/// A note that was more surely a line's than this and has been let go is gone: it leaves the sound to what there is beside it, in so many seconds.
const GONE_SECONDS: f32 = 0.1;
const LINE: f32 = 0.5;
/// Within a note a step down to a part of its pitch counts after so many hops: what knocks as a string is struck has
/// a third of its period for a moment.
const PART_HOPS: u32 = 10;
/// A pitch's own movement is what it does around its mean over so many seconds, at a note's beginning over this share of the time since; less
/// beyond so many semitones.
const STEADY_SECONDS: f32 = 0.15;
const STEADY_SHARE: f32 = 0.3;
const UNSTEADY_SECONDS: f32 = 0.02;
const VIBRATO_SEMITONES: f32 = 0.8;
/// Silence: so far below the loudest that was heard, which is forgotten so fast, and in any case below this level.
const SILENCE_DB: f32 = 55.0;
const FORGOTTEN_DB_A_SECOND: f32 = 6.0;
const QUIETEST_DB: f32 = -80.0;
/// A note that still rises as it begins is taken to go on so for so many hops, by so much at most in dB, and to become no louder than
/// the one before it. What it hasn't reached after so many hops is taken back, so fast.
const EXPECTED_HOPS: f32 = 12.0;
const EXPECTED_RISE_DB: f32 = 30.0;
const PATIENCE_HOPS: u32 = 12;
const EXPECTED_DB_A_SECOND: f32 = 60.0;
/// From here to there a sound counts as a single line, by how periodic it is and by how much of a first partial it has.
const STRENGTH: (f32, f32) = (0.80, 0.92);
const FUNDAMENTAL_DB: (f32, f32) = (-44.0, -36.0);
/// Seconds in which it becomes one, and in which it no longer is.
const SOLO_SECONDS: f32 = 0.03;
const LOST_SECONDS: f32 = 0.25;
/// Seconds in which it is none where a tone sounds that is too high to have a pitch: else that would sound at the pitch of the note before.
const ABOVE_SECONDS: f32 = 0.02;
/// So many hops after a low pitch the next one may still be on its way.
const LOW_HOPS: u32 = 40;
/// The power of a frame's bins together is so many times its mean power.
const OF_ALL_BINS: f32 = 3.0;
/// The part of a note's beginning that can't speak against it, in hops.
pub(super) const UNCLEAR_HOPS: u32 = 6;

/// What is heard at one hop.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct HeardNote {
    /// Counts the notes.
    pub note: u32,
    /// Hops since the onset; `None` before the first note and through silence.
    pub since: Option<u32>,
    /// Whether its level has just risen as it does where notes begin.
    pub struck: bool,
    /// Whether its pitch is clear by now.
    pub clear: bool,
    /// Whether a pitch has been heard since the onset: until then `hz` is that of the note before, and the source sounds.
    pub pitched: bool,
    /// Hops since the onset in which it wasn't clear.
    pub unclear: u32,
    /// Pitch in Hz, held through what has none; 0 before the first.
    pub hz: f32,
    /// The same without vibrato.
    pub steady_hz: f32,
    /// Mean power of the source, in dB.
    pub level_db: f32,
    /// How loud the note is at its loudest, as far as can be told, in dB.
    pub loudest_db: f32,
    /// How far the source has gone below what a note holds, in dB: 0 or less.
    pub gate_db: f32,
    /// Whether it was a line's, and has been let go: what a chord's ear still hears is no chord.
    pub gone: bool,
    /// Whether a line sounds that is too low to be played in time: its partials are no chord.
    pub too_low: bool,
    /// How surely this is a single line, 0 to 1.
    pub solo: f32,
    /// Whether the hop by itself is certainly that of one tone: periodic, its first partial there.
    pub alone: bool,
    /// How periodic the hop is by itself, 0 to 1; 0 without a pitch that has its first partial. `None` where a tone sounds that is too high to have one.
    pub tonal: Option<f32>,
}

impl HeardNote {
    /// Nothing.
    pub const NONE: Self = Self {
        note: 0,
        since: None,
        struck: false,
        clear: false,
        pitched: false,
        unclear: 0,
        hz: 0.0,
        steady_hz: 0.0,
        level_db: 0.0,
        loudest_db: 0.0,
        gate_db: 0.0,
        gone: false,
        too_low: false,
        solo: 0.0,
        alone: false,
        tonal: None,
    };
}

/// Hears notes in frames, one after the other; tells of each hop when the next has come.
pub struct NoteFollower {
    tracker: PitchTracker,
    hop_seconds: f32,
    /// The newest levels in dB, the newest last.
    levels: [f32; RISE_HOPS + 2],
    /// The loudest of all, on its way down.
    phrase_db: f32,
    heard: HeardNote,
    /// The loudest of this note so far.
    reached_db: f32,
    ending: Ending,
    /// Whether it has fallen since.
    fell: bool,
    /// How many hops an onset has been rising.
    rising: u32,
    /// How many hops a part of the note's pitch has been heard in place of it.
    in_part: u32,
    pitch_before: Pitch,
    /// Hops since a pitch was heard that is too low for a frame.
    since_low: u32,
}

impl NoteFollower {
    /// At the beginning of a stream. Allocates.
    pub fn new(hop_seconds: f32) -> Self {
        Self::with(PitchTracker::new(hop_seconds), hop_seconds)
    }

    /// Back at the beginning of a stream, with what was made for it: making that anew takes as long as a curve.
    pub fn at_the_beginning(mut self) -> Self {
        self.tracker.reset();
        Self::with(self.tracker, self.hop_seconds)
    }

    fn with(tracker: PitchTracker, hop_seconds: f32) -> Self {
        Self {
            tracker,
            hop_seconds,
            levels: [SILENT_DB; RISE_HOPS + 2],
            phrase_db: SILENT_DB,
            heard: HeardNote {
                level_db: SILENT_DB,
                loudest_db: SILENT_DB,
                ..HeardNote::default()
            },
            reached_db: SILENT_DB,
            ending: Ending::default(),
            fell: false,
            rising: 0,
            in_part: 0,
            pitch_before: Pitch::default(),
            since_low: u32::MAX,
        }
    }

    /// Whether it was made for frames at this distance, in seconds.
    pub fn is_for(&self, hop_seconds: f32) -> bool {
        self.hop_seconds.to_bits() == hop_seconds.to_bits()
    }

    /// Hears a frame; tells of the hop before it.
    pub fn hear(&mut self, frame: &FrameMessage) -> HeardNote {
        self.levels.rotate_left(1);
        let newest_db = 10.0 * (frame.power + 1e-14).log10();
        if let Some(last) = self.levels.last_mut() {
            *last = newest_db;
        }
        // In Live a pitch too low for a frame would be a tenth of a second late, with the one before until then: such a line keeps its sound.
        let studio = frame.phase == FilterPhase::Zero;
        let whole = OF_ALL_BINS * frame.power;
        let pitch = self
            .tracker
            .hear(&frame.low_power, &frame.low, whole, studio);
        self.since_low = if self.tracker.sounds_low() {
            0
        } else {
            self.since_low.saturating_add(1)
        };
        self.heard.too_low = !studio && self.since_low < LOW_HOPS;
        let newest_pitch = self.tracker.newest();
        let [earlier @ .., level, _] = self.levels;
        self.phrase_db = (self.phrase_db - FORGOTTEN_DB_A_SECOND * self.hop_seconds).max(level);
        let sounds = level > (self.phrase_db - SILENCE_DB).max(QUIETEST_DB);
        self.heard.since = self.heard.since.map(|since| since + 1);
        self.heard.level_db = level;
        let rises = newest_db - level;
        self.heard.struck = self.begins(level, rises, &earlier, sounds);
        if self.heard.struck {
            self.tracker.begin();
        }
        if self.heard.struck || self.steps(level, pitch) {
            self.begin(level.max(newest_db), rises);
        } else if !sounds && self.rising == 0 {
            self.heard.since = None;
        }
        self.follow_level(level, pitch);
        self.follow_pitch(pitch, newest_pitch);
        self.follow_solo(level, pitch);
        self.pitch_before = pitch;
        self.heard
    }

    /// Whether a rise of the level makes an onset at this hop.
    fn begins(&mut self, level: f32, still_rises: f32, earlier: &[f32], sounds: bool) -> bool {
        let since = self.heard.since;
        let lowest = earlier.iter().copied().fold(f32::MAX, f32::min);
        self.fell |= level < self.reached_db - RISE_DB;
        let rises = match since {
            None => sounds,
            Some(since) => {
                since >= REST_HOPS
                    && level - lowest > RISE_DB
                    // A slow attack goes on rising: it has begun already, unless it has fallen in between.
                    && (since > SETTLING_HOPS || self.fell)
            }
        };
        if !sounds {
            self.rising = 0;
        }
        if self.rising == 0 && !(sounds && rises) {
            return false;
        }
        self.rising += 1;
        if still_rises > STEEP_DB && self.rising <= LONGEST_RISE_HOPS {
            return false;
        }
        self.rising = 0;
        true
    }

    /// Whether the pitch steps to another note.
    fn steps(&self, level: f32, pitch: Pitch) -> bool {
        let settled = self.heard.since.is_some_and(|since| since > SETTLING_HOPS);
        let both = pitch.hz > 0.0 && self.pitch_before.hz > 0.0;
        settled
            && both
            && level > self.reached_db - STEP_RANGE_DB
            && apart(pitch.hz, self.pitch_before.hz) > STEP_SEMITONES
    }

    fn begin(&mut self, level: f32, rises: f32) {
        let most = level + (EXPECTED_HOPS * rises).clamp(0.0, EXPECTED_RISE_DB);
        self.heard.loudest_db = self.heard.loudest_db.min(most).max(level);
        self.heard.note = self.heard.note.wrapping_add(1);
        self.heard.since = Some(0);
        self.heard.gate_db = 0.0;
        self.heard.gone = false;
        self.ending = Ending::default();
        self.heard.clear = false;
        self.heard.pitched = false;
        self.heard.unclear = 0;
        self.reached_db = level;
        self.fell = false;
        self.rising = 0;
        self.in_part = 0;
    }

    fn follow_level(&mut self, level: f32, pitch: Pitch) {
        self.reached_db = self.reached_db.max(level);
        if self.heard.since.is_none_or(|since| since > PATIENCE_HOPS) {
            self.heard.loudest_db -= EXPECTED_DB_A_SECOND * self.hop_seconds;
        }
        self.heard.loudest_db = self.heard.loudest_db.max(self.reached_db);
        let near = pitch.hz > 0.0 && apart(pitch.hz, self.heard.hz) < STEP_SEMITONES;
        let heard = near && pitch.strength > CLEAR_STRENGTH;
        let fallen = level - self.reached_db;
        let gate = self.ending.gate_db(fallen, heard, self.hop_seconds);
        // The rise to the next note is no return of this one.
        self.heard.gate_db = if self.rising > 0 {
            gate.min(self.heard.gate_db)
        } else {
            gate
        };
    }

    fn follow_pitch(&mut self, pitch: Pitch, newest: Pitch) {
        // A frame around an onset still holds half of the note before.
        let since = self.heard.since.unwrap_or(u32::MAX);
        let (pitch, least) = if since < 3 {
            (newest, CLEAR_STRENGTH)
        } else if since <= SETTLING_HOPS {
            (pitch, CLEAR_STRENGTH)
        } else {
            (pitch, FOLLOWED_STRENGTH)
        };
        let loud = self.heard.level_db > self.heard.loudest_db - SOFT_DB;
        if pitch.hz > 0.0 && pitch.strength > least {
            let is_part =
                self.heard.clear && self.heard.pitched && is_part(pitch.hz, self.heard.hz);
            self.in_part = if is_part { self.in_part + 1 } else { 0 };
            if !is_part || self.in_part > PART_HOPS {
                // Where the pitch jumps there is nothing between, and no vibrato.
                if !self.heard.clear || apart(pitch.hz, self.heard.hz) > STEP_SEMITONES {
                    self.heard.steady_hz = pitch.hz;
                }
                self.heard.hz = pitch.hz;
                self.heard.pitched = true;
                self.heard.clear |= loud;
            }
        }
        self.follow_steady(since);
        self.heard.clear |= loud && since >= LONGEST_UNCLEAR_HOPS;
        if !self.heard.clear {
            self.heard.unclear = self.heard.unclear.saturating_add(1);
        }
    }

    fn follow_steady(&mut self, since: u32) {
        let HeardNote { hz, steady_hz, .. } = self.heard;
        if hz <= 0.0 || steady_hz <= 0.0 {
            self.heard.steady_hz = hz;
            return;
        }
        let octaves = (hz / steady_hz).log2();
        let seconds = if 12.0 * octaves.abs() < VIBRATO_SEMITONES {
            let played = since as f32 * self.hop_seconds;
            (STEADY_SHARE * played).clamp(UNSTEADY_SECONDS, STEADY_SECONDS)
        } else {
            UNSTEADY_SECONDS
        };
        let rate = 1.0 - (-self.hop_seconds / seconds).exp();
        self.heard.steady_hz = steady_hz * (rate * octaves).exp2();
    }

    fn follow_solo(&mut self, level: f32, pitch: Pitch) {
        self.heard.alone = false;
        self.heard.tonal = None;
        if pitch.above {
            self.heard.solo *= (-self.hop_seconds / ABOVE_SECONDS).exp();
            return;
        }
        let first = if pitch.hz > 0.0 {
            ramp(pitch.fundamental_db, FUNDAMENTAL_DB)
        } else {
            0.0
        };
        self.heard.tonal = Some(first * pitch.strength);
        self.heard.gone = self.ending.let_go() && (self.heard.gone || self.heard.solo > LINE);
        if self.heard.gone {
            self.heard.solo *= (-self.hop_seconds / GONE_SECONDS).exp();
            return;
        }
        if self.heard.since.is_none() || level < self.reached_db - STEP_RANGE_DB {
            return;
        }
        let sure = first * ramp(pitch.strength, STRENGTH);
        self.heard.alone = sure >= 1.0;
        let unclear = self.heard.since.is_some_and(|since| since < UNCLEAR_HOPS);
        if sure < self.heard.solo && unclear {
            return;
        }
        let seconds = if sure > self.heard.solo {
            SOLO_SECONDS
        } else {
            LOST_SECONDS
        };
        let rate = 1.0 - (-self.hop_seconds / seconds).exp();
        self.heard.solo += rate * (sure - self.heard.solo);
    }
}

/// The level of nothing, in dB.
const SILENT_DB: f32 = -140.0;
