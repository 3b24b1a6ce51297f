//! The order of Tab: from left to right and from top to bottom, a group as one stop.

use super::{Editor, press_key};
use crate::common::editor::*;
use egui::{Key, Modifiers, Role, Vec2, accesskit::Toggled};
use egui_kittest::kittest::{NodeT, Queryable};
use moodring::{
    editor::{LEAST_SIZE, Page, Theme},
    model::{ModelSource, TimbreMap},
    telemetry::Snapshot,
};
use std::sync::Arc;

/// With a map, so that there is all that can have the focus.
fn snapshot() -> Snapshot {
    let card = ModelSource::embedded_timbre_card().unwrap();
    Snapshot {
        map: Some(Arc::new(TimbreMap::new(card))),
        ..playing()
    }
}

fn focused(editor: &Editor) -> Option<(Role, String)> {
    let root = editor.root();
    let by = egui_kittest::kittest::By::new().predicate(|node| node.is_focused());
    let found = root.query_all(by);
    found
        .map(|node| (node.accesskit_node().role(), name(&node)))
        .find(|(role, _)| *role != Role::Window)
}

/// All stops of Tab, from the first.
fn stops(editor: &mut Editor) -> Vec<String> {
    let mut stops = Vec::new();
    for _ in 0..200 {
        press_key(editor, Key::Tab);
        let Some((role, name)) = focused(editor) else {
            break;
        };
        // The page and the slider have one name.
        let name = match role {
            Role::Tab => format!("{name}'s tab"),
            _ => name,
        };
        if stops.first() == Some(&name) {
            return stops;
        }
        stops.push(name);
    }
    panic!("no end: {stops:?}");
}

#[test]
fn tab_goes_from_left_to_right_with_few_stops_to_the_first_knob() {
    for page in [Page::Overview, Page::Morph] {
        let state = left_on(page, Theme::Dark);
        let mut editor = open_in(window(usual(), 1.0), snapshot(), state);
        let stops = stops(&mut editor);
        println!("{page:?}: {stops:?}");
        let at = |name: &str| {
            let place = stops.iter().position(|stop| stop == name);
            place.unwrap_or_else(|| panic!("{page:?}: no {name} in {stops:?}"))
        };
        assert_eq!(at("About Moodring"), 0);
        let tab = format!("{}'s tab", page.title());
        let order = [
            "About Moodring",
            "Previous preset",
            "Setting 1",
            tab.as_str(),
            "View",
            "Bypass",
            "Named Timbre",
            "Target",
            "Articulation",
            "Morph",
            "Brightness",
            "Air",
            "Resynthesis",
            "Keep Loudness",
        ];
        for pair in order.windows(2) {
            assert!(at(pair[0]) < at(pair[1]), "{pair:?}: {stops:?}");
        }
        // It was about 90.
        assert!(at("Brightness") <= 20, "{stops:?}");
        assert!(stops.len() <= 40, "{stops:?}");
    }
}

#[test]
fn every_control_of_the_least_window_is_reached_too() {
    let state = left_on(Page::Overview, Theme::Dark);
    let mut editor = open_in(window(Vec2::from(LEAST_SIZE), 1.0), snapshot(), state);
    let stops = stops(&mut editor);
    for name in [
        "Previous preset",
        "Setting 1",
        "Overview's tab",
        "Bypass",
        "Map handle",
    ] {
        assert!(stops.contains(&name.to_owned()), "{name}: {stops:?}");
    }
}

#[test]
fn the_arrows_move_inside_a_group_and_enter_presses() {
    let mut editor = open(snapshot(), usual());
    editor.get_by_role_and_label(Role::Tab, "Overview").focus();
    editor.run();
    for name in ["Listen", "Morph", "Spectrum"] {
        press_key(&mut editor, Key::ArrowRight);
        assert_eq!(focused(&editor), Some((Role::Tab, name.to_owned())));
    }
    press_key(&mut editor, Key::ArrowLeft);
    press_key(&mut editor, Key::Enter);
    let tab = editor.get_by_role_and_label(Role::Tab, "Morph");
    assert_eq!(tab.accesskit_node().toggled(), Some(Toggled::True));
    // Out of the group and back again.
    press_key(&mut editor, Key::Tab);
    assert_eq!(focused(&editor), Some((Role::Button, "View".to_owned())));
    editor.key_press_modifiers(Modifiers::SHIFT, Key::Tab);
    editor.run();
    assert_eq!(focused(&editor), Some((Role::Tab, "Morph".to_owned())));
}

#[test]
fn the_arrows_go_over_the_map_to_what_lies_in_their_direction() {
    let state = left_on(Page::Morph, Theme::Dark);
    let mut editor = open_in(window(usual(), 1.0), snapshot(), state);
    let place = |editor: &Editor, name: &str| {
        let all = editor.query_all_by_role_and_label(Role::Button, name);
        all.last().unwrap().rect()
    };
    editor
        .query_all_by_role_and_label(Role::Button, "Flute")
        .last()
        .unwrap()
        .focus();
    editor.run();
    let before = place(&editor, "Flute");
    press_key(&mut editor, Key::ArrowRight);
    let (role, name) = focused(&editor).unwrap();
    assert_eq!(role, Role::Button);
    assert_ne!(name, "Flute");
    let after = place(&editor, &name);
    assert!(after.center().x > before.left(), "{name}");
    press_key(&mut editor, Key::Enter);
    let chosen = editor
        .get_by_role_and_label(Role::ComboBox, "Target")
        .value();
    assert_eq!(chosen.as_deref(), Some(name.as_str()));
}

#[test]
fn what_has_the_focus_has_a_ring_even_where_it_is_chosen() {
    let mut editor = open(playing(), usual());
    let tab = |editor: &Editor| editor.get_by_role_and_label(Role::Tab, "Overview").rect();
    let rings = |editor: &Editor| {
        let around = tab(editor);
        let shapes = editor.output().shapes.iter();
        let rings = shapes.filter(|clipped| match &clipped.shape {
            egui::Shape::Rect(shape) => {
                shape.stroke.color == Theme::Dark.palette().accent
                    && shape.fill == egui::Color32::TRANSPARENT
                    && shape.rect.contains_rect(around)
                    && shape.rect.width() < around.width() + 12.0
            }
            _ => false,
        });
        rings.count()
    };
    assert_eq!(rings(&editor), 0);
    editor.get_by_role_and_label(Role::Tab, "Overview").focus();
    editor.run();
    assert_eq!(rings(&editor), 1);
}
