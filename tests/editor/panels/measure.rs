//! The Measure page: what it says, to whom it says it, and what it asks for.

use crate::common::editor::*;
use egui::{Role, Vec2};
use egui_kittest::{Harness, kittest::Queryable};
use moodring::{
    dsp::descriptors::{Key, Mode},
    editor::{Page, Theme},
    telemetry::{Loudness, Measures, Snapshot, Timbre},
};

fn open_on(page: Page, measures: Option<Measures>) -> Harness<'static, World> {
    let snapshot = Snapshot {
        measures,
        ..playing()
    };
    open_in(window(usual(), 1.0), snapshot, left_on(page, Theme::Dark))
}

/// What a reading of that name says.
fn said(harness: &Harness<'_, World>, name: &str) -> String {
    let reading = harness.get_by_role_and_label(Role::Status, name);
    reading.value().unwrap()
}

#[test]
fn every_number_is_said_with_its_name_and_unit() {
    let measures = Measures {
        seconds: 75.0,
        loudness: Loudness {
            momentary: -18.26,
            short_term: -19.0,
            integrated: -20.04,
            range: 4.2,
            true_peak: 0.31,
            ..Loudness::default()
        },
        tempo: Some(117.6),
        key: Some(Key {
            tonic: 9,
            mode: Mode::Minor,
            correlation: 0.8,
        }),
        chroma: [0.4, 0.0, 0.0, 0.0, 0.9, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0],
        tuning: Some(0.12),
        timbre: Some(Timbre {
            brightness: 47.6,
            reverb: 0.33,
            ..Timbre::default()
        }),
    };
    let harness = open_on(Page::Measure, Some(measures));
    for (name, value) in [
        ("Momentary", "-18.3 LUFS"),
        ("Short-Term", "-19.0 LUFS"),
        ("Integrated", "-20.0 LUFS"),
        ("Range", "4.2 LU"),
        ("True Peak", "0.3 dBTP"),
        ("Tempo", "118"),
        ("Key", "A minor"),
        ("Tuning", "+12"),
        ("Brightness", "48"),
        ("Reverb", "33"),
    ] {
        assert_eq!(said(&harness, name), value, "{name}");
    }
    harness.get_by_label("the output, for 1:15");
    let notes = harness.get_by_role_and_label(Role::Status, "Notes");
    assert_eq!(notes.value().as_deref(), Some("E, A"));
}

#[test]
fn what_was_not_measured_is_a_dash() {
    for measures in [None, Some(Measures::default())] {
        let harness = open_on(Page::Measure, measures);
        for name in ["Tempo", "Key", "Tuning", "Warmth", "Hardness"] {
            assert_eq!(said(&harness, name), "–", "{name}");
        }
        assert_eq!(said(&harness, "Integrated"), "– LUFS");
        harness.get_by_label("play something");
    }
}

#[test]
fn a_window_of_any_size_is_filled() {
    for size in [
        usual(),
        Vec2::new(1_440.0, 900.0),
        Vec2::new(1_600.0, 1_000.0),
    ] {
        let state = left_on(Page::Measure, Theme::Dark);
        let harness = open_in(window(size, 1.0), playing(), state);
        for name in ["Tuning", "Reverb"] {
            let reading = harness.get_by_role_and_label(Role::Status, name).rect();
            let share = (reading.bottom() - MARGIN) / size.y;
            assert!(share > 0.85, "{name} at {size}: {share}");
        }
    }
}

#[test]
fn measures_are_wanted_on_their_page_alone_and_restart_begins_them_anew() {
    let mut harness = open_on(Page::Spectrum, None);
    let wanted = |harness: &Harness<'_, World>| harness.state().state.wanted().measures;
    let press = |harness: &mut Harness<'_, World>, role: Role, name: &str| {
        harness.get_by_role_and_label(role, name).click_accesskit();
        harness.run();
    };
    assert_eq!(wanted(&harness), 0);
    press(&mut harness, Role::Tab, "Measure");
    let first = wanted(&harness);
    assert!(first > 0);
    press(&mut harness, Role::Button, "Restart Measuring");
    let second = wanted(&harness);
    assert!(second > 0 && second != first);
    press(&mut harness, Role::Button, "About Moodring");
    assert_eq!(wanted(&harness), 0, "it is covered");
    press(&mut harness, Role::Tab, "Measure");
    assert_eq!(wanted(&harness), second);
    press(&mut harness, Role::Tab, "Listen");
    assert_eq!(wanted(&harness), 0);
}
