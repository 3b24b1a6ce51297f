//! Knobs, sliders, switches and lists, and how they reach the host.

use std::sync::Arc;

use crate::common::editor::*;
use egui::{Event, Modifiers, Pos2, Role, Vec2};
use egui_kittest::{
    Harness,
    kittest::{By, Queryable},
};
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

/// Some plugins have Shift for it and some have Ctrl: both do, for a drag, the wheel and the arrow keys.
#[test]
fn shift_and_ctrl_make_every_movement_ten_times_finer() {
    let drag_up = |harness: &mut Harness<'_, World>, at| drag(harness, at, Vec2::new(0.0, -40.0));
    let wheel_up = |harness: &mut Harness<'_, World>, at| wheel(harness, at, 1.0);
    let key_up = |harness: &mut Harness<'_, World>, _: Pos2| {
        control(harness, "Brightness").focus();
        harness.step();
        let modifiers = harness.ctx.input(|input| input.modifiers);
        harness.event(Event::Key {
            key: egui::Key::ArrowUp,
            physical_key: None,
            pressed: true,
            repeat: false,
            modifiers,
        });
        settle(harness);
    };
    let movements: [&dyn Fn(&mut Harness<'_, World>, Pos2); 3] = [&drag_up, &wheel_up, &key_up];
    for (index, movement) in movements.into_iter().enumerate() {
        let moved = [Modifiers::NONE, Modifiers::SHIFT, Modifiers::COMMAND].map(|modifiers| {
            let mut harness = open(playing(), usual());
            let params = Arc::clone(&harness.state().params);
            let knob = &params.knobs[0].shift;
            let at = control(&harness, knob.name()).rect().center();
            harness.event(Event::ModifiersChanged(modifiers));
            movement(&mut harness, at);
            knob.unmodulated_normalized_value() - 0.5
        });
        let [coarse, shift, ctrl] = moved;
        assert!(shift > 0.0, "{index}: {moved:?}");
        assert!((coarse / shift - 10.0).abs() < 0.1, "{index}: {moved:?}");
        assert!((shift - ctrl).abs() < 1e-6, "{index}: {moved:?}");
    }
}

#[test]
fn a_click_with_alt_or_ctrl_resets_whatever_it_is_on() {
    let mut harness = open(playing(), usual());
    let params = Arc::clone(&harness.state().params);
    let host = Arc::clone(&harness.state().host);
    for modifiers in [Modifiers::ALT, Modifiers::COMMAND] {
        for param in [&params.knobs[2].shift, &params.follow, &params.output] {
            let rect = control(&harness, param.name()).rect();
            // Its middle, and the number below the dial or at the right above the track.
            let number = match param.name() {
                "Noise" => Pos2::new(rect.center().x, rect.bottom() - 8.0),
                _ => Pos2::new(rect.right() - 8.0, rect.top() + 8.0),
            };
            for at in [
                Pos2::new(rect.left() + 0.3 * rect.width(), rect.center().y),
                number,
            ] {
                ParamSetter::new(&*host).set_parameter_normalized(param, 0.3);
                host.calls.lock().unwrap().clear();
                harness.run();
                harness.event(Event::ModifiersChanged(modifiers));
                harness.hover_at(at);
                harness.step();
                press(&mut harness, at, true);
                press(&mut harness, at, false);
                settle(&mut harness);
                let default = param.default_normalized_value();
                assert_eq!(
                    assert_gesture(&host.take(param)),
                    default,
                    "{}",
                    param.name()
                );
                assert_eq!(param.unmodulated_normalized_value(), default);
                let field = harness.query_by_role(Role::TextInput);
                assert!(field.is_none(), "{} is typed", param.name());
                harness.event(Event::ModifiersChanged(Modifiers::NONE));
                settle(&mut harness);
            }
        }
    }
}

#[test]
fn the_wheel_turns_a_control_over_its_number_too() {
    let mut harness = open(playing(), usual());
    let params = Arc::clone(&harness.state().params);
    let knob = &params.knobs[4].shift;
    let rect = control(&harness, knob.name()).rect();
    let number = Pos2::new(rect.center().x, rect.bottom() - 8.0);
    wheel(&mut harness, number, 1.0);
    assert!(knob.unmodulated_normalized_value() > 0.5);
}

/// egui would enlarge what is drawn and leave the window as it is: half of it would be out of sight.
#[test]
fn ctrl_and_plus_enlarge_nothing() {
    let mut harness = open(playing(), usual());
    let before = harness.ctx.content_rect();
    for key in [egui::Key::Plus, egui::Key::Equals, egui::Key::Minus] {
        harness.key_press_modifiers(Modifiers::COMMAND, key);
        harness.run();
        assert_eq!(harness.ctx.content_rect(), before, "{key:?}");
        assert_eq!(harness.ctx.zoom_factor(), 1.0, "{key:?}");
    }
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
            .find(|(text, _, _)| text.contains("double-click or Alt-click: reset"))
            .unwrap_or_else(|| panic!("{name}: {painted:?}"));
        assert!(!place.intersects(rect), "{name}: {place} over {rect}");
        let help = painted
            .iter()
            .filter(|(text, place, _)| place.left() < 30.0 && tip.contains(text.as_str()));
        assert_eq!(help.count(), 0, "{name}: {tip}");
    }
}
