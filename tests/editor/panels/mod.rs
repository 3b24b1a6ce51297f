//! Every panel of the editor, driven without a window: what it says of a snapshot, how its controls reach the host, and that
//! nothing is cut off or overlaps at any size.
#![allow(
    unsafe_code,
    reason = "nice-plug's gestures take parameters by pointer"
)]

mod about;
mod controls;
mod measure;
mod meters;
mod readout;

use crate::common::MAIN;
use crate::common::editor::*;
use egui::{Pos2, Rect, Vec2};
use egui_kittest::{Harness, kittest::Queryable};
use moodring::{
    editor::{LEAST_SIZE, Page, Theme},
    model::ModelReference,
    params::{EDITOR_SIZE, Target},
    telemetry::ListenState,
};
use nice_plug::prelude::Param;

#[test]
fn the_status_line_tells_latency_and_models() {
    let mut harness = open(playing(), usual());
    for words in [
        "Latency 90.7 ms (4352 samples), Studio",
        "Moodring tagger · Moodring timbre",
    ] {
        harness.get_by_label(words);
    }
    let status = &mut harness.state_mut().snapshot.status;
    status.sample_rate = 0.0;
    status.timbre.clear();
    harness.run();
    harness.get_by_label("Latency –, Studio");
    harness.get_by_label("Moodring tagger · no timbre model");
}

#[test]
fn late_curves_are_warned_of_with_what_to_do_while_they_last() {
    let warnings = |harness: &Harness<'_, World>| {
        let advice = harness.query_all_by_label_contains("raise the buffer size");
        advice.count()
    };
    let mut snapshot = playing();
    snapshot.status.late_curves = 324;
    let mut harness = open(snapshot, Vec2::from(LEAST_SIZE));
    assert_eq!(
        warnings(&harness),
        0,
        "they were late before this was opened"
    );
    harness.state_mut().snapshot.status.late_curves += 1;
    harness.step();
    harness.step();
    assert_eq!(warnings(&harness), 1);
    assert_tidy(&harness, Vec2::from(LEAST_SIZE), "with a warning");
    // A tenth of a second a step would be too slow for the harness's own patience, so it is counted in frames.
    harness.run_steps(60 * 11);
    assert_eq!(warnings(&harness), 0, "it goes when it is over");
    // A new start counts from 0.
    harness.state_mut().snapshot.status.late_curves = 0;
    harness.step();
    harness.step();
    assert_eq!(warnings(&harness), 0);
}

#[test]
fn studio_or_live_is_chosen_from_the_status_line() {
    let mut harness = open(playing(), usual());
    let params = harness.state().params.clone();
    let mut snapshot = playing();
    snapshot.status.latency = 0;
    for (mode, shown) in [
        ("Live", "Latency 0.0 ms (0 samples), Live"),
        ("Studio", "Latency 0.0 ms (0 samples), Studio"),
    ] {
        for label in ["Studio or Live", mode] {
            let at = harness.get_by_label(label).rect().center();
            press(&mut harness, at, true);
            press(&mut harness, at, false);
            settle(&mut harness);
        }
        assert_eq!(params.latency.get().name(), mode);
        harness.state_mut().snapshot = snapshot.clone();
        harness.run();
        harness.get_by_label(shown);
    }
}

#[test]
fn models_are_chosen_from_the_status_line() {
    let folder = crate::common::models_copy();
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
fn the_menu_of_models_says_what_each_costs() {
    let folder = crate::common::models_copy();
    std::fs::remove_dir_all(folder.path().join("timbre")).unwrap();
    let mut harness = open(playing(), usual());
    let reference = ModelReference::to(folder.path()).unwrap();
    harness.state().params.models.choose(Some(reference), &MAIN);
    let at = harness.get_by_label("Models").rect().center();
    press(&mut harness, at, true);
    press(&mut harness, at, false);
    // Both that ship, and the tagger alone of the folder.
    for _ in 0..2_000 {
        harness.step();
        let costs = |what: &str| harness.query_all_by_label_contains(what).count();
        if costs("tagger: ") >= 2 && costs("timbre model: ") >= 1 {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    panic!("what they cost never comes");
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

/// What stands in the way of reading and of pressing: texts that are cut, leave the window or lie over each other, and
/// controls that do.
fn assert_tidy(harness: &Harness<'_, World>, size: Vec2, what: &str) {
    let window = Rect::from_min_size(Pos2::new(MARGIN, MARGIN), size);
    let controls: Vec<_> = CONTROLS
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
