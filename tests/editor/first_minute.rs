//! The first minute with Moodring, as a newcomer spends it: in a real window, while music plays, by the mouse and a few keys. With
//! `MOODRING_UPDATE_PICTURES=1` the strip in the guide is made of what was seen.
#![allow(unsafe_code, reason = "environment variables are set")]

use crate::common::{
    excerpt,
    mouse::{click_at, place_of, right_click_at, xdotool},
    picture::{halved, is_updating, read, store},
    plugin,
    process::{alone, nobodys_files, this_test},
};
use egui::{Color32, ColorImage, Role};
use moodring_host::{Display, Plugin, Render};

/// How long the music plays before each step, and from a step to its picture, in seconds.
const PAUSE: f64 = 4.0;
const LOOK: f64 = 2.0;
/// The strip's pictures in a row.
const COLUMNS: usize = 2;

/// One thing that the newcomer does, and what it comes to: a parameter and its text.
struct Step {
    does: fn(u32),
    comes_to: Option<(&'static str, &'static str)>,
}

fn click(window: u32, role: Role, name: &str) {
    click_at(window, place_of(&[(role, name)]));
}

/// Clicks at a place on a slider's track, so many pixels right of its middle.
fn click_along(window: u32, name: &str, by: i32) {
    let [x, y] = place_of(&[(Role::Slider, name)]);
    click_at(window, [x + by, y + 8]);
}

const STEPS: [Step; 8] = [
    // Nothing: it names what plays.
    Step {
        does: |_| {},
        comes_to: Some(("Morph", "0 %")),
    },
    Step {
        does: |window| click(window, Role::ComboBox, "Target"),
        comes_to: Some(("Target", "Flute")),
    },
    // Choosing a target is heard at once.
    Step {
        does: |_| xdotool(&["type", "alto"]),
        comes_to: Some(("Morph", "0 %")),
    },
    Step {
        does: |_| xdotool(&["key", "Return"]),
        comes_to: Some(("Morph", "50 %")),
    },
    Step {
        does: |window| click_along(window, "Resynthesis", 90),
        comes_to: Some(("Target", "Alto sax")),
    },
    Step {
        does: |window| right_click_at(window, place_of(&[(Role::Slider, "Brightness")])),
        comes_to: Some(("Brightness", "+0.00 σ")),
    },
    Step {
        does: |window| {
            xdotool(&["key", "Escape"]);
            click(window, Role::Tab, "Morph");
        },
        comes_to: Some(("Bypass", "Off")),
    },
    Step {
        does: |window| click(window, Role::CheckBox, "Bypass"),
        comes_to: Some(("Bypass", "On")),
    },
];

/// A parameter's value as text.
fn text(plugin: &mut Plugin, name: &str) -> String {
    let param = plugin.param(name).unwrap();
    let value = plugin.value(param.id).unwrap();
    plugin.value_to_text(param.id, value).unwrap()
}

#[test]
fn the_first_minute_leads_from_a_name_to_another_sound() {
    if !alone(this_test!()) {
        return;
    }
    // SAFETY: this is the only test of its process, and nothing was loaded yet.
    let (nobodys, display) = unsafe { (nobodys_files(), Display::open().unwrap()) };
    let mut plugin = plugin();
    plugin.open_editor(&display).unwrap();
    let mut audio = excerpt(25.0);
    let seconds = PAUSE * (STEPS.len() + 1) as f64;
    for channel in &mut audio.channels {
        let whole = channel.clone();
        let frames = (seconds * f64::from(audio.sample_rate)) as usize;
        channel.extend(
            whole
                .iter()
                .cycle()
                .take(frames.saturating_sub(whole.len())),
        );
        channel.truncate(frames);
    }
    let rate = f64::from(audio.sample_rate);
    let path = nobodys.path().join("seen.png");
    let (mut done, mut seen) = (0, Vec::new());
    Render::playback(rate)
        .run_with(&mut plugin, &audio.channels, &[], |plugin, frames| {
            let now = frames as f64 / rate;
            let editor = plugin.editor().expect("the editor");
            if done < STEPS.len() && now > PAUSE * (done + 1) as f64 - LOOK {
                (STEPS[done].does)(editor.id());
                done += 1;
            }
            if seen.len() < done && now > PAUSE * done as f64 {
                editor.screenshot(&path).unwrap();
                let step = &STEPS[seen.len()];
                seen.push(halved(&read(&path)));
                if let Some((name, expected)) = step.comes_to {
                    assert_eq!(text(plugin, name), expected, "step {}", seen.len());
                }
            }
            Ok(())
        })
        .unwrap();
    plugin.close_editor();
    assert_eq!(seen.len(), STEPS.len());
    // Every step is seen: no picture is like the one before.
    for (index, pair) in seen.windows(2).enumerate() {
        assert_ne!(pair[0].pixels, pair[1].pixels, "step {}", index + 2);
    }
    if is_updating() {
        store("docs/first-minute.png", &strip(&seen));
    }
}

/// The pictures in rows, with a line of background between them.
fn strip(pictures: &[ColorImage]) -> ColorImage {
    const GAP: usize = 8;
    let [width, height] = pictures[0].size;
    let rows = pictures.len().div_ceil(COLUMNS);
    let size = [COLUMNS * (width + GAP) - GAP, rows * (height + GAP) - GAP];
    let mut strip = ColorImage::filled(size, Color32::WHITE);
    for (index, picture) in pictures.iter().enumerate() {
        let (left, top) = (
            (index % COLUMNS) * (width + GAP),
            (index / COLUMNS) * (height + GAP),
        );
        for y in 0..height {
            for x in 0..width {
                strip[(left + x, top + y)] = picture[(x, y)];
            }
        }
    }
    strip
}
