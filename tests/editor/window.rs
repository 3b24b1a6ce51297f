//! The real editor in a real window: it has the palette's colours, and where a knob and the map's handle are dragged with the mouse
//! the sound changes.
#![allow(unsafe_code, reason = "environment variables are set")]

use std::{
    sync::Arc,
    thread::sleep,
    time::{Duration, Instant},
};

use crate::common::{
    editor::{MARGIN, World, control, left_on, open_in, playing, window as window_of},
    excerpt,
    mouse::{click_at, place_of, xdotool},
    null_dbfs,
    picture::read,
    plugin,
    process::{PREFERENCES, alone, nobodys_files, this_test},
    set,
    shapes::{distance, mean_shape, shapes},
};
use egui::{Pos2, Role, Vec2};
use egui_kittest::Harness;
use moodring::{
    audio_file::AudioFile,
    editor::{Page, Preferences, Theme},
    model::{MapPlace, MelDb, ModelSource, TimbreMap, TimbreModel},
    morph::Shaper,
    params::{EDITOR_SIZE, MoodringParams},
    telemetry::Snapshot,
};
use moodring_host::{Display, Edit, Plugin, Render, Rendered};
use nice_plug::prelude::ParamSetter;

/// How long a hand stays before each step of a drag, in seconds: all of it may come between two frames, or frames between all of
/// it.
const QUICK: f32 = 0.0;
const SLOW: f32 = 0.08;

/// A drag from one point of a window to another, as a hand does it that stays `pause` seconds before each step.
fn drag(window: u32, from: Pos2, to: Pos2, pause: f32) {
    let window = window.to_string();
    let step = |at: Pos2| {
        let [x, y] = [at.x, at.y].map(|value| (value.round() as i32).to_string());
        ["mousemove", "--window", &window, &x, &y].map(str::to_owned)
    };
    let pause = ["sleep".to_owned(), pause.to_string()];
    let button = |action: &str| [action.to_owned(), "1".to_owned()];
    let mut hand = [&step(from)[..], &pause, &button("mousedown")].concat();
    for share in 1..=8 {
        hand.extend_from_slice(&pause);
        hand.extend(step(from.lerp(to, share as f32 / 8.0)));
    }
    hand.extend_from_slice(&pause);
    hand.extend(button("mouseup"));
    let hand: Vec<&str> = hand.iter().map(String::as_str).collect();
    xdotool(&hand);
}

/// The same editor without a window, to see where things are: the window has one pixel for each of its points.
fn without_window() -> Harness<'static, World> {
    let card = ModelSource::embedded_timbre_card().unwrap();
    let snapshot = Snapshot {
        map: Some(Arc::new(TimbreMap::new(card))),
        ..playing()
    };
    let state = left_on(Page::Morph, Theme::Dark);
    open_in(window_of(Vec2::from(EDITOR_SIZE), 1.0), snapshot, state)
}

/// The middle of a control, in the window's pixels.
fn middle(harness: &Harness<'_, World>, name: &str) -> Pos2 {
    control(harness, name).rect().center() - Vec2::splat(MARGIN)
}

/// Plays the excerpt, and drags something in the editor's window `at` so many seconds.
fn play_and_drag(plugin: &mut Plugin, audio: &AudioFile, at: f64, drag: impl Fn(u32)) -> Rendered {
    let dragged_at = (at * audio.sample_rate as f64) as usize;
    let mut dragged = false;
    let rendered = Render::playback(audio.sample_rate as f64)
        .run_with(plugin, &audio.channels, &[], |plugin, done| {
            if !dragged && done > dragged_at {
                dragged = true;
                drag(plugin.editor().expect("the editor").id());
            }
            Ok(())
        })
        .unwrap();
    assert!(dragged);
    rendered
}

/// The host heard of one gesture on a parameter, from its beginning to its end.
fn assert_told(plugin: &mut Plugin, rendered: &Rendered, name: &str) {
    let id = plugin.param(name).unwrap().id;
    let edits: Vec<_> = rendered
        .events
        .iter()
        .filter(|event| event.id == id)
        .map(|event| event.edit)
        .collect();
    assert!(matches!(edits.first(), Some(Edit::Begin)), "{edits:?}");
    assert!(matches!(edits.last(), Some(Edit::End)), "{edits:?}");
}

#[test]
fn what_is_dragged_is_told_to_the_host_and_heard() {
    if !alone(this_test!()) {
        return;
    }
    // SAFETY: this is the only test of its process, and nothing was loaded yet.
    let (nobodys, display) = unsafe { (nobodys_files(), Display::open().unwrap()) };
    Preferences {
        page: Page::Morph,
        ..Preferences::default()
    }
    .write(&nobodys.path().join(PREFERENCES))
    .unwrap();
    drag_a_knob(&display);
    drag_the_handle(&display);
}

