//! Every panel of the editor, driven without a window: what it says of a snapshot, how its controls reach the host, and that
//! nothing is cut off or overlaps at any size.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]
#![allow(
    unsafe_code,
    reason = "nice-plug's gestures take parameters by pointer"
)]

mod common;

use std::sync::Arc;

use common::editor::*;
use egui::{Event, Modifiers, Pos2, Rect, Role, Vec2};
use egui_kittest::{
    Harness, Node,
    kittest::{By, Queryable},
};
use moodring::{
    editor::{LEAST_SIZE, Page, Theme},
    listen::ListenState,
    model::{ModelReference, TagKind},
    params::{EDITOR_SIZE, Target},
    telemetry::Snapshot,
    thread::MainThread,
};
use nice_plug::prelude::{Param, ParamSetter};

/// A test is the main thread.
const MAIN: MainThread = MainThread::assume();

fn meters<'a>(harness: &'a Harness<'_, World>) -> Vec<Node<'a>> {
    harness.query_all_by_role(Role::Meter).collect()
}

#[test]
fn columns_are_sorted_by_the_average_and_equals_by_name() {
    let harness = open(playing(), usual());
    let mut lines: Vec<_> = meters(&harness)
        .iter()
        .map(|node| {
            let rect = node.rect();
            let at = ((rect.left() / 10.0) as i32, rect.top() as i32);
            (at, name(node), node.value().unwrap())
        })
        .collect();
    lines.sort();
    let said: Vec<_> = lines
        .iter()
        .map(|(_, name, value)| format!("{name} {value}"))
        .collect();
    assert_eq!(
        said,
        [
            "jazz 60 %",
            "ambient 20 %",
            "folk 20 %",
            "piano 70 %",
            "drums 40 %",
            "violin 10 %",
            "calm 30 %",
            "happy 5 %"
        ]
    );
    for kind in TagKind::ALL {
        harness.get_by_label(kind.title());
    }
}

#[test]
fn a_column_never_shows_more_than_eight_tags() {
    for size in [Vec2::from(LEAST_SIZE), usual(), Vec2::new(1_600.0, 1_000.0)] {
        let harness = open(crowded(ListenState::Live), size);
        let each = meters(&harness).len() / 3;
        assert!((4..=8).contains(&each), "{each} at {size}");
    }
}

#[test]
fn each_state_of_the_readout_is_told() {
    let mut harness = open(Snapshot::default(), usual());
    harness.get_by_label("Play something");
    assert!(meters(&harness).is_empty());

    for (state, words) in [
        (ListenState::WarmingUp, "warming up"),
        (ListenState::Silence, "silence"),
        (ListenState::Live, "live"),
    ] {
        harness.state_mut().snapshot = playing();
        harness.state_mut().snapshot.readout.state = state;
        harness.run();
        harness.get_by_label(words);
        assert_eq!(meters(&harness).len(), 8);
    }

    let snapshot = &mut harness.state_mut().snapshot;
    snapshot.readout.state = ListenState::Unavailable;
    snapshot.status.fault = Some("models/tagger/card.json: schema is 9, not 1".to_owned());
    harness.run();
    harness.get_by_label("No tagger");
    let faults = harness.query_all_by_label_contains("schema is 9");
    assert_eq!(faults.count(), 2, "in the panel and in the status line");
    assert!(meters(&harness).is_empty());
}

#[test]
fn a_readout_of_another_length_or_of_no_numbers_is_drawn_all_the_same() {
    let mut snapshot = playing();
    snapshot.readout.average = vec![f32::NAN, 7.0];
    snapshot.readout.probabilities = vec![f32::INFINITY];
    let harness = open(snapshot, usual());
    let said: Vec<_> = meters(&harness).iter().map(|m| m.value()).collect();
    assert_eq!(said, [Some("100 %".to_owned())]);
}

#[test]
fn a_tag_tells_its_average_and_its_latest_answer_under_the_pointer() {
    let mut harness = open(playing(), usual());
    let at = harness.get_by_label("jazz").rect().center();
    harness.hover_at(at);
    settle(&mut harness);
    // In the help line and as a tool tip.
    let words =
        "jazz: 60 % on average over 4.0 s, 20 % in the latest answer; click to keep it on top";
    assert_eq!(harness.query_all_by_label(words).count(), 2);
}

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
fn the_status_line_tells_latency_times_late_curves_and_models() {
    let mut harness = open(playing(), usual());
    for words in [
        "Latency 53.3 ms (2560 samples)",
        "Curve 0.42 ms",
        "Tagger 18 ms",
        "Late curves 0",
        "Moodring tagger · Moodring timbre",
    ] {
        harness.get_by_label(words);
    }
    let status = &mut harness.state_mut().snapshot.status;
    status.late_curves = 3;
    status.sample_rate = 0.0;
    status.timbre.clear();
    harness.run();
    harness.get_by_label("Late curves 3");
    harness.get_by_label("Latency –");
    harness.get_by_label("Moodring tagger · no timbre model");
}

