//! A model that can't be used is refused by name: file, field, what was found, what to do.

use std::path::Path;

use crate::common::{
    models_copy,
    process::{again, is_alone, run_alone, this_test},
};
use moodring::{
    library::LIBRARY_VARIABLE,
    model::{ModelError, ModelSource, TaggerModel, TimbreModel, library, library_folder},
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Loads both models and gives the message of the one that fails.
fn message(folder: &TempDir) -> String {
    let source = ModelSource::Folder(folder.path().to_owned());
    let failure: Option<ModelError> = TaggerModel::load(&source)
        .err()
        .or_else(|| TimbreModel::load(&source).err());
    let message = failure.expect("a refusal").to_string();
    assert!(!message.contains('\n'), "more than one line: {message}");
    message
}

fn edit(folder: &TempDir, file: &str, from: &str, to: &str) {
    let path = folder.path().join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} has no {from}");
    std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn the_models_that_ship_load_from_the_plugin_and_from_a_folder() {
    for source in [
        ModelSource::Embedded,
        ModelSource::Folder(models_copy().keep()),
    ] {
        TaggerModel::load(&source).unwrap();
        TimbreModel::load(&source).unwrap();
    }
}

#[test]
#[ignore = "needs MOODRING_SMALL_MODELS, the output of the pipeline's small run; cargo xtask test sets it"]
fn the_models_of_a_small_run_load() {
    let folder = std::env::var_os("MOODRING_SMALL_MODELS").expect("MOODRING_SMALL_MODELS");
    let source = ModelSource::Folder(folder.into());
    TaggerModel::load(&source).unwrap();
    TimbreModel::load(&source).unwrap();
}

#[test]
fn a_missing_file_is_named() {
    let folder = models_copy();
    std::fs::remove_file(folder.path().join("timbre/decoder.onnx")).unwrap();
    let message = message(&folder);
    assert!(
        message.contains("decoder.onnx") && message.contains("can't be read"),
        "{message}"
    );
}

#[test]
fn an_altered_file_is_told_by_its_hash() {
    let folder = models_copy();
    let path = folder.path().join("tagger/model.onnx");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[1000] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let message = message(&folder);
    assert!(
        message.contains("model.onnx") && message.contains("files.model.sha256"),
        "{message}"
    );
}

#[test]
fn an_unknown_schema_is_told_as_such() {
    let folder = models_copy();
    edit(
        &folder,
        "tagger/card.json",
        "\"schema\": 1",
        "\"schema\": 7",
    );
    let message = message(&folder);
    assert!(
        message.contains("card.json") && message.contains("`schema` is 7"),
        "{message}"
    );
}

#[test]
fn a_card_that_is_not_json_is_named() {
    let folder = models_copy();
    std::fs::write(folder.path().join("timbre/card.json"), b"\xff\x00 no").unwrap();
    assert!(message(&folder).contains("card.json"));
}

#[test]
fn a_front_end_that_can_t_be_honoured_is_refused_by_field() {
    for (file, part, value, field) in [
        (
            "tagger/card.json",
            "mel_scale",
            json!("bark"),
            "frontend.mel_scale",
        ),
        ("tagger/card.json", "n_fft", json!(500), "frontend.n_fft"),
        ("tagger/card.json", "hop", json!(0), "frontend.hop"),
        ("tagger/card.json", "frames", json!(230), "input.shape"),
        ("timbre/card.json", "hop", json!(1024), "frontend.hop"),
        ("timbre/card.json", "bands", json!(96), "frontend.bands"),
        (
            "timbre/card.json",
            "mel_scale",
            json!("htk"),
            "frontend.mel_scale",
        ),
    ] {
        let folder = models_copy();
        let path = folder.path().join(file);
        let mut card: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        assert_ne!(card["frontend"][part], value);
        card["frontend"][part] = value;
        std::fs::write(&path, card.to_string()).unwrap();
        let message = message(&folder);
        assert!(
            message.contains(file) && message.contains(field),
            "{field}: {message}"
        );
    }
}

#[test]
fn a_network_whose_shape_is_not_the_card_s_is_refused() {
    // The card promises one tag less than the network has outputs, consistently.
    let folder = models_copy();
    let path = folder.path().join("tagger/card.json");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut card: Value = serde_json::from_str(&text).unwrap();
    let tags = card["tags"].as_array_mut().unwrap();
    let outputs = tags.len();
    tags.pop();
    card["circumplex"] = json!(null);
    card["output"]["shape"] = json!([1, outputs - 1]);
    std::fs::write(&path, card.to_string()).unwrap();
    let message = message(&folder);
    assert!(
        message.contains("model.onnx")
            && message.contains("output")
            && message.contains(&format!("[1, {outputs}]")),
        "{message}"
    );
}

#[test]
fn the_command_line_says_it_in_one_line_and_fails() {
    let folder = models_copy();
    std::fs::write(folder.path().join("tagger/model.onnx"), b"not a network").unwrap();
    let excerpt = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/music/war_of_freedom.ogg");
    let run = |arguments: &[&std::ffi::OsStr]| {
        std::process::Command::new(env!("CARGO_BIN_EXE_moodring"))
            .args(arguments)
            .output()
            .unwrap()
    };
    for arguments in [
        &[
            "tag".as_ref(),
            "--models".as_ref(),
            folder.path().as_os_str(),
            excerpt.as_os_str(),
        ][..],
        &["tag".as_ref(), "no-such-file.wav".as_ref()],
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(1));
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(message.lines().count(), 1, "{message}");
        assert!(
            message.contains("model.onnx") || message.contains("no-such-file.wav"),
            "{message}"
        );
    }
}

#[test]
fn models_are_looked_for_beside_presets_and_timbres_in_the_folder_that_is_named() {
    let test = this_test!();
    if is_alone(test) {
        let folder = std::env::var_os(LIBRARY_VARIABLE).unwrap();
        let models = Path::new(&folder).join("models");
        assert_eq!(library_folder().as_deref(), Some(&*models));
        assert_eq!(library(), [models.join("mine")]);
        return;
    }
    let (folder, copy) = (tempfile::tempdir().unwrap(), models_copy());
    std::fs::create_dir(folder.path().join("models")).unwrap();
    std::fs::rename(copy.path(), folder.path().join("models/mine")).unwrap();
    run_alone(again(test).env(LIBRARY_VARIABLE, folder.path()));
}

#[test]
fn the_plugin_passes_the_sound_dry_with_broken_models() {
    // The variable that names the models is the process's.
    let test = this_test!();
    if is_alone(test) {
        let audio = crate::common::excerpt(2.0);
        let mut plugin = crate::common::plugin();
        let events = [
            plugin.set_at(0, "Brightness", "+3").unwrap(),
            plugin.set_at(0, "Morph", "100 %").unwrap(),
        ];
        let rendered = moodring_host::Render::offline(44_100.0)
            .run(&mut plugin, &audio.channels, &events)
            .unwrap();
        let null =
            crate::common::null_dbfs(&rendered.output, &audio.channels, rendered.latency as usize);
        assert!(null <= -100.0, "{null} dBFS");
        return;
    }
    let folder = models_copy();
    std::fs::write(folder.path().join("timbre/encoder.onnx"), b"").unwrap();
    std::fs::remove_file(folder.path().join("tagger/card.json")).unwrap();
    run_alone(again(test).env(moodring::model::MODELS_VARIABLE, folder.path()));
}
