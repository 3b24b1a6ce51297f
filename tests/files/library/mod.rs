//! Presets and captured timbres as files; and that each preset that Moodring comes with does what its name says.

mod factory;
mod faults;

use crate::common::{MAIN, cases};
use std::{collections::BTreeMap, fs, path::Path, process::Command};

use crate::common::excerpt;
use moodring::{
    audio_file::AudioFile,
    library::{
        Kept, LONGEST_TITLE, Library, LibraryError, Preset, TimbreFile, Value, neutral, title,
    },
    model::{BANDS, LATENTS},
    params::{Captured, MoodringParams, MorphSource, PresetName, Slot},
};
use nice_plug::params::persist::PersistentField;
use proptest::prelude::*;
use tempfile::TempDir;

fn store() -> (TempDir, Library) {
    let folder = tempfile::tempdir().unwrap();
    // The folder of the library itself isn't there before something is saved.
    let library = Library::at(folder.path().join("deep/library"));
    (folder, library)
}

fn preset(name: &str) -> Preset {
    Preset {
        values: BTreeMap::from([
            ("latent_1".to_owned(), Value::Number(-1.25)),
            ("morph".to_owned(), Value::Text("80 %".to_owned())),
        ]),
        ..neutral()
    }
    .named(name.to_owned())
}

fn captured() -> Captured {
    Captured {
        name: "Dusk".to_owned(),
        latent: [0.5; LATENTS],
        levels: vec![-3.0; BANDS],
        model: "test 1".to_owned(),
    }
}

/// What `moodring morph` makes of a sound.
fn morphed(sound: &AudioFile, arguments: &[&str]) -> AudioFile {
    let folder = tempfile::tempdir().unwrap();
    let (dry, wet) = (folder.path().join("dry.wav"), folder.path().join("wet.wav"));
    sound.write_wav(&dry).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_moodring"))
        .arg("morph")
        .args(arguments)
        .arg("-o")
        .args([&wet, &dry])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    AudioFile::read(&wet).unwrap()
}

#[test]
fn a_preset_is_a_value_for_every_parameter_of_the_sound() {
    let params = MoodringParams::default();
    preset("One").settings().unwrap().put(&params, &MAIN);
    assert_eq!(params.knobs[0].shift.value(), -1.25);
    assert!((params.morph.value() - 0.8).abs() < 1e-6);
    assert!(!neutral().settings().unwrap().hold(&params, &MAIN));
    assert!(preset("One").settings().unwrap().hold(&params, &MAIN));
    // What the next one doesn't name goes back to its default.
    neutral().settings().unwrap().put(&params, &MAIN);
    assert_eq!(params.knobs[0].shift.value(), 0.0);
    assert_eq!(params.morph.value(), 0.0);
    assert!(neutral().settings().unwrap().hold(&params, &MAIN));
}

#[test]
fn a_preset_touches_bypass_output_and_averaging_only_if_it_names_them() {
    let params = MoodringParams::default();
    let loud = Preset {
        values: BTreeMap::from([
            ("output".to_owned(), Value::Number(6.0)),
            ("bypass".to_owned(), Value::Switch(true)),
            ("average".to_owned(), Value::Text("9 s".to_owned())),
        ]),
        ..neutral()
    };
    loud.settings().unwrap().put(&params, &MAIN);
    let values = || {
        (
            params.output.value(),
            params.bypass.value(),
            params.average.value(),
        )
    };
    assert_eq!(values(), (6.0, true, 9.0));
    neutral().settings().unwrap().put(&params, &MAIN);
    assert_eq!(values(), (6.0, true, 9.0));
    let kept = Preset::of("Kept", &params, &MAIN);
    for id in ["output", "bypass", "average"] {
        assert!(!kept.values.contains_key(id), "{id}");
    }
}

#[test]
fn captured_timbres_go_with_a_preset_that_leads_to_them() {
    let params = MoodringParams::default();
    params.captures.set(Slot::B, Some(captured()), &MAIN);
    assert_eq!(
        Preset::of("Elsewhere", &params, &MAIN).captures,
        [None, None]
    );
    let to_captures = Preset {
        values: BTreeMap::from([("aim".to_owned(), Value::Text("captures".to_owned()))]),
        ..neutral()
    };
    to_captures.settings().unwrap().put(&params, &MAIN);
    assert_eq!(params.morph_source.value(), MorphSource::Captures);
    let (_folder, library) = store();
    library
        .presets()
        .save(Preset::of("Dusk to dawn", &params, &MAIN), false)
        .unwrap();

    let other = MoodringParams::default();
    other.captures.set(Slot::A, Some(captured()), &MAIN);
    let settings = library
        .presets()
        .load("Dusk to dawn")
        .unwrap()
        .settings()
        .unwrap();
    settings.put(&other, &MAIN);
    assert_eq!(other.captures.get(Slot::B, &MAIN), Some(captured()));
    assert!(
        other.captures.get(Slot::A, &MAIN).is_some(),
        "an empty slot empties none"
    );
    assert!(settings.hold(&other, &MAIN));
    other.captures.set(Slot::B, None, &MAIN);
    assert!(!settings.hold(&other, &MAIN));
}

