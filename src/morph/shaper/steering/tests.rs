//! That steering is what the figures of the model's card were measured with, and what holds of every turn.

use super::*;
use crate::{
    model::{ModelSource, TimbreModel},
    morph::shaper::bounds::bounded,
};

/// What `python tests/test_steering.py` printed in models/training.
const GOLDEN: &str = include_str!("../../../../tests/golden/steering.json");

#[derive(serde::Deserialize)]
struct Golden {
    descriptors: Vec<f32>,
    curve: Vec<f32>,
}

fn card() -> TimbreCard {
    let model = TimbreModel::load(&ModelSource::Embedded).unwrap();
    model.card().clone()
}

/// A row of harmonics over a floor.
fn harmonics() -> MelDb {
    std::array::from_fn(|band| {
        let band = band as f32;
        (-0.3 * band - 50.0 * (0.7 * band).sin().abs()).max(-80.0)
    })
}

fn near(found: &[f32], wanted: &[f32], apart: f32) {
    assert_eq!(found.len(), wanted.len());
    for (found, wanted) in found.iter().zip(wanted) {
        assert!((found - wanted).abs() < apart, "{found}, not {wanted}");
    }
}

#[test]
fn curves_are_those_that_the_pipeline_measures_the_knobs_with() {
    let golden: Vec<Golden> = serde_json::from_str(GOLDEN).unwrap();
    let steering = Steering::new(&card()).unwrap();
    let hiss = std::array::from_fn(|band| -0.2 * band as f32);
    let curve = std::array::from_fn(|band| 6.0 * (0.05 * band as f32).cos());
    let flat = [0.0; BANDS];
    let sounds = [(hiss, flat), (harmonics(), flat), (harmonics(), curve)];
    let turns = [
        [1.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        [0.0, -1.2, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        [-1.0, 0.5, 0.2, 1.0, -0.5, 0.8, -1.2, 0.6],
    ];
    let before = std::array::from_fn(|index| 0.1 * index as f32);
    assert_eq!(golden.len(), turns.len());
    for (((levels, without), turned), golden) in sounds.iter().zip(turns).zip(golden) {
        let much: f32 = turned.iter().sum();
        let drawn = std::array::from_fn(|band| 4.0 * (0.03 * band as f32 + much).cos());
        let correction = steering.correction(&Turn {
            levels,
            without,
            drawn: &drawn,
            latents: [
                &before,
                &std::array::from_fn(|index| before[index] + turned[index]),
            ],
        });
        let described = steering.descriptors.of(levels).values;
        near(&described, &golden.descriptors, 2e-3);
        near(&steering.curve(&correction), &golden.curve, 0.02);
    }
}

#[test]
fn a_turned_knob_moves_its_own_descriptor_and_the_other_three_hardly() {
    let steering = Steering::new(&card()).unwrap();
    let levels: MelDb = std::array::from_fn(|band| {
        let band = band as f32;
        -0.4 * band - 25.0 * (0.7 * band).sin().abs()
    });
    // What the decoder draws is worth nothing here: it lifts the treble, whatever is turned.
    let drawn = std::array::from_fn(|band| 3.0 * (band as f32 / 64.0 - 1.0));
    let told = |curve: &MelDb| {
        let sound = bounded(curve, 1.0, &levels);
        let sound = std::array::from_fn(|band| levels[band] + sound[band]);
        let described = steering.descriptors.of(&sound).values;
        let deviations = described.iter().zip(&steering.spreads);
        deviations.map(|(told, std)| told / std).collect::<Vec<_>>()
    };
    let start = told(&[0.0; BANDS]);
    for knob in 0..4 {
        for way in [-1.0, 1.0] {
            let mut after = [0.0; LATENTS];
            after[knob] = way;
            let correction = steering.correction(&Turn {
                levels: &levels,
                without: &[0.0; BANDS],
                drawn: &drawn,
                latents: [&[0.0; LATENTS], &after],
            });
            let added = steering.curve(&correction);
            let end = told(&std::array::from_fn(|band| drawn[band] + added[band]));
            for other in 0..4 {
                let change = end[other] - start[other];
                if other == knob {
                    assert!(change * way > 0.1, "{knob} {way}: {change}");
                } else {
                    assert!(change.abs() < 0.25, "{knob} {way}: {other} by {change}");
                }
            }
        }
    }
}

#[test]
fn nothing_but_finite_curves_within_the_bound_comes_of_silence_and_single_bands() {
    let steering = Steering::new(&card()).unwrap();
    let mut tone = [-80.0; BANDS];
    tone[60] = 0.0;
    let loud = [1e6; BANDS];
    for (levels, drawn) in [
        ([0.0; BANDS], [0.0; BANDS]),
        ([-80.0; BANDS], loud),
        (tone, loud),
        (tone, loud.map(|level| -level)),
        (harmonics(), [0.0; BANDS]),
    ] {
        for way in [-50.0, -3.0, 3.0, 50.0] {
            let correction = steering.correction(&Turn {
                levels: &levels,
                without: &[0.0; BANDS],
                drawn: &drawn,
                latents: [&[0.0; LATENTS], &[way; LATENTS]],
            });
            for gain in steering.curve(&correction) {
                assert!(gain.abs() <= LARGEST_DB, "{way}: {gain} dB");
            }
        }
    }
}

#[test]
fn knobs_of_a_model_that_does_not_tell_how_its_descriptors_vary_are_not_steered() {
    let mut card = card();
    assert!(Steering::new(&card).is_some());
    card.latents[3].measure_std = None;
    assert!(Steering::new(&card).is_none());
}

#[test]
fn a_system_of_equations_is_solved() {
    let matrix: [[f32; LATENTS]; LATENTS] = std::array::from_fn(|row| {
        std::array::from_fn(|column| match row.abs_diff(column) {
            0 => 3.0 + row as f32,
            1 => -1.0,
            _ => 0.1,
        })
    });
    let wanted: Latent = std::array::from_fn(|index| index as f32 - 2.5);
    let right = matrix.map(|row| row.iter().zip(&wanted).map(|(a, b)| a * b).sum());
    near(&solved(matrix, right), &wanted, 1e-4);
}
