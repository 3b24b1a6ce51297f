//! What is heard, and the looks: pins, threshold, freeze, copy, save, timeline, help line, mood ring and preferences.

#[cfg(unix)]
mod folder;
mod looks;
mod map;
mod outputs;

use crate::common::MAIN;
use std::path::Path;

use crate::common::editor::*;
use egui::{Key, OutputCommand, Pos2, Role};
use egui_kittest::{Harness, Node, kittest::Queryable};
use moodring::{
    editor::{Page, Preferences, UiState, UserFiles},
    params::MoodringParams,
    telemetry::{ListenState, Readout, ReadoutHistory, Snapshot, SongPosition},
};
use nice_plug::prelude::Params;

/// The Listen page, its files in `folder`.
fn listen(snapshot: Snapshot, folder: Option<&Path>) -> Harness<'static, World> {
    let preferences = Preferences {
        page: Page::Listen,
        ..Preferences::default()
    };
    let files = UserFiles {
        readouts: folder.map(Path::to_owned),
        ..UserFiles::default()
    };
    open_in(
        window(usual(), 1.0),
        snapshot,
        UiState::new(preferences, files),
    )
}

fn click(harness: &mut Harness<'_, World>, role: Role, label: &str) {
    let at = harness.get_by_role_and_label(role, label).rect().center();
    press(harness, at, true);
    press(harness, at, false);
    settle(harness);
}

/// The names in the column of genres, from top to bottom.
fn genres(harness: &Harness<'_, World>) -> Vec<String> {
    let mut meters: Vec<_> = harness
        .query_all_by_role(Role::Meter)
        .filter(|node| ["jazz", "ambient", "folk"].contains(&name(node).as_str()))
        .map(|node| (node.rect().top() as i32, name(&node)))
        .collect();
    meters.sort();
    meters.into_iter().map(|(_, name)| name).collect()
}

/// What the help line says: the lowest text but for the status line.
fn help(harness: &Harness<'_, World>) -> String {
    let latency = harness.get_by_label_contains("Latency").rect();
    harness
        .query_all_by_role(Role::Label)
        .filter(|node| node.rect().bottom() <= latency.top() + 2.0)
        .max_by(|one, other| one.rect().top().total_cmp(&other.rect().top()))
        .and_then(|node| node.value())
        .unwrap()
}

#[test]
fn a_pinned_tag_stays_on_top_and_in_the_project_until_it_is_let_go() {
    let mut harness = listen(playing(), None);
    assert_eq!(genres(&harness), ["jazz", "ambient", "folk"]);
    click(&mut harness, Role::Meter, "folk");
    assert_eq!(genres(&harness), ["folk", "jazz", "ambient"]);

    // Into a project and back.
    let fields = harness.state().params.serialize_fields();
    let other = MoodringParams::default();
    other.deserialize_fields(&fields);
    assert_eq!(
        other.view.get(&MAIN),
        harness.state().params.view.get(&MAIN)
    );
    assert_ne!(
        other.view.get(&MAIN),
        MoodringParams::default().view.get(&MAIN)
    );

    // By the keys, too.
    harness.get_by_role_and_label(Role::Meter, "folk").focus();
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(genres(&harness), ["jazz", "ambient", "folk"]);
}

#[test]
fn tags_below_the_threshold_are_hidden_unless_they_are_pinned() {
    let mut harness = listen(playing(), None);
    click(&mut harness, Role::Meter, "folk");
    click(&mut harness, Role::Button, "Threshold");
    harness.get_by_label("Hide below 50 %").click();
    settle(&mut harness);
    assert_eq!(genres(&harness), ["folk", "jazz"]);
    harness.get_by_label("Nothing above 50 %");
    click(&mut harness, Role::Button, "Threshold");
    harness
        .get_by_role_and_label(Role::Button, "Show all")
        .click();
    settle(&mut harness);
    assert_eq!(genres(&harness), ["folk", "jazz", "ambient"]);
}

