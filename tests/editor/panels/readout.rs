//! The columns of tags and the state of the readout.

use crate::common::editor::*;
use egui::{Color32, Rect, Role, Shape, Vec2};
use egui_kittest::{Harness, Node, kittest::Queryable};
use moodring::{
    editor::{LEAST_SIZE, Page, Theme},
    model::TagKind,
    telemetry::{ListenState, Snapshot},
};

/// Collects what is filled with a colour.
fn filled(shape: &Shape, found: &mut Vec<Rect>) {
    match shape {
        Shape::Vec(shapes) => shapes.iter().for_each(|shape| filled(shape, found)),
        Shape::Rect(rect) if rect.fill != Color32::TRANSPARENT => found.push(rect.rect),
        _ => {}
    }
}

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
fn a_larger_window_shows_more_tags() {
    for page in [Page::Overview, Page::Listen] {
        let shown = [
            Vec2::from(LEAST_SIZE),
            usual(),
            Vec2::new(1_280.0, 800.0),
            Vec2::new(1_600.0, 1_000.0),
        ]
        .map(|size| {
            let snapshot = crowded(ListenState::Live);
            let harness = open_in(window(size, 1.0), snapshot, left_on(page, Theme::Dark));
            meters(&harness).len() / 3
        });
        assert!(shown.is_sorted(), "{shown:?} on {page:?}");
        assert!(shown[0] >= 4 && shown[1] >= 8, "{shown:?} on {page:?}");
        assert!(shown[3] > shown[1], "{shown:?} on {page:?}");
    }
}

#[test]
fn a_headline_stands_with_its_percentage_or_is_unsure() {
    let mut harness = open(playing(), usual());
    for said in [
        "Genre: jazz, 60 %",
        "Instrument: piano, 70 %",
        "Mood: calm, 30 %",
    ] {
        harness.get_by_label(said);
    }
    // Whatever the bars say, it is what Listen's thread has chosen.
    let snapshot = &mut harness.state_mut().snapshot;
    snapshot.readout.headlines = headlines(&snapshot.tags, [0]);
    harness.run();
    for said in ["Genre: unsure", "Instrument: piano, 70 %", "Mood: unsure"] {
        harness.get_by_label(said);
    }
    // A tagger that is gone leaves no trace.
    let snapshot = &mut harness.state_mut().snapshot;
    snapshot.tags = snapshot.tags[1..2].into();
    snapshot.readout.average.truncate(1);
    harness.run();
    harness.get_by_label("Genre: unsure");
}

#[test]
fn the_bar_of_a_likely_genre_is_longer_than_its_probability() {
    let mut snapshot = playing();
    snapshot.readout.average[3] = 0.15;
    let harness = open(snapshot, usual());
    let jazz = harness.get_by_role_and_label(Role::Meter, "jazz");
    assert_eq!(jazz.value().as_deref(), Some("15 %"));
    let row = jazz.rect();
    let mut bars = Vec::new();
    for clipped in &harness.output().shapes {
        filled(&clipped.shape, &mut bars);
    }
    let bars = bars
        .iter()
        .filter(|bar| (bar.left() - row.left()).abs() < 0.5 && row.contains_rect(**bar));
    let mut widths: Vec<_> = bars.map(|bar| bar.width()).collect();
    widths.sort_by(f32::total_cmp);
    // The bar, its edge, and what it lies on, beside which the number has its room.
    let (track, bar) = (widths[widths.len() - 1], widths[widths.len() - 2]);
    assert!((bar / track - 0.5).abs() < 0.02, "{bar} of {track}");
    assert!(track < 0.9 * row.width(), "{track} of {}", row.width());
}

#[test]
fn each_state_of_the_readout_is_told() {
    let mut harness = open(Snapshot::default(), usual());
    harness.get_by_label("Play something");
    assert!(meters(&harness).is_empty());

    for (state, words) in [
        (ListenState::WarmingUp, "warming up"),
        (ListenState::Silence, "silence"),
        (ListenState::Live, "last 3.7 s"),
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
    // In the help line alone; how bars are to be read is a tool tip.
    let words =
        "jazz: 60 % on average over 4.0 s, 20 % in the latest answer; click to keep it on top";
    assert_eq!(harness.query_all_by_label(words).count(), 1);
    assert_eq!(harness.query_all_by_label_contains(words).count(), 1);
    harness.get_by_label_contains("half of the bar is 15 %");
}
