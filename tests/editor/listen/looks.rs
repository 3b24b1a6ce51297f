//! Help line, preferences, mood ring, and what a control says of itself.

use std::collections::HashSet;

use crate::common::editor::*;
use crate::common::picture::{Textures, picture};
use egui::{Color32, Key, Modifiers, Pos2, Role, Vec2, accesskit::Toggled};
use egui_kittest::{
    Harness,
    kittest::{NodeT, Queryable},
};
use moodring::editor::{Page, Preferences, Theme, UiState, UserFiles};

use super::{click, help, listen};

#[test]
fn the_help_line_names_what_is_under_the_pointer_at_once_and_what_has_the_focus() {
    let mut harness = listen(playing(), None);
    let idle = help(&harness);
    assert!(idle.starts_with("Point at anything"), "{idle}");
    let at = harness.get_by_label("Save").rect().center();
    harness.hover_at(at);
    harness.step();
    harness.step();
    assert!(help(&harness).starts_with("Writes the answers"));
    harness.hover_at(Pos2::new(1.0, 1.0));
    harness.get_by_label("Copy").focus();
    harness.run();
    assert_eq!(help(&harness), "Copies what is shown as text");
}

#[test]
fn looks_are_kept_in_a_file_of_the_user_s_and_a_broken_one_is_no_matter() {
    let folder = tempfile::tempdir().unwrap();
    let files = UserFiles {
        preferences: Some(folder.path().join("moodring/editor.json")),
        ..UserFiles::default()
    };
    let file = files.preferences.clone().unwrap();
    let state = UiState::of_user(files.clone());
    let mut harness = open_in(window(usual(), 1.0), playing(), state);
    assert!(!file.exists(), "nothing was changed yet");
    click(&mut harness, Role::Button, "View");
    click(&mut harness, Role::CheckBox, "Light theme");
    harness.key_press(Key::Escape);
    click(&mut harness, Role::Button, "View");
    click(&mut harness, Role::CheckBox, "Mood ring");
    harness.key_press(Key::Escape);
    click(&mut harness, Role::Tab, "Spectrum");
    let chosen = Preferences {
        theme: Theme::Light,
        mood_ring: false,
        page: Page::Spectrum,
        ..Preferences::default()
    };
    assert_eq!(Preferences::read(&file), chosen);

    let again = open_in(window(usual(), 1.0), playing(), UiState::of_user(files));
    let tab = again.get_by_role_and_label(Role::Tab, "Spectrum");
    assert_eq!(tab.accesskit_node().toggled(), Some(Toggled::True));

    for broken in ["", "{", "[7]", "{\"theme\":\"pink\"}", "{\"page\":null}"] {
        std::fs::write(&file, broken).unwrap();
        assert_eq!(Preferences::read(&file), Preferences::default(), "{broken}");
    }
    // A file that knows less is no broken one.
    std::fs::write(&file, "{\"theme\":\"light\",\"younger\":1}").unwrap();
    assert_eq!(Preferences::read(&file).theme, Theme::Light);
}

/// The colour of the frame, at the left edge of the window.
fn frame_color(harness: &Harness<'_, World>, textures: &Textures) -> Color32 {
    let picture = picture(harness, textures, MARGIN, Color32::BLACK);
    picture[(0, picture.height() / 2)]
}