fn drag_a_knob(display: &Display) {
    let mut plugin = plugin();
    plugin.open_editor(display).unwrap();
    let body = plugin.param("Body").unwrap();
    let audio = excerpt(6.0);
    let knob = middle(&without_window(), "Body");
    let above = knob - Vec2::new(0.0, 64.0);
    let rendered = play_and_drag(&mut plugin, &audio, 2.0, |window| {
        drag(window, knob, above, QUICK);
    });
    plugin.close_editor();

    let value = plugin.value(body.id).unwrap();
    println!("Body: {}", plugin.value_to_text(body.id, value).unwrap());
    assert!(
        value > body.default + 1e-3,
        "the knob has not moved: {value}"
    );
    assert_told(&mut plugin, &rendered, "Body");

    // Untouched before the drag, changed at the end.
    let latency = rendered.latency as usize;
    let part = |channels: &[Vec<f32>], start: usize, end: usize| -> Vec<Vec<f32>> {
        channels
            .iter()
            .map(|channel| channel[start..end].to_vec())
            .collect()
    };
    let frames = audio.frames();
    let dragged_at = 2 * audio.sample_rate as usize;
    let before = null_dbfs(
        &part(&rendered.output, 0, dragged_at),
        &part(&audio.channels, 0, dragged_at - latency),
        latency,
    );
    let after = null_dbfs(
        &part(&rendered.output, frames - 88_200 + latency, frames),
        &part(&audio.channels, frames - 88_200, frames - latency),
        0,
    );
    println!("null before {before:.1} dBFS, after {after:.1} dBFS");
    assert!(before <= -100.0);
    assert!(after > -40.0);
}

/// What the model makes of a place on the map.
fn spectrum_at(timbre: &TimbreModel, map: &TimbreMap, at: [f32; 2]) -> Vec<f32> {
    let shaper = Shaper::new(timbre.clone());
    let captured = shaper.captured("place".to_owned(), map.latent_at(at));
    captured.unwrap().levels
}

/// The named timbre that sounds least like the middle of the map.
fn farthest<'a>(timbre: &TimbreModel, map: &'a TimbreMap) -> &'a MapPlace {
    let middle = spectrum_at(timbre, map, [0.0, 0.0]);
    let apart = |place: &&MapPlace| distance(&spectrum_at(timbre, map, place.at), &middle);
    let places = map.places.iter();
    places
        .max_by(|a, b| apart(a).total_cmp(&apart(b)))
        .expect("a named timbre")
}

fn drag_the_handle(display: &Display) {
    let timbre = TimbreModel::load(&ModelSource::Embedded).unwrap();
    let map = TimbreMap::new(timbre.card());
    let place = farthest(&timbre, &map);
    let wanted = spectrum_at(&timbre, &map, place.at);

    // Where the handle is, and where it is when the parameters say that it is at the place.
    let mut harness = without_window();
    let from = middle(&harness, "Map handle");
    set_handle(&mut harness, place.at);
    let to = middle(&harness, "Map handle");

    let mut plugin = plugin();
    let settings = [
        ("Morph", "100 %"),
        ("Resynthesis", "100 %"),
        ("Morph To", "Map"),
    ];
    set(&mut plugin, &settings);
    plugin.open_editor(display).unwrap();
    let audio = excerpt(9.0);
    let rendered = play_and_drag(&mut plugin, &audio, 3.0, |window| {
        drag(window, from, to, SLOW);
    });
    plugin.close_editor();

    for (name, at) in ["Map X", "Map Y"].into_iter().zip(place.at) {
        assert_told(&mut plugin, &rendered, name);
        let param = plugin.param(name).unwrap();
        let value = plugin.value(param.id).unwrap() as f32;
        let asked = (at + 1.0) / 2.0;
        assert!((value - asked).abs() < 0.02, "{name}: {value}, {asked}");
    }

    // The first second is the model's and the smoothing's own, and the drag takes about one.
    let rate = audio.sample_rate as f64;
    let shape = |from: f64, to: f64| -> MelDb {
        let range = (from * rate) as usize..(to * rate) as usize;
        mean_shape(&shapes(&timbre, rate, &rendered.output[0][range]))
    };
    let before = distance(&shape(1.0, 3.0), &wanted);
    let after = distance(&shape(6.0, 9.0), &wanted);
    println!(
        "to {}: {before:.1} dB from it before, {after:.1} dB after",
        place.name
    );
    assert!(after < 0.6 * before, "{before} -> {after} dB");
}

