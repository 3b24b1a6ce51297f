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
fn keep_loudness_holds_phrases_and_a_song_within_1_lu_as_another_plays_them() {
    for (name, target) in [
        ("piano.ogg", "Trumpet"),
        ("phrase.ogg", "Grand piano"),
        ("voice.ogg", "Cello"),
        ("crazy_glue.ogg", "Trumpet"),
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
                assert!(change.abs() <= 1.0, "{what}: {change} LU");
            }
        }
    }
}
