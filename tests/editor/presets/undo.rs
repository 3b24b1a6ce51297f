//! Undo and redo, and two settings to compare.

use crate::common::MAIN;
use crate::common::editor::*;
use egui::{Key, Modifiers, Vec2};
use egui_kittest::kittest::Queryable;
use moodring::{
    library::{Kept, Preset, factory_presets},
    params::{PresetName, Slot},
};
use nice_plug::{params::persist::PersistentField, prelude::Param};

use super::{
    Editor, WIDE, brightness, captured, choose, click, is_enabled, present, press_key, turn, user,
};

const REDO: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

#[test]
fn a_drag_is_one_step_and_a_run_of_the_wheel_another() {
    let mut editor = open(playing(), WIDE);
    turn(&mut editor, "Brightness", 40.0);
    let dragged = brightness(&editor);
    assert_ne!(dragged, 0.0);
    let at = control(&editor, "Body").rect().center();
    editor.hover_at(at);
    for _ in 0..3 {
        editor.event(egui::Event::MouseWheel {
            unit: egui::MouseWheelUnit::Line,
            delta: Vec2::new(0.0, 1.0),
            modifiers: Modifiers::NONE,
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Unknown,
        });
        editor.run_steps(4);
    }
    settle(&mut editor);
    let body = |editor: &Editor| editor.state().params.knobs[1].shift.value();
    let wheeled = body(&editor);
    assert!(wheeled > 0.25, "three notches: {wheeled}");

    press_key(&mut editor, Modifiers::COMMAND, Key::Z);
    assert_eq!((brightness(&editor), body(&editor)), (dragged, 0.0));
    assert!(is_enabled(&editor, "Undo") && is_enabled(&editor, "Redo"));
    click(&mut editor, "Undo");
    assert_eq!(brightness(&editor), 0.0);
    assert!(!is_enabled(&editor, "Undo"));
    press_key(&mut editor, Modifiers::COMMAND, Key::Z);
    assert_eq!(brightness(&editor), 0.0, "there is nothing more");

    press_key(&mut editor, REDO, Key::Z);
    click(&mut editor, "Redo");
    assert_eq!((brightness(&editor), body(&editor)), (dragged, wheeled));
    // A new edit is the end of what could be done again.
    click(&mut editor, "Undo");
    turn(&mut editor, "Noise", 40.0);
    assert!(!is_enabled(&editor, "Redo"));
}

#[test]
fn undo_tells_the_host_in_a_gesture() {
    let mut editor = open(playing(), WIDE);
    turn(&mut editor, "Brightness", 40.0);
    let world = editor.state();
    world.host.take(&world.params.knobs[0].shift);
    press_key(&mut editor, Modifiers::COMMAND, Key::Z);
    let world = editor.state();
    let calls = world.host.take(&world.params.knobs[0].shift);
    assert_eq!(calls, [Call::Begin, Call::Set(0.5), Call::End]);
}

#[test]
fn what_the_host_automates_is_no_step() {
    let mut editor = open(playing(), WIDE);
    let param = editor.state().params.knobs[0].shift.as_ptr();
    // SAFETY: the parameters outlive the editor.
    unsafe { param._internal_set_normalized_value(0.9) };
    editor.run();
    assert!(!is_enabled(&editor, "Undo"));
    turn(&mut editor, "Body", 40.0);
    press_key(&mut editor, Modifiers::COMMAND, Key::Z);
    assert!(
        (brightness(&editor) - 2.4).abs() < 1e-4,
        "it stays where the host put it"
    );
}

#[test]
fn a_preset_is_one_step_with_its_name_and_its_captured_timbres() {
    let (_folder, library, mut editor) = user(WIDE);
    let params = editor.state().params.clone();
    params.captures.set(Slot::A, Some(captured("mine")), &MAIN);
    let carrying = Preset {
        captures: [Some(captured("theirs")), None],
        ..factory_presets()[0].preset.clone()
    };
    library
        .presets()
        .save(carrying.named("Carrying".to_owned()), false)
        .unwrap();
    choose(&mut editor, "Brass Band");
    choose(&mut editor, "Carrying");
    let in_a = || params.captures.get(Slot::A, &MAIN).unwrap().name;
    assert_eq!(
        (present(&editor).as_str(), in_a().as_str()),
        ("Carrying", "theirs")
    );
    press_key(&mut editor, Modifiers::COMMAND, Key::Z);
    assert_eq!(
        (present(&editor).as_str(), in_a().as_str()),
        ("Brass Band", "mine")
    );
    assert!(params.morph.value() > 0.8);
    press_key(&mut editor, Modifiers::COMMAND, Key::Z);
    assert_eq!(present(&editor), "Neutral");
    assert_eq!(params.morph.value(), 0.0);
    press_key(&mut editor, REDO, Key::Z);
    press_key(&mut editor, Modifiers::COMMAND, Key::Y);
    assert_eq!(
        (present(&editor).as_str(), in_a().as_str()),
        ("Carrying", "theirs")
    );
}

#[test]
fn the_two_settings_are_each_as_they_were_left() {
    let mut editor = open(playing(), WIDE);
    turn(&mut editor, "Brightness", 40.0);
    let first = brightness(&editor);
    click(&mut editor, "Setting 2");
    assert_eq!(
        brightness(&editor),
        first,
        "the second begins as the first was"
    );
    choose(&mut editor, "Underwater");
    let second = brightness(&editor);
    assert_ne!(second, first);
    let bypass = editor.state().params.bypass.as_ptr();
    // SAFETY: the parameters outlive the editor.
    unsafe { bypass._internal_set_normalized_value(1.0) };

    click(&mut editor, "Setting 1");
    assert_eq!(brightness(&editor), first);
    assert_eq!(present(&editor), "Neutral, edited");
    assert!(editor.state().params.bypass.value(), "Bypass is neither's");
    // Each has its own steps.
    click(&mut editor, "Undo");
    assert_eq!(brightness(&editor), 0.0);
    click(&mut editor, "Setting 2");
    assert_eq!(
        (brightness(&editor), present(&editor).as_str()),
        (second, "Underwater")
    );
    click(&mut editor, "Undo");
    assert_eq!(brightness(&editor), first);
    assert!(!is_enabled(&editor, "Undo"), "going over to it was no step");

    choose(&mut editor, "Telephone");
    click(&mut editor, "Copy setting 2 to 1");
    let copied = brightness(&editor);
    click(&mut editor, "Setting 1");
    assert_eq!(
        (brightness(&editor), present(&editor).as_str()),
        (copied, "Telephone")
    );
}

#[test]
fn another_project_ends_what_could_be_undone() {
    let mut editor = open(playing(), WIDE);
    turn(&mut editor, "Brightness", 40.0);
    click(&mut editor, "Setting 2");
    turn(&mut editor, "Brightness", 40.0);
    assert!(is_enabled(&editor, "Undo"));
    // This is what a host's loading of a state does.
    let name = PresetName::Factory("darker".to_owned());
    editor.state().params.preset.set(Some(name));
    editor.run();
    assert!(!is_enabled(&editor, "Undo"));
    assert_eq!(present(&editor), "Darker, edited");
    editor.get_by_label("Copy setting 1 to 2");
}
