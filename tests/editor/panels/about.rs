//! The About panel: opened by the product's name, it has something to read of every kind and says what the plugin costs.

use crate::common::editor::*;
use egui::{Role, Vec2};
use egui_kittest::{Harness, kittest::Queryable};
use moodring::editor::LEAST_SIZE;

fn press_button(harness: &mut Harness<'_, World>, role: Role, name: &str) {
    let at = harness.get_by_role_and_label(role, name).rect().center();
    press(harness, at, true);
    press(harness, at, false);
    settle(harness);
}

#[test]
fn the_name_opens_about_and_a_tab_or_close_leaves_it() {
    let mut harness = open(playing(), usual());
    let is_open =
        |harness: &Harness<'_, World>| harness.query_all_by_label("Close About").count() == 1;
    for (role, way_out) in [
        (Role::Button, "Close About"),
        (Role::Tab, "Morph"),
        (Role::Button, "About Moodring"),
    ] {
        assert!(!is_open(&harness));
        press_button(&mut harness, Role::Button, "About Moodring");
        assert!(is_open(&harness), "{way_out}");
        harness.get_by_label(concat!("Moodring ", env!("CARGO_PKG_VERSION")));
        press_button(&mut harness, role, way_out);
    }
    assert!(!is_open(&harness));
}

#[test]
fn about_has_manual_glossary_shortcuts_licences_and_diagnostics() {
    for size in [Vec2::from(LEAST_SIZE), usual()] {
        let mut snapshot = playing();
        snapshot.status.late_curves = 7;
        snapshot.status.no_priority = Some("Operation not permitted".to_owned());
        let mut harness = open(snapshot, size);
        press_button(&mut harness, Role::Button, "About Moodring");
        for (section, words) in [
            ("Manual", "press play"),
            ("Glossary", "σ (sigma)"),
            ("Shortcuts", "Ctrl+Z"),
            ("Licences", "Ubuntu Light"),
            ("Diagnostics", "0.42 ms for each"),
            ("Diagnostics", "18.3 ms for each"),
            ("Diagnostics", "7 since the last start"),
            ("Diagnostics", "Operation not permitted"),
            ("Diagnostics", "Moodring timbre"),
        ] {
            press_button(&mut harness, Role::RadioButton, section);
            let found = harness.query_all_by_label_contains(words).count();
            assert!(found >= 1, "{words} at {size}");
        }
    }
}
