//! The map of music: where the sound is on it, what it is close to, when it says so and when it doesn't, and the places that are kept.

use std::sync::Arc;

use super::{click, listen};
use crate::common::{MAIN, editor::*};
use egui::{Key, Role, Vec2};
use egui_kittest::{
    Harness,
    kittest::{NodeT, Queryable},
};
use moodring::{
    editor::{LEAST_SIZE, Page, Theme},
    params::{KeptPlace, LONGEST_PLACE_NAME, MOST_PLACES, MoodringParams},
    telemetry::{ListenState, Readout, Snapshot},
};
use nice_plug::prelude::Params;

const SHOWN: &str = "Map of music shown";

/// What plays, close to Two.
fn on_map() -> Snapshot {
    let mut snapshot = playing();
    snapshot.music_map = Some(Arc::new(music_map()));
    snapshot.readout.place = Some(place());
    snapshot.history.add(&snapshot.readout);
    snapshot
}

/// What the map says of itself to screen readers.
fn said(harness: &Harness<'_, World>) -> Option<String> {
    let map = harness.query_by_role_and_label(Role::Image, "Map of music")?;
    map.accesskit_node().value()
}

fn says(harness: &Harness<'_, World>, words: &str) -> bool {
    harness.query_all_by_label(words).count() > 0
}

#[test]
fn it_names_what_the_sound_is_close_to_and_what_it_is_like_none_of() {
    let mut harness = listen(on_map(), None);
    assert!(says(&harness, "Close to:"));
    for song in ["Two - Somebody", "One - Somebody", "Three - Nobody"] {
        assert!(says(&harness, song), "{song}");
    }
    assert!(!says(&harness, "Four - Nobody"), "three are told");
    let words = said(&harness).unwrap();
    assert_eq!(
        words,
        "Close to: Two - Somebody, One - Somebody, Three - Nobody"
    );

    harness.state_mut().snapshot.readout.state = ListenState::WarmingUp;
    harness.run();
    assert!(says(&harness, "A first guess, close to:"));
    let far = music_map().place(&[-20.0, 0.0]);
    harness.state_mut().snapshot.readout.place = Some(far);
    harness.run();
    assert!(says(&harness, "Like none of these songs; least unlike:"));
    assert!(!says(&harness, "Close to:"));
}

#[test]
fn in_silence_and_before_the_first_sound_it_says_that_there_is_no_place() {
    let mut harness = listen(on_map(), None);
    for (state, words) in [
        (ListenState::Silence, "Silence has no place among songs"),
        (
            ListenState::Waiting,
            "Play something, and it appears among these songs",
        ),
        (ListenState::Unavailable, "No tagger, no place among songs"),
    ] {
        let snapshot = &mut harness.state_mut().snapshot;
        snapshot.readout = Readout {
            state,
            place: None,
            ..snapshot.readout.clone()
        };
        snapshot.history.add(&snapshot.readout.clone());
        harness.run();
        assert!(says(&harness, words), "{state:?}");
        assert!(!says(&harness, "Two - Somebody"), "{state:?}");
        assert_eq!(said(&harness).as_deref(), Some(words));
        click(&mut harness, Role::Button, "Keep");
        assert!(
            says(&harness, "Nothing plays that could be kept"),
            "{state:?}"
        );
        harness.key_press(Key::Escape);
        settle(&mut harness);
    }
}

#[test]
fn a_song_is_named_under_the_pointer_and_by_the_arrow_keys() {
    let mut harness = listen(on_map(), None);
    let map = harness
        .get_by_role_and_label(Role::Image, "Map of music")
        .rect();
    // One is in the middle of its axes: tanh(0), and tanh(0) - 0.5.
    let at = map.center() + Vec2::new(0.0, 0.25 * (map.height() - 2.0 * 10.0));
    harness.hover_at(at);
    settle(&mut harness);
    assert_eq!(said(&harness).as_deref(), Some("One - Somebody; rock; CC0"));
    harness.hover_at(map.left_top() + Vec2::splat(12.0));
    settle(&mut harness);
    assert!(said(&harness).unwrap().starts_with("Close to:"));

    let map = harness.get_by_role_and_label(Role::Image, "Map of music");
    map.focus();
    harness.run();
    let mut walk = Vec::new();
    for key in [
        Key::ArrowRight,
        Key::ArrowLeft,
        Key::ArrowLeft,
        Key::ArrowLeft,
    ] {
        harness.key_press(key);
        harness.run();
        walk.push(said(&harness).unwrap());
    }
    let wanted = [
        "Two - Somebody; jazz",
        "One - Somebody; rock; CC0",
        "Three - Nobody",
        "Three - Nobody",
    ];
    assert_eq!(walk, wanted, "the closest first; at the edge it stays");
}

