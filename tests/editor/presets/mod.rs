//! Presets in the editor, undo and redo, and two settings to compare: driven without a window.
#![allow(
    unsafe_code,
    reason = "nice-plug's gestures take parameters by pointer"
)]

mod undo;

use crate::common::MAIN;
use std::{collections::BTreeMap, fs};

use crate::common::{
    editor::*,
    picture::{Textures, compare, halved, picture},
};
use egui::{Key, Modifiers, Role, Vec2};
use egui_kittest::{
    Harness, HarnessBuilder,
    kittest::{NodeT, Queryable},
};
use moodring::{
    editor::{LEAST_SIZE, Preferences, Theme, UiState, UserFiles},
    library::{Kept, Library, Preset, Value, factory_presets, neutral},
    model::{BANDS, LATENTS},
    params::{Captured, MorphSource, PresetName},
};
use nice_plug::{params::persist::PersistentField, prelude::Param};
use tempfile::TempDir;

type Editor = Harness<'static, World>;

const WIDE: Vec2 = Vec2::new(1_600.0, 1_000.0);

/// An editor whose user keeps presets in the folder that comes with it.
fn user(size: Vec2) -> (TempDir, Library, Editor) {
    user_in(Theme::Dark, window(size, 1.0))
}

fn user_in(theme: Theme, window: HarnessBuilder<World>) -> (TempDir, Library, Editor) {
    let folder = tempfile::tempdir().unwrap();
    let library = Library::at(folder.path().to_owned());
    let files = UserFiles {
        library: library.clone(),
        ..UserFiles::default()
    };
    let preferences = Preferences {
        theme,
        ..Preferences::default()
    };
    let editor = open_in(window, playing(), UiState::new(preferences, files));
    (folder, library, editor)
}

fn click(editor: &mut Editor, label: &str) {
    editor.get_by_label(label).click();
    settle(editor);
}

/// Opens the menu of presets and clicks at one of its lines.
fn choose(editor: &mut Editor, label: &str) {
    click(editor, "Preset");
    editor.get_by_label(label).scroll_to_me();
    settle(editor);
    click(editor, label);
}

/// Answers a question: its buttons are drawn after all others.
fn answer(editor: &mut Editor, label: &str) {
    editor.get_all_by_label(label).last().unwrap().click();
    settle(editor);
}

fn press_key(editor: &mut Editor, modifiers: Modifiers, key: Key) {
    editor.key_press_modifiers(modifiers, key);
    settle(editor);
}

/// What the bar says is in use.
fn present(editor: &Editor) -> String {
    let button = editor.get_by_role_and_label(Role::Button, "Preset");
    button.value().unwrap()
}

fn is_enabled(editor: &Editor, label: &str) -> bool {
    !editor
        .get_by_role_and_label(Role::Button, label)
        .accesskit_node()
        .is_disabled()
}

fn brightness(editor: &Editor) -> f32 {
    editor.state().params.knobs[0].shift.value()
}

/// Drags a knob, which must have changed after that.
fn turn(editor: &mut Editor, name: &str, by: f32) {
    let at = control(editor, name).rect().center();
    drag(editor, at, Vec2::new(0.0, -by));
}

fn captured(name: &str) -> Captured {
    Captured {
        name: name.to_owned(),
        latent: [0.25; LATENTS],
        levels: vec![0.0; BANDS],
        model: "test 1".to_owned(),
    }
}

#[test]
fn every_control_has_a_name_and_is_said_to_be_what_it_is() {
    let editor = open(playing(), WIDE);
    for (role, name) in [
        (Role::Button, "Previous preset"),
        (Role::Button, "Preset"),
        (Role::Button, "Next preset"),
        (Role::Button, "Undo"),
        (Role::Button, "Redo"),
        (Role::RadioButton, "Setting 1"),
        (Role::RadioButton, "Setting 2"),
        (Role::Button, "Copy setting 1 to 2"),
    ] {
        editor.get_by_role_and_label(role, name);
    }
    assert_eq!(present(&editor), "Neutral");
    assert!(!is_enabled(&editor, "Undo") && !is_enabled(&editor, "Redo"));
}

#[test]
fn a_preset_is_loaded_with_gestures_for_what_changes_and_nothing_else() {
    let (_folder, library, mut editor) = user(WIDE);
    let dull = Preset {
        values: BTreeMap::from([("latent_1".to_owned(), Value::Number(-1.5))]),
        ..neutral()
    };
    let dull = dull.named("Dull".to_owned());
    library.presets().save(dull, false).unwrap();
    choose(&mut editor, "Dull");
    let world = editor.state();
    let calls = world.host.take(&world.params.knobs[0].shift);
    assert_gesture(&calls);
    assert!((brightness(&editor) + 1.5).abs() < 1e-5);
    assert_eq!(present(&editor), "Dull");

    turn(&mut editor, "Brightness", 20.0);
    assert_eq!(present(&editor), "Dull, edited");
    // Output belongs to the track: it is no part of a preset.
    choose(&mut editor, "Underwater");
    let output = &editor.state().params.output;
    let (id, param) = ("output", output.as_ptr());
    // SAFETY: the parameters outlive the editor.
    unsafe { param._internal_set_normalized_value(0.9) };
    editor.run();
    assert_eq!(present(&editor), "Underwater", "{id} was changed");
    choose(&mut editor, "Neutral");
    assert!((editor.state().params.output.unmodulated_normalized_value() - 0.9).abs() < 1e-6);
    assert_eq!(brightness(&editor), 0.0);
}

