//! `moodring describe`, against librosa's and ffmpeg's values of the music in `tests/music`.

use moodring::audio_file::AudioFile;
use serde_json::Value;

use super::{complaint, moodring, ok, path, text};
use crate::audio_file::{case, sine};
use std::{collections::BTreeMap, fs, path::Path};
use tempfile::TempDir;

const MUSIC: [&str; 5] = [
    "crazy_glue.ogg",
    "didgeridoo.ogg",
    "notes.ogg",
    "twit_journalist.ogg",
    "war_of_freedom.ogg",
];

fn here(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    path.to_str().unwrap().to_owned()
}

/// What it says of the music, by file.
fn described() -> BTreeMap<String, Value> {
    let files = MUSIC.map(|name| here(&format!("tests/music/{name}")));
    let mut arguments = vec!["describe", "--format", "json"];
    arguments.extend(files.iter().map(String::as_str));
    let output = moodring(&arguments).output().unwrap();
    ok(&output);
    let all: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let name = |of: &Value| {
        let file = Path::new(of["file"].as_str().unwrap());
        file.file_name().unwrap().to_str().unwrap().to_owned()
    };
    all.into_iter().map(|of| (name(&of), of)).collect()
}

#[test]
fn tempo_key_tuning_and_loudness_of_music_are_librosas_and_ffmpegs() {
    let golden = fs::read(here("tests/golden/descriptors.json")).unwrap();
    let golden: Value = serde_json::from_slice(&golden).unwrap();
    let described = described();
    let number = |value: &Value| value.as_f64().unwrap();
    let mut octaves_off = 0;
    for name in MUSIC {
        let (found, expected) = (&described[name], &golden["music"][name]);
        let [tempo, reference] = [&found["tempo"], &expected["tempo"]].map(number);
        let octaves = (tempo / reference).log2().round();
        octaves_off += usize::from(octaves != 0.0);
        assert!(
            (tempo / octaves.exp2() - reference).abs() <= 1.0,
            "{name}: {tempo} and {reference} BPM"
        );
        let key = format!("{} {}", found["key"]["tonic"], found["key"]["mode"]);
        println!(
            "{name}: {tempo:.1} and {reference:.1} BPM, {key}, {}",
            found["loudness"]
        );
        let tonics = [
            "C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B",
        ];
        let tonic = tonics[expected["key"]["tonic"].as_u64().unwrap() as usize];
        assert_eq!(found["key"]["tonic"], tonic, "{name}");
        assert_eq!(found["key"]["mode"], expected["key"]["mode"], "{name}");
        let off = number(&found["tuning_cents"]) - 100.0 * number(&expected["tuning"]);
        // It is the place that most partials are at, and theirs went through another resampler.
        assert!(off.abs() < 5.5, "{name}: {off} cents");
        for (ours, ffmpegs, most) in [
            ("integrated_lufs", "integrated", 0.1),
            ("range_lu", "range", 0.1),
            ("highest_momentary_lufs", "highest_momentary", 0.1),
            ("highest_short_term_lufs", "highest_short_term", 0.1),
            ("true_peak_dbtp", "true_peak", 0.2),
        ] {
            let (ours, reference) = (&found["loudness"][ours], &expected["loudness"][ffmpegs]);
            let off = number(ours) - number(reference);
            // ffmpeg rounds to a tenth.
            assert!(
                off.abs() <= most + 0.05,
                "{name}: {ffmpegs}: {ours} and {reference}"
            );
        }
        let beats = found["beats"].as_array().unwrap().len() as f64;
        let expected_beats = expected["beats"].as_array().unwrap().len() as f64;
        assert!(
            (beats / expected_beats - 1.0).abs() < 0.1,
            "{name}: {beats}"
        );
        assert!(found["timbre"]["brightness"].is_number(), "{name}");
        assert_eq!(found["note"], Value::Null);
    }
    assert_eq!(octaves_off, 0, "no octave is needed");
}

