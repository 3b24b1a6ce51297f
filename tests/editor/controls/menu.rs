//! The menu of a control, in a host that has none of its own.

use std::sync::Arc;

use super::{Editor, press_key, right_click};
use crate::common::{MAIN, editor::*};
use egui::{
    Event, Key, Modifiers, Role,
    accesskit::{Action, ActionRequest},
};
use egui_kittest::kittest::{NodeT, Queryable};
use moodring::editor::{Automation, HostSide, Mapping, UiState};
use nice_plug::prelude::{Param, ParamSetter};

/// Every control that has a parameter: role, name, and whether its number can be typed.
const ALL: [(Role, &str, bool); 21] = [
    (Role::Slider, "Brightness", true),
    (Role::Slider, "Body", true),
    (Role::Slider, "Noise", true),
    (Role::Slider, "Spread", true),
    (Role::Slider, "Warmth", true),
    (Role::Slider, "Nasality", true),
    (Role::Slider, "Bite", true),
    (Role::Slider, "Air", true),
    (Role::Slider, "Morph", true),
    (Role::Slider, "Articulation", true),
    (Role::Slider, "Resynthesis", true),
    (Role::Slider, "Follow", true),
    (Role::Slider, "Smoothing", true),
    (Role::Slider, "Mix", true),
    (Role::Slider, "Output", true),
    (Role::Slider, "Averaging", true),
    (Role::CheckBox, "Bypass", false),
    (Role::CheckBox, "Keep Loudness", false),
    (Role::ComboBox, "Target", false),
    (Role::RadioButton, "Named Timbre", false),
    (Role::RadioButton, "Sidechain", false),
];

fn editor() -> Editor {
    let mut editor = open(playing(), usual());
    {
        let World { params, host, .. } = editor.state();
        let setter = ParamSetter::new(&**host);
        setter.set_parameter(&params.morph, 0.5);
        setter.set_parameter(&params.knobs[0].shift, 1.5);
        setter.set_parameter(&params.mix, 0.8);
        host.calls.lock().unwrap().clear();
    }
    editor.run();
    editor
}

fn choose(editor: &mut Editor, label: &str) {
    editor.get_by_label(label).click();
    settle(editor);
}

fn is_open(editor: &Editor) -> bool {
    editor.query_by_label_contains("Locked against").is_some()
}

#[test]
fn every_control_has_a_menu_of_the_same_entries() {
    for (role, name, is_typed) in ALL {
        let mut editor = editor();
        right_click(&mut editor, role, name);
        assert!(is_open(&editor), "{name}");
        for entry in ["Reset to ", "Copy ", "Paste"] {
            let there = editor.query_all_by_label_contains(entry);
            assert!(there.count() >= 1, "{name}: {entry}");
        }
        let types = editor.query_by_label("Type a value…").is_some();
        assert_eq!(types, is_typed, "{name}");
        press_key(&mut editor, Key::Escape);
        settle(&mut editor);
        assert!(!is_open(&editor), "{name}: Escape closes it");
        let calls = editor.state().host.calls.lock().unwrap().clone();
        assert!(
            calls.is_empty(),
            "{name}: looking changes nothing: {calls:?}"
        );
    }
}

#[test]
fn a_value_is_reset_typed_copied_and_pasted() {
    let mut editor = editor();
    let params = Arc::clone(&editor.state().params);
    let host = Arc::clone(&editor.state().host);
    let (knob, mix) = (&params.knobs[0].shift, &params.mix);

    right_click(&mut editor, Role::Slider, "Brightness");
    choose(&mut editor, "Copy +1.50 σ");
    right_click(&mut editor, Role::Slider, "Body");
    choose(&mut editor, "Paste +1.50 σ");
    assert_gesture(&host.take(&params.knobs[1].shift));
    assert_eq!(params.knobs[1].shift.unmodulated_plain_value(), 1.5);

    // Of another quantity: the entry is there, and does nothing.
    right_click(&mut editor, Role::Slider, "Output");
    let paste = editor.get_by_label("Paste +1.50 σ");
    assert!(paste.accesskit_node().is_disabled());
    press_key(&mut editor, Key::Escape);

    right_click(&mut editor, Role::Slider, "Brightness");
    choose(&mut editor, "Reset to +0.00 σ");
    assert_gesture(&host.take(knob));
    assert_eq!(knob.unmodulated_plain_value(), 0.0);
    editor.get_by_label("Undo").click();
    settle(&mut editor);
    host.calls.lock().unwrap().clear();
    assert_eq!(knob.unmodulated_plain_value(), 1.5, "one step to undo");

    right_click(&mut editor, Role::Slider, "Mix");
    choose(&mut editor, "Type a value…");
    assert!(
        editor
            .get_by_label("Mix value")
            .accesskit_node()
            .is_focused()
    );
    editor.event(Event::Text("25".to_owned()));
    editor.run();
    press_key(&mut editor, Key::Enter);
    settle(&mut editor);
    assert_gesture(&host.take(mix));
    assert_eq!(mix.unmodulated_plain_value(), 0.25);
}

