//! No control clicks, and a tone stays one.

use crate::common::plugin;
use moodring_host::{ParamEvent, Render};

use super::{RATE, mono, render};

/// A chord without harmonics that a step could hide behind: all of it below 700 Hz.
fn chord(seconds: f64) -> Vec<f32> {
    (0..(seconds * RATE) as usize)
        .map(|n| {
            let time = n as f64 / RATE;
            let sine = |hz: f64| (std::f64::consts::TAU * hz * time).sin();
            (0.1 * (sine(220.0) + sine(331.0) + sine(657.0))) as f32
        })
        .collect()
}

/// The largest second difference: about the squared frequency for a tone, the step itself for a click.
fn roughness(samples: &[f32]) -> f32 {
    samples
        .windows(3)
        .map(|three| (three[2] - 2.0 * three[1] + three[0]).abs())
        .fold(0.0, f32::max)
}

/// A parameter's name and what it is set to.
pub(super) type Setting = (&'static str, &'static str);

/// A parameter that is turned to and fro between two settings, with what else must be set for it to be heard.
struct Turn {
    name: String,
    ends: [&'static str; 2],
    besides: &'static [Setting],
}

impl Turn {
    /// The settings at one end.
    fn at(&self, end: usize) -> Vec<(&str, &str)> {
        let mut settings: Vec<(&str, &str)> = self.besides.to_vec();
        settings.push((&self.name, self.ends[end]));
        settings
    }
}

/// Everything that can be turned.
fn turns() -> Vec<Turn> {
    const SHAPED: &[Setting] = &[("Brightness", "+2"), ("Keep Loudness", "Off")];
    const MAPPED: &[Setting] = &[("Morph To", "Map"), ("Morph", "100 %")];
    const UNKEPT: &[Setting] = &[("Keep Loudness", "Off")];
    let turn = |name: &str, ends, besides| Turn {
        name: name.to_owned(),
        ends,
        besides,
    };
    let mut turns = vec![
        turn("Bypass", ["Off", "On"], SHAPED),
        turn("Mix", ["0 %", "100 %"], SHAPED),
        turn("Output", ["-24 dB", "0 dB"], &[]),
        turn("Output", ["0 dB", "24 dB"], &[]),
        turn("Keep Loudness", ["Off", "On"], &[("Brightness", "+2")]),
        turn("Resynthesis", ["0 %", "100 %"], &[]),
        turn(
            "Articulation",
            ["0 %", "100 %"],
            &[("Morph", "100 %"), ("Resynthesis", "100 %")],
        ),
        turn("Morph", ["0 %", "100 %"], &[("Target", "Cello")]),
        turn("Target", ["Flute", "Cello"], &[("Morph", "100 %")]),
        turn("Follow", ["0 %", "100 %"], &[("Resynthesis", "50 %")]),
        turn("Smoothing", ["0 ms", "1000 ms"], SHAPED),
        turn("Averaging", ["1 s", "30 s"], SHAPED),
        turn("Morph To", ["Named Timbre", "Map"], &[("Morph", "100 %")]),
        turn("Morph To", ["Map", "A to B"], &[("Morph", "100 %")]),
        turn("Morph To", ["Sidechain", "Map"], &[("Morph", "100 %")]),
        turn("Map X", ["-1", "1"], MAPPED),
        turn("Map Y", ["-1", "1"], MAPPED),
        turn(
            "A to B",
            ["0 %", "100 %"],
            &[("Morph To", "A to B"), ("Morph", "100 %")],
        ),
    ];
    let mut plugin = plugin();
    let params = plugin.params().unwrap();
    for knob in params
        .iter()
        .filter(|param| param.module.contains("Timbre"))
    {
        turns.push(turn(&knob.name, ["-3", "+3"], &[]));
        turns.push(turn(&knob.name, ["0", "+3"], UNKEPT));
    }
    assert_eq!(turns.len(), 18 + 2 * 8, "{params:?}");
    turns
}

/// A parameter that jumps from one end to the other leaves no edge: the output's second difference stays within four
/// times that of the same chord at either setting. A switch without a fade exceeds that hundreds of times over.
#[test]
fn no_control_clicks_on_a_sustained_chord() {
    let input = chord(2.0);
    // From the onset of the chord on nothing but the turns happens.
    let onset = 24_000;
    for turn in turns() {
        let Turn { name, ends, .. } = &turn;
        let still = [0, 1]
            .map(|end| roughness(&render(&turn.at(end), &input)[onset..]))
            .into_iter()
            .fold(0.0, f32::max);
        let mut plugin = mono(&turn.at(0));
        // Odd distances: the jumps fall on ever other places of a block and of a hop.
        let events: Vec<ParamEvent> = (0..9)
            .map(|turn| {
                plugin
                    .set_at(onset + 7_001 * turn, name, ends[(turn + 1) % 2])
                    .unwrap()
            })
            .collect();
        let turned = Render::offline(RATE)
            .run(&mut plugin, std::slice::from_ref(&input), &events)
            .unwrap();
        let ratio = roughness(&turned.output[0][onset..]) / still;
        println!("{name} {ends:?}: {ratio:.2} times as rough as when it stands");
        assert!(ratio <= 4.0, "{name} {ends:?}: {ratio}");
    }
}

/// What the test above measures does tell a click: the same chord with a drop of half a decibel in it that doesn't fade.
#[test]
fn roughness_tells_a_click() {
    let input = chord(1.0);
    let loudest = (20_000..30_000)
        .max_by(|a, b| input[*a].abs().total_cmp(&input[*b].abs()))
        .unwrap();
    let mut switched = input.clone();
    for sample in &mut switched[loudest..] {
        *sample *= 0.95;
    }
    let ratio = roughness(&switched) / roughness(&input);
    assert!(ratio > 10.0, "{ratio}");
}