#[test]
fn next_and_previous_go_through_all_presets_and_around() {
    let (_folder, library, mut editor) = user(WIDE);
    library
        .presets()
        .save(neutral().named("Zither".to_owned()), false)
        .unwrap();
    let mut expected: Vec<_> = factory_presets()
        .iter()
        .map(|factory| factory.preset.name.clone())
        .collect();
    expected.extend(["Zither".to_owned(), "Neutral".to_owned()]);
    for name in &expected {
        click(&mut editor, "Next preset");
        assert_eq!(present(&editor), *name);
    }
    for name in expected.iter().rev().skip(1) {
        click(&mut editor, "Previous preset");
        assert_eq!(present(&editor), *name);
    }
}

#[test]
fn settings_are_saved_replaced_renamed_and_deleted() {
    let (_folder, library, mut editor) = user(WIDE);
    turn(&mut editor, "Brightness", 40.0);
    let first = brightness(&editor);
    choose(&mut editor, "Save As…");
    editor
        .get_by_role_and_label(Role::TextInput, "Name")
        .type_text("Dawn / 1");
    editor.run();
    press_key(&mut editor, Modifiers::NONE, Key::Enter);
    assert_eq!(present(&editor), "Dawn - 1");
    let saved = library
        .presets()
        .load("Dawn - 1")
        .unwrap()
        .settings()
        .unwrap();
    assert!(saved.hold(&editor.state().params, &MAIN));

    // What is there is replaced only after a question.
    turn(&mut editor, "Brightness", 20.0);
    assert_eq!(present(&editor), "Dawn - 1, edited");
    let second = brightness(&editor);
    choose(&mut editor, "Save As…");
    answer(&mut editor, "Save");
    let kept = || {
        library
            .presets()
            .load("Dawn - 1")
            .unwrap()
            .settings()
            .unwrap()
    };
    assert_eq!(kept(), saved);
    editor.get_by_label_contains("there is a `Dawn - 1` already");
    answer(&mut editor, "Cancel");
    assert_eq!(kept(), saved);
    choose(&mut editor, "Save As…");
    answer(&mut editor, "Save");
    answer(&mut editor, "Replace");
    assert_ne!(kept(), saved);
    assert_eq!(present(&editor), "Dawn - 1");
    assert_ne!(first, second);

    choose(&mut editor, "Rename…");
    editor
        .get_by_role_and_label(Role::TextInput, "Name")
        .type_text(" b");
    editor.run();
    answer(&mut editor, "Rename");
    assert_eq!(present(&editor), "Dawn - 1 b");
    assert!(library.presets().load("Dawn - 1").is_err());

    choose(&mut editor, "Delete…");
    press_key(&mut editor, Modifiers::NONE, Key::Escape);
    assert_eq!(library.presets().list().len(), 1, "Escape is no");
    choose(&mut editor, "Delete…");
    answer(&mut editor, "Delete");
    assert!(library.presets().list().is_empty());
    assert_eq!(brightness(&editor), second, "the settings stay");
    // Moodring's own are neither renamed nor deleted.
    choose(&mut editor, "Darker");
    click(&mut editor, "Preset");
    assert!(editor.query_by_label("Rename…").is_none());
    assert!(editor.query_by_label("Delete…").is_none());
}

#[test]
fn keys_in_a_question_are_the_texts() {
    let (_folder, library, mut editor) = user(WIDE);
    turn(&mut editor, "Brightness", 40.0);
    let turned = brightness(&editor);
    choose(&mut editor, "Save As…");
    editor
        .get_by_role_and_label(Role::TextInput, "Name")
        .type_text("???");
    editor.run();
    press_key(&mut editor, Modifiers::COMMAND, Key::Z);
    assert_eq!(brightness(&editor), turned);
    editor
        .get_by_role_and_label(Role::TextInput, "Name")
        .type_text("???");
    editor.run();
    answer(&mut editor, "Save");
    editor.get_by_label_contains("can't be a name");
    assert!(library.presets().list().is_empty());
    press_key(&mut editor, Modifiers::NONE, Key::Escape);
    assert!(
        editor
            .query_by_role_and_label(Role::TextInput, "Name")
            .is_none()
    );
}

