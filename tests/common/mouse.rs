//! A user's hands in a real window.

use std::{process::Command, time::Duration};

use egui::{Role, Vec2};
use egui_kittest::{Harness, kittest::Queryable};
use moodring::{
    editor::{Page, Theme},
    params::EDITOR_SIZE,
};
use moodring_host::{HostError, Plugin};

use super::{
    editor::{MARGIN, World, left_on, open_in, playing, settle, window},
    preset_of,
};

/// Presses and releases, as a keyboard or mouse does: through the server, to whatever has the focus or the pointer.
pub fn xdotool(arguments: &[&str]) {
    let status = Command::new("xdotool").args(arguments).status();
    assert!(
        status
            .expect("xdotool, which `cargo xtask test` installs")
            .success()
    );
}

/// Clicks at a place in a window, in its pixels. The pointer comes from beside it: one that stands there already makes no motion, and
/// an editor that missed the motion before it has no place for the click.
pub fn click_at(window: u32, [x, y]: [i32; 2]) {
    let window = window.to_string();
    let [beside, x, y] = [x - 1, x, y].map(|at| at.to_string());
    xdotool(&["mousemove", "--window", &window, &beside, &y]);
    xdotool(&["mousemove", "--window", &window, &x, &y, "click", "1"]);
}

/// Presses the right button at a place, as [`click_at`] does the left one.
pub fn right_click_at(window: u32, [x, y]: [i32; 2]) {
    let window = window.to_string();
    let [beside, x, y] = [x - 1, x, y].map(|at| at.to_string());
    xdotool(&["mousemove", "--window", &window, &beside, &y]);
    xdotool(&["mousemove", "--window", &window, &x, &y, "click", "3"]);
}

/// The middle of the last of these on the first page of a fresh editor, in the pixels of a window at its opening size, once
/// those before it were clicked.
pub fn place_of(path: &[(Role, &str)]) -> [i32; 2] {
    let state = left_on(Page::Overview, Theme::Dark);
    let mut harness = open_in(window(Vec2::from(EDITOR_SIZE), 1.0), playing(), state);
    let (last, before) = path.split_last().unwrap();
    for (role, name) in before {
        harness.get_by_role_and_label(*role, name).click();
        settle(&mut harness);
    }
    middle(&harness, last)
}

/// The way through the editor's presets, and back: places on the first page, as [`place_of`] gives them.
pub fn preset_clicks() -> [[i32; 2]; 5] {
    [
        (Role::Button, "Next preset"),
        (Role::Button, "Undo"),
        (Role::RadioButton, "Setting 2"),
        (Role::Button, "Next preset"),
        (Role::RadioButton, "Setting 1"),
    ]
    .map(|control| place_of(&[control]))
}

fn middle(harness: &Harness<'_, World>, (role, name): &(Role, &str)) -> [i32; 2] {
    let found = harness.get_by_role_and_label(*role, name).rect();
    let at = found.center() - Vec2::splat(MARGIN);
    [at.x, at.y].map(|value| value.round() as i32)
}

/// Clicks at a place of the editor's window that may change the preset, and waits for that; `false` if it doesn't: there may be nothing to undo.
pub fn click_for_preset(
    plugin: &mut Plugin,
    window: u32,
    place: [i32; 2],
) -> Result<bool, HostError> {
    let before = preset_of(plugin);
    click_at(window, place);
    for _ in 0..20 {
        plugin.pump()?;
        std::thread::sleep(Duration::from_millis(5));
        if preset_of(plugin) != before {
            return Ok(true);
        }
    }
    Ok(false)
}
