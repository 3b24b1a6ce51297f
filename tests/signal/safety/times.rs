//! Tail and latency as they are reported.

use moodring_host::{Block, ParamEvent, Plugin, RenderMode, TailLength};

use crate::common::set_latency;

use super::{NO_MEMORY, RATE, db, layout, mono, noise};

/// What came of sound that has ended, and what was reported of it; all in samples.
struct Ended {
    latency: usize,
    tail: usize,
    output: Vec<f32>,
    /// Place of the output's last sample that is no silence.
    last: usize,
}

/// Plays a mono input, which may depend on the latency, offline in blocks of 512.
fn ended(mut plugin: Plugin, rate: f64, input: impl FnOnce(usize) -> Vec<f32>) -> Ended {
    plugin.set_render_mode(RenderMode::Offline).unwrap();
    let mut processor = plugin.activate(rate, 1, 512).unwrap();
    let latency = plugin.latency().unwrap() as usize;
    let mut output = Vec::new();
    for block in input(latency).chunks(512) {
        processor
            .process(&Block {
                frames: block.len(),
                input: &[block],
                ..Block::default()
            })
            .unwrap();
        output.extend_from_slice(processor.output().next().unwrap());
    }
    let TailLength::Finite(tail) = processor.tail() else {
        panic!("an endless tail");
    };
    plugin.deactivate(processor);
    let last = output.iter().rposition(|sample| *sample != 0.0).unwrap();
    Ended {
        latency,
        tail: tail as usize,
        output,
        last,
    }
}

#[test]
fn the_reported_tail_is_where_sound_ends() {
    for rate in [8_000.0, 44_100.0, 48_000.0, 96_000.0, 192_000.0] {
        for settings in [&[][..], NO_MEMORY, &[("Bypass", "On")]] {
            let stop = 30_011;
            let Ended {
                latency,
                tail,
                output,
                last,
            } = ended(mono(settings), rate, |latency| {
                let mut input = noise(stop, 0.5);
                input.resize(stop + 8 * latency, 0.0);
                input
            });
            let audible = output
                .iter()
                .rposition(|sample| db(sample.abs()) > -120.0)
                .unwrap();
            println!(
                "{rate} Hz, {} settings: tail {tail}, sound ends at {}, -120 dBFS at {}",
                settings.len(),
                last as i64 - stop as i64,
                audible as i64 - stop as i64
            );
            assert!(last < stop + tail, "{rate}: sound after the tail");
            assert!(
                audible + 1 >= stop + latency,
                "{rate}: the end of the input is lost"
            );
            if settings == NO_MEMORY {
                assert!(
                    audible > stop + latency + layout(rate).window / 8,
                    "{rate}: {audible}: the tail is reported too long"
                );
            }
        }
    }
}

/// What a player plays in place of a tone ends later than the filters do.
#[test]
fn a_played_note_ends_within_the_tail() {
    const PLAYED: &[(&str, &str)] = &[
        ("Target", "Trumpet"),
        ("Morph", "100 %"),
        ("Resynthesis", "100 %"),
    ];
    for (rate, mode) in [
        (44_100.0, "studio"),
        (48_000.0, "studio"),
        (48_000.0, "live"),
        (96_000.0, "live"),
    ] {
        // Where in a hop the sound ends makes a difference.
        for stop in (0..8).map(|place| rate as usize + 131 * place) {
            let mut input: Vec<f32> = (0..stop)
                .map(|n| {
                    let tone = |number: i32| {
                        let angle = std::f64::consts::TAU * 220.0 * f64::from(number);
                        (angle * n as f64 / rate).sin() / f64::from(number)
                    };
                    (0.1 * (1..9).map(tone).sum::<f64>()) as f32
                })
                .collect();
            input.resize(stop + 20_000, 0.0);
            let mut plugin = mono(PLAYED);
            set_latency(&mut plugin, mode);
            let Ended {
                latency,
                tail,
                last,
                ..
            } = ended(plugin, rate, |_| input);
            println!(
                "{rate} Hz, {mode}: tail {tail}, sound ends at {}",
                last - stop
            );
            assert!(last < stop + tail, "{rate}, {mode}: {}", last - stop);
            assert!(last > stop + latency, "{rate}, {mode}: nothing is played");
        }
    }
}

/// Whatever is turned or loaded while it plays, and however it is told to render.
#[test]
fn latency_never_changes_while_active() {
    let mut plugin = mono(&[]);
    let neutral = plugin.save_state().unwrap();
    let mut processor = plugin.activate(RATE, 1, 512).unwrap();
    plugin.pump().unwrap();
    let latency = plugin.latency().unwrap();
    plugin.take_latency_changed();
    let (sound, params) = (noise(512, 0.5), plugin.params().unwrap());
    for block in 0..200 {
        let events: Vec<ParamEvent> = params
            .iter()
            .map(|param| ParamEvent {
                frame: block % 512,
                id: param.id,
                value: if block % 2 == 0 { param.max } else { param.min },
            })
            .collect();
        processor
            .process(&Block {
                frames: 512,
                input: &[&sound],
                events: &events,
                ..Block::default()
            })
            .unwrap();
        match block % 20 {
            5 => plugin.load_state(&neutral).unwrap(),
            10 => processor.reset(),
            15 => plugin
                .set_render_mode(if block % 40 == 15 {
                    RenderMode::Offline
                } else {
                    RenderMode::Realtime
                })
                .unwrap(),
            _ => {}
        }
        plugin.pump().unwrap();
        assert_eq!(plugin.latency().unwrap(), latency, "block {block}");
        assert!(!plugin.take_latency_changed(), "block {block}");
    }
    plugin.deactivate(processor);
}
