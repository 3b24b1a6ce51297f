//! The players of named timbres: what their notes do from the onset on, as levels of harmonics, of noise, and of the whole.

mod colours;
mod packed;

use std::sync::{Arc, LazyLock};

use super::{
    ChordEar, ModelError, ModelSource,
    card::{ByteRange, ColoursCard, NotesCard},
};
use colours::Colours;
use packed::unpacked;

pub use colours::Colour;

/// Harmonics of a note that a player draws.
pub const HARMONICS: usize = 60;

/// Bands of noise that a player draws.
pub const NOISE_BANDS: usize = 40;

/// Bytes of a frame: harmonics, noise, the level, and the pitch.
const FRAME: usize = HARMONICS + NOISE_BANDS + 2;

/// A table is no larger than this, in bytes.
const LARGEST_TABLE: usize = 64 << 20;

/// Where in a frame the level is.
const LEVEL: usize = HARMONICS + NOISE_BANDS;

/// The last of a note's frames are gone through to and fro for as long as it is held: from here on, in seconds.
const HELD_FROM: f32 = 0.6;

/// A held note whose level falls by less than this, in dB a second, stands.
const LEAST_DECAY: f32 = 6.0;

/// A frame this little above the lowest level, in dB, is silent, and tells nothing of a decay.
const ABOVE_SILENCE_DB: f32 = 5.0;

/// Edges of the noise bands, in Hz: from 60 Hz to 20 kHz, each as many times the one before.
pub fn noise_edges_hz() -> impl Iterator<Item = f64> {
    let ratio = 20_000.0f64 / 60.0;
    (0..=NOISE_BANDS).map(move |edge| 60.0 * ratio.powf(edge as f64 / NOISE_BANDS as f64))
}

/// What a player does at one moment of a note.
#[derive(Debug, Clone, PartialEq)]
pub struct NoteFrame {
    /// Power of each harmonic over the frame's, in dB.
    pub harmonics_db: [f32; HARMONICS],
    /// Power of each band of noise over the frame's, in dB and in a bin of 48 kHz / 4096 under a Hann window, where a sine of
    /// amplitude 1 has power 1.
    pub noise_db: [f32; NOISE_BANDS],
    /// Level over the note's loudest, in dB.
    pub level_db: f32,
    /// Pitch over the note's, in cents.
    pub cents: f32,
}

/// A player's note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlayedNote {
    player: usize,
    note: usize,
}

/// The players of named timbres, measured on notes; clones share them.
#[derive(Clone)]
pub struct NotePlayers {
    card: Arc<NotesCard>,
    /// `[player][pitch][frame][harmonics, noise, level, pitch]`, each in its card's range.
    table: Arc<[u8]>,
    /// How fast each note's level falls while it is held, in dB a second, indexed by `[player_idx * pitches + pitch_idx]`.
    decays: Arc<[f32]>,
    ear: Option<ChordEar>,
    chord_colours: Option<Colours>,
    line_colours: Option<Colours>,
}

impl NotePlayers {
    /// Loads card and table; of a folder that has none, those that are embedded.
    ///
    /// # Errors
    /// [`ModelError`], naming the file and the field.
    pub fn load(source: &ModelSource) -> Result<Self, ModelError> {
        let source = if source.has("notes", "card.json") {
            source
        } else {
            &ModelSource::Embedded
        };
        let (file, bytes) = source.read("notes", "card.json")?;
        let card = NotesCard::parse(&file, &bytes)?;
        let (file, packed) = source.read_checked("notes", &card.file, "files.players")?;
        let notes = card.players.len() * card.pitches.len();
        let table = unpack(&file, &packed, notes, card.seconds.len())?;
        let ear = card
            .ear
            .as_ref()
            .map(|ear| ChordEar::load(source, ear))
            .transpose()?;
        let colours = |listed: &Option<ColoursCard>, field: &str| {
            let listed = listed.as_ref();
            listed
                .map(|listed| Colours::load(source, listed, field, card.players.len()))
                .transpose()
        };
        let chord_colours = colours(&card.colours, "files.colours")?;
        let line_colours = colours(&card.lines, "files.lines")?;
        let mut players = Self {
            ear,
            chord_colours,
            line_colours,
            card: Arc::new(card),
            table: table.into(),
            decays: Arc::default(),
        };
        players.decays = (0..players.card.players.len() * players.card.pitches.len())
            .map(|note| players.decay(note))
            .collect();
        Ok(players)
    }

    /// How much of the way to a named timbre a listener hears recorded solos go at Morph and Resynthesis 100 %, 1 for all of it, by
    /// the embedded players' card; `None` where that was not measured.
    pub fn measured_way(id: &str) -> Option<f32> {
        static WAYS: LazyLock<Vec<(String, f32)>> = LazyLock::new(|| {
            let card = ModelSource::Embedded
                .read("notes", "card.json")
                .and_then(|(file, bytes)| NotesCard::parse(&file, &bytes));
            let players = card.map_or_else(|_| Vec::new(), |card| card.players);
            let measured = players.into_iter();
            measured
                .filter_map(|player| Some((player.id, player.way?)))
                .filter(|(_, way)| way.is_finite())
                .collect()
        });
        let found = WAYS.iter().find(|(measured, _)| measured == id);
        found.map(|(_, way)| *way)
    }

