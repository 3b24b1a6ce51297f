//! The editor in real windows, treated the way hosts and users treat it: opened and closed again and again while the song
//! plays, several at a time, resized, on screens of other densities, with the keyboard.
#![allow(unsafe_code, reason = "an environment variable is set")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod common;

use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use common::editor::{MARGIN, control, left_on, open_in, playing, window as window_of};
use common::plugin;
use common::process::{alone, resident_mb, thread_names, threads};
use egui::Vec2;
use moodring::{
    editor::{Page, Theme},
    params::EDITOR_SIZE,
};
use moodring_host::{Block, Display, Plugin, Processor};
use x11rb::protocol::xproto::{AutoRepeatMode, ChangeKeyboardControlAux, ConnectionExt as _};

/// The editor's opening size, in logical pixels.
const SIZE: (u32, u32) = (960, 620);

/// The smallest size that it takes, likewise.
const LEAST: (u32, u32) = (640, 400);

/// Serves plugins for a while, as a host's main loop does.
fn pump(plugins: &mut [Plugin], time: Duration) {
    let begun = Instant::now();
    while begun.elapsed() < time {
        for plugin in &mut *plugins {
            plugin.pump().unwrap();
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Plays noise through until told to stop, a block whenever one is due.
fn play(mut processor: Processor, stop: &AtomicBool) -> (Processor, usize) {
    const FRAMES: usize = 480;
    let noise: Vec<f32> = (0..FRAMES)
        .map(|n| (n * n % 97) as f32 / 97.0 - 0.5)
        .collect();
    let mut blocks = 0;
    while !stop.load(Ordering::Relaxed) {
        let block = Block {
            frames: FRAMES,
            input: &[&noise, &noise],
            ..Block::default()
        };
        processor.process(&block).unwrap();
        assert!(
            processor
                .output()
                .flatten()
                .all(|sample| sample.is_finite())
        );
        blocks += 1;
        std::thread::sleep(Duration::from_millis(10));
    }
    (processor, blocks)
}

/// Ends the players when it goes, a failed test included.
struct Ending<'a>(&'a AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn editors_of_several_instances_open_and_close_200_times_while_playing() {
    const INSTANCES: usize = 4;
    const ROUNDS: usize = 50;
    if !alone("editors_of_several_instances_open_and_close_200_times_while_playing") {
        return;
    }
    // SAFETY: this is the only test of its process, and nothing was loaded yet.
    let display = unsafe { Display::open() }.unwrap();
    let mut plugins: Vec<Plugin> = (0..INSTANCES).map(|_| plugin()).collect();
    let processors: Vec<Processor> = plugins
        .iter_mut()
        .map(|plugin| plugin.activate(48_000.0, 1, 480).unwrap())
        .collect();
    let stop = AtomicBool::new(false);
    let mut memory = Vec::new();
    let (processors, blocks) = std::thread::scope(|scope| {
        let players: Vec<_> = processors
            .into_iter()
            .map(|processor| scope.spawn(|| play(processor, &stop)))
            .collect();
        let ending = Ending(&stop);
        let quiet = threads("");
        for round in 0..ROUNDS {
            for (index, plugin) in plugins.iter_mut().enumerate() {
                plugin.open_editor(&display).unwrap();
                if (round + index) % 3 == 0 {
                    let grow = 37 * (index as u32 + 1);
                    plugin.resize_editor(700 + grow, 450 + grow).unwrap();
                }
            }
            // A frame or two, or none.
            pump(&mut plugins, Duration::from_millis(40 * (round as u64 % 2)));
            for turn in 0..INSTANCES {
                // In another order each time; and one is opened again at once.
                let plugin = &mut plugins[(turn + round) % INSTANCES];
                plugin.close_editor();
            }
            // The windows' own threads are gone; the clipboard's takes its time.
            let begun = Instant::now();
            while threads("") > quiet && begun.elapsed() < Duration::from_secs(10) {
                std::thread::sleep(Duration::from_millis(1));
            }
            assert_eq!(
                threads(""),
                quiet,
                "{:?} after round {round}",
                thread_names()
            );
            memory.push(resident_mb());
        }
        drop(ending);
        let played: Vec<(Processor, usize)> = players
            .into_iter()
            .map(|player| player.join().unwrap())
            .collect();
        let blocks: usize = played.iter().map(|(_, blocks)| blocks).sum();
        let processors: Vec<Processor> =
            played.into_iter().map(|(processor, _)| processor).collect();
        (processors, blocks)
    });
    for (plugin, processor) in plugins.iter_mut().zip(processors) {
        plugin.deactivate(processor);
    }
    let (early, late) = (memory[20 / INSTANCES - 1], memory[ROUNDS - 1]);
    println!(
        "{} opened and closed during {blocks} blocks: {early:.1} MB after 20, {late:.1} MB at the end",
        INSTANCES * ROUNDS
    );
    assert!(late - early < 32.0, "{memory:?}");
}

#[test]
fn host_scale_factors_are_followed_and_survive_reopening() {
    if !alone("host_scale_factors_are_followed_and_survive_reopening") {
        return;
    }
    // SAFETY: this is the only test of its process, and nothing was loaded yet.
    let display = unsafe { Display::open() }.unwrap();
    for scale in [1.0, 1.5, 2.0] {
        let scaled = |(width, height): (u32, u32)| {
            (
                (f64::from(width) * scale) as u32,
                (f64::from(height) * scale) as u32,
            )
        };
        let mut plugins = [plugin()];
        plugins[0].open_editor(&display).unwrap();
        assert_eq!(plugins[0].editor_size(), Some(SIZE));
        plugins[0].scale_editor(scale).unwrap();
        assert_eq!(
            plugins[0].editor_size(),
            Some(scaled(SIZE)),
            "scale {scale}"
        );
        pump(&mut plugins, Duration::from_millis(60));
        for opening in 2..5 {
            plugins[0].close_editor();
            plugins[0].open_editor(&display).unwrap();
            pump(&mut plugins, Duration::from_millis(60));
            let what = format!("scale {scale}, opening {opening}");
            assert_eq!(plugins[0].editor_size(), Some(scaled(SIZE)), "{what}");
            // Some hosts say it each time.
            plugins[0].scale_editor(scale).unwrap();
            assert_eq!(
                plugins[0].editor_size(),
                Some(scaled(SIZE)),
                "{what}, told again"
            );
        }
        // To a screen of another density and back.
        plugins[0].scale_editor(1.0).unwrap();
        assert_eq!(plugins[0].editor_size(), Some(SIZE), "back from {scale}");
        plugins[0].close_editor();
    }
}

#[test]
fn any_size_is_taken_or_brought_into_range_and_kept_for_the_next_time() {
    if !alone("any_size_is_taken_or_brought_into_range_and_kept_for_the_next_time") {
        return;
    }
    // SAFETY: this is the only test of its process, and nothing was loaded yet.
    let display = unsafe { Display::open() }.unwrap();
    let mut plugins = [plugin()];
    plugins[0].open_editor(&display).unwrap();
    for (wanted, expected) in [
        ((1_200, 700), (1_200, 700)),
        ((1, 1), LEAST),
        ((0, 0), LEAST),
        ((10, 900), (LEAST.0, 900)),
        ((2_500, 10), (2_500, LEAST.1)),
        ((641, 401), (641, 401)),
        ((2_000, 2_000), (2_000, 2_000)),
        ((987, 654), (987, 654)),
    ] {
        let got = plugins[0].resize_editor(wanted.0, wanted.1).unwrap();
        assert_eq!(got, expected, "{wanted:?}");
        pump(&mut plugins, Duration::from_millis(60));
        assert_eq!(plugins[0].editor_size(), Some(expected), "{wanted:?}");
    }
    plugins[0].close_editor();
    plugins[0].open_editor(&display).unwrap();
    pump(&mut plugins, Duration::from_millis(60));
    assert_eq!(plugins[0].editor_size(), Some((987, 654)), "opened again");
    plugins[0].close_editor();
}

/// Presses and releases, as a keyboard or mouse does: through the server, to whatever has the focus or the pointer.
fn xdotool(arguments: &[&str]) {
    let status = Command::new("xdotool").args(arguments).status();
    assert!(
        status
            .expect("xdotool, which `cargo xtask test` installs")
            .success()
    );
}

/// The value of Bypass, with what the editor has set.
fn bypass(plugin: &mut Plugin) -> f64 {
    plugin.flush(&[]).unwrap();
    let id = plugin.param("Bypass").unwrap().id;
    plugin.value(id).unwrap()
}

/// How many presses of `key` reach the host.
fn presses_at_the_host(plugins: &mut [Plugin], key: &str) -> usize {
    codes_at_the_host(plugins, key).len()
}

/// The codes of the keys that reach the host when `key` is pressed, with the modifiers that belong to it.
fn codes_at_the_host(plugins: &mut [Plugin], key: &str) -> Vec<u8> {
    xdotool(&["key", key]);
    let mut presses = presses_so_far(plugins, Duration::from_millis(30));
    // One that the editor never uses comes behind it, so when that is here nothing else is on its way.
    xdotool(&["key", "F9"]);
    let begun = Instant::now();
    let mut frames = 0;
    loop {
        presses.extend(presses_so_far(plugins, Duration::from_millis(20)));
        if presses.last() == Some(&F9) {
            presses.pop();
            break presses;
        }
        let waited = begun.elapsed();
        assert!(waited < Duration::from_secs(20), "no F9 after {key}");
        // baseview drops a frame if the screen's counter stands still, and keys go back with frames. While a song plays the
        // next one is soon there; here a parameter asks for it.
        if waited > Duration::from_millis(500 * (frames + 1)) {
            frames += 1;
            let seconds = if frames % 2 == 0 { "4 s" } else { "5 s" };
            let event = plugins[0].set_at(0, "Averaging", seconds).unwrap();
            plugins[0].flush(&[event]).unwrap();
        }
    }
}

/// X11's code of the key F9 on a PC's keyboard, which is what Xvfb has.
const F9: u8 = 75;
/// That of Z.
const Z: u8 = 52;

/// The codes of the keys that were pressed and reached the host.
fn presses_so_far(plugins: &mut [Plugin], time: Duration) -> Vec<u8> {
    pump(plugins, time);
    let keys = plugins[0].take_keys();
    keys.iter()
        .filter(|key| key.pressed)
        .map(|key| key.code)
        .collect()
}

/// On a busy machine a key is released so late that the server would have it repeat.
fn do_not_repeat_keys() {
    let (connection, _) = x11rb::connect(None).unwrap();
    let off = ChangeKeyboardControlAux::new().auto_repeat_mode(AutoRepeatMode::OFF);
    connection
        .change_keyboard_control(&off)
        .unwrap()
        .check()
        .unwrap();
}

#[test]
fn keys_that_the_editor_does_not_use_go_back_to_the_host() {
    if !alone("keys_that_the_editor_does_not_use_go_back_to_the_host") {
        return;
    }
    // SAFETY: this is the only test of its process, and nothing was loaded yet.
    let display = unsafe { Display::open() }.unwrap();
    let mut plugins = [plugin()];
    plugins[0].open_editor(&display).unwrap();
    pump(&mut plugins, Duration::from_millis(200));
    let window = plugins[0].editor().unwrap().id().to_string();
    do_not_repeat_keys();

    // The pointer is in the middle of the status line, where there is nothing to use.
    xdotool(&["mousemove", "--window", &window, "520", "609"]);
    for key in ["space", "a", "Return", "Left", "F5", "Escape"] {
        assert_eq!(presses_at_the_host(&mut plugins, key), 1, "{key}, hovering");
    }
    // There is nothing to undo here yet: the host may have something.
    assert!(codes_at_the_host(&mut plugins, "ctrl+z").contains(&Z));
    // A click gives the editor the focus.
    xdotool(&["click", "1"]);
    for key in ["space", "a", "Left", "F5"] {
        assert_eq!(
            presses_at_the_host(&mut plugins, key),
            1,
            "{key}, after a click"
        );
    }
    // Even with the pointer elsewhere.
    xdotool(&["mousemove", "1270", "790"]);
    assert_eq!(
        presses_at_the_host(&mut plugins, "space"),
        1,
        "space, pointer outside"
    );
    // Tab gives a control the focus: now arrows turn it.
    for key in ["Tab", "Up", "Left", "Tab"] {
        assert_eq!(
            presses_at_the_host(&mut plugins, key),
            0,
            "{key}, in a control"
        );
    }
    // But letters and the like are still the host's.
    for key in ["a", "F5", "7"] {
        assert_eq!(
            presses_at_the_host(&mut plugins, key),
            1,
            "{key}, in a control"
        );
    }
    // Escape leaves the control.
    assert_eq!(
        presses_at_the_host(&mut plugins, "Escape"),
        0,
        "Escape, in a control"
    );
    for key in ["space", "Up"] {
        assert_eq!(
            presses_at_the_host(&mut plugins, key),
            1,
            "{key}, after Escape"
        );
    }
    // While a value is typed every key is the editor's, whatever it is to the host.
    let number = {
        let state = left_on(Page::Overview, Theme::Dark);
        let size = Vec2::from(EDITOR_SIZE);
        let harness = open_in(window_of(size, 1.0), playing(), state);
        let morph = control(&harness, "Morph").rect();
        morph.right_top() + Vec2::new(-8.0, 8.0) - Vec2::splat(MARGIN)
    };
    let [x, y] = [number.x, number.y].map(|value| value.round().to_string());
    xdotool(&["mousemove", "--window", &window, &x, &y, "click", "1"]);
    pump(&mut plugins, Duration::from_millis(200));
    for key in ["5", "space", "a", "F5"] {
        xdotool(&["key", key]);
    }
    // Escape leaves the field. What comes in the same frame as it is still the editor's.
    xdotool(&["key", "Escape"]);
    pump(&mut plugins, Duration::from_millis(300));
    assert_eq!(
        presses_at_the_host(&mut plugins, "F6"),
        1,
        "F6 alone, after typing"
    );
    // With something to undo, Ctrl+Z is the editor's: the host would undo something else besides.
    xdotool(&["mousemove", "--window", &window, "930", "18", "click", "1"]);
    pump(&mut plugins, Duration::from_millis(300));
    assert_eq!(bypass(&mut plugins[0]), 1.0);
    let codes = codes_at_the_host(&mut plugins, "ctrl+z");
    assert!(!codes.contains(&Z), "{codes:?}");
    assert_eq!(bypass(&mut plugins[0]), 0.0);
    plugins[0].close_editor();
}
