//! The card of the players of named timbres.

use serde::Deserialize;

use super::{
    check::{SCHEMA, check_header, expect_ids, expect_name, expect_range, parse},
    entry::{FileEntry, NetworkEntry, TensorEntry},
};
use crate::model::{EAR_EVIDENCE, EAR_PITCHES, HARMONICS, ModelError, NOISE_BANDS, noise_edges_hz};

/// How far an edge of a noise band may be from [`noise_edges_hz`], as a share.
const EDGE_TOLERANCE: f64 = 0.001;

/// Whoever plays a named timbre.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::model) struct PlayerEntry {
    /// The target's permanent id.
    pub id: String,
    /// How much of the way to the target a listener hears recorded solos go that this player plays anew, 1 for all of it; `None`
    /// where that was not measured.
    #[serde(default)]
    pub way: Option<f32>,
}

/// No way measured is farther: 1 is all of it.
const FARTHEST_WAY: f32 = 100.0;

/// A colour moves no level further, in dB.
const WIDEST_COLOUR_DB: f32 = 100.0;

/// How the table is packed, of what this version unpacks.
const PACKING: u32 = 2;

/// What an ear's numbers are, of what this version measures.
const EVIDENCE: u32 = 1;

/// MIDI's highest pitch; its lowest is 0.
const HIGHEST_PITCH: f32 = 127.0;

/// A range of levels in dB, or of pitches in cents, that a byte goes through in so many steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::model) struct ByteRange {
    pub low: f32,
    pub high: f32,
    pub steps: f32,
}

impl ByteRange {
    /// What a byte, or a value between two, stands for; one above the steps is the range's end.
    pub(in crate::model) fn at(&self, byte: f32) -> f32 {
        self.low + (byte / self.steps).min(1.0) * (self.high - self.low)
    }
}

/// What the players' card says.
#[derive(Debug, Clone)]
pub(in crate::model) struct NotesCard {
    pub players: Vec<PlayerEntry>,
    /// MIDI pitches of each player's notes, rising.
    pub pitches: Vec<f32>,
    /// Seconds since the onset of each note's frames, rising from 0.
    pub seconds: Vec<f32>,
    pub harmonics: ByteRange,
    pub noise: ByteRange,
    pub level: ByteRange,
    pub cents: ByteRange,
    pub file: FileEntry,
    /// What hears chords; `None` in cards from before there was one.
    pub ear: Option<ChordEarCard>,
    /// What chords are coloured by; `None` in cards from before there was such a table.
    pub colours: Option<ColoursCard>,
    /// What single lines are coloured by; `None` in cards from before there was such a table.
    pub lines: Option<ColoursCard>,
}

/// What a card says of the colours that chords, or lines, are played in.
#[derive(Debug, Clone)]
pub(in crate::model) struct ColoursCard {
    /// MIDI pitches of each player's colours, rising.
    pub pitches: Vec<f32>,
    pub range: ByteRange,
    /// How what is played in them is tilted, at each of the pitches, in dB; empty where the card doesn't say.
    pub tilts_db: Vec<f32>,
    pub file: FileEntry,
}

/// What a card says of the network that hears which pitches sound.
#[derive(Debug, Clone)]
pub(in crate::model) struct ChordEarCard {
    pub network: NetworkEntry,
}

#[derive(Deserialize)]
struct RawNotes {
    name: String,
    version: String,
    #[serde(default)]
    ear: Option<RawEar>,
    #[serde(default)]
    colours: Option<RawColours>,
    #[serde(default)]
    lines: Option<RawColours>,
    table: RawTable,
    frames: RawFrames,
    harmonics: RawHarmonics,
    noise: RawNoise,
    level: RawLevel,
    pitch: RawPitch,
    pitches: Vec<f32>,
    players: Vec<PlayerEntry>,
    files: RawFiles,
}

#[derive(Deserialize)]
struct RawTable {
    version: u32,
    steps: u8,
}

#[derive(Deserialize)]
struct RawFrames {
    sample_rate: u32,
    hop: usize,
    at_hops: Vec<u32>,
}

#[derive(Deserialize)]
struct RawHarmonics {
    number: usize,
    range_db: [f32; 2],
}

#[derive(Deserialize)]
struct RawNoise {
    edges_hz: Vec<f64>,
    range_db: [f32; 2],
}

#[derive(Deserialize)]
struct RawLevel {
    range_db: [f32; 2],
}

#[derive(Deserialize)]
struct RawPitch {
    range_cents: [f32; 2],
}

