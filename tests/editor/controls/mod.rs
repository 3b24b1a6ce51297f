//! What holds for every control: its menu, its marks, its place in the order of Tab; the browser of targets; and what Bypass does to the look.

mod browser;
mod focus;
mod host_menu;
mod menu;
mod pictures;

use crate::common::editor::*;
use egui::{Key, Role};
use egui_kittest::{Harness, kittest::Queryable};
use moodring::editor::{LEAST_SIZE, Page, Theme};

type Editor = Harness<'static, World>;

/// Clicks with the right button on the control of that role and name.
fn right_click(editor: &mut Editor, role: Role, name: &str) {
    editor.get_by_role_and_label(role, name).click_secondary();
    settle(editor);
}

fn press_key(editor: &mut Editor, key: Key) {
    editor.key_press(key);
    editor.run();
}

/// Every text that is painted.
fn painted(editor: &Editor) -> Vec<String> {
    let mut found = Vec::new();
    for clipped in &editor.output().shapes {
        texts(&clipped.shape, &mut found);
    }
    found.into_iter().map(|(text, ..)| text).collect()
}

/// A value belongs to the dial above it, and looks so.
#[test]
fn a_knobs_value_keeps_apart_from_the_name_of_the_knob_below_it() {
    let state = left_on(Page::Morph, Theme::Dark);
    let editor = open_in(window(LEAST_SIZE.into(), 1.0), playing(), state);
    let mut found = Vec::new();
    for clipped in &editor.output().shapes {
        texts(&clipped.shape, &mut found);
    }
    let below = found.iter().find(|(text, ..)| text == "Warmth");
    let (_, name, _) = below.expect("the first knob of the second row");
    let values = found.iter().filter(|(text, place, _)| {
        text.ends_with('σ')
            && place.bottom() < name.center().y
            && place.x_range().intersects(name.x_range())
    });
    let lowest = values.map(|(_, place, _)| place.bottom());
    let gap = name.top() - lowest.reduce(f32::max).expect("a value above it");
    assert!(gap >= 4.0, "{gap}");
}

#[test]
fn bypass_says_so_and_dims_what_does_not_sound() {
    let mut editor = open(playing(), usual());
    let opacity = |editor: &Editor| {
        let shapes = editor.output().shapes.iter();
        let alpha = shapes.filter_map(|clipped| match &clipped.shape {
            egui::Shape::Text(text) if text.galley.text() == "Brightness" => {
                let letters = &text.galley.rows.first()?.visuals.mesh.vertices;
                letters.iter().map(|corner| corner.color.a()).max()
            }
            _ => None,
        });
        f32::from(alpha.max().expect("a knob's name"))
    };
    let before = opacity(&editor);
    assert!(!painted(&editor).contains(&"Bypassed".to_owned()));
    let switch = |editor: &mut Editor| {
        editor
            .get_by_role_and_label(Role::CheckBox, "Bypass")
            .click();
        settle(editor);
    };
    switch(&mut editor);
    assert!(painted(&editor).contains(&"Bypassed".to_owned()));
    let dimmed = opacity(&editor);
    assert!(dimmed < 0.6 * before, "{before} -> {dimmed}");
    switch(&mut editor);
    assert_eq!(opacity(&editor), before);
}
