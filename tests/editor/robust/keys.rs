//! Whose a key is: the editor's or the host's.

use std::time::Duration;

use crate::common::editor::{MARGIN, control, left_on, open_in, playing, window as window_of};
use crate::common::mouse::{click_at, place_of, xdotool};
use crate::common::plugin;
use crate::common::process::{alone, nobodys_files, this_test};
use egui::{Role, Vec2};
use moodring::{
    editor::{Page, Theme},
    params::EDITOR_SIZE,
};
use moodring_host::{Display, Plugin};
use x11rb::protocol::xproto::{AutoRepeatMode, ChangeKeyboardControlAux, ConnectionExt as _};

use super::pump;

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
    if !alone(this_test!()) {
        return;
    }
    // SAFETY: this is the only test of its process, and nothing was loaded yet.
    let display = unsafe { Display::open() }.unwrap();
    let mut plugins = [plugin()];
    plugins[0].open_editor(&display).unwrap();
    let_it_act(&mut plugins);
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
    let_it_act(&mut plugins);
    for key in ["space", "a", "Left", "F5"] {
        assert_eq!(
            presses_at_the_host(&mut plugins, key),
            1,
            "{key}, after a click"
        );
    }
    // Even with the pointer elsewhere.
    xdotool(&["mousemove", "1270", "790"]);
    let_it_act(&mut plugins);
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
    let_it_act(&mut plugins);
    for key in ["5", "space", "a", "F5"] {
        xdotool(&["key", key]);
    }
    // Escape leaves the field. What comes in the same frame as it is still the editor's.
    xdotool(&["key", "Escape"]);
    let_it_act(&mut plugins);
    assert_eq!(
        presses_at_the_host(&mut plugins, "F6"),
        1,
        "F6 alone, after typing"
    );
    // With something to undo, Ctrl+Z is the editor's: the host would undo something else besides.
    xdotool(&["mousemove", "--window", &window, "930", "18", "click", "1"]);
    let_it_act(&mut plugins);
    assert_eq!(bypass(&mut plugins[0]), 1.0);
    let codes = codes_at_the_host(&mut plugins, "ctrl+z");
    assert!(!codes.contains(&Z), "{codes:?}");
    assert_eq!(bypass(&mut plugins[0]), 0.0);
    plugins[0].close_editor();
}

#[test]
fn every_key_is_the_editors_while_a_menu_or_a_question_is_open() {
    if !alone(this_test!()) {
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
