//! The browser of named timbres.

use std::sync::Arc;

use super::{Editor, press_key};
use crate::common::editor::*;
use egui::{Event, Key, Role, Vec2, accesskit::Toggled};
use egui_kittest::kittest::{NodeT, Queryable};
use moodring::{editor::LEAST_SIZE, params::Target};
use nice_plug::prelude::{Enum, Param, ParamSetter};
use serde_json::Value;

fn target(name: &str) -> Target {
    let index = Target::variants().iter().position(|known| *known == name);
    Target(index.unwrap_or_else(|| panic!("no target {name}")))
}

/// An editor of that size with that target, and Morph up.
fn editor(size: Vec2, name: &str) -> Editor {
    let mut editor = open(playing(), size);
    {
        let World { params, host, .. } = editor.state();
        let setter = ParamSetter::new(&**host);
        setter.set_parameter(&params.morph, 0.5);
        setter.set_parameter(&params.target, target(name));
        host.calls.lock().unwrap().clear();
    }
    editor.run();
    editor
}

fn open_browser(editor: &mut Editor) {
    editor
        .get_by_role_and_label(Role::ComboBox, "Target")
        .click();
    settle(editor);
}

fn type_text(editor: &mut Editor, text: &str) {
    editor.event(Event::Text(text.to_owned()));
    settle(editor);
}

/// The timbres that are listed, in their order.
fn listed(editor: &Editor) -> Vec<String> {
    let lines = editor.query_all_by_role(Role::ListBoxOption);
    lines.map(|line| name(&line)).collect()
}

#[test]
fn the_browser_lists_families_with_the_current_one_marked_and_in_view() {
    for size in [Vec2::from(LEAST_SIZE), usual()] {
        for name in ["Grand piano", "Flute", "Cymbals"] {
            let mut editor = editor(size, name);
            open_browser(&mut editor);
            assert_eq!(listed(&editor).len(), 37);
            let chosen: Vec<_> = editor
                .query_all_by_role(Role::ListBoxOption)
                .filter(|line| line.accesskit_node().toggled() == Some(Toggled::True))
                .map(|line| line.rect())
                .collect();
            assert_eq!(chosen.len(), 1, "{name}");
            let search = editor.get_by_label("Search targets").rect();
            let below = chosen[0].top() >= search.bottom() - 1.0;
            let above = chosen[0].bottom() <= MARGIN + size.y;
            assert!(
                below && above,
                "{name} at {size}: {:?}, {search:?}",
                chosen[0]
            );
        }
    }
    for (search, family) in [("flute", "Woodwinds"), ("cello", "Bowed strings")] {
        let mut editor = editor(usual(), "Flute");
        open_browser(&mut editor);
        type_text(&mut editor, search);
        let shown = super::painted(&editor);
        assert!(shown.contains(&family.to_owned()), "{family}: {shown:?}");
    }
}

/// Whoever chooses a target sees what is heard of it meanwhile.
#[test]
fn the_browser_opens_over_no_readout_and_shows_eight_timbres_at_once() {
    for size in [Vec2::from(LEAST_SIZE), usual(), Vec2::new(1_600.0, 1_000.0)] {
        let mut editor = editor(size, "Flute");
        let panel = editor.get_by_label("Named Timbre").rect();
        open_browser(&mut editor);
        let search = editor.get_by_label("Search targets").rect();
        let foot = editor.get_by_label_contains("Reach:").rect();
        assert!(search.top() >= panel.top(), "{size}: {search} {panel}");
        assert!(foot.bottom() <= 2.0 * MARGIN + size.y, "{size}: {foot}");
        let lines = editor.query_all_by_role(Role::ListBoxOption);
        let seen = lines
            .map(|line| line.rect())
            .filter(|line| line.top() >= search.bottom() && line.bottom() <= foot.top())
            .count();
        assert!(seen >= 8, "{size}: {seen}");
        // What few a search leaves have the whole width.
        type_text(&mut editor, "flute");
        let line = editor
            .get_by_role_and_label(Role::ListBoxOption, "Flute")
            .rect();
        let search = editor.get_by_label("Search targets").rect();
        assert!(
            line.width() > 0.9 * search.width(),
            "{size}: {line} {search}"
        );
    }
}

/// The card of the players that ship.
const PLAYERS: &str = include_str!("../../../models/notes/card.json");