    /// What hears the notes of chords for them; `None` of a folder that has no such network.
    pub fn ear(&self) -> Option<&ChordEar> {
        self.ear.as_ref()
    }

    /// Whether a named timbre has a player.
    pub fn has(&self, id: &str) -> bool {
        self.card.players.iter().any(|player| player.id == id)
    }

    /// The note nearest to a MIDI pitch, by the player of a named timbre; `None` if it has none.
    pub fn note(&self, id: &str, pitch: f32) -> Option<PlayedNote> {
        let player = self.card.players.iter().position(|each| each.id == id)?;
        let pitches = self.card.pitches.iter().enumerate();
        let (note, _) = pitches.min_by(|(_, one), (_, other)| {
            (*one - pitch).abs().total_cmp(&(*other - pitch).abs())
        })?;
        Some(PlayedNote { player, note })
    }

    /// What a note of a chord is coloured by where it is played by this one; `None` in folders that have no such table.
    pub fn chord_colour(&self, played: PlayedNote) -> Option<Colour> {
        self.colour(self.chord_colours.as_ref()?, played)
    }

    /// What a single line is coloured by where it is played by this note; `None` in folders that have no such table.
    pub fn line_colour(&self, played: PlayedNote) -> Option<Colour> {
        self.colour(self.line_colours.as_ref()?, played)
    }

    /// How what the players play at a MIDI pitch is tilted on average where they play single lines: by so much its levels rise from the middle of 50 Hz to 15 kHz, on
    /// Slaney's mel scale, to the upper end, in dB; `None` in folders that don't say.
    pub fn usual_tilt_db(&self, pitch: f32) -> Option<f32> {
        self.line_colours.as_ref()?.usual_tilt_db(pitch)
    }

    /// What a table has at the pitch of a note as it is stored.
    fn colour(&self, colours: &Colours, played: PlayedNote) -> Option<Colour> {
        let pitch = self.card.pitches.get(played.note)?;
        Some(colours.at(played.player, *pitch))
    }

    /// What is played so many seconds after the onset.
    pub fn frame(&self, played: PlayedNote, seconds: f32) -> NoteFrame {
        let number = played.player * self.card.pitches.len() + played.note;
        let times = &self.card.seconds;
        let end = times.last().copied().unwrap_or_default();
        let span = (end - HELD_FROM).max(0.1).min(end);
        let place = if seconds <= end {
            seconds.max(0.0)
        } else {
            let beyond = (seconds - end) % (2.0 * span);
            end - span + (span - beyond).abs()
        };
        let above = times
            .partition_point(|time| *time <= place)
            .min(times.len() - 1);
        let below = above.saturating_sub(1);
        let (before, after) = (self.time(below), self.time(above));
        let way = ((place - before) / (after - before).max(1e-6)).clamp(0.0, 1.0);
        let (one, other) = (self.bytes(number, below), self.bytes(number, above));
        let value = |index: usize, range: ByteRange| {
            let byte = |row: &[u8]| f32::from(row.get(index).copied().unwrap_or_default());
            let (from, to) = (byte(one), byte(other));
            range.at(from + way * (to - from))
        };
        let decay = self.decays.get(number).copied().unwrap_or_default();
        let level = value(LEVEL, self.card.level);
        NoteFrame {
            harmonics_db: std::array::from_fn(|index| value(index, self.card.harmonics)),
            noise_db: std::array::from_fn(|index| value(HARMONICS + index, self.card.noise)),
            level_db: if level <= self.card.level.low {
                SILENT_DB
            } else {
                level - decay * (seconds - place)
            },
            cents: value(LEVEL + 1, self.card.cents),
        }
    }

    fn time(&self, frame: usize) -> f32 {
        self.card.seconds.get(frame).copied().unwrap_or_default()
    }

    fn bytes(&self, note: usize, frame: usize) -> &[u8] {
        let start = (note * self.card.seconds.len() + frame) * FRAME;
        self.table.get(start..start + FRAME).unwrap_or_default()
    }

    /// How fast a note's level falls while it is held, in dB a second, by least squares; 0 where it stands.
    fn decay(&self, note: usize) -> f32 {
        let range = self.card.level;
        let held = self
            .card
            .seconds
            .iter()
            .enumerate()
            .filter_map(|(frame, time)| {
                let byte = self
                    .bytes(note, frame)
                    .get(LEVEL)
                    .copied()
                    .unwrap_or_default();
                let level = range.at(f32::from(byte));
                (*time >= HELD_FROM && level > range.low + ABOVE_SILENCE_DB)
                    .then_some((*time, level))
            });
        let (mut count, mut sums) = (0.0, [0.0f32; 4]);
        for (time, level) in held {
            count += 1.0;
            for (sum, value) in sums
                .iter_mut()
                .zip([time, level, time * time, time * level])
            {
                *sum += value;
            }
        }
        let [times, levels, squares, products] = sums;
        let spread = count * squares - times * times;
        let falls = -(count * products - times * levels) / spread;
        if count >= 4.0 && spread > 1e-3 && falls > LEAST_DECAY {
            falls
        } else {
            0.0
        }
    }
}

