//! Captured timbres: asked for, seen, kept as files, undone.

use crate::common::MAIN;
use crate::common::editor::{SIZES, World, open_in, texts, usual, window};
use egui::{Event, Role, Vec2};
use egui_kittest::{Harness, kittest::Queryable};
use moodring::{
    editor::{Page, Preferences, UiState, UserFiles},
    library::Library,
    params::{LONGEST_CAPTURE, Slot},
};

use super::{captured, click, open, params, snapshot, undo};

#[test]
fn captures_are_asked_for_with_the_chosen_time_and_taken_back() {
    let mut harness = open(Page::Morph, usual());
    let captures = &params(&harness).captures;
    harness
        .get_by_role_and_label(Role::ComboBox, "Capture Time")
        .click();
    harness.run();
    harness.get_by_label("8 s").click_accesskit();
    harness.run();
    for (slot, name) in [(Slot::A, "Capture A"), (Slot::B, "Capture B")] {
        let press = |harness: &mut Harness<'_, World>| {
            harness
                .get_by_role_and_label(Role::CheckBox, name)
                .click_accesskit();
            harness.run();
        };
        press(&mut harness);
        let seconds = captures.wish(slot, &MAIN).map(|wish| wish.seconds);
        assert_eq!(seconds, Some(LONGEST_CAPTURE));
        press(&mut harness);
        assert!(!captures.pending(slot, &MAIN), "a second click gives up");
    }
}

#[test]
fn a_capture_is_seen_with_its_name_and_its_place_on_the_map() {
    let mut harness = open(Page::Morph, usual());
    let empty = harness.get_by_label("Picture of A").value();
    assert_eq!(empty.as_deref(), Some("empty"));
    assert_eq!(harness.query_all_by_label("A on the map").count(), 0);
    let captures = &params(&harness).captures;
    captures.set(Slot::A, Some(captured("Dusk")), &MAIN);
    harness.run();
    let name = harness.get_by_label("Picture of A").value();
    assert_eq!(name.as_deref(), Some("Dusk"));
    harness.get_by_label("A on the map");
    assert_eq!(harness.query_all_by_label("B on the map").count(), 0);
}

/// The editor of a user who keeps timbres in a folder, with a capture in A.
fn with_library(folder: &std::path::Path) -> Harness<'static, World> {
    let preferences = Preferences {
        page: Page::Morph,
        ..Preferences::default()
    };
    let files = UserFiles {
        library: Library::at(folder.to_owned()),
        ..UserFiles::default()
    };
    let state = UiState::new(preferences, files);
    let mut harness = open_in(window(usual(), 1.0), snapshot(), state);
    let captures = &params(&harness).captures;
    captures.set(Slot::A, Some(captured("Dusk")), &MAIN);
    harness.run();
    harness
}

fn menu(harness: &mut Harness<'_, World>, entries: &[&str]) {
    for entry in entries {
        let at = harness.get_by_role_and_label(Role::Button, entry).rect();
        click(harness, at.center());
    }
}

#[test]
fn a_capture_is_kept_as_a_timbre_and_loaded_renamed_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = with_library(folder.path());
    let captures = &params(&harness).captures;
    let store = Library::at(folder.path().to_owned()).timbres();

    menu(&mut harness, &["Timbre A", "Save as timbre"]);
    let names = || -> Vec<String> { store.list().into_iter().map(|kept| kept.name).collect() };
    assert_eq!(names(), ["Dusk"]);
    // Saved again it would replace the first: that is asked for.
    menu(&mut harness, &["Timbre A", "Save as timbre"]);
    harness.get_by_label_contains("there is a `Dusk` already");
    menu(&mut harness, &["Replace"]);

    menu(&mut harness, &["Timbre B", "Dusk"]);
    assert_eq!(captures.get(Slot::B, &MAIN), Some(captured("Dusk")));

    menu(&mut harness, &["Timbre B", "Rename Dusk"]);
    harness
        .get_by_role_and_label(Role::TextInput, "New name of Dusk")
        .focus();
    harness.run();
    harness.event(Event::Text(" 2".to_owned()));
    harness.run();
    menu(&mut harness, &["Rename Dusk now"]);
    assert_eq!(names(), ["Dusk 2"]);

    menu(&mut harness, &["Delete: Dusk 2"]);
    assert_eq!(names(), ["Dusk 2"], "one click is not enough");
    menu(&mut harness, &["Delete for good: Dusk 2"]);
    assert!(names().is_empty());
}

#[test]
fn a_capture_is_cleared_and_a_broken_file_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let timbres = folder.path().join("timbres");
    std::fs::create_dir_all(&timbres).unwrap();
    std::fs::write(timbres.join("Broken.json"), "{").unwrap();
    let mut harness = with_library(folder.path());
    let captures = &params(&harness).captures;
    menu(&mut harness, &["Timbre A", "Broken"]);
    harness.get_by_label_contains("fix or remove this file");
    assert_eq!(captures.get(Slot::A, &MAIN), Some(captured("Dusk")));
    menu(&mut harness, &["Clear A"]);
    assert_eq!(captures.get(Slot::A, &MAIN), None);
    undo(&mut harness);
    assert_eq!(captures.get(Slot::A, &MAIN), Some(captured("Dusk")));
}

#[test]
fn a_capture_that_the_sound_has_filled_can_be_undone() {
    let mut harness = open(Page::Morph, usual());
    let captures = &params(&harness).captures;
    captures.set(Slot::B, Some(captured("Before")), &MAIN);
    harness.run();
    captures.request(Slot::B, 1.0, &MAIN);
    harness.run();
    captures.set(Slot::B, Some(captured("After")), &MAIN);
    captures.withdraw(Slot::B, &MAIN);
    harness.run();
    undo(&mut harness);
    assert_eq!(captures.get(Slot::B, &MAIN), Some(captured("Before")));
}

#[test]
fn a_capture_s_name_is_not_on_its_curve() {
    for size in SIZES.map(Vec2::from) {
        let mut harness = open(Page::Morph, size);
        let captures = &params(&harness).captures;
        captures.set(Slot::A, Some(captured("Dusk")), &MAIN);
        harness.run();
        let Some(picture) = harness.query_by_label("Picture of A") else {
            continue;
        };
        let picture = picture.rect();
        let (mut painted, mut curves) = (Vec::new(), 0);
        for clipped in &harness.output().shapes {
            texts(&clipped.shape, &mut painted);
        }
        let name = painted
            .iter()
            .find(|(text, _, _)| text == "Dusk")
            .unwrap()
            .1;
        for clipped in &harness.output().shapes {
            if let egui::Shape::Path(path) = &clipped.shape
                && path.points.iter().all(|point| picture.contains(*point))
            {
                curves += 1;
                let on = path.points.iter().filter(|point| name.contains(**point));
                assert_eq!(on.count(), 0, "{size}: {name}");
            }
        }
        assert_eq!(curves, 1, "{size}");
    }
}
