//! A model that can't be used is refused by name: file, field, what was found, what to do.

use std::path::Path;

use crate::common::{
    models_copy,
    process::{again, is_alone, run_alone, this_test},
};
use moodring::{
    library::LIBRARY_VARIABLE,
    model::{
        ModelError, ModelReference, ModelSource, TaggerModel, TimbreModel, library, library_folder,
    },
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
#[ignore = "needs MOODRING_SMALL_MAP, the output of the pipeline's small run; cargo xtask test sets it"]
fn the_map_of_a_small_run_loads() {
    let folder = std::env::var_os("MOODRING_SMALL_MAP").expect("MOODRING_SMALL_MAP");
    let tagger = TaggerModel::load(&ModelSource::Folder(folder.into())).unwrap();
    let map = tagger.map().unwrap();
    assert_eq!(map.songs.len(), 3 * map.genres.len());
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
        ("tagger/card.json", "n_fft", json!(5), "frontend.n_fft"),
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

/// A folder with a tagger of a user's own alone.
fn users_tagger() -> TempDir {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/taggers/waveform/tagger");
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("tagger")).unwrap();
    for file in ["card.json", "model.onnx"] {
        std::fs::copy(golden.join(file), folder.path().join("tagger").join(file)).unwrap();
    }
    folder
}

#[test]
fn a_folder_may_leave_either_model_to_the_one_that_ships() {
    let folder = users_tagger();
    let source = ModelSource::Folder(folder.path().to_owned());
    assert_eq!(TaggerModel::load(&source).unwrap().card().name, "waveform");
    let timbre = TimbreModel::load(&source).unwrap();
    let shipped = ModelSource::embedded_timbre_card().unwrap();
    assert_eq!(timbre.card().full_name(), shipped.full_name());
    assert!(timbre.players().has(&shipped.anchors[0].id) || timbre.players().has("flute"));

    let reference = ModelReference::to(folder.path()).unwrap();
    assert!(reference.source().is_ok());
    // A timbre model of its own is another choice.
    let copy = models_copy();
    std::fs::rename(copy.path().join("timbre"), folder.path().join("timbre")).unwrap();
    let why = reference.source().unwrap_err().to_string();
    assert!(
        why.contains("timbre") && why.contains("has changed"),
        "{why}"
    );

    std::fs::remove_dir_all(folder.path().join("tagger")).unwrap();
    assert!(TaggerModel::load(&source).unwrap().card().tags.len() > 100);
    std::fs::remove_dir_all(folder.path().join("timbre")).unwrap();
    assert!(
        TaggerModel::load(&source).is_err(),
        "nothing is there at all"
    );
}

#[test]
fn a_folder_without_a_model_is_told_as_that_and_not_as_a_tagger_that_is_missed() {
    let folder = TempDir::new().unwrap();
    std::fs::create_dir(folder.path().join("notes")).unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_moodring"))
        .args(["models", "check"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(message.lines().count(), 1, "{message}");
    let told = "neither tagger/card.json nor timbre/card.json is in it";
    assert!(message.contains(told), "{message}");
}

#[test]
fn what_models_cost_is_said_in_a_line_and_what_is_wrong_with_them_too() {
    let folder = users_tagger();
    let run = |arguments: &[&str]| {
        std::process::Command::new(env!("CARGO_BIN_EXE_moodring"))
            .args(["models", "check"])
            .arg(folder.path())
            .args(arguments)
            .output()
            .unwrap()
    };
    let output = run(&[]);
    let line = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{line}");
    assert_eq!(line.lines().count(), 1, "{line}");
    for part in [
        "tagger waveform 1",
        "4 tags",
        "16000 Hz",
        "MMAC",
        "% of a core",
    ] {
        assert!(line.contains(part), "{part}: {line}");
    }
    let told: Value = serde_json::from_slice(&run(&["--format", "json"]).stdout).unwrap();
    assert_eq!(told["timbre"], Value::Null);
    // Three convolutions and a linear layer, with their biases.
    let parameters = (64 + 1) * 8 + (8 * 8 + 1) * 16 + (16 * 8 + 1) * 16 + 33 * 4;
    assert_eq!(told["tagger"]["parameters"], parameters);
    let steps = [(16_000 - 64) / 32 + 1, 123, 29];
    assert_eq!(steps[1], (steps[0] - 8) / 4 + 1);
    assert_eq!(steps[2], (steps[1] - 8) / 4 + 1);
    let products = steps[0] * 64 * 8 + steps[1] * 64 * 16 + steps[2] * 128 * 16 + 32 * 4;
    let mmac = told["tagger"]["mmac"].as_f64().unwrap();
    assert!((mmac - products as f64 / 1e6).abs() < 0.01, "{mmac}");

    let told: Value =
        serde_json::from_slice(&run(&["--operators", "--format", "json"]).stdout).unwrap();
    let operators = told["operators"].as_array().unwrap();
    let of = |name: &str| {
        operators.iter().any(|one| {
            one["node"].as_str().unwrap().contains(name) && one["ms"].as_f64() > Some(0.0)
        })
    };
    assert!(of("Conv") && of("Gemm"), "{operators:?}");
    let told = String::from_utf8(run(&["--operators"]).stdout).unwrap();
    assert!(told.lines().count() > 2 && told.contains(" ms, "), "{told}");

    edit(&folder, "tagger/card.json", "mono mean", "stereo");
    let output = run(&[]);
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(message.lines().count(), 1, "{message}");
    assert!(
        message.contains("`frontend.channels` is `stereo`, expected `mono mean`"),
        "{message}"
    );
}

#[test]
fn a_field_of_the_wrong_kind_is_named() {
    let folder = users_tagger();
    edit(
        &folder,
        "tagger/card.json",
        "\"samples\": 16000",
        "\"samples\": \"a second\"",
    );
    let message = message(&folder);
    assert!(message.contains("field `frontend.samples`"), "{message}");
}

#[test]
fn what_is_wrong_with_a_card_is_told_by_the_field_and_with_what_helps() {
    for (from, to, wanted) in [
        (
            "\"file\": \"model.onnx\"",
            "\"file\": \"../model.onnx\"",
            "field `files.model.file` is `../model.onnx`, expected a file beside the card: correct the card",
        ),
        (
            "\"file\": \"model.onnx\"",
            "\"file\": \"\"",
            "field `files.model.file` is ``, expected a file beside the card: correct the card",
        ),
        (
            "\"samples\": 16000",
            "\"samples\": 1e400",
            "field `frontend.samples`: it has a number that is too great (number out of range",
        ),
        (
            "\"samples\": 16000",
            "\"samples\": 160",
            "(0.5 to 32 s): correct the card",
        ),
        (
            "\"schema\": 2",
            "\"schema\": 3",
            "field `schema` is 3, expected 1 to 2: use a model made for this version",
        ),
    ] {
        let folder = users_tagger();
        edit(&folder, "tagger/card.json", from, to);
        let message = message(&folder);
        assert!(message.contains(wanted), "{to}: {message}");
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
