//! What the tests that host the bundled plugin share.
#![allow(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "each test binary uses its own part"
)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

pub mod bare_host;
#[cfg(target_os = "linux")]
pub mod bare_window;
pub mod concert;
pub mod dice;
pub mod editor;
pub mod mouse;
pub mod picture;
pub mod process;
pub mod shapes;
pub mod vst3;

use std::path::{Path, PathBuf};

use moodring::{
    audio_file::AudioFile, dsp::descriptors::LoudnessMeter, model::ModelReference,
    thread::MainThread,
};
use moodring_host::{Bundle, ParamEvent, Plugin};
use proptest::test_runner::{Config as ProptestConfig, FileFailurePersistence};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// A test's thread is what the host's main thread is.
pub const MAIN: MainThread = MainThread::assume();

/// So many random cases. What fails is written into a file beside the test (`.regressions`), and tried first from then on.
pub fn cases(count: u32) -> ProptestConfig {
    ProptestConfig {
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..ProptestConfig::with_cases(count)
    }
}

/// The bundled `.clap` that `cargo xtask test` has made.
pub fn bundled() -> PathBuf {
    std::env::var_os("MOODRING_BUNDLED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bundled/Moodring.clap"),
        PathBuf::from,
    )
}

/// A new instance of it.
pub fn plugin() -> Plugin {
    let path = bundled();
    Bundle::load(&path)
        .and_then(|bundle| bundle.create_first())
        .unwrap_or_else(|why| panic!("{}: {why}: run `cargo xtask bundle` first", path.display()))
}

/// Gives parameters their values, by name and text, while nothing plays.
pub fn set(plugin: &mut Plugin, settings: &[(&str, &str)]) {
    let events: Vec<ParamEvent> = settings
        .iter()
        .map(|(name, text)| plugin.set_at(0, name, text).unwrap())
        .collect();
    plugin.flush(&events).unwrap();
}

/// The shipped excerpt, or its first `seconds`.
pub fn excerpt(seconds: f64) -> AudioFile {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/music/war_of_freedom.ogg");
    let mut audio = AudioFile::read(&path).unwrap();
    let frames = (seconds * audio.sample_rate as f64) as usize;
    for channel in &mut audio.channels {
        channel.truncate(frames);
    }
    audio
}

/// Recorded notes of six instruments, one after the other, on both sides.
pub fn solo() -> AudioFile {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/music/notes.ogg");
    let mut audio = AudioFile::read(path).unwrap();
    audio.channels.extend_from_within(..);
    audio
}

/// Largest difference between `output` and `input` delayed by `latency`, in dB of full scale.
pub fn null_dbfs(output: &[Vec<f32>], input: &[Vec<f32>], latency: usize) -> f64 {
    let worst = output
        .iter()
        .zip(input)
        .flat_map(|(output, input)| {
            output
                .iter()
                .skip(latency)
                .zip(input)
                .map(|(a, b)| (a - b).abs() as f64)
        })
        .fold(0.0, f64::max);
    20.0 * worst.max(1e-20).log10()
}

/// RMS level of all channels together, in dBFS.
pub fn rms_dbfs(channels: &[Vec<f32>]) -> f64 {
    let count: usize = channels.iter().map(Vec::len).sum();
    let sum: f64 = channels
        .iter()
        .flatten()
        .map(|sample| (*sample as f64).powi(2))
        .sum();
    10.0 * (sum / count as f64).log10()
}

/// Integrated loudness by EBU R 128, in LUFS.
pub fn lufs(channels: &[Vec<f32>], rate: u32) -> f64 {
    let mut meter = LoudnessMeter::new(rate, channels.len()).unwrap();
    let frames = channels[0].len();
    let interleaved: Vec<f32> = (0..frames)
        .flat_map(|n| channels.iter().map(move |channel| channel[n]))
        .collect();
    meter.push(&interleaved, |_| ());
    meter.loudness().integrated
}

/// A copy of the models that ship, to be broken.
pub fn models_copy() -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    for (model, files) in [
        ("tagger", &["card.json", "model.onnx", "map.json"][..]),
        (
            "timbre",
            &["card.json", "anchors.json", "encoder.onnx", "decoder.onnx"],
        ),
    ] {
        std::fs::create_dir(copy.path().join(model)).unwrap();
        for file in files {
            let path = Path::new(model).join(file);
            std::fs::copy(models.join(&path), copy.path().join(&path)).unwrap();
        }
    }
    copy
}

/// The preset that an instance's state names, as JSON.
pub fn preset_of(plugin: &mut Plugin) -> String {
    let state = plugin.save_state().unwrap();
    let json: Value = serde_json::from_slice(&state[8..]).unwrap();
    json["fields"]["preset"].as_str().unwrap().to_owned()
}

/// SHA-256 in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Edits the JSON of a state: CLAP's has its length in front, 8 bytes, little-endian.
pub fn edited(state: &[u8], edit: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut json: Value = serde_json::from_slice(&state[8..]).unwrap();
    edit(&mut json);
    framed(json.to_string().as_bytes())
}

/// A state of that JSON.
pub fn framed(json: &[u8]) -> Vec<u8> {
    let mut state = (json.len() as u64).to_le_bytes().to_vec();
    state.extend_from_slice(json);
    state
}

/// A state that refers to the models in `folder`.
pub fn with_models(state: &[u8], folder: &Path) -> Vec<u8> {
    let reference = ModelReference::to(folder).unwrap();
    edited(state, |json| {
        json["fields"]["models"] = json!(serde_json::to_string(&reference).unwrap());
    })
}

/// The tags that [`with_outputs`] chooses, as Tag 1 and so on: their kinds and names.
pub const OUTPUT_TAGS: [(&str, &str); 3] = [
    ("genre", "rock"),
    ("instrument", "drums"),
    ("mood", "energetic"),
];

/// A state with MIDI on, by controllers and by notes for the large words, and with tags chosen.
pub fn with_outputs(state: &[u8]) -> Vec<u8> {
    let tags = OUTPUT_TAGS.map(|(kind, name)| Some(json!({"kind": kind, "name": name})));
    let tags = tags.into_iter().chain(std::iter::repeat(None)).take(8);
    let midi = json!({"on": true, "channel": 3, "headlines": "notes", "headline_channel": 10});
    let outputs = json!({"tags": tags.collect::<Vec<_>>(), "midi": midi});
    edited(state, |json| {
        json["fields"]["outputs"] = json!(outputs.to_string());
    })
}

/// As [`with_outputs`], of a VST3's state, which has no length in front.
pub fn vst3_with_outputs(state: &[u8]) -> Vec<u8> {
    with_outputs(&framed(state))[8..].to_vec()
}

/// Switches an instance's outputs on, as [`with_outputs`] does.
pub fn switch_outputs_on(plugin: &mut Plugin) {
    let state = plugin.save_state().unwrap();
    plugin.load_state(&with_outputs(&state)).unwrap();
}

/// A state whose latency is this: `studio` or `live`.
pub fn with_latency(state: &[u8], mode: &str) -> Vec<u8> {
    edited(state, |json| {
        json["fields"]["latency"] = json!(format!("\"{mode}\""));
    })
}

/// Sets the latency of an instance; it takes effect with the next activation.
pub fn set_latency(plugin: &mut Plugin, mode: &str) {
    let state = plugin.save_state().unwrap();
    plugin.load_state(&with_latency(&state, mode)).unwrap();
}
