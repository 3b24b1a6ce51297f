//! A network that others exported gets its card by `moodring models import`, or a line that says why not.

use std::{path::Path, process::Output};

use moodring::model::{ModelSource, TaggerCard, TaggerModel};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A folder with a copy of a network of tests/fixtures/imports, and of what lies beside it.
fn with(names: &[&str]) -> TempDir {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/imports");
    let folder = tempfile::tempdir().unwrap();
    for name in names {
        std::fs::copy(fixtures.join(name), folder.path().join(name)).unwrap();
    }
    folder
}

/// `moodring models import` of a network in that folder, into `mine` there.
fn import(folder: &TempDir, network: &str, arguments: &[&str]) -> Output {
    std::process::Command::new(env!("CARGO_BIN_EXE_moodring"))
        .current_dir(folder.path())
        .args(["models", "import", network, "--output", "mine"])
        .args(arguments)
        .output()
        .unwrap()
}

/// The card that is written, and the same as the plugin reads it; the network runs with it.
fn imported(folder: &TempDir, network: &str, arguments: &[&str]) -> (Value, TaggerCard) {
    let done = import(folder, network, arguments);
    let said = String::from_utf8(done.stdout).unwrap();
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    assert!(
        said.lines().count() == 1 && said.contains("% of a core"),
        "{said}"
    );
    let mine = folder.path().join("mine");
    let tagger = TaggerModel::load(&ModelSource::Folder(mine.clone())).unwrap();
    let card = std::fs::read(mine.join("tagger/card.json")).unwrap();
    (
        serde_json::from_slice(&card).unwrap(),
        tagger.card().clone(),
    )
}

/// The same value, whether a number is written 1 or 1.0.
fn assert_same(found: &Value, wanted: &Value, field: &str) {
    match (found.as_f64(), wanted.as_f64()) {
        (Some(found), Some(wanted)) => assert_eq!(found, wanted, "{field}"),
        _ => assert_eq!(found, wanted, "{field}"),
    }
}

