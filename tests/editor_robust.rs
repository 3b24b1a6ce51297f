//! The editor in real windows, treated the way hosts and users treat it: opened and closed again and again while the song
//! plays, several at a time, resized, on screens of other densities, with the keyboard.
#![allow(unsafe_code, reason = "an environment variable is set")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod common;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use common::bare_host::{BareHost, Change, EXTENSIONS};
use common::bare_window::{self, BareWindow};
use common::editor::{MARGIN, control, left_on, open_in, playing, window as window_of};
use common::mouse::{click_at, place_of, xdotool};
use common::plugin;
use common::process::{alone, nobodys_files, resident_mb, thread_names, threads};
use egui::{Role, Vec2};
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
    // One that the editor never uses comes behind it, so when that is here nothing else is on its way. It may be lost: what
    // comes in the same frame as a shortcut is the editor's, and on a busy machine frames are long.
    for (turn, (fence, _)) in FENCES.iter().cycle().enumerate() {
        xdotool(&["key", fence]);
        let pressed = &FENCES[..(turn + 1).min(FENCES.len())];
        for _ in 0..25 {
            presses.extend(presses_so_far(plugins, Duration::from_millis(20)));
            if presses
                .iter()
                .any(|code| pressed.iter().any(|(_, own)| own == code))
            {
                presses.retain(|code| FENCES.iter().all(|(_, own)| own != code));
                return presses;
            }
        }
        assert!(turn < 40, "nothing came after {key}");
        // While a song plays the next frame is soon there; here it is asked for.
        ask_for_a_frame(plugins, turn);
    }
    presses
}

/// Has the editor draw: baseview drops a frame if the screen's counter stands still, and keys and clicks go with frames.
fn ask_for_a_frame(plugins: &mut [Plugin], turn: usize) {
    let seconds = ["4 s", "5 s"][turn % 2];
    let event = plugins[0].set_at(0, "Averaging", seconds).unwrap();
    plugins[0].flush(&[event]).unwrap();
}

/// Lets the editor do what it was told to: a second, and several frames.
fn let_it_act(plugins: &mut [Plugin]) {
    for turn in 0..5 {
        ask_for_a_frame(plugins, turn);
        pump(plugins, Duration::from_millis(200));
    }
}

/// Keys that the editor never uses, with X11's codes of them on a PC's keyboard, which is what Xvfb has.
const FENCES: [(&str, u8); 3] = [("F9", 75), ("F10", 76), ("F11", 95)];
/// The code of Z.
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
    repeat_keys(AutoRepeatMode::OFF);
}

