//! What the player of a named timbre does with the notes that are heard, hop by hop.

use crate::{
    dsp::crossfade,
    model::{
        Colour, HARMONICS, ModelError, NOISE_BANDS, NoteFrame, NotePlayers, PlayedNote,
        noise_edges_hz,
    },
    params::{MorphSource, Target},
};

use super::{
    Drawn, VOICES,
    chord::{ChordFollower, HeardChord},
    follower::{HeardNote, NoteFollower, ramp},
};
use crate::morph::{FrameMessage, MorphControls};

/// Harmonics above this are left to the noise, in Hz.
const HIGHEST_HZ: f32 = 18_000.0;

/// A pitch so far from the stored note's, in semitones, is played by another.
const REACH_SEMITONES: f32 = 2.5;

/// How surely a single line is heard where the player begins to sound, and where it sounds alone.
const SOLO: (f32, f32) = (0.3, 0.7);

/// Of the Hann window of 4096 samples that the players were measured with: what white noise of power 1 a sample has in a bin, and
/// the width of a bin at 48 kHz in Hz.
const NOISE_IN_A_BIN: f32 = 1.5 / 1024.0;
pub(super) const BIN_HZ: f32 = 48_000.0 / 4096.0;
/// The power of a sine, summed over its bins, over that at its peak.
const SPREAD: f32 = 1.5;

/// How far the source itself is turned up or down towards the player's level, in dB.
const LOWEST_SHIFT_DB: f32 = -60.0;
const HIGHEST_SHIFT_DB: f32 = 12.0;

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

/// What has a pitch of a note that is played.
#[derive(Clone, Copy)]
pub struct Tone {
    /// The pitch that is heard, in Hz; 0 if nothing is.
    pub hz: f32,
    /// The pitch that sounds, in Hz.
    sounding_hz: f32,
    /// Which note it is.
    note: u32,
    /// Power of each harmonic at the peak of its bin; linear.
    pub harmonics: [f32; HARMONICS],
}

impl Tone {
    /// None.
    pub const NONE: Self = Self {
        hz: 0.0,
        sounding_hz: 0.0,
        note: 0,
        harmonics: [0.0; HARMONICS],
    };
}

/// Draws the notes of a stream; runs on Morph's thread.
pub struct NoteDrawer {
    players: NotePlayers,
    /// Whether Morph leads to a named timbre that has a player.
    plays: bool,
    /// What hears and plays then; once the hop is known. At the beginning of a stream unless it `plays`.
    playing: Option<Playing>,
    /// Widths of the noise bands in bins.
    widths: [f32; NOISE_BANDS],
}