#[derive(Deserialize)]
struct RawEar {
    /// Of what its numbers are: a version.
    evidence: u32,
    input: TensorEntry,
    output: TensorEntry,
}

#[derive(Deserialize)]
struct RawColours {
    pitches: Vec<f32>,
    range_db: [f32; 2],
    #[serde(default)]
    tilts_db: Option<Vec<f32>>,
}

#[derive(Deserialize)]
struct RawFiles {
    players: FileEntry,
    #[serde(default)]
    ear: Option<FileEntry>,
    #[serde(default)]
    colours: Option<FileEntry>,
    #[serde(default)]
    lines: Option<FileEntry>,
}

impl NotesCard {
    /// Reads the card.
    ///
    /// # Errors
    /// [`ModelError`] when it isn't a card of players of this schema, or has frames that this version can't play.
    pub(in crate::model) fn parse(file: &str, bytes: &[u8]) -> Result<Self, ModelError> {
        check_header(file, bytes, "notes", SCHEMA)?;
        let raw: RawNotes = parse(file, bytes)?;
        expect_name(file, "name", &raw.name)?;
        expect_name(file, "version", &raw.version)?;
        let frames = &raw.frames;
        let RawTable { version, steps } = raw.table;
        expect_range(file, "table.version", version, PACKING, PACKING)?;
        expect_range(file, "table.steps", steps, 1, u8::MAX)?;
        let steps = f32::from(steps);
        expect_range(
            file,
            "frames.sample_rate",
            frames.sample_rate,
            8_000,
            96_000,
        )?;
        expect_range(file, "frames.hop", frames.hop, 1, 8_192)?;
        let number = |field: &str, found: usize, least: usize, most: usize| {
            expect_range(file, &format!("{field} (their number)"), found, least, most)
        };
        number("frames.at_hops", frames.at_hops.len(), 2, 4_096)?;
        expect_range(
            file,
            "frames.at_hops[0]",
            *frames.at_hops.first().unwrap_or(&1),
            0,
            0,
        )?;
        rises(file, "frames.at_hops", &frames.at_hops)?;
        number("pitches", raw.pitches.len(), 1, 128)?;
        rising_pitches(file, "pitches", &raw.pitches)?;
        number("players", raw.players.len(), 1, 1_000)?;
        check_players(file, &raw.players)?;
        expect_range(
            file,
            "harmonics.number",
            raw.harmonics.number,
            HARMONICS,
            HARMONICS,
        )?;
        number(
            "noise.edges_hz",
            raw.noise.edges_hz.len(),
            NOISE_BANDS + 1,
            NOISE_BANDS + 1,
        )?;
        for (index, (found, meant)) in raw.noise.edges_hz.iter().zip(noise_edges_hz()).enumerate() {
            let (least, most) = (
                meant * (1.0 - EDGE_TOLERANCE),
                meant * (1.0 + EDGE_TOLERANCE),
            );
            expect_range(
                file,
                &format!("noise.edges_hz[{index}]"),
                *found,
                least,
                most,
            )?;
        }
        let hop_seconds = frames.hop as f32 / frames.sample_rate as f32;
        Ok(Self {
            seconds: frames
                .at_hops
                .iter()
                .map(|hops| *hops as f32 * hop_seconds)
                .collect(),
            harmonics: byte_range(file, "harmonics.range_db", raw.harmonics.range_db, steps)?,
            noise: byte_range(file, "noise.range_db", raw.noise.range_db, steps)?,
            level: byte_range(file, "level.range_db", raw.level.range_db, steps)?,
            cents: cents_range(file, raw.pitch.range_cents, steps)?,
            pitches: raw.pitches,
            players: raw.players,
            file: raw.files.players,
            ear: both(file, "ear", raw.ear, raw.files.ear)?
                .map(|(ear, entry)| chord_ear(file, ear, entry))
                .transpose()?,
            colours: both(file, "colours", raw.colours, raw.files.colours)?
                .map(|(table, entry)| colours(file, "colours", table, entry, steps))
                .transpose()?,
            lines: both(file, "lines", raw.lines, raw.files.lines)?
                .map(|(table, entry)| colours(file, "lines", table, entry, steps))
                .transpose()?,
        })
    }
}

fn check_players(file: &str, players: &[PlayerEntry]) -> Result<(), ModelError> {
    let ids = players.iter().map(|player| player.id.as_str());
    expect_ids(file, |index| format!("players[{index}].id"), ids)?;
    for (index, player) in players.iter().enumerate() {
        if let Some(way) = player.way {
            let field = format!("players[{index}].way");
            expect_range(file, &field, way, -FARTHEST_WAY, FARTHEST_WAY)?;
        }
    }
    Ok(())
}