#[test]
fn every_frame_is_a_row_in_every_format_and_the_columns_are_named() {
    let good = case("good.wav");
    let run = |more: &[&str]| {
        let mut arguments = vec!["describe", path(&good)];
        arguments.extend(more);
        let output = moodring(&arguments).output().unwrap();
        ok(&output);
        text(&output.stdout).to_owned()
    };
    let rows = run(&["--every", "--format", "csv"]);
    let mut reader = csv::Reader::from_reader(rows.as_bytes());
    let header = reader.headers().unwrap().clone();
    let frames: Vec<_> = reader.records().map(Result::unwrap).collect();
    let lines = run(&["--every", "--format", "jsonl"]);
    assert_eq!(lines.lines().count(), frames.len());
    let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    for name in &header {
        assert!(
            !first[name].is_null() || ["momentary", "short_term", "pitch"].contains(&name),
            "{name}"
        );
    }
    assert_eq!(run(&["--every"]).lines().count(), frames.len() + 1);
    let summary = run(&["--format", "csv"]);
    let mut reader = csv::Reader::from_reader(summary.as_bytes());
    let header = reader.headers().unwrap().clone();
    let row = reader.records().next().unwrap().unwrap();
    let of = |name: &str| {
        row.get(header.iter().position(|own| own == name).unwrap())
            .unwrap()
    };
    let seconds: f64 = of("seconds").parse().unwrap();
    // 43 frames a second, and one at either end.
    let expected = 1 + (seconds * 22_050.0 / 512.0) as usize;
    assert!(
        frames.len().abs_diff(expected) <= 1,
        "{} {expected}",
        frames.len()
    );
    let mean: f64 = of("rms_mean").parse().unwrap();
    assert!(mean > 0.0 && of("note").is_empty());
    let table = run(&[]);
    for words in ["tempo:", "key:", "LUFS", "timbre:"] {
        assert!(table.contains(words), "{table}");
    }
}

/// A golden array, row by row.
fn golden_rows(name: &str, columns: usize) -> Vec<Vec<f64>> {
    let bytes = fs::read(here(&format!("tests/golden/{name}.f32"))).unwrap();
    let values = bytes.chunks_exact(4);
    let values = values.map(|bytes| f64::from(f32::from_le_bytes(bytes.try_into().unwrap())));
    let values: Vec<_> = values.collect();
    values.chunks_exact(columns).map(<[f64]>::to_vec).collect()
}

