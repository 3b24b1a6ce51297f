//! What is done with a foreign file, and what must hold for whatever is in it; one function for each fuzz target. They panic where a promise is
//! broken, and say whether the file was accepted as anything.

use std::{
    fmt::Display,
    fs,
    path::{Path, PathBuf},
};

use moodring::{
    audio_file::AudioReader,
    chain::ChainFormat,
    library::{Kept, Preset, TimbreFile},
    listen::log_mel,
    model::{
        BANDS, LATENTS, ModelSource, MusicMap, TaggerCard, TaggerModel, TimbreMap, TimbreModel,
    },
    morph::{DirectCurves, MorphControls, Stage},
    params::LatencyMode,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::common::bare_host::BareHost;

/// A compressed file can stand for days of silence, which nobody wants to wait for here.
const MOST_SAMPLES: usize = 20_000_000;

/// The width of the embedding of the maps that are tried.
const EMBEDDING: usize = 3;

/// Networks that load within a millisecond, for the file beside the one that is tried.
const ENCODER: &[u8] = include_bytes!("../corpus/network/encoder.onnx");
const DECODER: &[u8] = include_bytes!("../corpus/network/decoder.onnx");

/// A model's card, of either kind, a timbre model's anchors, or a tagger's map.
pub fn card(bytes: &[u8]) -> bool {
    let is_tagger = match TaggerCard::parse("card.json", bytes) {
        Err(why) => refused(&why),
        Ok(card) => {
            if let Some(front_end) = card.front_end.log_mel() {
                let rate = f64::from(front_end.sample_rate);
                log_mel(front_end, rate / 1.5, 1).push(&ramp(), |levels| {
                    assert!(levels.iter().all(|level| level.is_finite()));
                });
            }
            true
        }
    };

    let anchors = fs::read(shipped("timbre/anchors.json")).expect("the shipped anchors");
    let is_timbre = timbre_card(bytes, &anchors);

    let mut card = shipped_card("timbre");
    card["files"]["anchors"]["sha256"] = sha256(bytes).into();
    let is_anchors = timbre_card(card.to_string().as_bytes(), bytes);

    let is_map = match MusicMap::parse("map.json", bytes, EMBEDDING, "") {
        Err(why) => refused(&why),
        Ok(map) => {
            let numbers = map.numbers(&[1.0; EMBEDDING]);
            let place = map.place(&numbers);
            assert!(place.nearest.iter().all(|song| *song < map.songs.len()));
            true
        }
    };
    is_tagger || is_timbre || is_anchors || is_map
}

/// A preset, or a captured timbre as a file.
pub fn preset(bytes: &[u8]) -> bool {
    let is_preset = match Preset::parse("preset.json", bytes) {
        Err(why) => refused(&why),
        Ok(preset) => {
            let settings = preset.settings().expect("what was read has settings");
            for (id, value) in &settings.values {
                assert!((0.0..=1.0).contains(value), "{id}: {value}");
            }
            let again = Preset::parse("again.json", preset.to_json().as_bytes());
            assert_eq!(again.expect("what was written is read"), preset);
            true
        }
    };
    let is_timbre = match TimbreFile::parse("timbre.json", bytes) {
        Err(why) => refused(&why),
        Ok(timbre) => {
            let again = TimbreFile::parse("again.json", timbre.to_json().as_bytes());
            assert_eq!(again.expect("what was written is read"), timbre);
            true
        }
    };
    is_preset || is_timbre
}

/// A saved state, as it is and behind a header that gives its true length.
pub fn state(bytes: &[u8]) -> bool {
    let host = BareHost::with(&[]);
    let json = bytes.get(8..).unwrap_or_default();
    let framed = [&(json.len() as u64).to_le_bytes(), json].concat();
    let mut accepted = false;
    for state in [bytes, &framed] {
        let before = host.state();
        if host.load(state) {
            accepted = true;
        } else {
            assert!(host.state() == before, "a refused state changes nothing");
        }
        for info in host.infos() {
            let value = host.value(info.id);
            assert!(
                (info.min_value..=info.max_value).contains(&value),
                "{}: {value}",
                info.id
            );
        }
        let saved = host.state();
        assert!(host.load(&saved), "what was saved is loaded");
        assert!(host.state() == saved, "and is the same again");
    }
    accepted
}

/// A network: the tagger's, or either of the timbre model's.
pub fn network(bytes: &[u8]) -> bool {
    let folder = TempDir::new().expect("a folder");

    let mut card = shipped_card("tagger");
    card["files"] = json!({"model": {"file": "model.onnx", "sha256": sha256(bytes)}});
    card["embedding"] = Value::Null;
    keep(&folder, "tagger/card.json", card.to_string().as_bytes());
    keep(&folder, "tagger/model.onnx", bytes);
    let mut accepted = match TaggerModel::load(&source(&folder)) {
        Err(why) => refused(&why),
        Ok(tagger) => {
            let card = tagger.card();
            let input = vec![-40.0; card.front_end.width() * card.front_end.frames()];
            let mut output = vec![0.0; card.tags.len()];
            if tagger.run(&input, &mut output).is_ok() {
                assert!(output.iter().all(|value| value.is_finite()));
            }
            true
        }
    };

    let anchors = fs::read(shipped("timbre/anchors.json")).expect("the shipped anchors");
    keep(&folder, "timbre/anchors.json", &anchors);
    for (encoder, decoder) in [(ENCODER, bytes), (bytes, DECODER)] {
        let mut card = shipped_card("timbre");
        card["files"]["encoder"]["sha256"] = sha256(encoder).into();
        card["files"]["decoder"]["sha256"] = sha256(decoder).into();
        keep(&folder, "timbre/card.json", card.to_string().as_bytes());
        keep(&folder, "timbre/encoder.onnx", encoder);
        keep(&folder, "timbre/decoder.onnx", decoder);
        accepted |= match TimbreModel::load(&source(&folder)) {
            Err(why) => refused(&why),
            Ok(timbre) => {
                if let Ok(shape) = timbre.decode(&[0.5; LATENTS]) {
                    assert!(shape.iter().all(|level| level.is_finite()));
                }
                if let Ok(latent) = timbre.encode(&[0.5; BANDS]) {
                    assert!(latent.iter().all(|value| value.is_finite()));
                }
                true
            }
        };
    }
    accepted
}

/// A sound file of any format.
pub fn sound(bytes: &[u8]) -> bool {
    let folder = TempDir::new().expect("a folder");
    keep(&folder, "sound", bytes);
    let mut reader = match AudioReader::open(folder.path().join("sound")) {
        Ok(reader) => reader,
        Err(why) => return refused(&why),
    };
    let channels = reader.channel_count();
    assert!(channels > 0 && reader.sample_rate() > 0);
    let mut samples = 0;
    while samples < MOST_SAMPLES {
        match reader.next_block() {
            Ok(Some(block)) => {
                let frames = block.first().map_or(0, Vec::len);
                assert!(frames > 0);
                assert_eq!(block.len(), channels);
                assert!(block.iter().all(|channel| channel.len() == frames));
                samples += frames * channels;
            }
            Ok(None) => break,
            Err(why) => {
                refused(&why);
                let after = reader.next_block();
                assert!(matches!(after, Ok(None)), "told once, and at the end");
                break;
            }
        }
    }
    assert!(reader.seconds().is_finite());
    true
}

fn timbre_card(card: &[u8], anchors: &[u8]) -> bool {
    let folder = TempDir::new().expect("a folder");
    keep(&folder, "timbre/card.json", card);
    keep(&folder, "timbre/anchors.json", anchors);
    match source(&folder).timbre_card() {
        Err(why) => refused(&why),
        Ok(card) => {
            let map = TimbreMap::new(&card);
            for at in [[0.0, 0.0], [-1.0, 1.0]] {
                let latent = map.latent_at(at);
                assert!(latent.iter().all(|value| value.is_finite()), "{latent:?}");
            }
            let format = ChainFormat {
                sample_rate: 44_100.0,
                channels: 1,
                longest_block: ChainFormat::USUAL_BLOCK,
                latency_mode: LatencyMode::Studio,
                offline: true,
            };
            let format = format.stage(&card.front_end);
            let mut stage = Stage::<DirectCurves>::new(&card.front_end, format, None);
            let mut samples = ramp();
            stage.process(&mut [&mut samples], &[], MorphControls::neutral(), true);
            assert!(samples.iter().all(|sample| sample.is_finite()));
            true
        }
    }
}

/// Sound for a front-end: more than the longest window that a card may have.
fn ramp() -> Vec<f32> {
    (0..20_000)
        .map(|n| (n % 100) as f32 / 100.0 - 0.5)
        .collect()
}

fn source(folder: &TempDir) -> ModelSource {
    ModelSource::Folder(folder.path().to_owned())
}

/// A file of the models that ship.
fn shipped(file: &str) -> PathBuf {
    // The plugin's folder, or one below it: this is compiled into the fuzzer and into the tests.
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here
        .ancestors()
        .find(|folder| folder.join("models").is_dir());
    root.expect("the repository").join("models").join(file)
}

fn shipped_card(model: &str) -> Value {
    let card = fs::read(shipped(&format!("{model}/card.json"))).expect("a shipped card");
    serde_json::from_slice(&card).expect("a card is JSON")
}

fn keep(folder: &TempDir, file: &str, bytes: &[u8]) {
    let path = folder.path().join(file);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, bytes).expect("a file");
}

fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A refusal is one line.
fn refused(why: &impl Display) -> bool {
    let why = why.to_string();
    assert_eq!(why.lines().count(), 1, "{why}");
    false
}