#[test]
fn what_cannot_be_used_is_told() {
    let (folder, library, mut editor) = user(WIDE);
    library
        .presets()
        .save(neutral().named("Fine".to_owned()), false)
        .unwrap();
    fs::write(folder.path().join("presets/Broken.json"), "{").unwrap();
    click(&mut editor, "Preset");
    let broken = editor.get_by_label("Broken (can't be used)");
    assert!(broken.accesskit_node().is_disabled());
    let at = broken.rect().center();
    editor.hover_at(at);
    settle(&mut editor);
    editor.get_by_label_contains("fix or remove this file");
    click(&mut editor, "Fine");

    // A project may come from where there are other presets.
    let name = PresetName::User("Elsewhere".to_owned());
    editor.state().params.preset.set(Some(name));
    editor.run();
    assert_eq!(present(&editor), "Elsewhere");
    let at = editor.get_by_label("Preset").rect().center();
    editor.hover_at(at);
    settle(&mut editor);
    assert!(editor.query_all_by_label_contains("Elsewhere.json").count() > 0);
}

#[test]
fn the_least_window_has_presets_undo_and_both_settings() {
    let (_folder, _, mut editor) = user(Vec2::from(LEAST_SIZE));
    click(&mut editor, "Next preset");
    let first = present(&editor);
    click(&mut editor, "Setting 2");
    click(&mut editor, "Next preset");
    assert_ne!(present(&editor), first);
    click(&mut editor, "Undo");
    assert_eq!(present(&editor), first);
    click(&mut editor, "Redo");
    click(&mut editor, "Setting 1");
    assert_eq!(present(&editor), first);
    // Beside the five tabs it has no room.
    choose(&mut editor, "Copy setting 1 to 2");
    click(&mut editor, "Setting 2");
    assert_eq!(present(&editor), first);
}

/// A host may make the window smaller than it wants to be.
#[test]
fn what_has_no_room_in_the_bar_is_in_the_menu() {
    let (_folder, _, mut editor) = user(Vec2::new(580.0, 400.0));
    choose(&mut editor, "Underwater");
    let second = brightness(&editor);
    for gone in ["Previous preset", "Setting 1", "Copy setting 1 to 2"] {
        assert!(editor.query_by_label(gone).is_none(), "{gone}");
    }
    choose(&mut editor, "Compare: hear setting 2");
    choose(&mut editor, "Neutral");
    assert_eq!(brightness(&editor), 0.0);
    choose(&mut editor, "Compare: hear setting 1");
    assert_eq!(brightness(&editor), second);
    choose(&mut editor, "Copy setting 1 to 2");
    choose(&mut editor, "Compare: hear setting 2");
    assert_eq!(brightness(&editor), second);
    choose(&mut editor, "Compare: hear setting 1");
    // What the bar has, the menu hasn't.
    click(&mut editor, "Preset");
    let undo = editor.query_by_label_contains("Undo preset Underwater");
    assert!(undo.is_none());
    click(&mut editor, "Neutral");
    click(&mut editor, "Undo");
    assert_eq!(brightness(&editor), second);
}

#[test]
fn the_keyboard_reaches_the_menu() {
    let (_folder, _, mut editor) = user(WIDE);
    editor.get_by_label("Preset").focus();
    editor.run();
    press_key(&mut editor, Modifiers::NONE, Key::Enter);
    editor.get_by_label("Warmer").focus();
    editor.run();
    press_key(&mut editor, Modifiers::NONE, Key::Enter);
    assert_eq!(present(&editor), "Warmer");
    assert_eq!(
        editor.state().params.morph_source.value(),
        MorphSource::Named
    );
}

#[test]
fn the_menu_and_the_questions_look_as_they_did() {
    let mut changed = Vec::new();
    for theme in [Theme::Dark, Theme::Light] {
        for (size, name) in [
            (Vec2::from(LEAST_SIZE), "small"),
            (usual(), "usual"),
            (Vec2::new(1_440.0, 900.0), "large"),
        ] {
            let textures = Textures::default();
            let (folder, library, mut editor) =
                user_in(theme, window(size, 1.0).renderer(textures.clone()));
            let mine = neutral().named("Mine".to_owned());
            library.presets().save(mine, false).unwrap();
            fs::write(folder.path().join("presets/Broken.json"), "{").unwrap();
            let mut look = |editor: &Editor, what: &str| {
                let path =
                    format!("tests/pictures/presets-{what}-{theme:?}-{name}.png").to_lowercase();
                let picture = halved(&picture(editor, &textures, MARGIN, theme.palette().panel));
                changed.extend(compare(&path, &picture).err());
            };
            choose(&mut editor, "Mine");
            click(&mut editor, "Preset");
            look(&editor, "menu");
            click(&mut editor, "Save As…");
            answer(&mut editor, "Save");
            look(&editor, "question");
        }
    }
    assert!(changed.is_empty(), "{}", changed.join("\n"));
}