fn repeat_keys(mode: AutoRepeatMode) {
    let (connection, _) = x11rb::connect(None).unwrap();
    let mode = ChangeKeyboardControlAux::new().auto_repeat_mode(mode);
    connection
        .change_keyboard_control(&mode)
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

#[test]
fn every_key_is_the_editors_while_a_menu_or_a_question_is_open() {
    if !alone("every_key_is_the_editors_while_a_menu_or_a_question_is_open") {
        return;
    }
    // SAFETY: this is the only test of its process, and nothing was loaded yet.
    let (_nobodys, display) = unsafe { (nobodys_files(), Display::open().unwrap()) };
    let mut plugins = [plugin()];
    plugins[0].open_editor(&display).unwrap();
    let_it_act(&mut plugins);
    let window = plugins[0].editor().unwrap().id();
    do_not_repeat_keys();
    for menu in ["View", "Threshold", "Preset", "Models"] {
        click_at(window, place_of(&[(Role::Button, menu)]));
        let_it_act(&mut plugins);
        plugins[0].take_keys();
        for key in ["r", "F5", "ctrl+s"] {
            xdotool(&["key", key]);
        }
        // It closes the menu, and nothing else.
        xdotool(&["key", "Escape"]);
        let_it_act(&mut plugins);
        let leaked = plugins[0].take_keys();
        assert!(leaked.is_empty(), "{menu}: {leaked:?}");
        // With the menu closed they are the host's again.
        for key in ["r", "F6", "Escape"] {
            assert_eq!(
                presses_at_the_host(&mut plugins, key),
                1,
                "{key} behind {menu}"
            );
        }
    }
    // A question, asked by an entry of the preset menu.
    click_at(window, place_of(&[(Role::Button, "Preset")]));
    let_it_act(&mut plugins);
    let entry = [(Role::Button, "Preset"), (Role::Button, "Save As…")];
    click_at(window, place_of(&entry));
    let_it_act(&mut plugins);
    plugins[0].take_keys();
    // The question itself, with nothing in it that has the focus.
    for key in ["Tab", "Tab", "Tab", "r", "F5", "Escape"] {
        xdotool(&["key", key]);
    }
    let_it_act(&mut plugins);
    let leaked = plugins[0].take_keys();
    assert!(leaked.is_empty(), "a question: {leaked:?}");
    assert_eq!(presses_at_the_host(&mut plugins, "r"), 1, "r, answered");

    // An Escape that is held, and repeats when it has closed the menu already.
    repeat_keys(AutoRepeatMode::ON);
    let hold = |plugins: &mut [Plugin], key: &str| {
        // The release of the key before may still be in the queue.
        plugins[0].take_keys();
        xdotool(&["keydown", key]);
        let_it_act(plugins);
        let_it_act(plugins);
        xdotool(&["keyup", key]);
        let_it_act(plugins);
        plugins[0].take_keys().len()
    };
    click_at(window, place_of(&[(Role::Button, "View")]));
    let_it_act(&mut plugins);
    assert_eq!(hold(&mut plugins, "Escape"), 0, "an Escape that is held");
    assert!(
        hold(&mut plugins, "r") > 2,
        "it does repeat, and is the host's"
    );
    plugins[0].close_editor();
}

/// Serves a bare host's plugin for a while.
fn serve(host: &BareHost, time: Duration) {
    let begun = Instant::now();
    while begun.elapsed() < time {
        host.pump();
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Whether something is so before long, with frames and flushes for the editor to bring it about.
fn acts(host: &BareHost, is_so: impl Fn() -> bool) -> bool {
    let average = host.info("Averaging").id;
    (0..15).any(|turn| {
        host.flush(&[(0, average, Change::Value(f64::from(turn % 2)))]);
        serve(host, Duration::from_millis(200));
        is_so()
    })
}

#[test]
fn a_host_that_knows_nothing_of_editors_gets_one_of_a_fixed_size() {
    if !alone("a_host_that_knows_nothing_of_editors_gets_one_of_a_fixed_size") {
        return;
    }
    // SAFETY: this is the only test of its process, and nothing was loaded yet.
    let _display = unsafe { Display::open() }.unwrap();
    for given in [&[][..], &EXTENSIONS] {
        let host = BareHost::with(given);
        let bypass = host.info("Bypass").id;
        // What is pressed counts, even where modulation has the same effect.
        host.flush(&[(0, bypass, Change::Modulation(1.0))]);
        for opening in 1..=2 {
            let window = BareWindow::open(&host);
            serve(&host, Duration::from_millis(300));
            // It works: its Bypass is pressed, and the value is another one. A click may come before there is anything to click.
            let id = window.window.to_string();
            let expected = f64::from(opening % 2);
            for attempt in 0.. {
                assert!(attempt < 20, "opening {opening}");
                xdotool(&["mousemove", "--window", &id, "930", "18", "click", "1"]);
                if acts(&host, || host.value(bypass) == expected) {
                    break;
                }
            }
            // Its corner can be dragged, but the window stays as it is.
            let [x, y] = [SIZE.0 - 3, SIZE.1 - 3].map(|at| at.to_string());
            xdotool(&["mousemove", "--window", &id, &x, &y, "mousedown", "1"]);
            for by in [20, 60, 100] {
                let [x, y] = [SIZE.0 - by, SIZE.1 - by].map(|at| at.to_string());
                xdotool(&["mousemove", "--window", &id, &x, &y]);
                serve(&host, Duration::from_millis(50));
            }
            xdotool(&["mouseup", "1"]);
            assert!(acts(&host, || bare_window::size(&host) == SIZE));
            bare_window::close(&host);
            window.destroy();
        }
        // What is left open goes with the plugin.
        let window = BareWindow::open(&host);
        serve(&host, Duration::from_millis(100));
        drop(host);
        window.destroy();
    }
}
