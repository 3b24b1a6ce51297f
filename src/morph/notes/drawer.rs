//! What the player of a named timbre does with the notes that are heard, hop by hop.

use crate::{
    dsp::{FilterPhase, crossfade},
    model::{Colour, ModelError, NOISE_BANDS, NotePlayers, PlayedNote, noise_edges_hz},
    params::{MorphSource, Target},
};

use super::{
    Drawn, VOICES,
    ahead::{Ahead, Heard},
    chord::{ChordFollower, HeardChord},
    follower::{HeardNote, NoteFollower, Trust, ramp},
    tilt::TiltFollower,
    tone::{BIN_HZ, Tone, power, sound},
};
use crate::morph::{FrameMessage, MorphControls};

/// A pitch so far from the stored note's, in semitones, is played by another.
const REACH_SEMITONES: f32 = 2.5;

/// How surely a single line is heard where the player begins to sound, and where it sounds alone.
const SOLO: (f32, f32) = (0.3, 0.7);
/// A frame that is a single line's more surely than this tells how that is tilted.
const SURELY: f32 = 0.5;

/// Of the Hann window of 4096 samples that the players were measured with: what white noise of power 1 a sample has in a bin.
pub const NOISE_IN_A_BIN: f32 = 1.5 / 1024.0;

/// How far the source itself is turned up or down towards the player's level, in dB.
const LOWEST_SHIFT_DB: f32 = -60.0;
const HIGHEST_SHIFT_DB: f32 = 12.0;
/// In Live that comes four hops behind the sound that it is for: what a dying note is turned up by would meet the next one's onset.
const HIGHEST_LIVE_DB: f32 = 0.0;

/// In Live the source begins a note, as loud as the target is so many seconds after its onset.
const BEGUN_SECONDS: f32 = 0.03;

/// Of what is played, a line being 0: every place of [`Drawn::notes`] but the first is a chord's.
const CHORD: usize = 1;

/// A rise by so much from a hop to the next, in dB, is another note's beginning: what the one before had come to is not its own.
const BEGINS_DB: f32 = 6.0;

/// What the player does at a hop.
pub struct Played {
    /// How surely notes are heard, 0 to 1: so far the player counts.
    pub sure: f32,
    /// The notes, in the places of [`Drawn::notes`].
    pub tones: [Tone; VOICES],
    /// Power of all their noise in a bin of each band, [`BIN_HZ`] wide; linear.
    pub noise: [f32; NOISE_BANDS],
}

/// Draws the notes of a stream; runs on Morph's thread.
pub struct NoteDrawer {
    players: NotePlayers,
    /// Whether Morph leads to a named timbre that has a player: at the newest frame, and at the one that was drawn last.
    hears: bool,
    plays: bool,
    /// What was heard, until it is drawn.
    ahead: Ahead,
    tilt: TiltFollower,
    /// What hears and plays then; once the hop is known. At the beginning of a stream unless it `hears`.
    playing: Option<Playing>,
    /// Widths of the noise bands in bins.
    widths: [f32; NOISE_BANDS],
}

struct Playing {
    line: NoteFollower,
    chord: ChordFollower,
    /// How far a line is all that sounds.
    trust: Trust,
    /// What each place of [`Drawn::notes`] plays.
    stored: [Option<Stored>; VOICES],
    /// What the source's level is moved by towards the player's, in dB, before Morph and doubts: for a line, and for a chord.
    shifts_db: [f32; 2],
}

/// A stored note, and what it was chosen for.
#[derive(Clone, Copy)]
struct Stored {
    played: PlayedNote,
    /// In which it is played: a line's, or a chord's.
    colour: Option<Colour>,
    target: Target,
    /// MIDI pitch.
    pitch: f32,
    /// Which of the notes heard.
    note: u32,
}

impl NoteDrawer {
    /// At the beginning of a stream, of whose frames the bands have these centres in Hz.
    pub fn new(players: NotePlayers, centres: &[f64]) -> Self {
        let edges: Vec<f64> = noise_edges_hz().collect();
        let mut widths = [0.0; NOISE_BANDS];
        for (width, pair) in widths.iter_mut().zip(edges.windows(2)) {
            if let &[low, high] = pair {
                *width = (high - low) as f32 / BIN_HZ;
            }
        }
        Self {
            players,
            tilt: TiltFollower::new(centres),
            hears: false,
            plays: false,
            ahead: Ahead::default(),
            playing: None,
            widths,
        }
    }

    /// Makes what hears frames at this distance, in seconds, unless it is there: making it takes as long as a curve.
    pub fn prepare(&mut self, hop_seconds: f32) {
        Playing::made(&mut self.playing, hop_seconds);
    }

    /// Back to the beginning of a stream.
    pub fn reset(&mut self) {
        self.ahead.reset();
        self.tilt.reset();
        self.plays = false;
        self.rest();
    }

    /// Forgets what was heard, since nothing is listened for.
    fn rest(&mut self) {
        if std::mem::take(&mut self.hears) {
            self.playing = self.playing.take().map(Playing::at_the_beginning);
        }
    }