#[test]
fn frozen_it_shows_what_was_until_it_goes_on() {
    let mut harness = listen(playing(), None);
    click(&mut harness, Role::CheckBox, "Freeze");
    harness.get_by_label("frozen");
    let later = &mut harness.state_mut().snapshot.readout;
    later.average.fill(0.01);
    later.state = ListenState::Silence;
    harness.run();
    let jazz =
        |harness: &Harness<'_, World>| harness.get_by_role_and_label(Role::Meter, "jazz").value();
    assert_eq!(jazz(&harness).as_deref(), Some("60 %"));
    click(&mut harness, Role::CheckBox, "Freeze");
    harness.get_by_label("silence");
    assert_eq!(jazz(&harness).as_deref(), Some("1 %"));
}

#[test]
fn what_is_shown_is_copied_as_text() {
    let mut harness = listen(playing(), None);
    click(&mut harness, Role::Meter, "folk");
    let at = harness.get_by_label("Copy").rect().center();
    press(&mut harness, at, true);
    press(&mut harness, at, false);
    let copied =
        harness
            .output()
            .platform_output
            .commands
            .iter()
            .find_map(|command| match command {
                OutputCommand::CopyText(text) => Some(text.clone()),
                _ => None,
            });
    assert_eq!(
        copied.as_deref(),
        Some(
            "Moodring at 9.5 s (of the last 3.7 s), averaged over 4.0 s\n\
             Genre: folk 20 %, jazz 60 %, ambient 20 %\n\
             Instrument: piano 70 %, drums 40 %, violin 10 %\n\
             Mood: calm 30 %, happy 5 %\n"
        )
    );
    assert_eq!(help(&harness), "Copied what is shown");
}

/// Saves all that is kept; the menu stays.
fn save(harness: &mut Harness<'_, World>) {
    let all = "All that is kept, ten minutes at most";
    if harness.query_by_role_and_label(Role::Button, all).is_none() {
        click(harness, Role::Button, "Save");
    }
    click(harness, Role::Button, all);
}

#[test]
fn saved_answers_are_a_table_and_json_with_their_times() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("Moodring");
    let mut harness = listen(playing(), Some(&inside));
    save(&mut harness);
    let said = help(&harness);
    let table = said.strip_prefix("Saved ").unwrap();
    let table = Path::new(table.strip_suffix(" and the same as .json").unwrap());
    assert!(table.starts_with(&inside), "{said}");

    let text = std::fs::read_to_string(table).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 1 + 200);
    assert!(
        lines[0].starts_with(
            "answer,seconds,state,valence,arousal,song_seconds,instrument: piano,genre: folk,"
        ),
        "{}",
        lines[0]
    );
    assert!(
        lines[3].starts_with("2,1.00,live,0.2000,-0.7000,,0."),
        "{}",
        lines[3]
    );
    assert!(lines.iter().all(|line| line.split(',').count() == 6 + 8));

    let json = std::fs::read(table.with_extension("json")).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let saved = json["saved"].as_str().unwrap();
    assert!(saved.starts_with("20") && saved.ends_with('Z'), "{saved}");
    assert_eq!(json["tags"][0]["name"], "piano");
    assert_eq!(json["answers"].as_array().unwrap().len(), 200);
    assert_eq!(json["answers"][2]["seconds"], 1.0);
    assert_eq!(json["answers"][2]["average"].as_array().unwrap().len(), 8);
    assert!((json["answers"][2]["arousal"].as_f64().unwrap() + 0.7).abs() < 1e-6);

    let summary = &json["summary"];
    // The others are silence.
    assert_eq!(summary["answers"], 180);
    assert!((summary["arousal"].as_f64().unwrap() + 0.7).abs() < 1e-3);

    // In the same second or not: nothing is overwritten.
    save(&mut harness);
    assert_eq!(std::fs::read_dir(&inside).unwrap().count(), 4);
    assert_eq!(std::fs::read_to_string(table).unwrap(), text);
}