#[test]
fn models_are_chosen_from_the_status_line() {
    let folder = common::models_copy();
    let mut harness = open(playing(), usual());
    let reference = ModelReference::to(folder.path()).unwrap();
    let name = folder.path().file_name().unwrap().to_str().unwrap();
    let params = harness.state().params.clone();
    params.models.choose(Some(reference.clone()), &MAIN);
    let pick = |harness: &mut Harness<'static, World>, entry: &str| {
        for label in ["Models", entry] {
            let at = harness.get_by_label(label).rect().center();
            press(harness, at, true);
            press(harness, at, false);
            settle(harness);
        }
    };
    pick(&mut harness, "Moodring's own models");
    assert_eq!(params.models.get(&MAIN), None);

    // Chosen again it is as it is now; broken it is refused and the present choice stays.
    let altered = ModelReference {
        tagger: String::new(),
        ..reference.clone()
    };
    params.models.choose(Some(altered.clone()), &MAIN);
    pick(&mut harness, name);
    assert_eq!(params.models.get(&MAIN), Some(reference));
    std::fs::remove_file(folder.path().join("tagger/card.json")).unwrap();
    params.models.choose(Some(altered.clone()), &MAIN);
    pick(&mut harness, name);
    assert_eq!(params.models.get(&MAIN), Some(altered));
}

#[test]
fn a_long_fault_stays_on_one_line_and_is_told_whole_under_the_pointer() {
    let mut snapshot = playing();
    let fault = format!(
        "models/timbre/card.json: {}",
        "field after field ".repeat(30)
    );
    let fault = fault.trim();
    snapshot.status.fault = Some(fault.replacen("field after", "field\nafter", 1));
    let mut harness = open(snapshot, Vec2::from(LEAST_SIZE));
    let rect = harness.get_by_label(fault).rect();
    assert!(rect.height() < 20.0, "{rect}");
    assert!(rect.right() <= LEAST_SIZE.0 + MARGIN);
    harness.hover_at(rect.center());
    settle(&mut harness);
    assert_eq!(harness.query_all_by_label(fault).count(), 2);
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

/// What stands in the way of reading and of pressing: texts that are cut, leave the window or lie over each other, and
/// controls that do.
fn assert_tidy(harness: &Harness<'_, World>, size: Vec2, what: &str) {
    let window = Rect::from_min_size(Pos2::new(MARGIN, MARGIN), size);
    let controls: Vec<_> = [
        Role::Button,
        Role::CheckBox,
        Role::ComboBox,
        Role::Image,
        Role::Meter,
        Role::Slider,
        Role::Tab,
    ]
    .into_iter()
    .flat_map(|role| harness.query_all_by_role(role))
    .map(|node| (name(&node), node.rect()))
    .collect();
    assert!(controls.len() > 4 + 2, "{controls:?}");
    let mut painted = Vec::new();
    for clipped in &harness.output().shapes {
        texts(&clipped.shape, &mut painted);
    }
    assert!(painted.len() > 10, "{painted:?}");
    for (text, _, cut) in &painted {
        assert!(!cut, "`{text}` is cut off {what}");
    }
    let labels = painted.into_iter().map(|(text, rect, _)| (text, rect));
    for rects in [controls, labels.collect()] {
        for (index, (one, rect)) in rects.iter().enumerate() {
            assert!(
                window.contains_rect(*rect),
                "`{one}` {rect} leaves the window {what}"
            );
            for (other, place) in rects.iter().skip(index + 1) {
                let both = rect.intersect(place.shrink(0.5));
                assert!(
                    both.width() <= 0.5 || both.height() <= 0.5,
                    "`{one}` {rect} and `{other}` {place} overlap {what}"
                );
            }
        }
    }
}

const STATES: [ListenState; 5] = [
    ListenState::Waiting,
    ListenState::WarmingUp,
    ListenState::Live,
    ListenState::Silence,
    ListenState::Unavailable,
];

#[test]
fn nothing_is_cut_off_and_nothing_overlaps_at_any_size() {
    for page in Page::ALL {
        for size in SIZES
            .into_iter()
            .chain([(2_560.0, 1_440.0)])
            .map(Vec2::from)
        {
            for state in STATES {
                let left = left_on(page, Theme::Light);
                let harness = open_in(window(size, 1.0), crowded(state), left);
                let what = format!("at {size} on {page:?} in {state:?}");
                assert_tidy(&harness, size, &what);
            }
        }
    }
}

#[test]
fn nothing_is_cut_off_and_nothing_overlaps_at_any_scale() {
    for page in Page::ALL {
        for scale in [1.0, 1.25, 1.5, 2.0] {
            for size in [LEAST_SIZE, EDITOR_SIZE].map(Vec2::from) {
                let live = crowded(ListenState::Live);
                let harness = open_in(window(size, scale), live, left_on(page, Theme::Dark));
                let what = format!("at {size} on {page:?} at {} %", 100.0 * scale);
                assert_tidy(&harness, size, &what);
            }
        }
    }
}

#[test]
fn every_target_s_name_fits_at_the_smallest_size() {
    let mut harness = open(playing(), Vec2::from(LEAST_SIZE));
    let count = <Target as nice_plug::prelude::Enum>::variants().len();
    for target in 0..count {
        let normalized = harness
            .state()
            .params
            .target
            .preview_normalized(Target(target));
        // SAFETY: the parameters outlive this call.
        unsafe {
            let ptr = harness.state().params.target.as_ptr();
            ptr._internal_set_normalized_value(normalized);
        }
        harness.run();
        let mut painted = Vec::new();
        for clipped in &harness.output().shapes {
            texts(&clipped.shape, &mut painted);
        }
        for (text, _, cut) in painted {
            assert!(!cut, "`{text}` is cut off");
        }
    }
}
