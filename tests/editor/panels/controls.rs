//! Knobs, sliders, switches and lists, and how they reach the host.

use std::sync::Arc;

use crate::common::editor::*;
use egui::{Event, Modifiers, Pos2, Role, Vec2};
use egui_kittest::kittest::{By, Queryable};
use moodring::params::Target;
use nice_plug::prelude::{Param, ParamSetter};

#[test]
fn every_knob_is_dragged_reset_and_turned_by_the_wheel_in_gestures() {
    let mut harness = open(playing(), usual());
    let params = Arc::clone(&harness.state().params);
    let host = Arc::clone(&harness.state().host);
    for knob in &params.knobs {
        let knob = &knob.shift;
        let at = control(&harness, knob.name()).rect().center();

        drag(&mut harness, at, Vec2::new(0.0, -40.0));
        let set = assert_gesture(&host.take(knob));
        assert!(set > 0.6, "up is more: {set}");
        assert_eq!(knob.unmodulated_normalized_value(), set);
        let shown = control(&harness, knob.name()).value();
        assert_eq!(shown, Some(knob.normalized_value_to_string(set, true)));

        double_click(&mut harness, at);
        assert_eq!(assert_gesture(&host.take(knob)), 0.5);
        assert_eq!(knob.unmodulated_plain_value(), 0.0);

        wheel(&mut harness, at, 1.0);
        let up = assert_gesture(&host.take(knob));
        assert!(up > 0.5 && up < 0.55, "{up}");
        wheel(&mut harness, at, -2.0);
        assert!(assert_gesture(&host.take(knob)) < 0.5);
    }
}

#[test]
fn shift_makes_a_drag_ten_times_finer() {
    let mut harness = open(playing(), usual());
    let params = Arc::clone(&harness.state().params);
    let knob = &params.knobs[0].shift;
    let at = control(&harness, knob.name()).rect().center();
    drag(&mut harness, at, Vec2::new(0.0, -40.0));
    let coarse = knob.unmodulated_normalized_value() - 0.5;
    double_click(&mut harness, at);

    harness.event(Event::ModifiersChanged(Modifiers::SHIFT));
    drag(&mut harness, at, Vec2::new(0.0, -40.0));
    let fine = knob.unmodulated_normalized_value() - 0.5;
    assert!(fine > 0.0);
    assert!((coarse / fine - 10.0).abs() < 0.1, "{coarse} {fine}");
}

#[test]
fn a_knob_held_at_its_end_stays_there() {
    let mut harness = open(playing(), usual());
    let params = Arc::clone(&harness.state().params);
    let knob = &params.knobs[7].shift;
    let at = control(&harness, knob.name()).rect().center();
    drag(&mut harness, at, Vec2::new(0.0, 600.0));
    assert_eq!(knob.unmodulated_plain_value(), -3.0);
}

#[test]
fn every_slider_is_dragged_clicked_reset_and_wheeled_in_gestures() {
    let mut harness = open(playing(), usual());
    let params = Arc::clone(&harness.state().params);
    let host = Arc::clone(&harness.state().host);
    for param in [
        &params.morph,
        &params.articulation,
        &params.resynthesis,
        &params.follow,
        &params.smoothing,
        &params.mix,
        &params.output,
        &params.average,
    ] {
        let rect = control(&harness, param.name()).rect();
        let at = Pos2::new(rect.center().x + 10.0, rect.bottom() - 8.0);

        harness.hover_at(at);
        harness.step();
        press(&mut harness, at, true);
        press(&mut harness, at, false);
        settle(&mut harness);
        let clicked = assert_gesture(&host.take(param));
        assert!((0.3..0.7).contains(&clicked), "{}: {clicked}", param.name());

        drag(&mut harness, at, Vec2::new(30.0, 0.0));
        let dragged = assert_gesture(&host.take(param));
        assert!(dragged > clicked, "{}: {dragged}", param.name());

        wheel(&mut harness, at, -1.0);
        assert!(assert_gesture(&host.take(param)) < dragged);

        // The first of the two clicks moves the handle, the second brings it back.
        double_click(&mut harness, at);
        host.take(param);
        assert_eq!(
            param.unmodulated_normalized_value(),
            param.default_normalized_value(),
            "{}",
            param.name()
        );
    }
}

