//! The menu of outputs: tags with numbers, MIDI, and what steers Morph.

use crate::common::{MAIN, editor::*};
use egui::{Key, Role};
use egui_kittest::{Harness, kittest::Queryable};
use moodring::{
    model::TagKind,
    params::{HeadlineMidi, OutputSettings, SteerSource},
};
use nice_plug::prelude::Param;

use super::{click, help, listen};

fn settings(harness: &Harness<'_, World>) -> OutputSettings {
    harness.state().params.outputs.get(&MAIN)
}

/// The menu, open on a page.
fn menu(page: &str) -> Harness<'static, World> {
    let mut harness = listen(playing(), None);
    click(&mut harness, Role::Button, "Output");
    click(&mut harness, Role::Tab, page);
    harness
}

/// Types into a field that shows a number, in its place.
fn type_into(harness: &mut Harness<'_, World>, label: &str, text: &str) {
    click(harness, Role::SpinButton, label);
    harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::A);
    let field = harness.get_by_role_and_label(Role::SpinButton, label);
    field.type_text(text);
    settle(harness);
    harness.key_press(Key::Enter);
    settle(harness);
}

/// Types into the search.
fn type_search(harness: &mut Harness<'_, World>, text: &str) {
    let field = harness.get_by_role_and_label(Role::TextInput, "Search");
    field.type_text(text);
    settle(harness);
}

#[test]
fn a_tag_is_searched_for_and_gets_a_number_and_another_the_next() {
    let mut harness = menu("Tags");
    click(&mut harness, Role::TextInput, "Search");
    type_search(&mut harness, "Jaz");
    assert!(harness.query_by_label("piano (instrument)").is_none());
    click(&mut harness, Role::Button, "jazz (genre)");
    let tags = settings(&harness).tags;
    let first = tags[0].as_ref().unwrap();
    assert_eq!((first.kind, first.name.as_str()), (TagKind::Genre, "jazz"));
    harness.get_by_role_and_label(Role::RadioButton, "Tag 1: jazz");

    // The next free number is chosen for now, and any other can be.
    click(&mut harness, Role::TextInput, "Search");
    for _ in 0..3 {
        harness.key_press(Key::Backspace);
    }
    settle(&mut harness);
    click(&mut harness, Role::Button, "piano (instrument)");
    assert_eq!(settings(&harness).tags[1].as_ref().unwrap().name, "piano");
    click(&mut harness, Role::RadioButton, "Tag 8: none");
    click(&mut harness, Role::Button, "folk (genre)");
    assert_eq!(settings(&harness).tags[7].as_ref().unwrap().name, "folk");
    click(&mut harness, Role::RadioButton, "Tag 1: jazz");
    click(&mut harness, Role::Button, "Clear Tag 1");
    assert_eq!(settings(&harness).tags[0], None);

    click(&mut harness, Role::TextInput, "Search");
    type_search(&mut harness, "zzz");
    harness.get_by_label("No tag has “zzz” in its name");
}

#[test]
fn midi_is_switched_on_and_has_a_channel_controllers_and_a_way_to_be_learnt() {
    let mut harness = menu("MIDI");
    let learn = &harness.state().params.clone().outputs.learn;
    click(&mut harness, Role::Button, "Learn Arousal");
    assert_eq!(
        learn.take(),
        None,
        "while nothing is sent there is nothing to learn"
    );
    click(&mut harness, Role::CheckBox, "Send MIDI");
    assert!(settings(&harness).midi.on);
    type_into(&mut harness, "Channel", "7");
    type_into(&mut harness, "Controller of Arousal", "300");
    let midi = settings(&harness).midi;
    assert_eq!(
        (midi.channel, midi.controllers[1]),
        (7, Some(119)),
        "no higher than there are"
    );
    click(&mut harness, Role::Button, "Learn Arousal");
    assert_eq!(learn.take(), Some((7, 119)));

    click(&mut harness, Role::CheckBox, "Send Tag 3");
    assert_eq!(settings(&harness).midi.controllers[4], None);
    assert!(harness.query_by_label("Learn Tag 3").is_none());
    click(&mut harness, Role::CheckBox, "Send Tag 3");
    assert_eq!(settings(&harness).midi.controllers[4], Some(24));

    click(
        &mut harness,
        Role::RadioButton,
        "Large words as MIDI: Program changes",
    );
    type_into(&mut harness, "Genres on channel", "0");
    let midi = settings(&harness).midi;
    assert_eq!(midi.headlines, HeadlineMidi::Programs);
    assert_eq!(midi.headline_channel, 1);
}

#[test]
fn what_is_heard_is_led_to_a_knob_by_names_and_that_can_be_undone() {
    let mut harness = menu("Steer");
    let params = harness.state().params.clone();
    let [first, second] = &params.steers;
    assert!(
        harness.query_by_label("Steer 1 Amount").is_none(),
        "while it is off"
    );
    click(&mut harness, Role::RadioButton, "Steer 1 Source: Arousal");
    assert_eq!(first.source.value(), SteerSource::Arousal);
    click(&mut harness, Role::RadioButton, "Steer 1 Target: Map X");
    assert_eq!(first.target.value().param(&params).name(), "Map X");
    click(&mut harness, Role::RadioButton, "Steer 2 Source: 4: none");
    assert_eq!(second.source.value(), SteerSource::Tag4);
    let amount = control(&harness, "Steer 1 Amount").rect().center();
    double_click(&mut harness, amount);
    wheel(&mut harness, amount, -1.0);
    assert!(first.amount.value() < 0.5, "{}", first.amount.value());
    assert!(help(&harness).starts_with("How far: at 100 %"));
    harness.key_press(Key::Escape);
    settle(&mut harness);
    for _ in 0..2 {
        click(&mut harness, Role::Button, "Undo");
    }
    assert_eq!(first.amount.value(), 0.5);
    assert_eq!(second.source.value(), SteerSource::Off);
    assert_eq!(first.source.value(), SteerSource::Arousal);
}