struct Playing {
    line: NoteFollower,
    chord: ChordFollower,
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
    /// At the beginning of a stream.
    pub fn new(players: NotePlayers) -> Self {
        let edges: Vec<f64> = noise_edges_hz().collect();
        let mut widths = [0.0; NOISE_BANDS];
        for (width, pair) in widths.iter_mut().zip(edges.windows(2)) {
            if let &[low, high] = pair {
                *width = (high - low) as f32 / BIN_HZ;
            }
        }
        Self {
            players,
            plays: false,
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
        if std::mem::take(&mut self.plays) {
            self.playing = self.playing.take().map(Playing::at_the_beginning);
        }
    }

    /// Whether Morph leads to a named timbre that has a player.
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

    /// Hears a frame; draws the hop before it, and tells what is played there. `controls` are smoothed. Allocates.
    ///
    /// # Errors
    /// When the network that hears chords fails.
    pub fn draw(
        &mut self,
        frame: &FrameMessage,
        controls: &MorphControls,
    ) -> Result<(Drawn, Option<Played>), ModelError> {
        let id = controls
            .target
            .id()
            .filter(|id| controls.morph_source == MorphSource::Named && self.players.has(id));
        let Some(id) = id else {
            self.reset();
            return Ok((Drawn::NOTHING, None));
        };
        self.plays = true;
        let Self {
            players,
            playing,
            widths,
            ..
        } = self;
        let playing = Playing::made(playing, frame.hop_seconds);
        // They go on hearing while Morph is at 0: what they have to know takes them a while.
        let rests = controls.morph <= 0.0;
        let line = playing.line.hear(frame);
        let chord = match players.ear() {
            Some(ear) => playing.chord.hear(frame, &line, ear, rests)?,
            None => HeardChord::NONE,
        };
        if rests {
            return Ok((Drawn::NOTHING, None));
        }
        let line_sure = ramp(line.solo, SOLO) * (1.0 - chord.plural);
        let sure = [line_sure, (1.0 - line_sure) * chord.sure];
        let mut played = Played {
            sure: 0.0,
            tones: [Tone::NONE; VOICES],
            noise: [0.0; NOISE_BANDS],
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
        let rises = 10.0 * (frame.power + 1e-14).log10() - line.level_db;
        playing.shift(powers, line.level_db, rises);
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
        let mut drawn = Drawn {
            source: (1.0 - share * sure.iter().sum::<f32>()).max(0.0).sqrt()
                * 10.0f32.powf(shift_db / 20.0),
            ..Drawn::NOTHING
        };
        if played.sure <= 0.0 {
            return Ok((drawn, None));
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
        Ok((drawn, Some(played)))
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
            stored: [None; VOICES],
            shifts_db: [0.0; 2],
        }
    }

    /// Takes in the power that is to sound of a line and of a chord, where the source's level is this one and rises by so much to the next hop, both in dB.
    fn shift(&mut self, powers: [f32; 2], source_db: f32, rises_db: f32) {
        for (shift, power) in self.shifts_db.iter_mut().zip(powers) {
            // Through what has no pitch the source stays where it was.
            if power > 0.0 {
                *shift =
                    (10.0 * power.log10() - source_db).clamp(LOWEST_SHIFT_DB, HIGHEST_SHIFT_DB);
            }
            if rises_db > BEGINS_DB {
                *shift = shift.max(0.0);
            }
        }
    }
}

/// The stored note that is to be played for one that is heard: that from before, as long as it fits. `kind`: of a chord, or a line.
fn chosen<'a>(
    players: &NotePlayers,
    stored: &'a mut Option<Stored>,
    (id, target): (&str, Target),
    heard: &HeardNote,
    kind: usize,
) -> Option<&'a Stored> {
    let pitch = 69.0 + 12.0 * (heard.hz / 440.0).log2();
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

/// Makes of `tone`, whose pitch is known, what is played with a mean power; returns the power of its noise in a bin of each band, [`BIN_HZ`] wide.
fn sound(
    tone: &mut Tone,
    frame: &NoteFrame,
    mean_power: f32,
    widths: &[f32; NOISE_BANDS],
) -> [f32; NOISE_BANDS] {
    let hz = tone.hz;
    let audible = |number: usize| (number + 1) as f32 * hz < HIGHEST_HZ;
    let harmonics: [f32; HARMONICS] = std::array::from_fn(|number| {
        let db = frame.harmonics_db.get(number).filter(|_| audible(number));
        db.map_or(0.0, |db| power(*db))
    });
    let noise = frame.noise_db.map(power);
    let of_noise: f32 = noise
        .iter()
        .zip(widths)
        .map(|(power, width)| power * width)
        .sum();
    let whole = harmonics.iter().sum::<f32>() + of_noise / SPREAD;
    // Of a sine of amplitude 1 the power at its bin is 1, its mean power one half.
    let scale = 2.0 * mean_power / whole.max(1e-9);
    tone.harmonics = harmonics.map(|power| scale * power);
    noise.map(|power| scale * power)
}

/// dB as a power.
fn power(db: f32) -> f32 {
    10.0f32.powf(db / 10.0)
}

/// The level of the hop: the source's, or what the player makes of the note's loudest, up to the source's own end.
fn level_db(heard: &HeardNote, contour_db: f32, articulation: f32) -> f32 {
    let articulated = heard.loudest_db + contour_db + heard.gate_db;
    crossfade(heard.level_db, articulated, articulation)
}
