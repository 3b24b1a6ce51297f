//! Values that are typed in.

use crate::common::editor::{MARGIN, World, assert_gesture, control, settle, texts, usual};
use egui::{Event, Key, Pos2, Role, Vec2};
use egui_kittest::{
    Harness,
    kittest::{NodeT, Queryable},
};
use moodring::editor::Page;
use nice_plug::prelude::Param;

use super::{calls, click, key, of, open, params};

/// Opens the field for a control's value and enters `text` into it.
fn enter(harness: &mut Harness<'_, World>, text: &str) {
    harness.event(Event::Text(text.to_owned()));
    harness.run();
    key(harness, Key::Enter);
}

#[test]
fn a_number_that_is_clicked_can_be_typed() {
    let mut harness = open(Page::Morph, usual());
    let params = params(&harness);
    let knob = control(&harness, "Brightness").rect();
    let slider = control(&harness, "Smoothing").rect();
    for (param, number, text, plain) in [
        (
            &params.knobs[0].shift,
            knob.center_bottom() - Vec2::new(0.0, 6.0),
            "-1.25",
            -1.25,
        ),
        (
            &params.smoothing,
            slider.right_top() + Vec2::new(-6.0, 8.0),
            "250 ms",
            250.0,
        ),
    ] {
        click(&mut harness, number);
        let field = format!("{} value", param.name());
        let field = harness.get_by_role_and_label(Role::TextInput, &field);
        assert!(field.is_focused());
        let before = param.normalized_value_to_string(param.unmodulated_normalized_value(), true);
        assert_eq!(
            field.value(),
            Some(before),
            "it starts from the present value"
        );
        enter(&mut harness, text);
        assert_gesture(&of(&calls(&harness), param));
        assert!((param.unmodulated_plain_value() - plain).abs() < 1e-3);
        assert_eq!(harness.query_all_by_role(Role::TextInput).count(), 0);
        assert!(control(&harness, param.name()).is_focused());
        // The next one is clicked as by somebody who takes their time.
        settle(&mut harness);
    }
}

#[test]
fn nonsense_is_refused_visibly_and_escape_leaves_everything_as_it_was() {
    let mut harness = open(Page::Morph, usual());
    let params = params(&harness);
    control(&harness, "Body").focus();
    harness.run();
    key(&mut harness, Key::Enter);
    enter(&mut harness, "much more");
    harness.get_by_label_contains("This is no value");
    let field = harness.get_by_role(Role::TextInput);
    assert!(field.is_focused());
    assert_eq!(field.value().as_deref(), Some("much more"));
    assert!(calls(&harness).is_empty());

    // Typing on takes the complaint away.
    harness.event(Event::Text("!".to_owned()));
    harness.run();
    let complaints = harness.query_all_by_label_contains("This is no value");
    assert_eq!(complaints.count(), 0);
    key(&mut harness, Key::Escape);
    assert_eq!(harness.query_all_by_role(Role::TextInput).count(), 0);
    assert!(calls(&harness).is_empty());
    assert_eq!(params.knobs[1].shift.unmodulated_plain_value(), 0.0);
    assert!(control(&harness, "Body").is_focused());

    control(&harness, "Smoothing").focus();
    harness.run();
    key(&mut harness, Key::Enter);
    enter(&mut harness, "3 kHz");
    harness.get_by_label_contains("“kHz” stands for something else than ms or s");
    assert!(calls(&harness).is_empty());
}

#[test]
fn a_click_elsewhere_leaves_the_field_without_a_change() {
    let mut harness = open(Page::Morph, usual());
    control(&harness, "Body").focus();
    harness.run();
    key(&mut harness, Key::Enter);
    harness.event(Event::Text("2".to_owned()));
    harness.run();
    click(&mut harness, Pos2::new(2.0 * MARGIN, 60.0));
    assert_eq!(harness.query_all_by_role(Role::TextInput).count(), 0);
    assert!(calls(&harness).is_empty());
}

#[test]
fn a_typed_value_beyond_the_range_becomes_its_end() {
    let mut harness = open(Page::Morph, usual());
    let params = params(&harness);
    control(&harness, "Output").focus();
    harness.run();
    key(&mut harness, Key::Enter);
    enter(&mut harness, "900");
    assert_eq!(params.output.unmodulated_plain_value(), 24.0);
    let mut said = Vec::new();
    for clipped in &harness.output().shapes {
        texts(&clipped.shape, &mut said);
    }
    let notice = "Output: 900 is out of its range, 24.0 dB is the nearest";
    assert!(said.iter().any(|(said, ..)| said == notice), "{said:?}");
}

#[test]
fn screen_readers_change_every_knob_and_slider() {
    let mut harness = open(Page::Morph, usual());
    let params = params(&harness);
    let knobs = params.knobs.iter().map(|knob| &knob.shift);
    let sliders = [
        &params.morph,
        &params.resynthesis,
        &params.follow,
        &params.smoothing,
        &params.mix,
        &params.output,
    ];
    for param in knobs.chain(sliders) {
        let node = control(&harness, param.name());
        let range = (
            node.accesskit_node().min_numeric_value().unwrap(),
            node.accesskit_node().max_numeric_value().unwrap(),
        );
        let expected = [0.0, 1.0].map(|end| f64::from(param.preview_plain(end)));
        assert_eq!(range, expected.into());

        node.set_value_accesskit(f64::from(param.preview_plain(0.4)));
        harness.run();
        let set = assert_gesture(&of(&calls(&harness), param));
        assert!((set - 0.4).abs() < 1e-3, "{}: {set}", param.name());
        control(&harness, param.name()).increment_accesskit();
        harness.run();
        let more = assert_gesture(&of(&calls(&harness), param));
        assert!(more > set);
        control(&harness, param.name()).decrement_accesskit();
        harness.run();
        assert!(assert_gesture(&of(&calls(&harness), param)) < more);

        let text = param.normalized_value_to_string(0.75, true);
        control(&harness, param.name()).set_text_value_accesskit(&text);
        harness.run();
        assert_gesture(&of(&calls(&harness), param));
        let shown = param.normalized_value_to_string(param.unmodulated_normalized_value(), true);
        assert_eq!(shown, text);
    }
}
