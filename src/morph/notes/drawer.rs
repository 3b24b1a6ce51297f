//! What the player of a named timbre does with the notes that are heard, hop by hop.

use crate::{
    dsp::crossfade,
    model::{NOISE_BANDS, NotePlayers, PlayedNote, noise_edges_hz},
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
const BIN_HZ: f32 = 48_000.0 / 4096.0;
/// The power of a sine, summed over its bins, over that at its peak.
const SPREAD: f32 = 1.5;

/// Draws the notes of a stream; runs on Morph's thread.
pub struct NoteDrawer {
    players: NotePlayers,
    /// While a named timbre's player is asked for.
    playing: Option<Playing>,
    /// Widths of the noise bands in bins.
    widths: [f32; NOISE_BANDS],
}

struct Playing {
    follower: NoteFollower,
    /// The stored note, of which player, at which pitch it was chosen, and for which of the notes heard.
    note: Option<(PlayedNote, Target, f32, u32)>,
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

    /// Hears a frame; draws the hop before it. `controls` are smoothed. Allocates where a player begins.
    pub fn draw(&mut self, frame: &FrameMessage, controls: &MorphControls) -> Drawn {
        let wanted = controls.resynthesis * controls.morph;
        let id = controls.target.id().filter(|id| {
            controls.morph_source == MorphSource::Named && wanted > 0.0 && self.players.has(id)
        });
        let Some(id) = id else {
            self.playing = None;
            return Drawn::NOTHING;
        };
        self.playing
            .take_if(|playing| !playing.follower.is_for(frame));
        let playing = self.playing.get_or_insert_with(|| Playing {
            follower: NoteFollower::new(frame.hop_seconds),
            note: None,
        });
        let heard = playing.follower.hear(frame);
        let share = wanted * ramp(heard.solo, SOLO);
        let mut drawn = Drawn {
            note: heard.note,
            source: (1.0 - share).max(0.0).sqrt(),
            ..Drawn::NOTHING
        };
        let sounds = share > 0.0 && heard.clear && heard.hz > 0.0;
        let Some(since) = heard.since.filter(|_| sounds) else {
            return drawn;
        };
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
        let Some((note, ..)) = playing.note else {
            return drawn;
        };
        let played = self.players.frame(note, since as f32 * frame.hop_seconds);
        let level_db = level_db(&heard, played.level_db, controls.articulation);
        // The target's vibrato, or none, in place of the source's.
        let octaves = (heard.steady_hz / heard.hz).log2() + played.cents / 1_200.0;
        drawn.hz = heard.hz * (controls.articulation * octaves).exp2();
        let power = |db: f32| 10.0f32.powf(db / 10.0);
        for (number, (amplitude, db)) in drawn
            .harmonics
            .iter_mut()
            .zip(played.harmonics_db)
            .enumerate()
        {
            if (number + 1) as f32 * drawn.hz < HIGHEST_HZ {
                *amplitude = power(db);
            }
        }
        drawn.noise = played.noise_db.map(power);
        let noise: f32 = drawn
            .noise
            .iter()
            .zip(&self.widths)
            .map(|(power, width)| power * width)
            .sum();
        let whole = drawn.harmonics.iter().sum::<f32>() + noise / SPREAD;
        // Of a sine of amplitude 1 the power at its bin is 1, its mean power one half.
        let scale = 2.0 * share * power(level_db) / whole.max(1e-9);
        for amplitude in &mut drawn.harmonics {
            *amplitude = (*amplitude * scale).sqrt();
        }
        for amplitude in &mut drawn.noise {
            *amplitude = (*amplitude * scale / NOISE_IN_A_BIN).sqrt();
        }
        drawn
    }
}

/// The level of the hop: the source's, or what the player makes of the note's loudest, up to the source's own end.
fn level_db(heard: &HeardNote, contour_db: f32, articulation: f32) -> f32 {
    let articulated = heard.loudest_db + contour_db + heard.gate_db;
    crossfade(heard.level_db, articulated, articulation)
}
