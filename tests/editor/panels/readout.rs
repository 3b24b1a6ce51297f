//! The columns of tags and the state of the readout.

use crate::common::editor::*;
use egui::{Role, Vec2};
use egui_kittest::{Harness, Node, kittest::Queryable};
use moodring::{
    editor::LEAST_SIZE,
    model::TagKind,
    telemetry::{ListenState, Snapshot},
};

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
    for kind in TagKind::COLUMNS {
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