    /// Whether Morph led to a named timbre that has a player at the frame that was drawn last.
    pub fn plays(&self) -> bool {
        self.plays
    }

    /// Does what the newest frame left for later; says whether there was anything. It is done before the next frame in any case. Allocates.
    ///
    /// # Errors
    /// When the network that hears chords fails.
    pub fn catch_up(&mut self) -> Result<bool, ModelError> {
        match (&mut self.playing, self.players.ear()) {
            (Some(playing), Some(ear)) => playing.chord.catch_up(ear),
            _ => Ok(false),
        }
    }

    /// Hears the newest frame. While it `rests`, since Morph is at 0, it goes on: what it has to know takes it a while. Allocates.
    ///
    /// # Errors
    /// When the network that hears chords fails.
    pub fn hear(&mut self, frame: &FrameMessage, rests: bool) -> Result<(), ModelError> {
        if player(&self.players, &frame.controls).is_none() {
            self.rest();
            self.ahead.skip(frame.lookahead);
            return Ok(());
        }
        self.hears = true;
        let playing = Playing::made(&mut self.playing, frame.hop_seconds);
        let line = playing.line.hear(frame);
        let chord = match self.players.ear() {
            Some(ear) => playing.chord.hear(frame, &line, ear, rests)?,
            None => HeardChord::NONE,
        };
        playing.trust.hear(&line, chord.plural, frame.hop_seconds);
        let rises_db = 10.0 * (frame.power + 1e-14).log10() - line.level_db;
        self.ahead.hear(line, chord, rises_db, frame.lookahead);
        Ok(())
    }

    /// Draws the hop before a frame, or with lookahead that of its middle, and tells what is played there. `controls` are smoothed. Allocates.
    pub fn draw(
        &mut self,
        frame: &FrameMessage,
        controls: &MorphControls,
    ) -> (Drawn, Option<Played>) {
        let heard = self.ahead.play();
        let id = player(&self.players, controls);
        self.plays = id.is_some() && heard.is_some();
        let (
            Some(id),
            Some(Heard {
                line,
                chord,
                rises_db,
                ..
            }),
        ) = (id, heard)
        else {
            return (Drawn::NOTHING, None);
        };
        let Self {
            players,
            tilt,
            playing,
            widths,
            ..
        } = self;
        let playing = Playing::made(playing, frame.hop_seconds);
        // A note whose pitch isn't heard yet is none of the pitch before: its source sounds until then.
        let known = if line.clear && !line.pitched {
            0.0
        } else {
            1.0
        };
        let trust = playing.trust.of_a_line();
        let line_sure = known * trust * ramp(line.solo, SOLO) * (1.0 - chord.plural);
        if line_sure > SURELY
            && let Some(usual_db) = players.usual_tilt_db(midi(line.hz))
        {
            tilt.hear(frame, &line, usual_db);
        }
        if controls.morph <= 0.0 {
            return (Drawn::NOTHING, None);
        }
        let no_chord = line.gone || line.too_low;
        let chord_sure = if no_chord { 0.0 } else { chord.sure };
        // In Live the source begins a note: until its frames hold nothing of what was before there would be silence.
        let sounds = line.since.is_some() && line.clear;
        let begins = frame.phase == FilterPhase::Minimum && !sounds;
        let sure = [
            if begins { 0.0 } else { line_sure },
            (1.0 - line_sure) * chord_sure,
        ];
        let mut played = Played {
            sure: 0.0,
            tones: [Tone::NONE; VOICES],
            noise: [0.0; NOISE_BANDS],
        };
        let begins_db = match playing.stored.first().and_then(Option::as_ref) {
            Some(stored) if begins && stored.target == controls.target => {
                line_sure
                    * controls.articulation
                    * players.frame(stored.played, BEGUN_SECONDS).level_db
            }
            _ => 0.0,
        };
        let mut powers = [0.0; 2];
        let heard = std::iter::once(&line).chain(&chord.notes);
        let places = playing.stored.iter_mut().zip(&mut played.tones);
        for (place, ((stored, tone), heard)) in places.zip(heard).enumerate() {
            let kind = place.min(CHORD);
            let since = heard
                .since
                .filter(|_| sure[kind] > 0.0 && heard.clear && heard.hz > 0.0)
                .map(|since| since.saturating_sub(heard.unclear));
            let Some(since) = since else {
                continue;
            };
            let Some(stored) = chosen(players, stored, (id, controls.target), heard, kind) else {
                continue;
            };
            let frame = players.frame(stored.played, since as f32 * frame.hop_seconds);
            let frame = match &stored.colour {
                Some(colour) => frame.in_colour(colour),
                None => frame,
            };
            let frame = match kind {
                CHORD => frame,
                _ => tilt.follow(frame, heard.hz),
            };
            let power = power(level_db(heard, frame.level_db, controls.articulation));
            powers[kind] += power;
            tone.hz = heard.hz;
            let noise = sound(tone, &frame, sure[kind] * power, widths);
            for (sum, noise) in played.noise.iter_mut().zip(noise) {
                *sum += noise;
            }
            // The target's vibrato, or none, in place of the source's.
            let octaves = (heard.steady_hz / heard.hz).log2() + frame.cents / 1_200.0;
            tone.sounding_hz = heard.hz * (controls.articulation * octaves).exp2();
            tone.note = heard.note;
        }
        let highest_db = match frame.phase {
            FilterPhase::Zero => HIGHEST_SHIFT_DB,
            FilterPhase::Minimum => HIGHEST_LIVE_DB,
        };
        playing.shift(powers, line.level_db, highest_db, rises_db);
        played.sure = sure
            .iter()
            .zip(powers)
            .map(|(sure, power)| if power > 0.0 { *sure } else { 0.0 })
            .sum();
        let share = controls.resynthesis * controls.morph;
        let shift_db: f32 = sure
            .iter()
            .zip(playing.shifts_db)
            .map(|(sure, shift)| controls.morph * sure * shift)
            .sum();
        let shift_db = shift_db + controls.morph * begins_db;
        let mut drawn = Drawn {
            source: (1.0 - share * sure.iter().sum::<f32>()).max(0.0).sqrt()
                * 10.0f32.powf(shift_db / 20.0),
            ..Drawn::NOTHING
        };
        if played.sure <= 0.0 {
            return (drawn, None);
        }
        if share > 0.0 {
            for (note, tone) in drawn.notes.iter_mut().zip(&played.tones) {
                note.note = tone.note;
                note.hz = tone.sounding_hz;
                note.harmonics = tone.harmonics.map(|power| (share * power).sqrt());
            }
            drawn.noise = played
                .noise
                .map(|power| (share * power / NOISE_IN_A_BIN).sqrt());
        }
        (drawn, Some(played))
    }
}