#[test]
fn what_was_measured_stands_beside_each() {
    let mut editor = editor(usual(), "Flute");
    open_browser(&mut editor);
    let card: Value = serde_json::from_str(PLAYERS).unwrap();
    let players = card["players"].as_array().unwrap();
    // In as many bits as the plugin has them, which round a half otherwise.
    let way = |player: &Value| player["way"].as_f64().map(|way| way as f32);
    let ways: Vec<_> = players.iter().map(way).collect();
    // One is heard as more than all the way, and some aren't measured.
    assert!(ways.iter().flatten().any(|way| *way > 1.0) && ways.contains(&None));
    for (player, way) in players.iter().zip(&ways) {
        let name = player["name"].as_str().unwrap();
        let reach = way.map(|way| format!("{:.0} %", 100.0 * way.min(1.0)));
        let line = editor.get_by_role_and_label(Role::ListBoxOption, name);
        assert_eq!(line.value(), reach.or(Some("–".to_owned())), "{name}");
    }
    let measured = editor
        .query_all_by_role(Role::ListBoxOption)
        .filter(|line| line.value().as_deref() != Some("–"));
    assert_eq!(measured.count(), ways.iter().flatten().count());
}

#[test]
fn what_is_typed_is_searched_and_enter_chooses() {
    let mut editor = editor(usual(), "Flute");
    let params = Arc::clone(&editor.state().params);
    let host = Arc::clone(&editor.state().host);
    open_browser(&mut editor);
    // Without a click into the field.
    type_text(&mut editor, "brass");
    assert_eq!(listed(&editor), ["Trumpet", "Trombone & horn"]);
    press_key(&mut editor, Key::ArrowDown);
    press_key(&mut editor, Key::Enter);
    settle(&mut editor);
    assert_gesture(&host.take(&params.target));
    assert_eq!(
        params.target.unmodulated_plain_value(),
        target("Trombone & horn")
    );
    assert!(listed(&editor).is_empty(), "it is closed");
    // Opened again it has forgotten the search, and one that finds nothing says so.
    open_browser(&mut editor);
    assert_eq!(listed(&editor).len(), 37);
    type_text(&mut editor, "theremin");
    assert!(listed(&editor).is_empty());
    assert!(super::painted(&editor).contains(&"No timbre of that name".to_owned()));
    press_key(&mut editor, Key::Enter);
    assert!(host.take(&params.target).is_empty());
    press_key(&mut editor, Key::Escape);
    settle(&mut editor);
    assert!(editor.query_by_label("Search targets").is_none());
}

#[test]
fn the_wheel_over_the_list_turns_nothing_that_lies_below_it() {
    let mut editor = editor(usual(), "Flute");
    open_browser(&mut editor);
    // What is scrolled out of the list lies beyond these.
    let search = editor.get_by_label("Search targets").rect();
    let foot = editor.get_by_label_contains("Reach:").rect();
    let lines = editor.query_all_by_role(Role::ListBoxOption);
    let list = lines
        .map(|line| line.rect())
        .filter(|line| line.top() > search.bottom() && line.bottom() < foot.top())
        .reduce(|one, other| one.union(other))
        .unwrap();
    let controls = editor.query_all_by_role(Role::Slider);
    let below: Vec<_> = controls
        .map(|control| control.rect().center())
        .filter(|at| list.contains(*at))
        .collect();
    assert!(!below.is_empty(), "{list:?} covers nothing");
    for at in below {
        wheel(&mut editor, at, 1.0);
    }
    let host = Arc::clone(&editor.state().host);
    assert!(host.calls.lock().unwrap().is_empty());
}

#[test]
fn the_keyboard_alone_opens_goes_through_and_leaves_the_browser() {
    let mut editor = editor(usual(), "Oboe");
    let params = Arc::clone(&editor.state().params);
    editor
        .get_by_role_and_label(Role::ComboBox, "Target")
        .focus();
    editor.run();
    press_key(&mut editor, Key::Enter);
    settle(&mut editor);
    // In the order of the list: flute, oboe, clarinet.
    for (key, name) in [(Key::ArrowDown, "Clarinet"), (Key::ArrowUp, "Flute")] {
        if editor.query_by_label("Search targets").is_none() {
            press_key(&mut editor, Key::Enter);
            settle(&mut editor);
        }
        press_key(&mut editor, key);
        if name == "Flute" {
            press_key(&mut editor, key);
        }
        press_key(&mut editor, Key::Enter);
        settle(&mut editor);
        assert_eq!(params.target.unmodulated_plain_value(), target(name));
    }
    // The focus is back where it was: the next Enter opens it again.
    press_key(&mut editor, Key::Enter);
    settle(&mut editor);
    assert!(editor.query_by_label("Search targets").is_some());
    press_key(&mut editor, Key::Escape);
    settle(&mut editor);
    assert!(editor.query_by_label("Search targets").is_none());
    assert_eq!(params.target.unmodulated_plain_value(), target("Flute"));
}
