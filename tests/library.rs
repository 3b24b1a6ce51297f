//! Presets and captured timbres as files; and that each preset that Moodring comes with does what its name says.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod common;

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use common::{excerpt, rms_dbfs};
use moodring::{
    audio_file::AudioFile,
    dsp::{LogMel, MelBank},
    library::{
        FactoryPreset, Kept, LONGEST_TITLE, Library, LibraryError, Preset, TimbreFile, Value,
        factory_presets, neutral, title,
    },
    model::{BANDS, LATENTS, ModelSource, TimbreModel as Model},
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

/// What can be said of a piece of music's spectrum.
struct Heard {
    /// Of all channels together, in dBFS.
    level: f64,
    /// Mean over time of the amplitude-weighted centroid, in octaves.
    centroid: f64,
    /// Share of the energy below 250 Hz, from there to 1, to 4, to 10 kHz and above, in dB.
    shares: [f64; 5],
    /// Mean over time of the power-weighted standard deviation of the frequency, in octaves.
    spread: f64,
    /// Mean shape as the model sees it, in dB.
    shape: Vec<f64>,
    /// How far the shape strays from its mean over time, in dB.
    movement: f64,
}

/// Upper edges of [`Heard::shares`], in Hz.
const EDGES: [f64; 5] = [250.0, 1_000.0, 4_000.0, 10_000.0, f64::INFINITY];

impl Heard {
    fn of(audio: &AudioFile, model: &Model) -> Self {
        let card = &model.card().front_end;
        let bank = MelBank::slaney_mean(
            f64::from(audio.sample_rate),
            card.n_fft,
            BANDS,
            f64::from(card.f_min),
            f64::from(card.f_max),
        );
        let hz = bank.centres().to_vec();
        let width = |band: usize| {
            let at = |band: usize| hz[band.min(hz.len() - 1)];
            (at(band + 1) - at(band.saturating_sub(1))) / 2.0
        };
        let mut frames = Vec::new();
        let mono: Vec<f32> = (0..audio.channels[0].len())
            .map(|n| audio.channels.iter().map(|c| c[n]).sum::<f32>() / audio.channels.len() as f32)
            .collect();
        LogMel::new(card.n_fft, 1_024, bank, BANDS, 1e-10, 1).push(&mono, |levels| {
            frames.push(levels.to_vec());
        });
        let energy = |levels: &[f32]| -> f64 {
            levels
                .iter()
                .enumerate()
                .map(|(band, level)| width(band) * 10_f64.powf(f64::from(*level) / 10.0))
                .sum()
        };
        let loudest = frames
            .iter()
            .map(|levels| energy(levels))
            .fold(0.0, f64::max);
        frames.retain(|levels| energy(levels) > 1e-4 * loudest);

        let mut shares = [0.0; 5];
        let (mut centroid, mut spread) = (0.0, 0.0);
        let shapes: Vec<Vec<f64>> = frames
            .iter()
            .map(|levels| {
                let levels: [f32; BANDS] = levels.as_slice().try_into().unwrap();
                let (mut amplitude, mut moment) = (0.0, 0.0);
                let (mut power, mut mean, mut square) = (0.0, 0.0, 0.0);
                for (band, level) in levels.iter().enumerate() {
                    let level = 10_f64.powf(f64::from(*level) / 10.0);
                    amplitude += width(band) * level.sqrt();
                    moment += width(band) * level.sqrt() * hz[band];
                    let (energy, octave) = (width(band) * level, hz[band].log2());
                    power += energy;
                    mean += energy * octave;
                    square += energy * octave * octave;
                    let part = EDGES.iter().position(|edge| hz[band] < *edge).unwrap();
                    shares[part] += energy;
                }
                centroid += (moment / amplitude).log2();
                spread += (square / power - (mean / power).powi(2)).max(0.0).sqrt();
                let unit = f64::from(card.unit_db);
                model
                    .normalise(&levels)
                    .iter()
                    .map(|level| unit * f64::from(*level))
                    .collect()
            })
            .collect();
        let count = shapes.len() as f64;
        let shape: Vec<f64> = (0..BANDS)
            .map(|band| shapes.iter().map(|shape| shape[band]).sum::<f64>() / count)
            .collect();
        let movement = shapes
            .iter()
            .map(|other| distance(other, &shape))
            .sum::<f64>()
            / count;
        let all: f64 = shares.iter().sum();
        Self {
            level: rms_dbfs(&audio.channels),
            centroid: centroid / count,
            shares: shares.map(|share| 10.0 * (share / all).log10()),
            spread: spread / count,
            shape,
            movement,
        }
    }
}

/// Mean difference of two shapes, in dB.
fn distance(one: &[f64], other: &[f64]) -> f64 {
    one.iter()
        .zip(other)
        .map(|(a, b)| (a - b).abs())
        .sum::<f64>()
        / one.len() as f64
}

/// The excerpt through `moodring morph`.
fn morphed(arguments: &[&str]) -> AudioFile {
    let folder = tempfile::tempdir().unwrap();
    let (dry, wet) = (folder.path().join("dry.wav"), folder.path().join("wet.wav"));
    excerpt(20.0).write_wav(&dry).unwrap();
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

/// How a preset's name must show in the excerpt. Energy shares are those of [`EDGES`], in dB; centroid and spread are in
/// octaves.
enum Claim {
    /// The centroid moves by at least so much (down, if negative) and the share below 250 Hz by no more than 3 dB.
    Centroid(f64),
    /// The share with this index changes by at least so much, in this direction.
    Share(usize, f64),
    /// There is no bass, and the rest is closer together by this.
    Band(f64),
    /// The mean shape is closer to the named timbre's by this factor.
    Target(f64),
    /// The shape moves less by this factor.
    Still(f64),
}

/// What each of the presets claims.
const CLAIMS: [(&str, Claim); 12] = [
    ("darker", Claim::Centroid(-0.3)),
    ("warmer", Claim::Share(1, 1.0)),
    ("air-on-top", Claim::Share(4, 3.0)),
    ("underwater", Claim::Share(3, -8.0)),
    ("telephone", Claim::Band(-0.5)),
    ("bass-shadow", Claim::Share(3, -12.0)),
    ("brass-band", Claim::Target(0.6)),
    ("choir-halo", Claim::Target(0.6)),
    ("string-section", Claim::Target(0.6)),
    ("organ-loft", Claim::Target(0.6)),
    ("bell-tower", Claim::Target(0.6)),
    ("frozen", Claim::Still(0.7)),
];

#[test]
fn each_factory_preset_does_what_its_name_says() {
    // Other models may be asked whether the names are true of them, too.
    let model = Model::load(&ModelSource::from_environment()).unwrap();
    let dry = Heard::of(&excerpt(20.0), &model);
    let named = |id: &str| -> Vec<f64> {
        let anchors = &model.card().anchors;
        let anchor = anchors.iter().find(|anchor| anchor.id == id).unwrap();
        let unit = f64::from(model.card().front_end.unit_db);
        let shape = model.decode(&anchor.mean).unwrap();
        shape.iter().map(|level| unit * f64::from(*level)).collect()
    };
    for FactoryPreset { id, preset } in factory_presets() {
        let (_, claim) = CLAIMS.iter().find(|(claimed, _)| claimed == id).unwrap();
        let wet = Heard::of(&morphed(&["--preset", id]), &model);
        let shares: Vec<_> = wet
            .shares
            .iter()
            .zip(&dry.shares)
            .map(|(wet, dry)| wet - dry)
            .collect();
        let (level, octaves) = (wet.level - dry.level, wet.centroid - dry.centroid);
        let spread = wet.spread - dry.spread;
        let target = match preset.values.get("target") {
            Some(Value::Text(id)) => {
                let target = named(id);
                distance(&wet.shape, &target) / distance(&dry.shape, &target)
            }
            _ => 1.0,
        };
        let still = wet.movement / dry.movement;
        let row = format!(
            "{id:<15} level {level:+.1} dB, centroid {octaves:+.2} and spread {spread:+.2} octaves, shares {} dB, \
             mel distance to the dry sound {:.1} dB, to the target {target:.2} times the dry sound's, movement {still:.2} times",
            shares
                .iter()
                .map(|share| format!("{share:+.1}"))
                .collect::<Vec<_>>()
                .join(" "),
            distance(&wet.shape, &dry.shape),
        );
        println!("{row}");
        let reached = |value: f64, claimed: f64| value * claimed.signum() >= claimed.abs();
        let holds = match *claim {
            Claim::Centroid(most) => reached(octaves, most) && shares[0].abs() < 3.0,
            Claim::Share(part, most) => reached(shares[part], most),
            Claim::Band(most) => reached(spread, most) && shares[0] < -12.0,
            Claim::Target(most) => target < most,
            Claim::Still(most) => still < most,
        };
        assert!(holds, "{row}");
        assert!(level.abs() < 1.5, "as loud as it was: {row}");
        assert!(distance(&wet.shape, &dry.shape) > 1.0, "it is heard: {row}");
    }
}

#[test]
fn the_factory_presets_are_twelve_and_each_says_what_it_does() {
    let presets = factory_presets();
    assert_eq!(presets.len(), 12, "a file is broken");
    for (index, factory) in presets.iter().enumerate() {
        let Preset { name, does, .. } = &factory.preset;
        assert_eq!(title(name).as_ref(), Some(name));
        assert!(!does.is_empty(), "{name}");
        let settings = factory.preset.settings().unwrap();
        for left_alone in ["bypass", "output", "average"] {
            assert!(!settings.values.contains_key(left_alone), "{name}");
        }
        for other in &presets[..index] {
            assert_ne!(other.id, factory.id);
            assert_ne!(other.preset.name, *name);
            assert_ne!(other.preset.settings().unwrap().values, settings.values);
        }
        let library = Library::default();
        assert_eq!(library.find(factory.id), Ok(factory.preset.clone()));
        assert_eq!(
            library.find(&name.to_uppercase()),
            Ok(factory.preset.clone())
        );
    }
}

#[test]
fn a_preset_is_a_value_for_every_parameter_of_the_sound() {
    let params = MoodringParams::default();
    preset("One").settings().unwrap().put(&params);
    assert_eq!(params.knobs[0].shift.value(), -1.25);
    assert!((params.morph.value() - 0.8).abs() < 1e-6);
    assert!(!neutral().settings().unwrap().hold(&params));
    assert!(preset("One").settings().unwrap().hold(&params));
    // What the next one doesn't name goes back to its default.
    neutral().settings().unwrap().put(&params);
    assert_eq!(params.knobs[0].shift.value(), 0.0);
    assert_eq!(params.morph.value(), 0.0);
    assert!(neutral().settings().unwrap().hold(&params));
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
    loud.settings().unwrap().put(&params);
    let values = || {
        (
            params.output.value(),
            params.bypass.value(),
            params.average.value(),
        )
    };
    assert_eq!(values(), (6.0, true, 9.0));
    neutral().settings().unwrap().put(&params);
    assert_eq!(values(), (6.0, true, 9.0));
    let kept = Preset::of("Kept", &params);
    for id in ["output", "bypass", "average"] {
        assert!(!kept.values.contains_key(id), "{id}");
    }
}

#[test]
fn captured_timbres_go_with_a_preset_that_leads_to_them() {
    let params = MoodringParams::default();
    params.captures.set(Slot::B, Some(captured()));
    assert_eq!(Preset::of("Elsewhere", &params).captures, [None, None]);
    let to_captures = Preset {
        values: BTreeMap::from([("aim".to_owned(), Value::Text("captures".to_owned()))]),
        ..neutral()
    };
    to_captures.settings().unwrap().put(&params);
    assert_eq!(params.morph_source.value(), MorphSource::Captures);
    let (_folder, library) = store();
    library
        .presets()
        .save(Preset::of("Dusk to dawn", &params), false)
        .unwrap();

    let other = MoodringParams::default();
    other.captures.set(Slot::A, Some(captured()));
    let settings = library
        .presets()
        .load("Dusk to dawn")
        .unwrap()
        .settings()
        .unwrap();
    settings.put(&other);
    assert_eq!(other.captures.get(Slot::B), Some(captured()));
    assert!(
        other.captures.get(Slot::A).is_some(),
        "an empty slot empties none"
    );
    assert!(settings.hold(&other));
    other.captures.set(Slot::B, None);
    assert!(!settings.hold(&other));
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
fn broken_files_are_listed_with_what_is_wrong() {
    let (_folder, library) = store();
    let store = library.presets();
    store.save(preset("Sound"), false).unwrap();
    let folder = store.folder().unwrap().to_owned();
    let wrong = |values: &str| format!(r#"{{"schema": 1, "name": "x", "values": {values}}}"#);
    for (name, content, word) in [
        ("a", "no JSON".to_owned(), "expected"),
        ("b", preset("b").to_json().replace("\"schema\": 1", "\"schema\": 9"), "schema"),
        ("c", wrong(r#"{"latent_1": 99}"#), "values.latent_1"),
        ("d", wrong(r#"{"latent_1": "loud"}"#), "values.latent_1"),
        ("e", wrong(r#"{"target": "no such timbre"}"#), "values.target"),
        ("f", wrong(r#"{"target": 3}"#), "values.target"),
        ("g", wrong(r#"{"keeploud": 0.5}"#), "values.keeploud"),
        ("h", wrong(r#"{"loudness": 1}"#), "loudness"),
        ("i", wrong(r#"{"latent_1": 1e999}"#), "number out of range"),
        ("j", wrong(&format!(r#"{{"latent_1": {}"#, "[".repeat(100_000))), "recursion"),
        ("k", " ".repeat(200_000), "196 kB"),
        ("l", r#"{"schema": 1, "name": "x", "values": {}, "colour": 1}"#.to_owned(), "colour"),
        (
            "m",
            r#"{"schema": 1, "name": "x", "values": {}, "captures": {"a": {"name": "", "code": [0,0,0,0,0,0,0,0], "levels": [], "model": ""}}}"#
                .to_owned(),
            "name",
        ),
    ] {
        fs::write(folder.join(format!("{name}.json")), content).unwrap();
        let entries = store.list();
        let entry = entries.iter().find(|entry| entry.name == name).unwrap();
        let why = entry.content.as_ref().unwrap_err().to_string();
        assert!(why.contains(word), "{name}: {why}");
        assert!(why.contains(&format!("{name}.json")), "{name}: {why}");
        assert_eq!(why.lines().count(), 1, "{why}");
    }
    // What isn't ours isn't listed: folders, drafts, hidden files, other endings.
    fs::create_dir(folder.join("z.json")).unwrap();
    for other in [".Sound.1.draft", ".hidden.json", "readme.txt"] {
        fs::write(folder.join(other), preset("x").to_json()).unwrap();
    }
    let entries = store.list();
    assert_eq!(entries.len(), 14);
    assert!(
        entries
            .iter()
            .any(|entry| entry.name == "Sound" && entry.content.is_ok())
    );
}

/// A preset's file as it was found.
fn found(name: &str) -> Vec<u8> {
    let presets = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/presets");
    fs::read(presets.join(name)).unwrap()
}

#[test]
fn a_preset_is_read_whatever_an_editor_made_of_its_text() {
    let expected = Preset::parse("bom.json", &found("bom.json")).unwrap();
    assert_eq!(expected.values["latent_1"], Value::Number(1.2));
    let text = preset("Röhre 2").to_json();
    let expected = Preset::parse("x.json", text.as_bytes()).unwrap();
    let units: Vec<u16> = text.encode_utf16().collect();
    let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    for (mark, text) in [
        (&b"\xef\xbb\xbf"[..], text.as_bytes()),
        (b"\xff\xfe", &little),
        (b"\xfe\xff", &big),
        (b"", &little),
        (b"", &big),
    ] {
        let bytes = [mark, text].concat();
        assert_eq!(Preset::parse("x.json", &bytes), Ok(expected.clone()));
    }
    let timbre = TimbreFile(captured()).to_json();
    let bytes = [b"\xef\xbb\xbf", timbre.as_bytes()].concat();
    assert_eq!(
        TimbreFile::parse("x.json", &bytes),
        Ok(TimbreFile(captured()))
    );
    for broken in [
        &little[1..],
        &[&b"\xff\xfe"[..], b"\x00\xd8"].concat(),
        b"\xff\xff",
    ] {
        let why = Preset::parse("x.json", broken).unwrap_err().to_string();
        assert!(why.contains("UTF"), "{why}");
    }
}

#[test]
fn what_a_newer_moodring_has_made_is_told_and_left_alone() {
    let (_folder, library) = store();
    let store = library.presets();
    store.save(preset("Alto"), false).unwrap();
    let file = store.folder().unwrap().join("Alto.json");
    // Fields that nobody knows yet are no reason for another message.
    let later = br#"{"schema": 2, "name": "Alto", "layers": [1, 2]}"#;
    for newer in [&found("newer.json")[..], later] {
        fs::write(&file, newer).unwrap();
        let [entry] = store.list().try_into().unwrap();
        let why = entry.content.unwrap_err();
        assert_eq!(why.in_short(), "made by a newer Moodring");
        let why = why.to_string();
        assert!(
            why.contains("made by a newer Moodring (schema 2; this one reads up to 1)"),
            "{why}"
        );
        assert!(
            why.contains("Alto.json") && why.lines().count() == 1,
            "{why}"
        );
        // Not even on purpose: this version can't show what would be lost.
        for replace in [false, true] {
            assert!(store.save(preset("Alto"), replace).is_err());
        }
        assert_eq!(fs::read(&file).unwrap(), newer);
    }
    let timbre = TimbreFile(captured())
        .to_json()
        .replace("\"schema\": 1", "\"schema\": 3");
    let why = TimbreFile::parse("x.json", timbre.as_bytes()).unwrap_err();
    assert!(
        matches!(
            why,
            LibraryError::Newer {
                schema: 3,
                known: 1,
                ..
            }
        ),
        "{why}"
    );
}

#[test]
fn a_folder_that_cannot_be_written_leaves_everything_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    // A file stands where the folder should be.
    fs::write(folder.path().join("presets"), "in the way").unwrap();
    let store = Library::at(folder.path().to_owned()).presets();
    assert!(store.list().is_empty());
    let why = store.save(preset("Alto"), false).unwrap_err();
    assert!(matches!(why, LibraryError::Unwritable { .. }), "{why}");
    assert_eq!(
        fs::read(folder.path().join("presets")).unwrap(),
        b"in the way"
    );

    // A folder stands where the file should be: nothing half written stays behind.
    let (_folder, library) = self::store();
    let store = library.presets();
    fs::create_dir_all(store.folder().unwrap().join("Alto.json")).unwrap();
    assert!(store.save(preset("Alto"), true).is_err());
    assert_eq!(fs::read_dir(store.folder().unwrap()).unwrap().count(), 1);

    let nowhere = Library::default().presets();
    assert_eq!(
        nowhere.save(preset("Alto"), false),
        Err(LibraryError::NoFolder)
    );
    assert!(nowhere.list().is_empty());
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
        saved.preset.choose(name.clone());
        let text = saved
            .preset
            .map(|name| serde_json::to_string(name).unwrap());
        assert_eq!(loaded.preset.loads(), 0);
        loaded.preset.set(serde_json::from_str(&text).unwrap());
        assert_eq!(loaded.preset.get(), name);
        assert_eq!(loaded.preset.loads(), 1);
    }
}

#[test]
fn the_command_line_takes_presets() {
    let dry = excerpt(20.0);
    let neutral = morphed(&["--preset", "Darker", "--set", "Brightness=0"]);
    assert!(common::null_dbfs(&neutral.channels, &dry.channels, 0) < -120.0);
    let by_hand = morphed(&["--set", "Brightness=-1.5"]);
    assert_eq!(morphed(&["--preset", "darker"]).channels, by_hand.channels);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

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
        Preset { values, ..neutral() }.settings().unwrap().put(&params);

        let written = Preset::of("There and back", &params).to_json();
        let read = Preset::parse("file.json", written.as_bytes()).unwrap();
        prop_assert!(read.settings().unwrap().hold(&params));
        let other = MoodringParams::default();
        read.settings().unwrap().put(&other);
        for (one, two) in params.knobs.iter().zip(&other.knobs) {
            prop_assert!((one.shift.value() - two.shift.value()).abs() < 1e-4);
        }
        prop_assert!((params.smoothing.value() - other.smoothing.value()).abs() < 0.05);
        prop_assert_eq!(other.keep_loudness.value(), keep);
    }
}
