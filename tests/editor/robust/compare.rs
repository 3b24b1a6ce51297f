//! Delta and Match, pressed in real windows of real hosts: what is heard then, in CLAP and VST3.
#![allow(unsafe_code, reason = "environment variables are set")]

use std::time::Duration;

use crate::common::mouse::place_of;
use crate::common::plugin;
use crate::common::process::{alone, nobodys_files, this_test};
use crate::common::vst3::{Library, library, view::OpenView};
use egui::Role;
use moodring_host::{Display, Render};

use super::play::{Clap, FRAMES, LEVEL, Play, RATE, Vst3, noise};

const SILENCE: f64 = -100.0;
/// Of 6 dB, as a share of Output's range.
const SIX_DB: f64 = 0.625;

fn is_near(level: f64) -> impl Fn(f64) -> bool {
    move |heard| (heard - level).abs() < 0.4
}

/// Presses Delta on and off; what is heard of neutral settings is nothing, and then everything again.
fn try_delta(host: &mut impl Play) {
    let delta = place_of(&[(Role::CheckBox, "Delta")]);
    let plain = host.play(Duration::from_secs(2));
    assert!(is_near(LEVEL)(plain), "{plain}");
    host.click_until(delta, |heard| heard < SILENCE, "Delta on");
    host.click_until(delta, is_near(LEVEL), "Delta off");
    // What is changed is heard: the output is 6 dB louder than the input, so that their difference is as loud as the input.
    host.set("Output", SIX_DB);
    host.click_until(delta, is_near(LEVEL), "Delta of 6 dB");
    host.click_until(delta, is_near(LEVEL + 6.0), "Delta off again");
}

/// The processed sound is 6 dB louder; with Match the bypassed one is, too.
fn try_match(host: &mut impl Play) {
    let [matched, bypass] =
        [(Role::CheckBox, "Match"), (Role::CheckBox, "Bypass")].map(|control| place_of(&[control]));
    host.click_until(bypass, is_near(LEVEL), "Bypass without Match");
    host.click_until(matched, is_near(LEVEL + 6.0), "Bypass with Match");
    host.click_until(matched, is_near(LEVEL), "without Match again");
    host.click_until(matched, is_near(LEVEL + 6.0), "with Match once more");
}

#[test]
fn delta_and_match_in_a_clap_host() {
    if !alone(this_test!()) {
        return;
    }
    // SAFETY: this is the only test of its process, and nothing was loaded yet.
    let (_files, display) = unsafe { (nobodys_files(), Display::open().unwrap()) };
    let mut plugin = plugin();
    plugin.open_editor(&display).unwrap();
    let mut host = Clap::start(&mut plugin);
    try_delta(&mut host);
    try_match(&mut host);
    drop(host);

    // Neither is kept, and a bypassed bounce is the input to the bit.
    let state = String::from_utf8_lossy(&plugin.save_state().unwrap()).into_owned();
    assert!(
        !state.contains("delta") && !state.contains("match"),
        "{state}"
    );
    let input = vec![noise(1.0); 2];
    let rendered = Render::offline(RATE).run(&mut plugin, &input, &[]).unwrap();
    let late = rendered.latency as usize;
    for (output, input) in rendered.output.iter().zip(&input) {
        let len = output.len().min(input.len() + late) - late;
        assert!(output[late..late + len] == input[..len]);
    }
}

#[test]
fn delta_and_match_in_a_vst3_host() {
    if !alone(this_test!()) {
        return;
    }
    // SAFETY: as above.
    let (_files, display) = unsafe { (nobodys_files(), Display::open().unwrap()) };
    let library = Library::open(&library());
    let vst3 = library.create();
    vst3.play(RATE, FRAMES as i32, false);
    let view = OpenView::open(&vst3, &display, true);
    let mut host = Vst3::new(&vst3, &view);
    try_delta(&mut host);
    try_match(&mut host);
    view.close();
}