/// A table's bytes `[note][frame][value]`: packed they are `[note][value][frame]`, each the step from the frame before, and deflated as
/// zlib does it (RFC 1950).
fn unpack(file: &str, packed: &[u8], notes: usize, frames: usize) -> Result<Vec<u8>, ModelError> {
    let expected = notes * frames * FRAME;
    if expected > LARGEST_TABLE {
        let found = format!("{expected} bytes");
        let limit = format!("at most {LARGEST_TABLE}");
        return Err(ModelError::field(file, "(its table)", found, limit));
    }
    let steps = unpacked(file, packed, expected)?;
    let mut table = vec![0; expected];
    for (row, steps) in steps.chunks_exact(frames).enumerate() {
        let (note, index) = (row / FRAME, row % FRAME);
        let mut value = 0u8;
        for (frame, step) in steps.iter().enumerate() {
            value = value.wrapping_add(*step);
            if let Some(place) = table.get_mut((note * frames + frame) * FRAME + index) {
                *place = value;
            }
        }
    }
    Ok(table)
}

/// The level of a note that has died away, in dB.
const SILENT_DB: f32 = -120.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_held_piano_dies_away_and_a_held_organ_does_not() {
        let players = NotePlayers::load(&ModelSource::Embedded).unwrap();
        let level = |id: &str, seconds: f32| {
            let note = players.note(id, 60.0).unwrap();
            players.frame(note, seconds).level_db
        };
        let fall = |id: &str| level(id, 0.7) - level(id, 4.0);
        assert!(fall("grand-piano") > 15.0, "{}", fall("grand-piano"));
        assert!(fall("church-organ").abs() < 6.0, "{}", fall("church-organ"));
        assert!(level("trumpet", 0.5) > -10.0);
    }

    #[test]
    fn a_packed_table_is_unpacked_and_a_damaged_or_shorter_one_is_refused() {
        use miniz_oxide::deflate::compress_to_vec_zlib;

        const FRAMES: usize = 3;
        let value =
            |note: usize, frame: usize, index: usize| (41 * note + 97 * frame + index) as u8;
        let mut steps = Vec::new();
        for (note, index) in (0..2).flat_map(|note| (0..FRAME).map(move |index| (note, index))) {
            let mut before = 0u8;
            for frame in 0..FRAMES {
                let now = value(note, frame, index);
                steps.push(now.wrapping_sub(before));
                before = now;
            }
        }
        let packed = compress_to_vec_zlib(&steps, 9);
        let table = unpack("players.bin", &packed, 2, FRAMES).unwrap();
        for (place, found) in table.iter().enumerate() {
            let (note, frame) = (place / FRAME / FRAMES, place / FRAME % FRAMES);
            assert_eq!(*found, value(note, frame, place % FRAME));
        }
        for (damaged, notes, told) in [
            (&packed[..40], 2, "cut off"),
            (&packed, 1, "as its card says"),
            (&packed, 3, "as its card says"),
            (&[], 2, "cut off"),
        ] {
            let error = unpack("players.bin", damaged, notes, FRAMES).unwrap_err();
            assert!(error.to_string().contains(told), "{error}");
        }
        assert!(unpack("players.bin", &packed, 1 << 30, FRAMES).is_err());
    }

    #[test]
    fn every_pitched_target_has_a_player_and_drums_have_none() {
        let players = NotePlayers::load(&ModelSource::Embedded).unwrap();
        let card = ModelSource::embedded_timbre_card().unwrap();
        let (with, without): (Vec<_>, Vec<_>) = card
            .anchors
            .iter()
            .partition(|anchor| players.has(&anchor.id));
        assert_eq!((with.len(), without.len()), (31, 6));
        assert!(players.note("kick-drum", 40.0).is_none());
        for anchor in with {
            let note = players.note(&anchor.id, 60.0).unwrap();
            for colour in [players.chord_colour(note), players.line_colour(note)] {
                let harmonics = colour.unwrap().harmonics_db;
                assert!(harmonics.iter().any(|db| db.abs() > 0.5), "{}", anchor.id);
            }
        }
    }

    #[test]
    fn frames_are_continuous_where_the_stored_note_ends() {
        let players = NotePlayers::load(&ModelSource::Embedded).unwrap();
        let note = players.note("violin", 67.0).unwrap();
        let (before, after) = (players.frame(note, 1.279), players.frame(note, 1.281));
        for (one, other) in before.harmonics_db.iter().zip(after.harmonics_db) {
            assert!((one - other).abs() < 1.0);
        }
        assert!((before.level_db - after.level_db).abs() < 0.5);
    }
}
