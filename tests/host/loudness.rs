//! Keep Loudness: what a loudness meter shows of the output is what it shows of the input.

use std::path::Path;

use moodring::audio_file::AudioFile;
use moodring_host::Render;

use crate::common::{excerpt, lufs, plugin, set, set_latency};

/// Of music that ships with the tests, on both sides.
fn music(name: &str) -> AudioFile {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/music")
        .join(name);
    let mut audio = AudioFile::read(path).unwrap();
    if let [_] = audio.channels.as_slice() {
        audio.channels.extend_from_within(..);
    }
    audio
}

/// By how much a sound becomes louder with these settings, in LU.
fn change(audio: &AudioFile, mode: &str, settings: &[(&str, &str)]) -> f64 {
    let mut plugin = plugin();
    set_latency(&mut plugin, mode);
    set(&mut plugin, settings);
    let rendered = Render::offline(f64::from(audio.sample_rate))
        .run(&mut plugin, &audio.channels, &[])
        .unwrap();
    let latency = rendered.latency as usize;
    let cut = |channels: &[Vec<f32>], from: usize| -> Vec<Vec<f32>> {
        let frames = audio.frames() - latency;
        let part = |channel: &Vec<f32>| channel[from..from + frames].to_vec();
        channels.iter().map(part).collect()
    };
    let output = lufs(&cut(&rendered.output, latency), audio.sample_rate);
    output - lufs(&cut(&audio.channels, 0), audio.sample_rate)
}

const MODES: [&str; 2] = ["studio", "live"];

#[test]
fn keep_loudness_holds_a_song_within_1_lu_whatever_the_knobs_do() {
    let audio = excerpt(8.0);
    for setting in [
        ("Brightness", "+2"),
        ("Brightness", "-2"),
        ("Body", "+2"),
        ("Body", "-2"),
        ("Noise", "+2"),
        ("Spread", "+2"),
        ("Morph", "100 %"),
        ("Resynthesis", "100 %"),
    ] {
        for mode in MODES {
            let change = change(&audio, mode, &[setting]);
            println!("{mode}, {setting:?}: {change:+.2} LU");
            assert!(change.abs() <= 1.0, "{mode}, {setting:?}: {change} LU");
        }
    }
}

#[test]
fn keep_loudness_holds_phrases_and_a_song_as_another_plays_them() {
    // A target whose notes die away is not turned up by all that: what comes next would be too loud.
    for (name, target, [softest, loudest]) in [
        ("piano.ogg", "Trumpet", [-1.0, 1.3]),
        ("phrase.ogg", "Grand piano", [-2.3, 1.0]),
        ("voice.ogg", "Cello", [-1.0, 1.0]),
        ("crazy_glue.ogg", "Trumpet", [-1.0, 1.0]),
    ] {
        let audio = music(name);
        for (resynthesis, articulation) in [("0 %", "100 %"), ("100 %", "0 %"), ("100 %", "100 %")]
        {
            for mode in MODES {
                let settings = [
                    ("Target", target),
                    ("Morph", "100 %"),
                    ("Resynthesis", resynthesis),
                    ("Articulation", articulation),
                ];
                let change = change(&audio, mode, &settings);
                let what = format!(
                    "{mode}, {name} to {target}, Resynthesis {resynthesis}, Articulation {articulation}"
                );
                println!("{what}: {change:+.2} LU");
                let held = (softest..=loudest).contains(&change);
                assert!(held, "{what}: {change} LU");
            }
        }
    }
}

/// A note that is held for four seconds, and behind it notes as loud, each of half a second.
fn held_note() -> AudioFile {
    const RATE: u32 = 48_000;
    let note = |hz: f64, seconds: f64| {
        (0..(seconds * f64::from(RATE)) as usize).map(move |n| {
            let t = n as f64 / f64::from(RATE);
            let partial = |number: i32| {
                (std::f64::consts::TAU * hz * f64::from(number) * t).sin() / f64::from(number)
            };
            let fade = (t / 0.02).min((seconds - t) / 0.02).clamp(0.0, 1.0);
            (0.07 * fade * (1..=8).map(partial).sum::<f64>()) as f32
        })
    };
    let mut sound: Vec<f32> = note(220.0, 4.0).collect();
    for hz in [262.0, 294.0, 330.0, 349.0, 392.0, 440.0] {
        sound.extend(std::iter::repeat_n(0.0, RATE as usize / 10));
        sound.extend(note(hz, 0.5));
    }
    AudioFile {
        channels: vec![sound.clone(), sound],
        ..music("voice.ogg")
    }
}

#[test]
fn what_is_made_up_for_in_a_held_note_that_dies_away_is_not_the_next_one_s() {
    let audio = held_note();
    for target in ["Grand piano", "Nylon guitar", "Harpsichord"] {
        for mode in MODES {
            let mut plugin = plugin();
            set_latency(&mut plugin, mode);
            set(
                &mut plugin,
                &[
                    ("Target", target),
                    ("Morph", "100 %"),
                    ("Resynthesis", "100 %"),
                    ("Articulation", "100 %"),
                ],
            );
            let rendered = Render::offline(48_000.0)
                .run(&mut plugin, &audio.channels, &[])
                .unwrap();
            let latency = rendered.latency as usize;
            // The note behind the gap.
            let behind = 4 * 48_000 + 4_800..4 * 48_000 + 28_800;
            let part = |channels: &[Vec<f32>], late: usize| -> Vec<Vec<f32>> {
                let cut =
                    |channel: &Vec<f32>| channel[behind.start + late..behind.end + late].to_vec();
                channels.iter().map(cut).collect()
            };
            let change = lufs(&part(&rendered.output, latency), 48_000)
                - lufs(&part(&audio.channels, 0), 48_000);
            println!("{mode}, {target}: {change:+.2} LU");
            assert!(
                (-6.0..3.0).contains(&change),
                "{mode}, {target}: {change} LU"
            );
        }
    }
}
