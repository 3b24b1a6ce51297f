//! What comes from outside is read without a panic, whatever it is. (Saved states: `host/state.rs`; sound
//! files: `audio_file`.)

/// What the fuzzer runs, too.
#[path = "../../fuzz/src/targets.rs"]
mod targets;

use std::{
    panic::Location,
    path::Path,
    sync::{LazyLock, Once},
};

use crate::common::{cases, models_copy, sha256};
use moodring::model::{ModelError, ModelSource, TaggerCard, TimbreModel};
use proptest::prelude::*;
use tempfile::TempDir;

/// Bytes that are put somewhere else than they were.
type Damage = Vec<(prop::sample::Index, u8)>;

fn damage(most: usize) -> impl Strategy<Value = Damage> {
    prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..most)
}

fn damaged(file: &Path, damage: &Damage) -> Vec<u8> {
    let mut bytes = std::fs::read(file).unwrap();
    for (at, value) in damage {
        let at = at.index(bytes.len());
        bytes[at] = *value;
    }
    bytes
}

/// Replaces a file of the timbre model, and says in its card that it is as it should be.
fn smuggle(folder: &TempDir, key: &str, file: &str, bytes: &[u8]) {
    std::fs::write(folder.path().join("timbre").join(file), bytes).unwrap();
    let path = folder.path().join("timbre/card.json");
    let mut card: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    card["files"][key]["sha256"] = sha256(bytes).into();
    std::fs::write(&path, card.to_string()).unwrap();
}

fn assert_one_line(why: &ModelError) -> Result<(), TestCaseError> {
    let why = why.to_string();
    prop_assert_eq!(why.lines().count(), 1, "{}", why);
    Ok(())
}

/// Where the models that ship are, whole.
static SHIPPED: LazyLock<TempDir> = LazyLock::new(models_copy);

/// A hostile network may make tract panic, which is caught; its message is no news. That of a test is.
fn without_panic_messages() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            // Only this project's own files are named from where cargo stands.
            let is_own = |at: &Location| Path::new(at.file()).is_relative();
            if panic.location().is_none_or(is_own) {
                usual(panic);
            }
        }));
    });
}

/// Runs a fuzz target over its kept corpus: what the fuzzer begins with, which is accepted unless its name says `refused`, and
/// all that it has ever found (`found`).
fn corpus(target: &str, run: fn(&[u8]) -> bool) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{}", folder.display());
    for file in files {
        // A panic in the target is told behind the file that it is about.
        println!("{}", file.display());
        let accepted = run(&std::fs::read(&file).unwrap());
        let name = file.file_name().unwrap().to_string_lossy();
        if !name.starts_with("found") {
            assert_eq!(accepted, !name.starts_with("refused"));
        }
    }
}

#[test]
fn the_fuzzers_cards_are_read_or_refused() {
    corpus("card", targets::card);
}

#[test]
fn the_fuzzers_presets_are_read_or_refused() {
    corpus("preset", targets::preset);
}

#[test]
fn the_fuzzers_states_are_read_or_refused() {
    corpus("state", targets::state);
}

#[test]
fn the_fuzzers_networks_are_loaded_or_refused() {
    without_panic_messages();
    corpus("network", targets::network);
}

#[test]
fn the_fuzzers_sounds_are_read_or_refused() {
    corpus("sound", targets::sound);
}

proptest! {
    #![proptest_config(cases(1_000))]

    #[test]
    fn a_damaged_tagger_card_is_read_or_refused(damage in damage(12)) {
        let bytes = damaged(&SHIPPED.path().join("tagger/card.json"), &damage);
        if let Err(why) = TaggerCard::parse("card.json", &bytes) {
            assert_one_line(&why)?;
        }
    }

    #[test]
    fn noise_is_no_card(noise in prop::collection::vec(any::<u8>(), 0..2_000)) {
        prop_assert!(TaggerCard::parse("card.json", &noise).is_err());
    }

    #[test]
    fn a_damaged_timbre_card_is_read_or_refused(damage in damage(12)) {
        let folder = models_copy();
        let path = folder.path().join("timbre/card.json");
        std::fs::write(&path, damaged(&path, &damage)).unwrap();
        if let Err(why) = ModelSource::Folder(folder.path().to_owned()).timbre_card() {
            assert_one_line(&why)?;
        }
    }

    #[test]
    fn damaged_anchors_are_read_or_refused(damage in damage(12)) {
        let folder = models_copy();
        let bytes = damaged(&folder.path().join("timbre/anchors.json"), &damage);
        smuggle(&folder, "anchors", "anchors.json", &bytes);
        if let Err(why) = ModelSource::Folder(folder.path().to_owned()).timbre_card() {
            assert_one_line(&why)?;
        }
    }
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn a_damaged_network_is_loaded_or_refused(damage in damage(40), cut in any::<Option<prop::sample::Index>>()) {
        without_panic_messages();
        let folder = models_copy();
        let mut bytes = damaged(&folder.path().join("timbre/decoder.onnx"), &damage);
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        smuggle(&folder, "decoder", "decoder.onnx", &bytes);
        match TimbreModel::load(&ModelSource::Folder(folder.path().to_owned())) {
            Err(why) => assert_one_line(&why)?,
            Ok(timbre) => {
                // It runs, or says why not; what it makes of a code is a number in any case.
                if let Ok(shape) = timbre.decode(&[0.5; 8]) {
                    prop_assert!(shape.iter().all(|level| level.is_finite()));
                }
            }
        }
    }

    #[test]
    fn the_head_of_a_network_may_say_anything(damage in prop::collection::vec((0_usize..400, any::<u8>()), 1..12)) {
        without_panic_messages();
        let folder = models_copy();
        let mut bytes = std::fs::read(folder.path().join("timbre/decoder.onnx")).unwrap();
        let last = bytes.len() - 1;
        for (at, value) in damage {
            // The first bytes and the last ones: the graph, its nodes and its tensors' shapes, not the weights.
            bytes[at] = value;
            bytes[last - at] = value;
        }
        smuggle(&folder, "decoder", "decoder.onnx", &bytes);
        if let Err(why) = TimbreModel::load(&ModelSource::Folder(folder.path().to_owned())) {
            assert_one_line(&why)?;
        }
    }
}
