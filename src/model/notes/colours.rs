//! How far the players' notes are from what several makers' instruments do on average: the colours that chords and lines are played in.

use std::sync::Arc;

use super::{HARMONICS, NOISE_BANDS, NoteFrame, packed::unpacked};
use crate::model::{
    ModelError, ModelSource,
    card::{ByteRange, ColoursCard},
};

/// Levels of a colour.
const LEVELS: usize = HARMONICS + NOISE_BANDS;

/// By how much another colour's levels are higher, all through a note.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Colour {
    /// Of each harmonic, in dB.
    pub harmonics_db: [f32; HARMONICS],
    /// Of each band of noise, in dB.
    pub noise_db: [f32; NOISE_BANDS],
}

impl NoteFrame {
    /// The same moment of a note in another colour.
    pub fn in_colour(mut self, colour: &Colour) -> Self {
        let levels = self.harmonics_db.iter_mut().chain(&mut self.noise_db);
        let higher = colour.harmonics_db.iter().chain(&colour.noise_db);
        for (level, higher) in levels.zip(higher) {
            *level += higher;
        }
        self
    }
}

/// The colours of all players; clones share them.
#[derive(Clone)]
pub(super) struct Colours {
    /// MIDI pitches that there are colours for, rising.
    pitches: Arc<[f32]>,
    range: ByteRange,
    /// `[player][pitch][harmonics, noise]`.
    table: Arc<[u8]>,
    /// `[pitch]`, or none.
    tilts_db: Arc<[f32]>,
}

impl Colours {
    /// Loads the table that the players' card lists in `field`, for so many players.
    ///
    /// # Errors
    /// [`ModelError`], naming the file and the field.
    pub(super) fn load(
        source: &ModelSource,
        card: &ColoursCard,
        field: &str,
        players: usize,
    ) -> Result<Self, ModelError> {
        let (file, packed) = source.read_checked("notes", &card.file, field)?;
        let expected = players * card.pitches.len() * LEVELS;
        let table = unpacked(&file, &packed, expected)?;
        Ok(Self {
            pitches: card.pitches.as_slice().into(),
            range: card.range,
            table: table.into(),
            tilts_db: card.tilts_db.as_slice().into(),
        })
    }

    /// A player's colour at a MIDI pitch: between two that are stored it goes in a straight line.
    pub(super) fn at(&self, player: usize, pitch: f32) -> Colour {
        let (below, above, way) = self.between(pitch);
        let row = |index: usize| {
            let start = (player * self.pitches.len() + index) * LEVELS;
            self.table.get(start..start + LEVELS).unwrap_or_default()
        };
        let (one, other) = (row(below), row(above));
        let value = |index: usize| {
            let byte = |row: &[u8]| row.get(index).copied().map_or(0.0, f32::from);
            let (from, to) = (byte(one), byte(other));
            self.range.at(from + way * (to - from))
        };
        Colour {
            harmonics_db: std::array::from_fn(value),
            noise_db: std::array::from_fn(|band| value(HARMONICS + band)),
        }
    }

    /// How what players play at a MIDI pitch is tilted on average, in dB from the middle of the bands to an end; `None` where the card doesn't say.
    pub(super) fn usual_tilt_db(&self, pitch: f32) -> Option<f32> {
        let (below, above, way) = self.between(pitch);
        let (from, to) = (self.tilts_db.get(below)?, self.tilts_db.get(above)?);
        Some(from + way * (to - from))
    }

    /// The stored pitches around one, and how far it is from the lower of them to the other.
    fn between(&self, pitch: f32) -> (usize, usize, f32) {
        let last = self.pitches.len().saturating_sub(1);
        let above = self.pitches.partition_point(|stored| *stored <= pitch);
        let (below, above) = (above.saturating_sub(1), above.min(last));
        let stored = |index: usize| self.pitches.get(index).copied().unwrap_or_default();
        let way = (pitch - stored(below)) / (stored(above) - stored(below)).max(1e-6);
        (below, above, way.clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two players' colours at two pitches: their bytes are 10, 20, 30 and 40.
    fn colours() -> Colours {
        let table: Vec<u8> = [10, 20, 30, 40]
            .into_iter()
            .flat_map(|byte| [byte; LEVELS])
            .collect();
        Colours {
            pitches: [48.0, 60.0].into(),
            range: ByteRange {
                low: -10.0,
                high: 10.0,
                steps: 40.0,
            },
            table: table.into(),
            tilts_db: [3.0, -1.0].into(),
        }
    }

    #[test]
    fn a_colour_goes_in_a_straight_line_from_pitch_to_pitch_and_stays_beyond_the_last() {
        let colours = colours();
        let level = |player, pitch| colours.at(player, pitch).harmonics_db[7];
        for (player, pitch, expected) in [
            (0, 36.0, -5.0),
            (0, 48.0, -5.0),
            (0, 54.0, -2.5),
            (0, 60.0, 0.0),
            (0, 84.0, 0.0),
            (1, 57.0, 8.75),
        ] {
            assert!(
                (level(player, pitch) - expected).abs() < 1e-4,
                "{player} {pitch}"
            );
        }
        assert_eq!(colours.at(1, 90.0).noise_db, [10.0; NOISE_BANDS]);
        assert_eq!(colours.usual_tilt_db(36.0), Some(3.0));
        assert_eq!(colours.usual_tilt_db(57.0), Some(0.0));
    }

    #[test]
    fn a_note_in_a_colour_is_as_much_higher() {
        let frame = NoteFrame {
            harmonics_db: [-20.0; HARMONICS],
            noise_db: [-60.0; NOISE_BANDS],
            level_db: -3.0,
            cents: 5.0,
        };
        let colour = Colour {
            harmonics_db: [2.0; HARMONICS],
            noise_db: [-4.0; NOISE_BANDS],
        };
        let in_colour = frame.clone().in_colour(&colour);
        assert_eq!(in_colour.harmonics_db, [-18.0; HARMONICS]);
        assert_eq!(in_colour.noise_db, [-64.0; NOISE_BANDS]);
        assert_eq!(
            (in_colour.level_db, in_colour.cents),
            (frame.level_db, frame.cents)
        );
    }

    #[test]
    fn a_table_of_another_length_than_its_card_says_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let write = |table: &[u8]| {
            let packed = miniz_oxide::deflate::compress_to_vec_zlib(table, 9);
            std::fs::create_dir_all(folder.path().join("notes")).unwrap();
            std::fs::write(folder.path().join("notes/colours.bin"), &packed).unwrap();
            let sha256 = crate::model::source::sha256(&packed);
            ColoursCard {
                pitches: vec![48.0, 60.0],
                range: ByteRange {
                    low: -10.0,
                    high: 10.0,
                    steps: 40.0,
                },
                tilts_db: Vec::new(),
                file: crate::model::card::FileEntry {
                    file: "colours.bin".to_owned(),
                    sha256,
                },
            }
        };
        let source = ModelSource::Folder(folder.path().to_owned());
        let card = write(&[20; 3 * 2 * LEVELS]);
        assert_eq!(
            Colours::load(&source, &card, "files.colours", 3)
                .unwrap()
                .at(2, 50.0)
                .harmonics_db,
            [0.0; HARMONICS]
        );
        for players in [2, 4] {
            let error = Colours::load(&source, &card, "files.colours", players)
                .err()
                .unwrap();
            assert!(error.to_string().contains("as its card says"), "{error}");
        }
    }
}
