//! A map of music: songs on a plane, and where on it is what a tagger makes of a sound before it names it.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{
    super::check::{SCHEMA, check_header, expect_name, expect_range, parse},
    layer::{LARGEST, Layer, RawLayer, expect_numbers},
};
use crate::model::ModelError;

/// How many songs are told that are nearest to a sound; no map has fewer.
pub const NEAREST_SONGS: usize = 3;

/// The farthest that a place is from the middle of its map; most songs are within 1.
pub const FARTHEST: f32 = 100.0;

/// The most numbers that songs are compared by, the most that a layer of the plane gives, and the most layers.
const MOST_NUMBERS: usize = 64;
const MOST_WIDTH: usize = 256;
const MOST_LAYERS: usize = 8;
/// The most songs, and the most genres: as many as there are colours.
const MOST_SONGS: usize = 5_000;
const MOST_GENRES: usize = 10;
/// The most characters of a title, an artist, a licence or a genre.
const LONGEST: usize = 120;

/// Songs on a plane; never changes, so that Listen's and the editor's thread may share it.
#[derive(Debug, Clone, PartialEq)]
pub struct MusicMap {
    /// From the embedding to the numbers that songs are compared by.
    numbers: Layer,
    /// From those to the plane, with a hyperbolic tangent between the layers.
    plane: Vec<Layer>,
    /// Sounds that are further than this from every song are like none.
    familiar: f32,
    /// Tells it from other maps.
    pub id: String,
    /// The genres that its songs are of, in the order of their colours.
    pub genres: Vec<String>,
    /// Its songs, at least [`NEAREST_SONGS`].
    pub songs: Vec<Song>,
}

/// A song of a map.
#[derive(Debug, Clone, PartialEq)]
pub struct Song {
    /// What it is called.
    pub title: String,
    /// Who made it.
    pub artist: String,
    /// Under which licence it is published; empty if the map doesn't say.
    pub licence: String,
    /// Which of the map's genres it is of, if any.
    pub genre: Option<usize>,
    /// Where it is, from left to right and from bottom to top: most are within -1 and 1.
    pub at: [f32; 2],
    numbers: Vec<f32>,
}

/// Where a sound is on a map.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct MusicPlace {
    /// From left to right and from bottom to top: most songs are within -1 and 1.
    pub at: [f32; 2],
    /// The songs that are nearest to it by their numbers, as indices, the nearest first.
    pub nearest: [usize; NEAREST_SONGS],
    /// Whether it is as near to one of them as music usually is.
    pub is_familiar: bool,
}

#[derive(Deserialize)]
struct RawMap {
    numbers: RawLayer,
    plane: Vec<RawLayer>,
    familiar: Option<f32>,
    genres: Vec<String>,
    songs: Vec<RawSong>,
}

#[derive(Deserialize)]
struct RawSong {
    title: String,
    artist: String,
    #[serde(default)]
    licence: Option<String>,
    #[serde(default)]
    genre: Option<String>,
    numbers: Vec<f32>,
}

impl MusicMap {
    /// Reads a map's file, of a tagger whose embedding has so many numbers. `id` tells it from others: its hash.
    ///
    /// # Errors
    /// [`ModelError`] when it isn't a map of this version's schema, or one of its fields makes no sense.
    pub fn parse(file: &str, bytes: &[u8], embedding: usize, id: &str) -> Result<Self, ModelError> {
        check_header(file, bytes, "map", SCHEMA)?;
        let raw: RawMap = parse(file, bytes)?;
        let numbers = Layer::read(file, "numbers", raw.numbers, embedding, MOST_NUMBERS)?;
        expect_range(file, "plane (its layers)", raw.plane.len(), 1, MOST_LAYERS)?;
        let mut width = numbers.outputs();
        let mut plane = Vec::with_capacity(raw.plane.len());
        for (index, layer) in raw.plane.into_iter().enumerate() {
            let field = format!("plane[{index}]");
            let layer = Layer::read(file, &field, layer, width, MOST_WIDTH)?;
            width = layer.outputs();
            plane.push(layer);
        }
        if width != 2 {
            let field = format!("plane[{}].weights", plane.len().saturating_sub(1));
            let found = format!("{width} rows");
            return Err(ModelError::field(file, &field, found, "2: the plane's"));
        }
        if let Some(familiar) = raw.familiar {
            expect_range(file, "familiar", familiar, 0.0, LARGEST)?;
        }
        check_genres(file, &raw.genres)?;
        expect_range(
            file,
            "songs (their number)",
            raw.songs.len(),
            NEAREST_SONGS,
            MOST_SONGS,
        )?;
        let mut map = Self {
            numbers,
            plane,
            familiar: raw.familiar.unwrap_or(f32::INFINITY),
            id: id.to_owned(),
            genres: raw.genres,
            songs: Vec::new(),
        };
        let songs = raw.songs.into_iter().enumerate();
        let songs = songs.map(|(index, song)| map.song(file, &format!("songs[{index}]"), song));
        map.songs = songs.collect::<Result<_, _>>()?;
        Ok(map)
    }