#[test]
fn what_is_locked_stays_as_presets_and_settings_change() {
    let mut editor = editor();
    let params = Arc::clone(&editor.state().params);
    let mix = || params.mix.unmodulated_plain_value();
    right_click(&mut editor, Role::Slider, "Mix");
    choose(&mut editor, "Locked against presets and 1/2");
    assert!(params.locks.get(&MAIN).contains("mix"));
    let words = control(&editor, "Mix").accesskit_node().description();
    assert_eq!(
        words.as_deref(),
        Some("Locked: presets and 1/2 leave it alone")
    );

    // A preset changes what isn't locked, and isn't edited at once for what is.
    for _ in 0..3 {
        editor.get_by_label("Next preset").click();
        settle(&mut editor);
        assert_eq!(mix(), 0.8);
        let preset = editor.get_by_role_and_label(Role::Button, "Preset").value();
        assert!(!preset.unwrap().contains("edited"));
    }
    editor
        .get_by_role_and_label(Role::RadioButton, "Setting 2")
        .click();
    settle(&mut editor);
    {
        let World { params, host, .. } = editor.state();
        ParamSetter::new(&**host).set_parameter(&params.mix, 0.3);
    }
    editor.run();
    editor
        .get_by_role_and_label(Role::RadioButton, "Setting 1")
        .click();
    settle(&mut editor);
    assert!((mix() - 0.3).abs() < 1e-6, "the hand sets it, 1/2 doesn't");

    right_click(&mut editor, Role::Slider, "Mix");
    choose(&mut editor, "Locked against presets and 1/2");
    editor.get_by_label("Next preset").click();
    settle(&mut editor);
    assert_eq!(mix(), 1.0, "unlocked, the preset's");
}

#[test]
fn the_windows_own_menu_undoes_and_unlocks() {
    let mut editor = editor();
    let params = Arc::clone(&editor.state().params);
    for id in ["mix", "morph"] {
        params.locks.toggle(id, &MAIN);
    }
    editor.run();
    // Beside the title of the panel, where nothing is.
    let at = egui::Pos2::new(MARGIN + 400.0, MARGIN + 336.0);
    let click = |editor: &mut Editor| {
        editor.hover_at(at);
        editor.step();
        for pressed in [true, false] {
            editor.event(Event::PointerButton {
                pos: at,
                button: egui::PointerButton::Secondary,
                pressed,
                modifiers: Modifiers::NONE,
            });
            editor.step();
        }
        settle(editor);
    };
    click(&mut editor);
    choose(&mut editor, "Unlock all 2 that are locked");
    assert!(params.locks.get(&MAIN).is_empty());
    let knob = control(&editor, "Body").rect().center();
    wheel(&mut editor, knob, 1.0);
    assert!(params.knobs[1].shift.unmodulated_plain_value() > 0.0);
    click(&mut editor);
    choose(&mut editor, "Undo Body");
    assert_eq!(params.knobs[1].shift.unmodulated_plain_value(), 0.0);
}