#[test]
fn sliders_show_their_values_with_units() {
    let harness = open(playing(), usual());
    for (name, text) in [
        ("Morph", "0 %"),
        ("Articulation", "100 %"),
        ("Resynthesis", "0 %"),
        ("Follow", "100 %"),
        ("Smoothing", "60 ms"),
        ("Mix", "100 %"),
        ("Output", "0.0 dB"),
        ("Averaging", "4.0 s"),
        ("Brightness", "+0.00 σ"),
    ] {
        assert_eq!(control(&harness, name).value().as_deref(), Some(text));
    }
}

#[test]
fn arrow_keys_move_the_control_that_has_the_focus() {
    let mut harness = open(playing(), usual());
    let params = Arc::clone(&harness.state().params);
    let host = Arc::clone(&harness.state().host);
    control(&harness, "Morph").focus();
    harness.run();
    harness.key_press(egui::Key::ArrowUp);
    harness.run();
    assert!(assert_gesture(&host.take(&params.morph)) > 0.0);
}

#[test]
fn a_target_is_chosen_from_the_list() {
    let mut harness = open(playing(), usual());
    let params = Arc::clone(&harness.state().params);
    let host = Arc::clone(&harness.state().host);
    // Heard already, or the choice would raise it.
    ParamSetter::new(&*host).set_parameter(&params.morph, 0.5);
    host.calls.lock().unwrap().clear();
    let combo = By::new().role(Role::ComboBox).label("Target");
    assert_eq!(harness.get(combo).value().as_deref(), Some("Flute"));

    harness.get_by_role(Role::ComboBox).click();
    harness.run();
    // One that the list shows without being scrolled.
    harness.get_by_label("Harpsichord").click_accesskit();
    harness.run();
    assert_gesture(&host.take(&params.target));
    let chosen: Target = params.target.unmodulated_plain_value();
    let shown = harness.get_by_role(Role::ComboBox).value();
    assert_eq!(shown.as_deref(), Some("Harpsichord"));

    let at = harness.get_by_role(Role::ComboBox).rect().center();
    wheel(&mut harness, at, -1.0);
    assert_gesture(&host.take(&params.target));
    assert_eq!(
        params.target.unmodulated_plain_value(),
        Target(chosen.0 + 1)
    );
}

#[test]
fn switches_turn_over_with_each_click() {
    let mut harness = open(playing(), usual());
    let params = Arc::clone(&harness.state().params);
    let host = Arc::clone(&harness.state().host);
    for param in [&params.bypass, &params.keep_loudness] {
        let before = param.unmodulated_plain_value();
        for after in [!before, before] {
            harness
                .get_by_role_and_label(Role::CheckBox, param.name())
                .click();
            settle(&mut harness);
            assert_gesture(&host.take(param));
            assert_eq!(param.unmodulated_plain_value(), after);
        }
    }
}

#[test]
fn a_gesture_is_ended_when_the_window_closes_in_the_middle_of_it() {
    let mut harness = open(playing(), usual());
    let params = Arc::clone(&harness.state().params);
    let host = Arc::clone(&harness.state().host);
    let knob = &params.knobs[1].shift;
    let at = control(&harness, knob.name()).rect().center();
    harness.hover_at(at);
    harness.step();
    press(&mut harness, at, true);
    harness.hover_at(at - Vec2::new(0.0, 30.0));
    harness.step();
    let setter = ParamSetter::new(&*host);
    harness.state_mut().state.end_gesture(&setter);
    assert_gesture(&host.take(knob));
    harness.state_mut().state.end_gesture(&setter);
    assert!(host.take(knob).is_empty(), "ended once");
}

#[test]
fn a_tool_tip_stands_beside_its_control_and_says_what_the_help_line_does_not() {
    let mut harness = open(playing(), usual());
    let params = Arc::clone(&harness.state().params);
    for name in [params.knobs[0].shift.name(), params.mix.name()] {
        let rect = control(&harness, name).rect();
        harness.hover_at(rect.center());
        harness.run_steps(120);
        let mut painted = Vec::new();
        for clipped in &harness.output().shapes {
            texts(&clipped.shape, &mut painted);
        }
        let (tip, place, _) = painted
            .iter()
            .find(|(text, _, _)| text.contains("double-click: reset"))
            .unwrap_or_else(|| panic!("{name}: {painted:?}"));
        assert!(!place.intersects(rect), "{name}: {place} over {rect}");
        let help = painted
            .iter()
            .filter(|(text, place, _)| place.left() < 30.0 && tip.contains(text.as_str()));
        assert_eq!(help.count(), 0, "{name}: {tip}");
    }
}
