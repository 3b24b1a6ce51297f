//! The real editor in a real window: a knob is dragged with the mouse, and the sound changes.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]
#![allow(unsafe_code, reason = "an environment variable is set")]

mod common;

use std::{process::Command, thread::sleep, time::Duration};

use common::{excerpt, null_dbfs, plugin};
use moodring_host::{Display, Edit, Render};

/// Where the Body knob is in the editor's opening size, in pixels.
const BODY_KNOB: (u32, u32) = (192, 430);

fn xdotool(arguments: &[String]) {
    let output = Command::new("xdotool")
        .args(arguments)
        .output()
        .expect("xdotool, which `cargo xtask test` installs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    // The editor polls for events 60 times a second.
    sleep(Duration::from_millis(80));
}

fn move_to(window: u32, x: u32, y: u32) {
    let arguments = [
        "mousemove",
        "--window",
        &window.to_string(),
        &x.to_string(),
        &y.to_string(),
    ];
    xdotool(&arguments.map(str::to_owned));
}

fn button(action: &str) {
    xdotool(&[action.to_owned(), "1".to_owned()]);
}

// One test, so that the environment is still this thread's own when the display is opened.
#[test]
fn dragging_a_knob_is_told_to_the_host_and_heard() {
    // SAFETY: this is the only test of its binary, and nothing was loaded yet.
    let display = unsafe { Display::open() }.unwrap();
    let mut plugin = plugin();
    plugin.open_editor(&display).unwrap();
    let body = plugin.param("Body").unwrap();

    let audio = excerpt(8.0);
    let dragged_at = 2 * audio.sample_rate as usize;
    let mut dragged = false;
    let rendered = Render::playback(audio.sample_rate as f64)
        .run_with(&mut plugin, &audio.channels, &[], |plugin, done| {
            if !dragged && done > dragged_at {
                dragged = true;
                let window = plugin.editor().expect("the editor").id();
                move_to(window, BODY_KNOB.0, BODY_KNOB.1);
                button("mousedown");
                for step in 1..=8 {
                    move_to(window, BODY_KNOB.0, BODY_KNOB.1 - 8 * step);
                }
                button("mouseup");
            }
            Ok(())
        })
        .unwrap();
    assert!(dragged);
    plugin.close_editor();

    let value = plugin.value(body.id).unwrap();
    println!("Body: {}", plugin.value_to_text(body.id, value).unwrap());
    assert!(
        value > body.default + 1e-3,
        "the knob has not moved: {value}"
    );
    let edits: Vec<_> = rendered
        .events
        .iter()
        .filter(|event| event.id == body.id)
        .map(|event| event.edit)
        .collect();
    assert!(matches!(edits.first(), Some(Edit::Begin)), "{edits:?}");
    assert!(matches!(edits.last(), Some(Edit::End)), "{edits:?}");

    // Untouched before the drag, changed at the end.
    let latency = rendered.latency as usize;
    let part = |channels: &[Vec<f32>], start: usize, end: usize| -> Vec<Vec<f32>> {
        channels
            .iter()
            .map(|channel| channel[start..end].to_vec())
            .collect()
    };
    let frames = audio.frames();
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
