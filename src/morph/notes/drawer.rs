//! What the player of a named timbre does with the notes that are heard, hop by hop.

use crate::{
    dsp::crossfade,
    model::{HARMONICS, NOISE_BANDS, NotePlayers, PlayedNote, noise_edges_hz},
    params::{MorphSource, Target},
};

use super::{
    Drawn,
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

/// A rise by so much from a hop to the next, in dB, is another note's beginning: what the one before had come to is not its own.
const BEGINS_DB: f32 = 6.0;

/// What the player does at a hop.
pub struct Played {
    /// How surely a single line is heard, 0 to 1: so far the player counts.
    pub sure: f32,
    /// Its pitch in Hz.
    pub hz: f32,
    /// Power of each harmonic over that of all the player sounds, about; linear.
    pub harmonics: [f32; HARMONICS],
    /// The same of a bin in each band of noise, [`BIN_HZ`] wide.
    pub noise: [f32; NOISE_BANDS],
}

/// Draws the notes of a stream; runs on Morph's thread.
pub struct NoteDrawer {
    players: NotePlayers,
    /// While Morph leads to a named timbre that has a player.
    playing: Option<Playing>,
    /// Widths of the noise bands in bins.
    widths: [f32; NOISE_BANDS],
}

struct Playing {
    follower: NoteFollower,
    /// The stored note, of which player, at which pitch it was chosen, and for which of the notes heard.
    note: Option<(PlayedNote, Target, f32, u32)>,
    /// What the source's level is moved by towards the player's, in dB, before Morph and doubts.
    shift_db: f32,
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
            playing: None,
            widths,
        }
    }

    /// Back to the beginning of a stream.
    pub fn reset(&mut self) {
        self.playing = None;
    }

    /// Hears a frame; draws the hop before it, and tells what is played there. `controls` are smoothed. Allocates where a player begins.
    pub fn draw(
        &mut self,
        frame: &FrameMessage,
        controls: &MorphControls,
    ) -> (Drawn, Option<Played>) {
        let id = controls
            .target
            .id()
            .filter(|id| controls.morph_source == MorphSource::Named && self.players.has(id));
        let Some(id) = id else {
            self.playing = None;
            return (Drawn::NOTHING, None);
        };
        self.playing
            .take_if(|playing| !playing.follower.is_for(frame));
        let playing = self.playing.get_or_insert_with(|| Playing {
            follower: NoteFollower::new(frame.hop_seconds),
            note: None,
            shift_db: 0.0,
        });
        // It goes on hearing while Morph is at 0: what it has to know takes it a while.
        let heard = playing.follower.hear(frame);
        if controls.morph <= 0.0 {
            return (Drawn::NOTHING, None);
        }
        let sure = ramp(heard.solo, SOLO);
        let sounds = sure > 0.0 && heard.clear && heard.hz > 0.0;
        let since = heard.since.filter(|_| sounds);
        let played = since.and_then(|since| {
            let pitch = 69.0 + 12.0 * (heard.hz / 440.0).log2();
            let fits = |&(_, target, chosen_at, note): &(PlayedNote, Target, f32, u32)| {
                target == controls.target
                    && note == heard.note
                    && (pitch - chosen_at).abs() < REACH_SEMITONES
            };
            if !playing.note.as_ref().is_some_and(fits) {
                let note = self.players.note(id, pitch);
                playing.note = note.map(|note| (note, controls.target, pitch, heard.note));
            }
            let (note, ..) = playing.note?;
            let played = self.players.frame(note, since as f32 * frame.hop_seconds);
            let level_db = level_db(&heard, played.level_db, controls.articulation);
            Some((played, level_db))
        });
        // Through what has no pitch the source stays where it was.
        if let Some((_, level_db)) = played {
            playing.shift_db = (level_db - heard.level_db).clamp(LOWEST_SHIFT_DB, HIGHEST_SHIFT_DB);
        }
        let newest_db = 10.0 * (frame.power + 1e-14).log10();
        if newest_db - heard.level_db > BEGINS_DB {
            playing.shift_db = playing.shift_db.max(0.0);
        }
        let share = controls.resynthesis * controls.morph * sure;
        let shift_db = controls.morph * sure * playing.shift_db;
        let mut drawn = Drawn {
            note: heard.note,
            source: (1.0 - share).max(0.0).sqrt() * 10.0f32.powf(shift_db / 20.0),
            ..Drawn::NOTHING
        };
        let Some((played, level_db)) = played else {
            return (drawn, None);
        };
        // The target's vibrato, or none, in place of the source's.
        let octaves = (heard.steady_hz / heard.hz).log2() + played.cents / 1_200.0;
        let hz = heard.hz * (controls.articulation * octaves).exp2();
        let power = |db: f32| 10.0f32.powf(db / 10.0);
        let audible = |number: usize| (number + 1) as f32 * hz < HIGHEST_HZ;
        let harmonics = std::array::from_fn(|number| {
            let db = played.harmonics_db.get(number).filter(|_| audible(number));
            db.map_or(0.0, |db| power(*db))
        });
        let played = Played {
            sure,
            hz: heard.hz,
            harmonics,
            noise: played.noise_db.map(power),
        };
        if share > 0.0 {
            drawn.hz = hz;
            self.sound(&played, share * power(level_db), &mut drawn);
        }
        (drawn, Some(played))
    }

    /// Draws what is played at a mean power.
    fn sound(&self, played: &Played, mean_power: f32, drawn: &mut Drawn) {
        let noise: f32 = played
            .noise
            .iter()
            .zip(&self.widths)
            .map(|(power, width)| power * width)
            .sum();
        let whole = played.harmonics.iter().sum::<f32>() + noise / SPREAD;
        // Of a sine of amplitude 1 the power at its bin is 1, its mean power one half.
        let scale = 2.0 * mean_power / whole.max(1e-9);
        drawn.harmonics = played.harmonics.map(|power| (power * scale).sqrt());
        drawn.noise = played
            .noise
            .map(|power| (power * scale / NOISE_IN_A_BIN).sqrt());
    }
}

/// The level of the hop: the source's, or what the player makes of the note's loudest, up to the source's own end.
fn level_db(heard: &HeardNote, contour_db: f32, articulation: f32) -> f32 {
    let articulated = heard.loudest_db + contour_db + heard.gate_db;
    crossfade(heard.level_db, articulated, articulation)
}