#[test]
fn the_frame_follows_the_mood_slowly_comes_to_rest_and_can_be_switched_off() {
    let textures = Textures::default();
    let renderer = textures.clone();
    let window = || window(usual(), 1.0);
    let mut harness = open_in(
        window().renderer(renderer),
        playing(),
        left_on(Page::Overview, Theme::Dark),
    );
    harness.get_by_label("The mood: calm");
    let apart = |one: Color32, other: Color32| {
        let channels = |color: Color32| color.to_array().map(i32::from);
        channels(one)
            .iter()
            .zip(channels(other))
            .map(|(one, other)| (one - other).abs())
            .sum::<i32>()
    };
    let first = frame_color(&harness, &textures);
    harness.run_steps(60);
    let second = frame_color(&harness, &textures);
    harness.run_steps(600);
    let calm = frame_color(&harness, &textures);
    assert!(apart(first, second) > 20, "{first:?} {second:?}");
    assert!(apart(second, calm) > 20, "{second:?} {calm:?}");
    harness.run_steps(60);
    assert_eq!(frame_color(&harness, &textures), calm);
    // At rest nothing asks for another frame.
    let delay = harness.output().viewport_output[&egui::ViewportId::ROOT].repaint_delay;
    assert!(delay > std::time::Duration::from_secs(60), "{delay:?}");

    // The other mood has another colour.
    harness.state_mut().snapshot.readout.average[2] = 0.0;
    harness.state_mut().snapshot.readout.average[4] = 0.9;
    let snapshot = &mut harness.state_mut().snapshot;
    snapshot.readout.headlines = headlines(&snapshot.tags, [0, 3, 4]);
    harness.run_steps(600);
    harness.get_by_label("The mood: happy");
    assert!(apart(frame_color(&harness, &textures), calm) > 100);

    let off = Preferences {
        mood_ring: false,
        ..Preferences::default()
    };
    let textures = Textures::default();
    let mut harness = open_in(
        window().renderer(textures.clone()),
        playing(),
        UiState::new(off, UserFiles::default()),
    );
    harness.run_steps(300);
    assert_eq!(harness.query_all_by_label_contains("The mood").count(), 0);
    let background = Theme::Dark.palette().background;
    assert_eq!(frame_color(&harness, &textures), background);
}

#[test]
fn every_control_has_a_name_a_tip_and_is_reached_by_the_tab_key() {
    for page in Page::ALL {
        let mut harness = open_in(window(usual(), 1.0), playing(), left_on(page, Theme::Dark));
        let controls: Vec<_> = CONTROLS
            .into_iter()
            .flat_map(|role| harness.query_all_by_role(role))
            .map(|node| (node.accesskit_node().id(), name(&node), node.rect()))
            .collect();
        assert!(controls.len() > 10);
        let (mut reached, mut explored) = (Vec::new(), HashSet::new());
        for _ in 0..controls.len() + 20 {
            harness.key_press_modifiers(Modifiers::NONE, Key::Tab);
            harness.step();
            let Some(stop) = harness.ctx.memory(|memory| memory.focused()) else {
                continue;
            };
            if !explored.insert(stop) {
                continue;
            }
            reached.push(stop);
            // A group is one stop: the arrows go on inside.
            for key in [Key::ArrowRight, Key::ArrowLeft] {
                for _ in 0..14 {
                    harness.key_press(key);
                    harness.step();
                    reached.extend(harness.ctx.memory(|memory| memory.focused()));
                }
                harness.ctx.memory_mut(|memory| memory.request_focus(stop));
                harness.step();
            }
        }
        for (_, name, rect) in &controls {
            assert!(
                !name.is_empty(),
                "a control without a name at {rect} on {page:?}"
            );
            harness.hover_at(rect.center());
            harness.step();
            harness.step();
            assert!(
                !help(&harness).starts_with("Point at anything"),
                "`{name}` on {page:?} has no words"
            );
        }
        let distinct: HashSet<_> = reached.into_iter().collect();
        assert!(
            distinct.len() >= controls.len(),
            "{} of {} controls are reached on {page:?}",
            distinct.len(),
            controls.len()
        );
    }
}

#[test]
fn large_words_are_large() {
    let harness = open_in(
        window(Vec2::new(1_440.0, 900.0), 1.0),
        playing(),
        left_on(Page::Listen, Theme::Dark),
    );
    let mut painted = Vec::new();
    for clipped in &harness.output().shapes {
        texts(&clipped.shape, &mut painted);
    }
    // Letters of 5 mm at 96 pixels an inch, which are read from two metres.
    for word in ["jazz", "piano", "calm"] {
        let tallest = painted
            .iter()
            .filter(|(text, _, _)| text == word)
            .map(|(_, rect, _)| rect.height())
            .fold(0.0, f32::max);
        assert!(tallest > 60.0, "{word}: {tallest}");
    }
}
