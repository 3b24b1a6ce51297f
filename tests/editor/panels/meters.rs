//! The meters, Match and Delta.

use crate::common::editor::*;
use egui::Role;
use egui_kittest::{Harness, kittest::Queryable};
use moodring::telemetry::{Meter, Meters};

/// What is measured from now on: the highest sample of what goes in and out, and how loud both are.
fn measure(harness: &mut Harness<'_, World>, peaks: [f32; 2], loudness: [f32; 2]) {
    let meter = |at: usize| Meter {
        peaks: [peaks[at], 0.5 * peaks[at]],
        loudness: loudness[at],
    };
    harness.state_mut().snapshot.meters = Meters {
        input: meter(0),
        output: meter(1),
    };
    harness.step();
}

fn value(harness: &Harness<'_, World>, role: Role, name: &str) -> String {
    let node = harness.get_by_role_and_label(role, name);
    node.value().unwrap_or_default()
}

fn press_meter(harness: &mut Harness<'_, World>, name: &str) {
    harness
        .get_by_role_and_label(Role::Button, name)
        .click_accesskit();
    harness.step();
}

#[test]
fn meters_hold_the_highest_peak_and_a_clip_until_they_are_clicked() {
    let mut harness = open(playing(), usual());
    let output = |harness: &Harness<'_, World>| value(harness, Role::Button, "Output Meter");
    assert_eq!(
        output(&harness),
        "highest peak – dB, loudness – LUFS, not clipped"
    );
    measure(&mut harness, [0.5, 1.0], [-20.0, -14.0]);
    measure(&mut harness, [0.1, 0.2], [-30.0, -24.0]);
    assert_eq!(
        output(&harness),
        "highest peak 0.0 dB, loudness -24.0 LUFS, clipped"
    );
    assert_eq!(
        value(&harness, Role::Button, "Input Meter"),
        "highest peak -6.0 dB, loudness -30.0 LUFS, not clipped"
    );
    assert_eq!(value(&harness, Role::Status, "Loudness Change"), "+6.0 dB");
    press_meter(&mut harness, "Output Meter");
    measure(&mut harness, [0.1, 0.2], [-30.0, f32::NEG_INFINITY]);
    assert_eq!(
        output(&harness),
        "highest peak -14.0 dB, loudness – LUFS, not clipped"
    );
    let input = value(&harness, Role::Button, "Input Meter");
    assert!(input.starts_with("highest peak -6.0"), "{input}");
    assert_eq!(value(&harness, Role::Status, "Loudness Change"), "–");
}

#[test]
fn delta_and_match_are_switched_by_name_told_plainly_and_are_no_parameters() {
    let mut harness = open(playing(), usual());
    let switch = |harness: &mut Harness<'_, World>, name: &str| {
        harness
            .get_by_role_and_label(Role::CheckBox, name)
            .click_accesskit();
        harness.run();
    };
    let warning = "Delta is on: you hear only what Moodring changes";
    assert!(harness.query_by_label(warning).is_none());
    switch(&mut harness, "Delta");
    assert!(harness.state().params.audition.delta());
    harness.get_by_label(warning);
    switch(&mut harness, "Delta");
    assert!(!harness.state().params.audition.delta());

    assert!(harness.query_by_label("Match Gain").is_none());
    harness.state().params.audition.set_match_db(-3.26);
    assert_eq!(harness.state().params.audition.bypass_db(), 0.0);
    switch(&mut harness, "Match");
    assert_eq!(value(&harness, Role::Status, "Match Gain"), "-3.3 dB");
    assert_eq!(harness.state().params.audition.bypass_db(), -3.26);
    assert!(
        harness.state().host.calls.lock().unwrap().is_empty(),
        "no host was told"
    );
}
