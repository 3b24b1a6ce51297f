//! Steep curves: what they make of a click stays within their filter's length.

use moodring_host::Render;

use super::{RATE, db, layout, mono, music};
use crate::common::set_latency;

/// The presets that Moodring comes with.
const PRESETS: [&str; 12] = [
    "air-on-top",
    "bass-shadow",
    "bell-tower",
    "brass-band",
    "choir-halo",
    "darker",
    "frozen",
    "organ-loft",
    "string-section",
    "telephone",
    "underwater",
    "warmer",
];

/// Music that a preset makes its curve of, then silence, and in it a click.
fn music_and_a_click(click: usize) -> Vec<f32> {
    let mut sound = music(1.0);
    sound.resize(click + 48_000, 0.0);
    sound[click] = 1.0;
    sound
}

#[test]
fn a_click_through_any_preset_leaves_nothing_outside_its_filters_length() {
    let click = 80_011;
    let sound = music_and_a_click(click);
    for (mode, before) in [("studio", layout(RATE).window / 2), ("live", 0)] {
        let after = layout(RATE).window - before;
        let mut loudest: (f32, &str) = (f32::MIN, "");
        for preset in PRESETS {
            let mut plugin = mono(&[]);
            set_latency(&mut plugin, mode);
            plugin.load_preset(preset).unwrap();
            let rendered = Render::offline(RATE)
                .run(&mut plugin, std::slice::from_ref(&sound), &[])
                .unwrap();
            let output = &rendered.output[0][rendered.latency as usize..];
            let peak = |samples: &[f32]| samples.iter().fold(0.0_f32, |a, b| a.max(b.abs()));
            let within = peak(&output[click - before..click + after]);
            let outside =
                peak(&output[click - 20_000..click - before]).max(peak(&output[click + after..]));
            let level = db(outside / within);
            if level > loudest.0 {
                loudest = (level, preset);
            }
        }
        println!("{mode}: {:.0} dB, {}", loudest.0, loudest.1);
        assert!(loudest.0 < -80.0, "{mode}: {loudest:?}");
    }
}
