//! Automation acts on the sound that it was written for.

use crate::common::{plugin, set, set_latency};
use moodring_host::{ParamEvent, Plugin, Render};

const RATE: f64 = 48_000.0;

/// What a parameter jumps from and to, with what else must be set for that to be heard.
struct Jump {
    name: &'static str,
    ends: [&'static str; 2],
    besides: &'static [(&'static str, &'static str)],
}

const GAINS: [Jump; 3] = [
    Jump {
        name: "Output",
        ends: ["-2 dB", "0 dB"],
        besides: &[],
    },
    Jump {
        name: "Mix",
        ends: ["0 %", "100 %"],
        besides: SHAPED,
    },
    Jump {
        name: "Bypass",
        ends: ["Off", "On"],
        besides: SHAPED,
    },
];

const KNOBS: [Jump; 3] = [
    Jump {
        name: "Brightness",
        ends: ["0", "+1"],
        besides: &[("Keep Loudness", "Off")],
    },
    Jump {
        name: "Morph",
        ends: ["0 %", "50 %"],
        besides: &[("Keep Loudness", "Off")],
    },
    Jump {
        name: "Keep Loudness",
        ends: ["Off", "On"],
        besides: &[("Brightness", "+1")],
    },
];

const SHAPED: &[(&str, &str)] = &[("Brightness", "+1"), ("Keep Loudness", "Off")];

fn chord() -> Vec<f32> {
    (0..96_000)
        .map(|n| {
            let sine = |hz: f64| (std::f64::consts::TAU * hz * n as f64 / RATE).sin();
            (0.1 * (sine(220.0) + sine(831.0) + sine(3_657.0))) as f32
        })
        .collect()
}

fn instance(mode: &str, jump: &Jump, end: usize) -> Plugin {
    let mut plugin = plugin();
    plugin.select_channels(1).unwrap();
    set_latency(&mut plugin, mode);
    let mut settings = jump.besides.to_vec();
    settings.push((jump.name, jump.ends[end]));
    set(&mut plugin, &settings);
    plugin
}

/// A render with the jump at `events`, lined up with the input by the reported latency.
fn rendered(mut plugin: Plugin, block: usize, events: &[ParamEvent]) -> Vec<f32> {
    let render = Render {
        block_sizes: vec![block],
        ..Render::offline(RATE)
    };
    let rendered = render.run(&mut plugin, &[chord()], events).unwrap();
    rendered.output[0][rendered.latency as usize..].to_vec()
}

/// How much later than its event, in ms, a jump has gone half the way between what is heard at its ends: for each of some places of the
/// event in a hop and in a block.
fn delays(mode: &str, jump: &Jump, block: usize) -> Vec<f64> {
    /// Samples that are looked at together: the chord's partials meet many times in them.
    const STRETCH: usize = 240;
    let [before, after] = [0, 1].map(|end| rendered(instance(mode, jump, end), block, &[]));
    [48_000, 48_131, 48_262, 48_393]
        .into_iter()
        .map(|at| {
            let mut plugin = instance(mode, jump, 0);
            let event = plugin.set_at(at, jump.name, jump.ends[1]).unwrap();
            let heard = rendered(plugin, block, &[event]);
            let share = |from: usize| {
                let (mut way, mut whole) = (0.0, 0.0);
                for n in from..from + STRETCH {
                    let (a, b, c) = (before[n], after[n], heard[n]);
                    way += f64::from((c - a) * (b - a));
                    whole += f64::from((b - a) * (b - a));
                }
                way / whole
            };
            assert!(share(at - 9_600) < 0.01, "{}", jump.name);
            let half = (at - 4_800..at + 9_600).find(|from| share(*from) > 0.5);
            let middle = half.expect("it is never half way") + STRETCH / 2;
            (middle as f64 - at as f64) / RATE * 1_000.0
        })
        .collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[test]
fn in_studio_everything_acts_at_its_event_whatever_the_blocks() {
    for block in [64, 441, 4096] {
        for (jumps, most, most_mean) in [(&GAINS, 1.0, 1.0), (&KNOBS, 11.0, 7.0)] {
            for jump in jumps {
                let delays = delays("studio", jump, block);
                let mean = mean(&delays);
                println!(
                    "Studio, blocks of {block}: {} {mean:+.1} ms {delays:.1?}",
                    jump.name
                );
                assert!(mean.abs() <= most_mean, "{}: {mean} ms", jump.name);
                for delay in delays {
                    assert!(delay.abs() <= most, "{}: {delay} ms", jump.name);
                }
            }
        }
    }
}

/// Nothing can act before its event: gains fade from there, and knobs come when their curves do.
#[test]
fn in_live_everything_acts_soon_after_its_event_whatever_the_blocks() {
    for block in [64, 441, 4096] {
        for (jumps, least, most) in [(&GAINS, 9.0, 11.0), (&KNOBS, 10.0, 35.0)] {
            for jump in jumps {
                let delays = delays("live", jump, block);
                println!(
                    "Live, blocks of {block}: {} {:+.1} ms {delays:.1?}",
                    jump.name,
                    mean(&delays)
                );
                for delay in delays {
                    assert!((least..=most).contains(&delay), "{}: {delay} ms", jump.name);
                }
            }
        }
    }
}

/// Two impulses around an event, further from it than a fade reaches: each has the gain of its side.
#[test]
fn an_impulse_before_an_event_has_the_old_gain_and_one_behind_it_the_new() {
    let at = 48_007;
    for (mode, before, after) in [("studio", 500, 500), ("live", 1, 970)] {
        let mut impulses = vec![0.0; 60_000];
        impulses[at - before] = 1.0;
        impulses[at + after] = 1.0;
        for block in [64, 441, 4096] {
            let mut plugin = plugin();
            plugin.select_channels(1).unwrap();
            set_latency(&mut plugin, mode);
            let event = plugin.set_at(at, "Output", "-6 dB").unwrap();
            let render = Render {
                block_sizes: vec![block],
                ..Render::offline(RATE)
            };
            let rendered = render
                .run(&mut plugin, std::slice::from_ref(&impulses), &[event])
                .unwrap();
            let output = &rendered.output[0][rendered.latency as usize..];
            assert_eq!(output[at - before], 1.0, "{mode}, {block}");
            let quieter = 10.0_f32.powf(-0.3);
            assert!(
                (output[at + after] - quieter).abs() < 1e-4,
                "{mode}, {block}"
            );
        }
    }
}