impl Playing {
    /// That for frames at this distance, in seconds. Allocates unless it is there.
    fn made(place: &mut Option<Self>, hop_seconds: f32) -> &mut Self {
        place.take_if(|playing| !playing.line.is_for(hop_seconds));
        place.get_or_insert_with(|| {
            let line = NoteFollower::new(hop_seconds);
            Self::with(line, ChordFollower::new(hop_seconds))
        })
    }

    /// Back at the beginning of a stream.
    fn at_the_beginning(self) -> Self {
        Self::with(self.line.at_the_beginning(), self.chord.at_the_beginning())
    }

    fn with(line: NoteFollower, chord: ChordFollower) -> Self {
        Self {
            line,
            chord,
            trust: Trust::default(),
            stored: [None; VOICES],
            shifts_db: [0.0; 2],
        }
    }

    /// Takes in the power that is to sound of a line and of a chord, where the source's level is this one, may be turned up by so much, and rises by so much to the next hop, all in dB.
    fn shift(&mut self, powers: [f32; 2], source_db: f32, highest_db: f32, rises_db: f32) {
        for (shift, power) in self.shifts_db.iter_mut().zip(powers) {
            // Through what has no pitch the source stays where it was.
            if power > 0.0 {
                *shift = (10.0 * power.log10() - source_db).clamp(LOWEST_SHIFT_DB, highest_db);
            }
            if rises_db > BEGINS_DB {
                *shift = 0.0;
            }
        }
    }
}

/// The named timbre that Morph leads to, if it has a player.
fn player(players: &NotePlayers, controls: &MorphControls) -> Option<&'static str> {
    let id = controls.target.id();
    id.filter(|id| controls.morph_source == MorphSource::Named && players.has(id))
}

/// The stored note that is to be played for one that is heard: that from before, as long as it fits. `kind`: of a chord, or a line.
fn chosen<'a>(
    players: &NotePlayers,
    stored: &'a mut Option<Stored>,
    (id, target): (&str, Target),
    heard: &HeardNote,
    kind: usize,
) -> Option<&'a Stored> {
    let pitch = midi(heard.hz);
    let fits = |stored: &Stored| {
        stored.target == target
            && stored.note == heard.note
            && (pitch - stored.pitch).abs() < REACH_SEMITONES
    };
    if !stored.as_ref().is_some_and(fits) {
        *stored = players.note(id, pitch).map(|played| Stored {
            played,
            colour: match kind {
                CHORD => players.chord_colour(played),
                _ => players.line_colour(played),
            },
            target,
            pitch,
            note: heard.note,
        });
    }
    stored.as_ref()
}

/// The MIDI pitch of a frequency in Hz.
fn midi(hz: f32) -> f32 {
    69.0 + 12.0 * (hz / 440.0).log2()
}

/// The level of the hop: the source's, or what the player makes of the note's loudest, up to the source's own end.
fn level_db(heard: &HeardNote, contour_db: f32, articulation: f32) -> f32 {
    let articulated = heard.loudest_db + contour_db + heard.gate_db;
    crossfade(heard.level_db, articulated, articulation)
}