#[test]
fn the_keyboard_and_screen_readers_open_the_menu_too() {
    let mut editor = editor();
    control(&editor, "Morph").focus();
    editor.run();
    editor.key_press_modifiers(Modifiers::SHIFT, Key::F10);
    settle(&mut editor);
    assert!(is_open(&editor));
    press_key(&mut editor, Key::Escape);
    settle(&mut editor);
    assert!(!is_open(&editor));
    let (target_node, target_tree) = control(&editor, "Follow").accesskit_node().locate();
    editor.event(Event::AccessKitActionRequest(ActionRequest {
        action: Action::ShowContextMenu,
        target_node,
        target_tree,
        data: None,
    }));
    settle(&mut editor);
    assert!(is_open(&editor));
    assert!(editor.query_by_label("Copy 100 %").is_some());
}

#[test]
fn the_maps_handle_has_the_menu_of_both_its_parameters() {
    let mut snapshot = playing();
    let card = moodring::model::ModelSource::embedded_timbre_card().unwrap();
    snapshot.map = Some(Arc::new(moodring::model::TimbreMap::new(card)));
    let mut editor = open(snapshot, usual());
    let params = Arc::clone(&editor.state().params);
    {
        let World { params, host, .. } = editor.state();
        let setter = ParamSetter::new(&**host);
        setter.set_parameter(&params.map_x, 0.5);
    }
    editor.run();
    right_click(&mut editor, Role::Slider, "Map handle");
    let resets = editor.query_all_by_label("Reset to +0.00");
    assert_eq!(resets.count(), 2);
    editor
        .query_all_by_label("Reset to +0.00")
        .next()
        .unwrap()
        .click();
    settle(&mut editor);
    assert_eq!(params.map_x.unmodulated_plain_value(), 0.0);
}

#[test]
fn what_the_host_does_to_a_parameter_is_told_on_its_control() {
    let host = Arc::new(HostSide::default());
    let state = UiState::default().in_host(host.clone());
    let mut editor = open_in(window(usual(), 1.0), playing(), state);
    let params = Arc::clone(&editor.state().params);
    let words = |editor: &Editor, name: &str| control(editor, name).accesskit_node().description();
    assert_eq!(words(&editor, "Mix"), None);
    host.indicate(params.mix.as_ptr(), |told| {
        told.mapping = Some(Mapping {
            label: "CC 21".to_owned(),
            words: String::new(),
            color: Some([255, 0, 0]),
        });
        told.automation = Automation::Playing;
    });
    host.indicate(params.knobs[2].shift.as_ptr(), |told| {
        told.automation = Automation::Overriding;
    });
    editor.run();
    let mix = words(&editor, "Mix");
    assert_eq!(mix.as_deref(), Some("Mapped to CC 21; Automation plays"));
    let noise = words(&editor, "Noise");
    assert_eq!(noise.as_deref(), Some("Automation is overridden"));
    host.indicate(params.mix.as_ptr(), |told| *told = Default::default());
    editor.run();
    assert_eq!(words(&editor, "Mix"), None);
}

#[test]
fn what_has_no_parameter_has_a_menu_of_its_own_and_not_the_windows_too() {
    let mut editor = open_in(
        window(usual(), 1.0),
        playing(),
        left_on(moodring::editor::Page::Morph, moodring::editor::Theme::Dark),
    );
    for (role, name, entry) in [
        (Role::Button, "Preset", "Underwater"),
        (
            Role::CheckBox,
            "Capture A",
            "No timbres of your own yet: capture one and save it",
        ),
        (
            Role::Button,
            "Timbre B",
            "No timbres of your own yet: capture one and save it",
        ),
    ] {
        right_click(&mut editor, role, name);
        assert!(editor.query_by_label(entry).is_some(), "{name}");
        assert!(
            editor.query_by_label("Nothing is locked").is_none(),
            "{name}"
        );
        press_key(&mut editor, Key::Escape);
        settle(&mut editor);
    }
    let mut editor = open(playing(), usual());
    right_click(&mut editor, Role::Meter, "jazz");
    choose(&mut editor, "Keep on top");
    let jazz = editor.get_by_role_and_label(Role::Meter, "jazz");
    assert_eq!(
        jazz.accesskit_node().toggled(),
        Some(egui::accesskit::Toggled::True)
    );
    assert!(editor.query_by_label("Nothing is locked").is_none());
}
