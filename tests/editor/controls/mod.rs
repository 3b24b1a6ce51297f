//! What holds for every control: its menu, its marks, its place in the order of Tab; the browser of targets; and what Bypass does to the look.

mod browser;
mod focus;
mod host_menu;
mod menu;
mod pictures;

use crate::common::editor::*;
use egui::{Key, Role};
use egui_kittest::{Harness, kittest::Queryable};

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