#[test]
fn what_cannot_be_saved_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let blocked = folder.path().join("a file");
    std::fs::write(&blocked, "").unwrap();
    let mut harness = listen(playing(), Some(&blocked));
    save(&mut harness);
    let said = help(&harness);
    assert!(said.starts_with(&blocked.display().to_string()), "{said}");

    let mut harness = listen(Snapshot::default(), Some(folder.path()));
    save(&mut harness);
    assert_eq!(
        help(&harness),
        "there is nothing to save yet: play something"
    );
    let mut harness = listen(playing(), None);
    save(&mut harness);
    assert_eq!(help(&harness), "this system names no folder for documents");
}

fn timeline<'a>(harness: &'a Harness<'_, World>) -> Node<'a> {
    harness.get_by_role_and_label(Role::Image, "Timeline")
}

#[test]
fn the_timeline_tells_a_moment_s_time_and_values() {
    let mut harness = listen(playing(), None);
    let rect = timeline(&harness).rect();
    harness.hover_at(Pos2::new(rect.right() - 1.0, rect.center().y));
    settle(&mut harness);
    let newest = timeline(&harness).value().unwrap();
    assert!(newest.starts_with("0.0 s ago: "), "{newest}");
    assert_eq!(help(&harness), newest);

    // Two minutes are shown; a wheel's step makes it five.
    harness.hover_at(Pos2::new(rect.right() - 100.0, rect.center().y));
    settle(&mut harness);
    let before = timeline(&harness).value().unwrap();
    wheel(
        &mut harness,
        Pos2::new(rect.right() - 100.0, rect.center().y),
        -1.0,
    );
    let after = timeline(&harness).value().unwrap();
    let ago = |said: &str| said.split(' ').next().unwrap().parse::<f32>().unwrap();
    let ratio = ago(&after) / ago(&before);
    assert!((ratio - 2.5).abs() < 0.1, "{before} {after}");

    // The answers that were silence say so.
    let moments = harness.state().snapshot.history.moments().len();
    assert_eq!(moments, 200);
    harness.hover_at(Pos2::new(0.0, 0.0));
    timeline(&harness).focus();
    harness.run();
    for (key, said) in [
        (Key::ArrowLeft, "0.0 s ago: "),
        (Key::ArrowLeft, "0.5 s ago: "),
        (Key::ArrowLeft, "1.0 s ago: "),
        (Key::ArrowRight, "0.5 s ago: "),
    ] {
        harness.key_press(key);
        harness.run();
        let value = timeline(&harness).value().unwrap();
        assert!(value.starts_with(said), "{value}");
    }
    for _ in 0..34 {
        harness.key_press(Key::ArrowLeft);
    }
    harness.run();
    let value = timeline(&harness).value().unwrap();
    assert!(value.contains("s ago (silence): "), "{value}");
}

#[test]
fn the_timeline_is_of_what_is_strong_now_and_its_lanes_are_high() {
    let mut history = ReadoutHistory::default();
    // Folk for a hundred seconds, ambient for the last ten.
    for answer in 0..220 {
        let (folk, ambient) = if answer < 200 { (0.9, 0.0) } else { (0.0, 0.4) };
        history.add(&Readout {
            state: ListenState::Live,
            seconds: 0.5 * f64::from(answer),
            average: vec![0.1, folk, 0.1, 0.1, 0.1, 0.1, ambient, 0.1],
            ..Readout::default()
        });
    }
    let snapshot = Snapshot {
        history,
        ..playing()
    };
    let mut harness = listen(snapshot, None);
    let rect = timeline(&harness).rect();
    harness.hover_at(Pos2::new(rect.right() - 1.0, rect.center().y));
    settle(&mut harness);
    let said = timeline(&harness).value().unwrap();
    assert!(said.contains("ambient 40 %"), "{said}");
    assert!(!said.contains("folk"), "{said}");

    let mut painted = Vec::new();
    for clipped in &harness.output().shapes {
        texts(&clipped.shape, &mut painted);
    }
    let names = ["jazz", "ambient", "piano", "calm"];
    let mut lanes: Vec<_> = painted
        .iter()
        .filter(|(text, place, _)| names.contains(&text.as_str()) && rect.contains_rect(*place))
        .map(|(_, place, _)| place.center().y)
        .collect();
    lanes.sort_by(f32::total_cmp);
    assert_eq!(lanes.len(), 4, "{lanes:?}");
    let closest = lanes.windows(2).map(|pair| pair[1] - pair[0]);
    assert!(closest.fold(f32::MAX, f32::min) > 22.0, "{lanes:?}");
}

