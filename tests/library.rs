//! Presets and captured timbres as files; and that each preset that Moodring comes with does what its name says.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod common;

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use common::{excerpt, rms_dbfs};
use moodring::{
    audio_file::AudioFile,
    dsp::{LogMel, MelBank},
    library::{
        Kept, LONGEST_TITLE, Library, LibraryError, Preset, Timbre, Value, factory_presets,
        neutral, title,
    },
    model::{BANDS, LATENTS, ModelSource, Timbre as Model},
    params::{Aim, Captured, MoodringParams, PresetName, Slot},
};
use nice_plug::prelude::{Param, PersistentField};
use proptest::prelude::*;
use tempfile::TempDir;

fn shelf() -> (TempDir, Library) {
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
        code: [0.5; LATENTS],
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
        LogMel::new(card.n_fft, 1_024, bank, BANDS, 1e-10).push(&mono, |levels| {
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

#[test]
fn each_factory_preset_does_what_its_name_says() {
    let model = Model::load(&ModelSource::Embedded).unwrap();
    let dry = Heard::of(&excerpt(20.0), &model);
    let named = |id: &str| -> Vec<f64> {
        let anchors = &model.card().anchors;
        let anchor = anchors.iter().find(|anchor| anchor.id == id).unwrap();
        let unit = f64::from(model.card().front_end.unit_db);
        let shape = model.decode(&anchor.mean).unwrap();
        shape.iter().map(|level| unit * f64::from(*level)).collect()
    };
    for factory in factory_presets() {
        let wet = Heard::of(&morphed(&["--preset", factory.id]), &model);
        let shares: Vec<_> = wet
            .shares
            .iter()
            .zip(&dry.shares)
            .map(|(a, b)| a - b)
            .collect();
        let octaves = wet.centroid - dry.centroid;
        let changed = distance(&wet.shape, &dry.shape);
        let nearer = |id: &str| distance(&wet.shape, &named(id)) / distance(&dry.shape, &named(id));
        let target = match &factory.preset.values.get("target") {
            Some(Value::Text(id)) => nearer(id),
            _ => f64::NAN,
        };
        let row = format!(
            "{:<15} level {:+.1} dB, centroid {octaves:+.2} octaves, spread {:+.2} octaves, shares {} dB, mel distance {changed:.1} dB, \
             to the target {target:.2} of the dry one's, movement {:.1} of {:.1} dB",
            factory.id,
            wet.level - dry.level,
            wet.spread - dry.spread,
            shares
                .iter()
                .map(|share| format!("{share:+.1}"))
                .collect::<Vec<_>>()
                .join(" "),
            wet.movement,
            dry.movement,
        );
        println!("{row}");
    }
}