#[test]
fn presets_are_saved_listed_renamed_and_deleted() {
    let (_folder, library) = store();
    let store = library.presets();
    assert!(store.list().is_empty());
    assert_eq!(
        store.save(preset(" mine/2 "), false).as_deref(),
        Ok("mine-2")
    );
    assert_eq!(store.save(preset("Alto"), false).as_deref(), Ok("Alto"));
    let names = || {
        store
            .list()
            .into_iter()
            .map(|entry| entry.name)
            .collect::<Vec<_>>()
    };
    assert_eq!(names(), ["Alto", "mine-2"]);
    assert!(store.holds("mine-2") && !store.holds("mine"));

    // What is there is kept, unless it is to be replaced.
    let taken = Err(LibraryError::Taken {
        title: "Alto".to_owned(),
    });
    assert_eq!(store.save(neutral().named("Alto".to_owned()), false), taken);
    assert_eq!(store.load("Alto"), Ok(preset("Alto")));
    store
        .save(neutral().named("Alto".to_owned()), true)
        .unwrap();
    assert_eq!(store.load("Alto").unwrap().values.len(), 0);

    let file = store.file("mine-2").unwrap();
    assert_eq!(store.rename(&file, "Alto"), taken);
    assert_eq!(store.rename(&file, "Tenor").as_deref(), Ok("Tenor"));
    assert_eq!(names(), ["Alto", "Tenor"]);
    // Another name for the same is no other file.
    let file = store.file("Tenor").unwrap();
    assert_eq!(store.rename(&file, " Tenor ").as_deref(), Ok("Tenor"));

    store.delete(&file).unwrap();
    assert_eq!(names(), ["Alto"]);
    assert!(matches!(
        store.delete(&file),
        Err(LibraryError::Unwritable { .. })
    ));
    assert!(matches!(
        store.load("Tenor"),
        Err(LibraryError::Unreadable { .. })
    ));
    assert!(matches!(
        store.save(preset("?!"), false),
        Err(LibraryError::NoTitle { .. })
    ));
}

#[test]
fn a_file_is_called_as_the_user_calls_it() {
    let (_folder, library) = store();
    let store = library.presets();
    store.save(preset("Before"), false).unwrap();
    let folder = store.folder().unwrap();
    fs::rename(folder.join("Before.json"), folder.join("a*b?.json")).unwrap();
    let [entry] = store.list().try_into().unwrap();
    assert_eq!(entry.name, "a*b?");
    assert_eq!(entry.content.unwrap().name, "a*b?");
    assert_eq!(store.load("a*b?").unwrap().name, "a*b?");
    // No name leads out of the folder.
    fs::write(
        folder.parent().unwrap().join("secret.json"),
        preset("x").to_json(),
    )
    .unwrap();
    assert!(store.load("../secret").is_err());
}

#[test]
fn a_captured_timbre_comes_back_as_it_was() {
    let (_folder, library) = store();
    let store = library.timbres();
    let mut exact = captured();
    exact.latent = std::array::from_fn(|index| (index as f32).sin() / 3.0);
    assert_eq!(
        store.save(TimbreFile(exact.clone()), false).as_deref(),
        Ok("Dusk")
    );
    assert_eq!(store.load("Dusk"), Ok(TimbreFile(exact.clone())));
    let file = store.file("Dusk").unwrap();
    for (from, to, word) in [
        ("\"schema\": 1", "\"schema\": 2", "schema"),
        ("-3.0", "-3e9", "levels"),
        ("\"code\"", "\"cod\"", "cod"),
    ] {
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, text.replace(from, to)).unwrap();
        let why = store.load("Dusk").unwrap_err().to_string();
        assert!(why.contains(word), "{why}");
        fs::write(&file, text).unwrap();
    }
    // A longer name than a project takes is cut, so that the project keeps the timbre.
    let long = "x".repeat(150);
    fs::rename(&file, file.with_file_name(format!("{long}.json"))).unwrap();
    let [entry] = store.list().try_into().unwrap();
    let TimbreFile(found) = entry.content.unwrap();
    assert!(found.check().is_ok(), "{}", found.name.len());
}

