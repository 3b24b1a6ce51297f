//! What is chosen for Morph to lead to is heard: at 0 % it raises Morph, as one step to undo.

use crate::common::MAIN;
use crate::common::editor::{World, control, drag, usual};
use egui::{Key, Role, Vec2};
use egui_kittest::{Harness, kittest::Queryable};
use moodring::{
    editor::Page,
    params::{MoodringParams, MorphSource, Slot, Target},
};
use nice_plug::prelude::{Enum, Param, ParamSetter};

use super::{captured, key, open, params, undo};

/// A way to choose where Morph leads.
type Way = (&'static str, fn(&mut Harness<'_, World>));

fn press(harness: &mut Harness<'_, World>, role: Role, name: &str) {
    harness.get_by_role_and_label(role, name).click_accesskit();
    harness.run();
}

const WAYS: [Way; 6] = [
    ("a place on the map", |harness| {
        press(harness, Role::Button, "Clarinet");
    }),
    ("the place that is the target already", |harness| {
        let target = params(harness).target.unmodulated_plain_value();
        press(harness, Role::Button, Target::variants()[target.to_index()]);
    }),
    ("the list of targets", |harness| {
        harness
            .get_by_role_and_label(Role::ComboBox, "Target")
            .click();
        harness.run();
        press(harness, Role::ListBoxOption, Target::variants()[0]);
    }),
    ("the cross", |harness| {
        let at = control(harness, "Map handle").rect().center();
        drag(harness, at, Vec2::new(60.0, -40.0));
    }),
    ("the cross, by the keys", |harness| {
        control(harness, "Map handle").focus();
        harness.run();
        key(harness, Key::ArrowUp);
    }),
    ("the source", |harness| {
        press(harness, Role::RadioButton, "Map")
    }),
];

fn state(params: &MoodringParams) -> (f32, MorphSource, usize, f32, f32) {
    (
        params.morph.unmodulated_plain_value(),
        params.morph_source.unmodulated_plain_value(),
        params.target.unmodulated_plain_value().to_index(),
        params.map_x.unmodulated_plain_value(),
        params.map_y.unmodulated_plain_value(),
    )
}

#[test]
fn choosing_where_morph_leads_makes_it_heard_as_one_step() {
    for (way, choose) in WAYS {
        let mut harness = open(Page::Morph, usual());
        let params = params(&harness);
        let before = state(&params);
        choose(&mut harness);
        assert_eq!(params.morph.unmodulated_plain_value(), 0.5, "{way}");
        harness.get_by_label_contains("Morph was at 0 % and is at 50 % now");
        undo(&mut harness);
        assert_eq!(state(&params), before, "{way} is one step");
    }
}

#[test]
fn morph_that_is_heard_already_is_left_alone() {
    for (way, choose) in WAYS {
        let mut harness = open(Page::Morph, usual());
        let params = params(&harness);
        let setter = ParamSetter::new(&*harness.state().host);
        setter.set_parameter(&params.morph, 0.2);
        choose(&mut harness);
        let morph = params.morph.unmodulated_plain_value();
        assert!((morph - 0.2).abs() < 1e-6, "{way}: {morph}");
    }
}

#[test]
fn a_capture_is_heard_once_the_sound_has_filled_it() {
    let mut harness = open(Page::Morph, usual());
    let params = params(&harness);
    let captures = &params.captures;
    press(&mut harness, Role::CheckBox, "Capture A");
    assert_eq!(
        params.morph.unmodulated_plain_value(),
        0.0,
        "nothing is there yet"
    );
    // As Morph's thread does.
    let wish = captures.wish(Slot::A, &MAIN).unwrap();
    captures.fulfil(Slot::A, wish, captured("Dusk"), &MAIN);
    harness.run();
    assert_eq!(params.morph.unmodulated_plain_value(), 0.5);
    let source = || params.morph_source.unmodulated_plain_value();
    assert_eq!(source(), MorphSource::Captures);
    undo(&mut harness);
    assert_eq!(captures.get(Slot::A, &MAIN), None);
    assert_eq!(params.morph.unmodulated_plain_value(), 0.0);
    assert_eq!(source(), MorphSource::Named);

    // Where Morph leads somewhere already, a capture is only kept.
    let setter = ParamSetter::new(&*harness.state().host);
    setter.set_parameter(&params.morph, 0.3);
    press(&mut harness, Role::CheckBox, "Capture B");
    let wish = captures.wish(Slot::B, &MAIN).unwrap();
    captures.fulfil(Slot::B, wish, captured("Dawn"), &MAIN);
    harness.run();
    assert_eq!(source(), MorphSource::Named);
}

#[test]
fn a_source_that_leads_nowhere_yet_raises_nothing() {
    let mut harness = open(Page::Morph, usual());
    let params = params(&harness);
    press(&mut harness, Role::RadioButton, "A to B");
    assert_eq!(params.morph.unmodulated_plain_value(), 0.0);
    params.captures.set(Slot::B, Some(captured("Dusk")), &MAIN);
    press(&mut harness, Role::RadioButton, "A to B");
    assert_eq!(params.morph.unmodulated_plain_value(), 0.5);
}