#[test]
fn a_history_that_starts_anew_or_knows_other_tags_is_drawn_all_the_same() {
    let mut history = ReadoutHistory::default();
    for (seconds, average) in [
        (100.0, vec![0.5; 8]),
        (0.5, vec![f32::NAN; 8]),
        (1.0, vec![0.5; 3]),
        (f64::NAN, vec![]),
        (2.0, vec![7.0; 80]),
    ] {
        history.add(&Readout {
            state: ListenState::Live,
            seconds,
            average,
            ..Readout::default()
        });
    }
    let snapshot = Snapshot {
        history,
        ..playing()
    };
    let mut harness = listen(snapshot, None);
    let rect = timeline(&harness).rect();
    for x in 0..=10 {
        let x = rect.left() + rect.width() * x as f32 / 10.0;
        harness.hover_at(Pos2::new(x, rect.center().y));
        settle(&mut harness);
        let value = timeline(&harness).value().unwrap();
        assert!(value.contains(" ago"), "{value}");
    }
}

#[test]
fn a_minute_is_saved_where_the_user_says_and_reaches_no_further_than_playback() {
    let folder = tempfile::tempdir().unwrap();
    let chosen = folder.path().join("chosen");
    let mut snapshot = playing();
    // 100 s, a new start, and 10 s of a song that the host is at 1:00 of.
    let mut history = ReadoutHistory::default();
    for (index, start) in [(0..200, None), (0..20, Some(60.0))].into_iter() {
        for answer in index {
            let seconds = f64::from(answer) / 2.0;
            history.add(&Readout {
                seconds,
                state: ListenState::Live,
                average: vec![0.5; 8],
                song: start.map(|start| SongPosition {
                    seconds: start + seconds,
                    beats: None,
                    tempo: None,
                    playing: true,
                }),
                ..Readout::default()
            });
        }
    }
    snapshot.history = history;
    let mut harness = listen(snapshot, Some(folder.path()));
    click(&mut harness, Role::Button, "Save");
    let field = harness.get_by_role_and_label(Role::TextInput, "Into the folder");
    field.click();
    settle(&mut harness);
    let field = harness.get_by_role_and_label(Role::TextInput, "Into the folder");
    field.type_text("/chosen");
    settle(&mut harness);
    click(&mut harness, Role::Button, "The last minute");
    let csv = std::fs::read_dir(&chosen)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|file| file.extension().is_some_and(|kind| kind == "csv"));
    let text = std::fs::read_to_string(csv.unwrap()).unwrap();
    let lines: Vec<_> = text.lines().skip(1).collect();
    assert_eq!(lines.len(), 20, "{text}");
    assert!(
        lines[2].starts_with("202,1.00,live,,,61.000,0.5"),
        "{}",
        lines[2]
    );
}

#[test]
fn osc_is_switched_on_and_told_where_to_in_the_menu() {
    let mut harness = listen(playing(), None);
    let settings = |harness: &Harness<'_, World>| harness.state().params.outputs.get(&MAIN);
    assert!(!settings(&harness).osc);
    click(&mut harness, Role::Button, "Output");
    click(&mut harness, Role::CheckBox, "Send OSC");
    assert!(settings(&harness).osc);
    for (field, text) in [("To", "7"), ("Name", "Deck")] {
        harness
            .get_by_role_and_label(Role::TextInput, field)
            .click();
        settle(&mut harness);
        harness
            .get_by_role_and_label(Role::TextInput, field)
            .type_text(text);
        settle(&mut harness);
    }
    let chosen = settings(&harness);
    assert_eq!(
        (chosen.address.as_str(), chosen.name.as_str()),
        ("127.0.0.1:90007", "Deck")
    );
    // No port is as high as that.
    assert!(
        harness
            .query_by_label_contains("a number and a port")
            .is_some()
    );
    click(&mut harness, Role::CheckBox, "Log the session");
    assert!(settings(&harness).log);
}