#[test]
fn constant_q_and_cens_are_librosas_in_the_row_of_their_frame() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("excerpt.wav");
    let sound = golden_rows("descriptor_input", 1);
    let sound = AudioFile {
        sample_rate: 22_050,
        channels: vec![sound.iter().map(|sample| sample[0] as f32).collect()],
    };
    sound.write_wav(&file).unwrap();
    let run = |more: &[&str]| {
        let mut arguments = vec!["describe", path(&file)];
        arguments.extend(more);
        let output = moodring(&arguments).output().unwrap();
        ok(&output);
        text(&output.stdout).to_owned()
    };
    let rows = run(&["--every", "--constant-q", "--format", "csv"]);
    let mut reader = csv::Reader::from_reader(rows.as_bytes());
    let header = reader.headers().unwrap().clone();
    let frames: Vec<_> = reader.records().map(Result::unwrap).collect();
    let frames = |first: &str, columns: usize| -> Vec<Vec<f64>> {
        let first = header.iter().position(|name| name == first).unwrap();
        let row = |frame: &csv::StringRecord| {
            let values = frame.iter().skip(first).take(columns);
            values.map(|value| value.parse().unwrap()).collect()
        };
        frames.iter().map(row).collect()
    };
    for (array, first, last, columns) in [
        // What was there before is in the same row.
        ("descriptor_chroma", "chroma_c", "chroma_b", 12),
        ("descriptor_cqt", "cqt_c1", "cqt_b7", 84),
        ("descriptor_cens", "cens_c", "cens_b", 12),
    ] {
        let place = |of: &str| header.iter().position(|name| name == of).unwrap();
        assert_eq!(place(last) - place(first), columns - 1, "{array}");
        let (found, expected) = (frames(first, columns), golden_rows(array, columns));
        assert_eq!(found.len(), expected.len(), "{array}");
        for (number, (found, expected)) in found.iter().zip(&expected).enumerate() {
            for (found, expected) in found.iter().zip(expected) {
                let most = 1e-3 * expected.abs().max(1e-3);
                assert!(
                    (found - expected).abs() < most,
                    "{array}, {number}: {found}, {expected}"
                );
            }
        }
    }
    // A summary has their means, and who doesn't ask gets none.
    let all: Value = serde_json::from_str(&run(&["--constant-q", "--format", "jsonl"])).unwrap();
    let means = golden_rows("descriptor_cqt", 84);
    let mean = means.iter().map(|row| row[33]).sum::<f64>() / means.len() as f64;
    let found = all["frames"]["cqt_a3"]["mean"].as_f64().unwrap();
    assert!((found / mean - 1.0).abs() < 1e-4, "{found}, {mean}");
    assert_eq!(all["frame_count"], means.len());
    let table = run(&["--constant-q"]);
    assert!(table.contains("CENS: C ") && table.contains("constant Q, strongest: "));
    let plain: Value = serde_json::from_str(&run(&["--format", "jsonl"])).unwrap();
    assert_eq!(plain["frames"]["cqt_a3"], Value::Null);
    let without = |value: &Value| {
        let frames = value["frames"].as_object().unwrap().clone();
        let others = frames.into_iter();
        others
            .filter(|(name, _)| !name.starts_with("cqt_") && !name.starts_with("cens_"))
            .collect::<Vec<_>>()
    };
    assert_eq!(without(&all), without(&plain));
    assert_eq!(all["beats"], plain["beats"]);
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_described() {
    let folder = TempDir::new().unwrap();
    let none = folder.path().join("none.wav");
    let bad = case("bad.mp3");
    let good = case("good.wav");
    let arguments = ["describe", "--format", "jsonl", path(&none), path(&good)];
    let output = moodring(&arguments).output().unwrap();
    assert!(complaint(&output).contains("none.wav"));
    assert_eq!(text(&output.stdout).lines().count(), 1);
    let output = moodring(&["describe", path(&bad)]).output().unwrap();
    assert!(complaint(&output).contains("bad.mp3"));
    // Silence is described as what it is.
    let silence = case("silence-3s.wav");
    let output = moodring(&["describe", "--format", "json", path(&silence)])
        .output()
        .unwrap();
    ok(&output);
    let all: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    for name in ["tempo", "key", "tuning_cents", "timbre"] {
        assert_eq!(all[0][name], Value::Null, "{name}");
    }
    assert_eq!(all[0]["loudness"]["integrated_lufs"], Value::Null);
}

#[test]
fn samples_that_are_no_sound_are_told_by_all_who_hear_files() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("strays.wav");
    let mut sound = sine(2.0, 1);
    let whole = sound.clone();
    sound.channels[0][22_050] = f32::NAN;
    sound.channels[0][30_000] = f32::NEG_INFINITY;
    sound.write_wav(&file).unwrap();
    let told = "2 samples, from 1.00 s on, are no finite number or above +60 dBFS";
    for command in ["describe", "tag"] {
        for format in ["table", "jsonl", "csv"] {
            let output = moodring(&[command, "--format", format, path(&file)])
                .output()
                .unwrap();
            ok(&output);
            let text = text(&output.stdout);
            assert!(text.contains(told), "{command}: {text}");
            assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
        }
    }
    let morphed = folder.path().join("morphed.wav");
    let morph = || {
        moodring(&["morph", path(&file), "-o", path(&morphed)])
            .output()
            .unwrap()
    };
    let output = morph();
    assert!(output.status.success());
    let note = text(&output.stderr);
    assert!(note.contains(told) && note.contains("strays.wav"), "{note}");
    // They are what the plugin takes them for, silence, and nothing else is told.
    let peak = |file: &AudioFile| file.channels[0].iter().copied().fold(0.0, f32::max);
    assert!(peak(&AudioFile::read(&morphed).unwrap()) <= peak(&whole));
    whole.write_wav(&file).unwrap();
    ok(&morph());
    for command in ["describe", "tag"] {
        let output = moodring(&[command, path(&file)]).output().unwrap();
        assert!(!text(&output.stdout).contains("samples"));
    }
}
