//! Maps that differ from a sound one in one field, and what is found on them.

use serde_json::Value;

use super::*;
use crate::model::{ModelError, ModelSource};

/// Maps, and the fields that are refused in some.
const MAPS: &[u8] = include_bytes!("../../../../tests/fixtures/cards/maps.json");

fn cases() -> Value {
    serde_json::from_slice(MAPS).unwrap()
}

fn sound() -> MusicMap {
    let text = cases()["bases"]["map"].to_string();
    MusicMap::parse("map", text.as_bytes(), 3, "the id").unwrap()
}

/// The JSON Schema in docs/ is held to the same.
#[test]
fn maps_are_taken_or_refused_by_the_field_that_is_wrong() {
    let cases = cases();
    for case in cases["cases"].as_array().unwrap() {
        let mut map = cases["bases"]["map"].clone();
        for (pointer, value) in case["change"].as_object().unwrap() {
            *map.pointer_mut(pointer).expect(pointer) = value.clone();
        }
        let parsed = MusicMap::parse("map", map.to_string().as_bytes(), 3, "");
        let named = match &parsed {
            Err(ModelError::Field { file, field, .. }) if file == "map" => Some(field.as_str()),
            _ => None,
        };
        assert_eq!(named, case["field"].as_str(), "{case}: {parsed:?}");
        assert_eq!(parsed.is_ok(), case["field"].is_null(), "{case}");
    }
}

#[test]
fn another_embedding_and_broken_json_are_told() {
    let text = cases()["bases"]["map"].to_string();
    let why = MusicMap::parse("map", text.as_bytes(), 4, "").unwrap_err();
    assert!(
        why.to_string()
            .contains("`numbers.weights[0]` is 3 numbers, expected 4"),
        "{why}"
    );
    let why = MusicMap::parse("map", &text.as_bytes()[..40], 3, "").unwrap_err();
    assert!(matches!(why, ModelError::BadJson { .. }), "{why}");
}

#[test]
fn a_sound_is_where_the_layers_have_it_and_near_what_it_is_like() {
    let map = sound();
    assert_eq!(map.id, "the id");
    let numbers = map.numbers(&[0.5, 1.0, 0.0]);
    assert_eq!(numbers, [0.5, 0.75]);
    let place = map.place(&numbers);
    // tanh(2 * 0.5), tanh(0.75) - 0.5.
    let wanted = [1_f32.tanh(), 0.75_f32.tanh() - 0.5];
    for (found, wanted) in place.at.iter().zip(wanted) {
        assert!((found - wanted).abs() < 1e-6, "{place:?}");
    }
    let titles = place.nearest.map(|index| map.songs[index].title.as_str());
    assert_eq!(titles, ["Two", "One", "Three"]);
    assert!(place.is_familiar);
    assert!(!map.place(&[-20.0, 0.0]).is_familiar);
    assert_eq!(map.songs[1].genre, Some(1));
    assert_eq!(map.songs[2].genre, None);
}

#[test]
fn every_song_of_the_shipped_map_is_nearest_to_itself_and_within_its_edges() {
    let card = ModelSource::Embedded.tagger_card().unwrap();
    let map = ModelSource::Embedded.music_map(&card).unwrap().unwrap();
    assert!(map.songs.len() > 150, "{}", map.songs.len());
    let mut outside = 0;
    for (index, song) in map.songs.iter().enumerate() {
        let place = map.place(song.numbers());
        assert_eq!(place.nearest[0], index, "{song:?}");
        assert!(place.is_familiar);
        assert_eq!(place.at, song.at);
        outside += usize::from(song.at.iter().any(|value| value.abs() > 1.0));
        assert!(song.at.iter().all(|value| value.abs() < 1.6), "{song:?}");
        assert!(!song.licence.contains("NC"), "{song:?}");
    }
    // A hundredth is beyond each of four edges.
    assert!(15 * outside <= map.songs.len(), "{outside}");
}

#[test]
fn a_place_is_on_the_map_whatever_the_weights_make_of_a_sound() {
    let map = sound();
    for numbers in [[f32::MAX, f32::MAX], [f32::NAN, 0.0], [f32::INFINITY; 2]] {
        let at = map.place(&numbers).at;
        assert!(at.iter().all(|value| value.abs() <= FARTHEST), "{at:?}");
    }
}