fn set_handle(harness: &mut Harness<'_, World>, at: [f32; 2]) {
    {
        let World { params, host, .. } = harness.state();
        let params: &MoodringParams = params;
        let setter = ParamSetter::new(&**host);
        for (param, value) in [&params.map_x, &params.map_y].into_iter().zip(at) {
            setter.set_parameter(param, value);
        }
    }
    harness.run();
}

/// Where there is nothing on Morph's page, in the pixels of a window at its opening size: beside the panel's title, and between the
/// two lines at the bottom.
const PANEL: (usize, usize) = (400, 54);
const BACKGROUND: (usize, usize) = (700, 599);

#[test]
fn a_window_has_the_colours_of_its_theme() {
    if !alone(this_test!()) {
        return;
    }
    // SAFETY: this is the only test of its process, and nothing was loaded yet.
    let (nobodys, display) = unsafe { (nobodys_files(), Display::open().unwrap()) };
    let path = nobodys.path().join("window.png");
    for theme in [Theme::Dark, Theme::Light] {
        Preferences {
            page: Page::Morph,
            theme,
            ..Preferences::default()
        }
        .write(&nobodys.path().join(PREFERENCES))
        .unwrap();
        let mut plugin = plugin();
        plugin.open_editor(&display).unwrap();
        let palette = theme.palette();
        let expected = [palette.panel, palette.background];
        let begun = Instant::now();
        // The first frame takes its time.
        loop {
            plugin.pump().unwrap();
            plugin.editor().unwrap().screenshot(&path).unwrap();
            let shown = read(&path);
            let shown = [PANEL, BACKGROUND].map(|place| shown[place]);
            let apart = shown.iter().zip(expected).flat_map(|(shown, expected)| {
                let (shown, expected) = (shown.to_array(), expected.to_array());
                [0, 1, 2].map(|channel| shown[channel].abs_diff(expected[channel]))
            });
            if apart.max() <= Some(2) {
                println!("{theme:?}: panel and background are {shown:?}");
                break;
            }
            let waited = begun.elapsed() > Duration::from_secs(10);
            assert!(!waited, "{theme:?}: {shown:?}, not {expected:?}");
            sleep(Duration::from_millis(50));
        }
        plugin.close_editor();
    }
}

/// Puts the pointer where there is nothing, so many pixels from the left.
fn rest_pointer(window: u32, x: i32) {
    let [window, x] = [window.to_string(), x.to_string()];
    xdotool(&["mousemove", "--window", &window, &x, "615"]);
}

/// Where the processor computes the pixels only what has changed is painted, and all of it every ten seconds. Both are the same picture.
#[test]
fn what_is_painted_in_parts_is_the_whole_picture() {
    if !alone(this_test!()) {
        return;
    }
    // SAFETY: this is the only test of its process, and nothing was loaded yet.
    let (nobodys, display) = unsafe { (nobodys_files(), Display::open().unwrap()) };
    let mut plugin = plugin();
    plugin.open_editor(&display).unwrap();
    let mut audio = excerpt(6.0);
    // What moves has come to rest.
    let rest = 12 * audio.sample_rate as usize;
    for channel in &mut audio.channels {
        channel.extend(std::iter::repeat_n(0.0, rest));
    }
    let seen = nobodys.path().join("seen.png");
    let (mut turn, mut parts) = (0, None);
    let rate = f64::from(audio.sample_rate);
    let tabs = [
        (Page::Morph, 1.0),
        (Page::Measure, 2.0),
        (Page::Listen, 3.0),
        (Page::Overview, 4.0),
    ];
    Render::playback(rate)
        .run_with(&mut plugin, &audio.channels, &[], |plugin, frames| {
            let now = frames as f64 / rate;
            let editor = plugin.editor().expect("the editor");
            if let Some((page, at)) = tabs.get(turn)
                && now > *at
            {
                click_at(editor.id(), place_of(&[(Role::Tab, page.title())]));
                turn += 1;
            }
            if turn == tabs.len() && now > 5.0 {
                rest_pointer(editor.id(), 470);
                turn += 1;
            }
            if turn > tabs.len() && now > 17.0 && parts.is_none() {
                editor.screenshot(&seen).unwrap();
                parts = Some(read(&seen));
            }
            Ok(())
        })
        .unwrap();
    // The next frame is more than ten seconds behind the last whole one.
    sleep(Duration::from_secs(11));
    let editor = plugin.editor().expect("the editor");
    rest_pointer(editor.id(), 471);
    sleep(Duration::from_millis(500));
    editor.screenshot(&seen).unwrap();
    let whole = read(&seen);
    let parts = parts.expect("a picture");
    plugin.close_editor();
    let different = parts
        .pixels
        .iter()
        .zip(&whole.pixels)
        .filter(|(one, other)| one != other);
    assert_eq!(different.count(), 0);
}