#[test]
fn a_place_is_kept_under_a_typed_name_renamed_removed_and_saved_with_the_project() {
    let mut harness = listen(on_map(), None);
    let params = harness.state().params.clone();
    click(&mut harness, Role::Button, "Keep");
    click(&mut harness, Role::Button, "Keep this place");
    let typed = harness.get_by_label("Name of this place");
    typed.focus();
    harness.run();
    harness
        .get_by_label("Name of this place")
        .type_text("second verse");
    harness.run();
    harness.key_press(Key::Enter);
    settle(&mut harness);
    let wanted = |name: &str| KeptPlace {
        name: name.to_owned(),
        at: place().at,
        map: music_map().id,
    };
    assert_eq!(
        params.places.get(&MAIN),
        [wanted("verse"), wanted("second verse")]
    );
    assert!(says(&harness, "verse on the map of music"));

    // Into a project and back; an older project has none.
    let other = MoodringParams::default();
    other.deserialize_fields(&params.serialize_fields());
    assert_eq!(other.places.get(&MAIN), params.places.get(&MAIN));

    let field = harness.get_by_label("Name of second verse");
    field.focus();
    harness.run();
    harness.get_by_label("Name of second verse").type_text("!");
    harness.run();
    harness.key_press(Key::Enter);
    settle(&mut harness);
    let names = || -> Vec<String> {
        let places = params.places.get(&MAIN);
        places.into_iter().map(|place| place.name).collect()
    };
    assert_eq!(names().len(), 2);
    assert!(
        names()[1].contains("second verse") && names()[1].contains('!'),
        "{:?}",
        names()
    );
    click(&mut harness, Role::Button, "Remove verse");
    assert_eq!(names().len(), 1);
    assert!(!says(&harness, "verse on the map of music"));
}

#[test]
fn no_more_places_are_kept_than_there_is_room_for_and_none_of_another_map_is_shown() {
    let mut harness = listen(on_map(), None);
    let params = harness.state().params.clone();
    for index in 0..MOST_PLACES {
        let place = KeptPlace {
            name: format!("{index:0LONGEST_PLACE_NAME$}"),
            at: [0.9, 0.9],
            map: if index < 2 {
                music_map().id
            } else {
                "another".to_owned()
            },
        };
        assert!(params.places.keep(place, &MAIN));
    }
    harness.run();
    let shown = harness.query_all_by_label_contains("on the map of music");
    assert_eq!(shown.count(), 2);
    click(&mut harness, Role::Button, "Keep");
    assert!(says(
        &harness,
        "16 places are kept: remove one to keep another"
    ));
    assert!(says(&harness, "14 more, kept on the map of another tagger"));
    click(&mut harness, Role::Button, "Remove those of another tagger");
    assert_eq!(params.places.get(&MAIN).len(), 2);
    assert!(says(&harness, "Keep this place"));
}

#[test]
fn it_is_beside_the_tags_or_in_their_place_and_the_user_s_choice_is_kept() {
    let mut harness = listen(on_map(), None);
    let jazz = |harness: &Harness<'_, World>| says(harness, "jazz");
    assert!(jazz(&harness) && said(&harness).is_some());
    click(&mut harness, Role::CheckBox, SHOWN);
    assert!(jazz(&harness) && said(&harness).is_none());

    let small = window(Vec2::from(LEAST_SIZE), 1.0);
    let mut harness = open_in(small, on_map(), left_on(Page::Listen, Theme::Light));
    assert!(
        jazz(&harness) && said(&harness).is_none(),
        "the tags come first"
    );
    click(&mut harness, Role::CheckBox, SHOWN);
    assert!(said(&harness).is_some());
    assert_eq!(harness.query_all_by_role(Role::Meter).count(), 0);
    assert!(says(&harness, "Two - Somebody"));
}

#[test]
fn a_tagger_without_a_map_has_no_button_for_it() {
    let mut harness = listen(playing(), None);
    assert!(!says(&harness, SHOWN));
    harness.state_mut().snapshot.music_map = Some(Arc::new(music_map()));
    harness.run();
    assert!(says(&harness, SHOWN));
    let harness = open(on_map(), usual());
    assert!(!says(&harness, SHOWN), "the Overview has no room for it");
}

#[test]
fn frozen_the_map_stays_where_it_was() {
    let mut harness = listen(on_map(), None);
    click(&mut harness, Role::CheckBox, "Freeze");
    harness.state_mut().snapshot.readout.place = None;
    harness.run();
    assert!(says(&harness, "Two - Somebody"));
    click(&mut harness, Role::CheckBox, "Freeze");
    assert!(!says(&harness, "Two - Somebody"));
}