#[test]
fn a_project_keeps_the_name_of_its_preset() {
    for name in [
        None,
        Some(PresetName::Factory("darker".to_owned())),
        Some(PresetName::User("Röhre".to_owned())),
    ] {
        let (saved, loaded) = (MoodringParams::default(), MoodringParams::default());
        saved.preset.choose(name.clone(), &MAIN);
        let text = saved
            .preset
            .map(|name| serde_json::to_string(name).unwrap());
        assert_eq!(loaded.preset.loads(), 0);
        loaded.preset.set(serde_json::from_str(&text).unwrap());
        assert_eq!(loaded.preset.get(&MAIN), name);
        assert_eq!(loaded.preset.loads(), 1);
    }
}

#[test]
fn the_command_line_takes_presets() {
    let dry = excerpt(5.0);
    let neutral = morphed(&dry, &["--preset", "String Section", "--set", "Morph=0"]);
    assert!(crate::common::null_dbfs(&neutral.channels, &dry.channels, 0) < -120.0);
    let by_hand = ["Target=String ensemble", "Morph=80 %", "Articulation=15 %"];
    let by_hand = by_hand.map(|setting| ["--set", setting]).concat();
    assert_eq!(
        morphed(&dry, &["--preset", "string-section"]).channels,
        morphed(&dry, &by_hand).channels
    );
}

proptest! {
    #![proptest_config(cases(1_000))]

    #[test]
    fn any_text_becomes_a_good_name_or_none(text in any::<String>()) {
        if let Some(name) = title(&text) {
            prop_assert!(name.chars().count() <= LONGEST_TITLE + "My ".len());
            prop_assert_eq!(title(&name), Some(name.clone()), "it stays as it is");
            let file = format!("{name}.json");
            let path = Path::new(&file);
            prop_assert_eq!(path.file_name().unwrap().to_str(), Some(file.as_str()));
            prop_assert!(!name.starts_with('.') && !name.chars().any(char::is_control));
        }
    }

    #[test]
    fn a_damaged_preset_is_read_or_refused(damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12)) {
        let mut bytes = preset("Damaged").to_json().into_bytes();
        for (at, value) in damage {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        match Preset::parse("damaged.json", &bytes) {
            Ok(preset) => {
                let settings = preset.settings().unwrap();
                prop_assert!(settings.values.values().all(|value| (0.0..=1.0).contains(value)));
            }
            Err(why) => prop_assert_eq!(why.to_string().lines().count(), 1, "{}", why),
        }
    }

    #[test]
    fn noise_is_no_preset_and_no_timbre(noise in prop::collection::vec(any::<u8>(), 0..2_000)) {
        prop_assert!(Preset::parse("noise.json", &noise).is_err());
        prop_assert!(TimbreFile::parse("noise.json", &noise).is_err());
    }

    #[test]
    fn whatever_the_settings_they_come_back(
        knobs in prop::array::uniform8(-3.0_f32..=3.0),
        share in 0.0_f32..=1.0,
        smoothing in 0.0_f32..=1_000.0,
        keep in any::<bool>(),
    ) {
        let params = MoodringParams::default();
        let mut values: BTreeMap<_, _> = knobs
            .iter()
            .enumerate()
            .map(|(index, value)| (format!("latent_{}", index + 1), Value::Number(*value)))
            .collect();
        values.insert("mix".to_owned(), Value::Number(share));
        values.insert("smooth".to_owned(), Value::Number(smoothing));
        values.insert("keeploud".to_owned(), Value::Switch(keep));
        Preset { values, ..neutral() }.settings().unwrap().put(&params, &MAIN);

        let written = Preset::of("There and back", &params, &MAIN).to_json();
        let read = Preset::parse("file.json", written.as_bytes()).unwrap();
        prop_assert!(read.settings().unwrap().hold(&params, &MAIN));
        let other = MoodringParams::default();
        read.settings().unwrap().put(&other, &MAIN);
        for (one, two) in params.knobs.iter().zip(&other.knobs) {
            prop_assert!((one.shift.value() - two.shift.value()).abs() < 1e-4);
        }
        prop_assert!((params.smoothing.value() - other.smoothing.value()).abs() < 0.05);
        prop_assert_eq!(other.keep_loudness.value(), keep);
    }
}