/// What a card says of a part that it may lack, and the part's file: both, or neither.
fn both<T>(
    file: &str,
    part: &str,
    said: Option<T>,
    entry: Option<FileEntry>,
) -> Result<Option<(T, FileEntry)>, ModelError> {
    let (there, missing) = match (said, entry) {
        (Some(said), Some(entry)) => return Ok(Some((said, entry))),
        (None, None) => return Ok(None),
        (Some(_), None) => (part.to_owned(), format!("files.{part}")),
        (None, Some(_)) => (format!("files.{part}"), part.to_owned()),
    };
    let expected = format!("what belongs to `{there}`");
    Err(ModelError::field(file, &missing, "nothing", expected))
}

fn chord_ear(file: &str, ear: RawEar, entry: FileEntry) -> Result<ChordEarCard, ModelError> {
    expect_range(file, "ear.evidence", ear.evidence, EVIDENCE, EVIDENCE)?;
    for (field, found, expected) in [
        (
            "ear.input.shape",
            &ear.input.shape,
            vec![EAR_PITCHES, EAR_EVIDENCE],
        ),
        ("ear.output.shape", &ear.output.shape, vec![EAR_PITCHES]),
    ] {
        if *found != expected {
            let (found, expected) = (format!("{found:?}"), format!("{expected:?}"));
            return Err(ModelError::field(file, field, found, expected));
        }
    }
    Ok(ChordEarCard {
        network: NetworkEntry {
            file: entry,
            input: ear.input,
            output: ear.output,
        },
    })
}

fn colours(
    file: &str,
    table: &str,
    raw: RawColours,
    entry: FileEntry,
    steps: f32,
) -> Result<ColoursCard, ModelError> {
    let field = &format!("{table}.pitches");
    let number = format!("{field} (their number)");
    expect_range(file, &number, raw.pitches.len(), 1, 128)?;
    rising_pitches(file, field, &raw.pitches)?;
    let [low, high] = raw.range_db;
    let field = &format!("{table}.range_db");
    expect_range(file, field, low, -WIDEST_COLOUR_DB, 0.0)?;
    expect_range(file, field, high, 0.0, WIDEST_COLOUR_DB)?;
    if let Some(tilts) = &raw.tilts_db {
        let field = format!("{table}.tilts_db");
        let number = format!("{field} (their number)");
        let expected = raw.pitches.len();
        expect_range(file, &number, tilts.len(), expected, expected)?;
        for tilt in tilts {
            expect_range(file, &field, *tilt, -WIDEST_COLOUR_DB, WIDEST_COLOUR_DB)?;
        }
    }
    Ok(ColoursCard {
        pitches: raw.pitches,
        tilts_db: raw.tilts_db.unwrap_or_default(),
        range: ByteRange { low, high, steps },
        file: entry,
    })
}

fn byte_range(
    file: &str,
    field: &str,
    [low, high]: [f32; 2],
    steps: f32,
) -> Result<ByteRange, ModelError> {
    expect_range(file, field, low, -200.0, 0.0)?;
    expect_range(file, field, high, low, 0.0)?;
    Ok(ByteRange { low, high, steps })
}

fn cents_range(file: &str, [low, high]: [f32; 2], steps: f32) -> Result<ByteRange, ModelError> {
    let field = "pitch.range_cents";
    expect_range(file, field, low, -1_200.0, 0.0)?;
    expect_range(file, field, high, 0.0, 1_200.0)?;
    Ok(ByteRange { low, high, steps })
}

/// Checks pitches of a table: MIDI's, from the lowest to the highest.
fn rising_pitches(file: &str, field: &str, pitches: &[f32]) -> Result<(), ModelError> {
    rises(file, field, pitches)?;
    let ends = pitches.first().into_iter().chain(pitches.last());
    for pitch in ends {
        expect_range(file, field, *pitch, 0.0, HIGHEST_PITCH)?;
    }
    Ok(())
}

/// Checks that each value is greater than the one before.
fn rises<T: PartialOrd + std::fmt::Display>(
    file: &str,
    field: &str,
    values: &[T],
) -> Result<(), ModelError> {
    for (index, pair) in values.windows(2).enumerate() {
        if let [before, value] = pair
            && !matches!(value.partial_cmp(before), Some(std::cmp::Ordering::Greater))
        {
            let field = format!("{field}[{}]", index + 1);
            let expected = format!("more than {before}, the one before");
            return Err(ModelError::field(file, &field, value, expected));
        }
    }
    Ok(())
}