/// The one line that says why there is no card; nothing is left of it.
fn refusal(folder: &TempDir, network: &str, arguments: &[&str]) -> String {
    let done = import(folder, network, arguments);
    let said = String::from_utf8(done.stderr).unwrap();
    assert_eq!(done.status.code(), Some(1), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(!folder.path().join("mine").exists(), "{said}");
    said
}

#[test]
fn the_authors_networks_of_2020_say_themselves_what_they_name() {
    let folder = with(&["sota.onnx"]);
    let (card, read) = imported(&folder, "sota.onnx", &["--name", "Musicnn, mine"]);
    assert_eq!(card["name"], "Musicnn, mine");
    assert_eq!(card["exporter"], "sota");
    assert_eq!(card["input"]["shape"], json!([1, 1, 96, 188]));
    assert_eq!(
        card["output"],
        json!({"name": "probs", "shape": [1, 3], "activation": "none"})
    );
    assert_eq!(card["licence"], "none: drawn weights");
    let wanted = json!([
        {"name": "rock", "kind": "genre"},
        {"name": "piano", "kind": "instrument"},
        {"name": "happy", "kind": "mood"}
    ]);
    assert_eq!(card["tags"], wanted);
    assert_eq!(card["frontend"]["scaling"], "10*log10(max(x, floor))");
    assert_eq!(read.front_end.frames(), 188);
    // What is there isn't written over.
    let again = import(&folder, "sota.onnx", &[]);
    let said = String::from_utf8(again.stderr).unwrap();
    assert!(
        !again.status.success() && said.contains("is there already"),
        "{said}"
    );
}

#[test]
fn essentia_s_networks_are_named_and_heard_as_the_metadata_beside_them_say() {
    let folder = with(&["essentia.onnx", "essentia.json"]);
    let (card, read) = imported(&folder, "essentia.onnx", &[]);
    assert_eq!(card["exporter"], "essentia-musicnn");
    assert_eq!(card["output"]["activation"], "none");
    assert_eq!(
        card["embedding"],
        json!({"name": "model/dense", "shape": [1, 6]})
    );
    assert_eq!(read.embedding_len(), Some(6));
    let wanted = json!([
        {"name": "rock", "kind": "genre"},
        {"name": "Mellow", "kind": "mood"},
        {"name": "Rock: Experimental", "kind": "genre"},
        {"name": "Electronic: Experimental", "kind": "genre"}
    ]);
    assert_eq!(card["tags"], wanted);
    // The front-end is that of Musicnn's own library, which tests/golden holds to librosa.
    let golden = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden/taggers/musicnn-library-like/tagger/card.json");
    let golden: Value = serde_json::from_slice(&std::fs::read(golden).unwrap()).unwrap();
    for field in [
        "n_fft",
        "hop",
        "bands",
        "mel_scale",
        "mel_norm",
        "scaling",
        "factor",
    ] {
        assert_same(&card["frontend"][field], &golden["frontend"][field], field);
    }
}

#[test]
fn audioset_s_taggers_are_told_by_their_labels() {
    let folder = with(&["efficientat.onnx"]);
    let labels: String = (0..527)
        .map(|index| match index {
            0 => "0,/m/09x0r,\"Speech\"\n".to_owned(),
            1 => "1,/m/07y_7,\"Violin, fiddle\"\n".to_owned(),
            _ => format!("{index},/m/0,\"Sound {index}\"\n"),
        })
        .collect();
    let labels = format!("index,mid,display_name\n{labels}");
    std::fs::write(folder.path().join("labels.csv"), labels).unwrap();
    let (card, read) = imported(&folder, "efficientat.onnx", &["--labels", "labels.csv"]);
    assert_eq!(card["exporter"], "efficientat");
    assert_eq!(card["input"]["shape"], json!([1, 1, 128, 370]));
    assert_eq!(card["output"]["name"], "logits");
    assert_eq!(card["output"]["activation"], "sigmoid");
    assert_eq!(
        card["normalisation"],
        json!({"kind": "fixed", "mean": -4.5, "deviation": 5.0})
    );
    assert_eq!(
        card["tags"][1],
        json!({"name": "Violin, fiddle", "kind": "instrument"})
    );
    assert_eq!(
        card["tags"][526],
        json!({"name": "Sound 526", "kind": "other"})
    );
    // The same as what the tagger that ships hears, which stands on mn04, but for what is done to the levels.
    let shipped = ModelSource::Embedded.tagger_card().unwrap();
    let (own, shipped) = (
        read.front_end.log_mel().unwrap(),
        shipped.front_end.log_mel().unwrap(),
    );
    assert_eq!(
        (&own.bands, own.window, own.hop),
        (&shipped.bands, shipped.window, shipped.hop)
    );
    assert_eq!(own.preemphasis, shipped.preemphasis);
}

#[test]
fn who_exported_it_may_be_said() {
    let golden =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/taggers/yamnet-like/tagger");
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(golden.join("model.onnx"), folder.path().join("net.onnx")).unwrap();
    std::fs::write(folder.path().join("names.txt"), "a\nb\n\nc\nd\ne\nf\n").unwrap();
    let names = ["--labels", "names.txt"];
    // By its shape it is one of Essentia's that hear as VGGish does; YAMNet adds another number.
    let (card, _) = imported(&folder, "net.onnx", &names);
    assert_eq!(
        (&card["exporter"], &card["frontend"]["floor"]),
        (&json!("essentia-vggish"), &json!(0.01))
    );
    std::fs::remove_dir_all(folder.path().join("mine")).unwrap();
    let (card, _) = imported(
        &folder,
        "net.onnx",
        &[&names[..], &["--from", "yamnet"]].concat(),
    );
    let golden: Value =
        serde_json::from_slice(&std::fs::read(golden.join("card.json")).unwrap()).unwrap();
    for (field, value) in golden["frontend"].as_object().unwrap() {
        assert_same(&card["frontend"][field], value, field);
    }
}

#[test]
fn a_network_that_gets_no_card_is_told_why_in_one_line() {
    let folder = with(&[
        "sota.onnx",
        "essentia.onnx",
        "essentia.json",
        "efficientat.onnx",
    ]);
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("text.onnx", "not a network");
    write("two.txt", "rock\npop\n");
    write("list.json", "[\"rock\", 3]");
    let said = |network: &str, arguments: &[&str]| refusal(&folder, network, arguments);
    assert!(said("missing.onnx", &[]).contains("missing.onnx: can't be read"));
    assert!(said("text.onnx", &[]).contains("text.onnx: is not an ONNX file"));
    assert!(said("efficientat.onnx", &[]).contains("give --labels FILE"));
    let counted = said("sota.onnx", &["--labels", "two.txt"]);
    assert!(
        counted.contains("two.txt has 2 names, but `probs` has 3"),
        "{counted}"
    );
    assert!(said("sota.onnx", &["--labels", "list.json"]).contains("list.json"));
    assert!(said("sota.onnx", &["--labels", "nowhere.txt"]).contains("nowhere.txt: can't be read"));
    let other = said("sota.onnx", &["--from", "yamnet"]);
    assert!(
        other.contains("its input `mel_db` is [?, 1, 96, 188], which is no input of yamnet's"),
        "{other}"
    );
    let metadata = std::fs::read_to_string(folder.path().join("essentia.json")).unwrap();
    write("essentia.json", &metadata.replace("MusiCNN", "MAEST"));
    let algorithm = said("essentia.onnx", &[]);
    assert!(
        algorithm.contains("`TensorflowPredictMAEST`"),
        "{algorithm}"
    );
}