    fn song(&self, file: &str, field: &str, raw: RawSong) -> Result<Song, ModelError> {
        let licence = raw.licence.unwrap_or_default();
        expect_words(file, &format!("{field}.title"), &raw.title)?;
        expect_words(file, &format!("{field}.artist"), &raw.artist)?;
        if !licence.is_empty() {
            expect_words(file, &format!("{field}.licence"), &licence)?;
        }
        let genre = match raw.genre {
            None => None,
            Some(name) => match self.genres.iter().position(|genre| *genre == name) {
                Some(genre) => Some(genre),
                None => {
                    let (field, found) = (format!("{field}.genre"), format!("`{name}`"));
                    return Err(ModelError::field(
                        file,
                        &field,
                        found,
                        "one of the map's genres",
                    ));
                }
            },
        };
        let count = self.numbers.outputs();
        expect_numbers(file, &format!("{field}.numbers"), &raw.numbers, count)?;
        Ok(Song {
            title: raw.title,
            artist: raw.artist,
            licence,
            genre,
            at: self.at(&raw.numbers),
            numbers: raw.numbers,
        })
    }

    /// What songs are compared by, of an embedding as long as the tagger's. Allocates.
    pub fn numbers(&self, embedding: &[f32]) -> Vec<f32> {
        self.numbers.apply(embedding)
    }

    /// Where a sound with these numbers is, and what is near it. Allocates.
    pub fn place(&self, numbers: &[f32]) -> MusicPlace {
        // The square of the distance of each of the nearest, the least first.
        let mut squares = [f32::INFINITY; NEAREST_SONGS];
        let mut nearest = [0; NEAREST_SONGS];
        for (index, song) in self.songs.iter().enumerate() {
            let apart = song
                .numbers
                .iter()
                .zip(numbers)
                .map(|(a, b)| (a - b).powi(2));
            let (mut square, mut song) = (apart.sum::<f32>(), index);
            for (least, held) in squares.iter_mut().zip(&mut nearest) {
                if square < *least {
                    std::mem::swap(least, &mut square);
                    std::mem::swap(held, &mut song);
                }
            }
        }
        let [least, ..] = squares;
        MusicPlace {
            at: self.at(numbers),
            nearest,
            is_familiar: least.sqrt() <= self.familiar,
        }
    }

    /// A place is on the map, whatever the map's weights make of a sound.
    fn bounded(value: f32) -> f32 {
        if value.is_nan() {
            return 0.0;
        }
        value.clamp(-FARTHEST, FARTHEST)
    }

    fn at(&self, numbers: &[f32]) -> [f32; 2] {
        let mut values = numbers.to_vec();
        for (index, layer) in self.plane.iter().enumerate() {
            if index > 0 {
                values.iter_mut().for_each(|value| *value = value.tanh());
            }
            values = layer.apply(&values);
        }
        match values.as_slice() {
            &[x, y] => [x, y].map(Self::bounded),
            _ => [0.0; 2],
        }
    }
}

#[cfg(test)]
impl Song {
    /// What it is compared by.
    pub(super) fn numbers(&self) -> &[f32] {
        &self.numbers
    }
}

fn check_genres(file: &str, genres: &[String]) -> Result<(), ModelError> {
    expect_range(file, "genres (their number)", genres.len(), 0, MOST_GENRES)?;
    let mut known = BTreeSet::new();
    for (index, genre) in genres.iter().enumerate() {
        let field = format!("genres[{index}]");
        expect_words(file, &field, genre)?;
        if !known.insert(genre) {
            let found = format!("`{genre}`, as one before it");
            return Err(ModelError::field(file, &field, found, "another genre"));
        }
    }
    Ok(())
}

/// Checks what is shown: a name that isn't longer than a line.
fn expect_words(file: &str, field: &str, found: &str) -> Result<(), ModelError> {
    expect_name(file, field, found)?;
    let count = found.chars().count();
    expect_range(
        file,
        &format!("{field} (its characters)"),
        count,
        1,
        LONGEST,
    )
}
