//! What Morph can lead to: places on the map, captured timbres, and what plays at the sidechain, measured on real music in
//! the bundled plugin.

use crate::{
    common::{
        edited, excerpt, plugin, set, set_latency,
        shapes::{self, distance, mean_distance, mean_shape},
    },
    safety::noise,
};
use moodring::{
    dsp::StreamResampler,
    model::{MelDb, ModelSource, TimbreMap, TimbreModel},
    morph::Shaper,
    params::Captured,
};
use moodring_host::{Plugin, Render};
use serde_json::json;

const RATE: f64 = 44_100.0;

/// A stretch of real music besides the shipped excerpt: one of the golden vectors' inputs, brought to [`RATE`].
fn other_music(index: usize) -> Vec<f32> {
    const SAMPLES: usize = 59_049;
    let bytes = std::fs::read("tests/golden/pilot/tagger_input.f32").unwrap();
    let samples: Vec<f32> = bytes
        .chunks_exact(4)
        .skip(index * SAMPLES)
        .take(SAMPLES)
        .map(|four| f32::from_le_bytes(four.try_into().unwrap()))
        .collect();
    let mut resampler = StreamResampler::new(16_000.0, RATE, 1).unwrap();
    let mut music = Vec::new();
    resampler.push(&samples, |samples| music.extend_from_slice(samples));
    music
}

/// A saw-tooth chord that swells and fades, darkened by a one-pole low-pass.
fn dark_chord(samples: usize) -> Vec<f32> {
    let mut smooth = 0.0;
    (0..samples)
        .map(|n| {
            let seconds = n as f64 / RATE;
            let saws = [110.0, 164.8, 220.0, 277.2]
                .map(|hz| 2.0 * (hz * seconds).fract() - 1.0)
                .iter()
                .sum::<f64>();
            smooth += 0.04 * (saws - smooth);
            (0.1 * smooth * (1.2 + (3.0 * seconds).sin())) as f32
        })
        .collect()
}

fn shapes(timbre: &TimbreModel, sound: &[f32]) -> Vec<Option<MelDb>> {
    shapes::shapes(timbre, RATE, sound)
}

/// Renders offline with something at the sidechain, or nothing; the left channel, lined up with the input.
fn bounce(plugin: &mut Plugin, input: &[f32], sidechain: &[f32]) -> Vec<f32> {
    // As long as the latency, and more.
    let length = input.len() + 20_000;
    let stereo = |sound: &[f32]| {
        let mut sound = sound.to_vec();
        sound.resize(length, 0.0);
        vec![sound.clone(), sound]
    };
    let render = Render {
        sidechain: stereo(sidechain),
        ..Render::offline(RATE)
    };
    let rendered = render.run(plugin, &stereo(input), &[]).unwrap();
    let latency = rendered.latency as usize;
    rendered.output[0][latency..latency + input.len()].to_vec()
}

fn timbre() -> TimbreModel {
    TimbreModel::load(&ModelSource::Embedded).unwrap()
}

#[test]
fn the_sidechain_lends_its_timbre() {
    let timbre = timbre();
    let mut input = excerpt(5.0).channels.swap_remove(0);
    for (name, sidechain) in [
        ("a dark chord", dark_chord(input.len())),
        ("caves", other_music(0)),
        ("void sensor", other_music(1)),
    ] {
        input.truncate(sidechain.len());
        for (mode, most) in [("studio", 0.5), ("live", 0.8)] {
            let mut plugin = plugin();
            set_latency(&mut plugin, mode);
            set(
                &mut plugin,
                &[
                    ("Morph To", "Sidechain"),
                    ("Morph", "100 %"),
                    ("Resynthesis", "100 %"),
                    ("Smoothing", "10 ms"),
                ],
            );
            let output = bounce(&mut plugin, &input, &sidechain);
            let [before, after, wanted] =
                [&input, &output, &sidechain].map(|sound| shapes(&timbre, sound));
            let (before, after) = (
                mean_distance(&before, &wanted),
                mean_distance(&after, &wanted),
            );
            println!("{mode}, {name}: {before:.1} dB from the sidechain, morphed {after:.1} dB");
            assert!(after <= most * before, "{name}: {before} -> {after} dB");
        }
    }
}

#[test]
fn without_anything_at_the_sidechain_the_sound_is_left_alone() {
    let input = excerpt(2.0).channels.swap_remove(0);
    let mut plugin = plugin();
    set(
        &mut plugin,
        &[("Morph To", "Sidechain"), ("Morph", "100 %")],
    );
    let output = bounce(&mut plugin, &input, &[]);
    let worst = output
        .iter()
        .zip(&input)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max);
    assert!(worst < 1e-5, "{worst}");
}

/// What a sound would be captured as.
fn captured(timbre: &TimbreModel, name: &str, sound: &[f32]) -> Captured {
    let shape = mean_shape(&shapes(timbre, sound));
    let latent = timbre.encode(&timbre.normalise(&shape)).unwrap();
    let shaper = Shaper::new(timbre.clone());
    shaper.captured(name.to_owned(), latent).unwrap()
}

#[test]
fn from_a_to_b_the_spectrum_moves_steadily() {
    let timbre = timbre();
    let input = excerpt(4.0).channels.swap_remove(0);
    let a = captured(&timbre, "Chord", &dark_chord(input.len()));
    let b = captured(&timbre, "Void sensor", &other_music(1));
    println!("A to B: {:.1} dB", distance(&a.levels, &b.levels));
    let mut before: Option<(f32, f32)> = None;
    for percent in [0, 25, 50, 75, 100] {
        let mut plugin = plugin();
        let state = plugin.save_state().unwrap();
        let captures = serde_json::to_string(&[Some(&a), Some(&b)]).unwrap();
        plugin
            .load_state(&edited(&state, |json| {
                json["fields"]["captures"] = json!(captures);
            }))
            .unwrap();
        set(
            &mut plugin,
            &[
                ("Morph To", "A to B"),
                ("A to B", &format!("{percent} %")),
                ("Morph", "100 %"),
                ("Resynthesis", "100 %"),
            ],
        );
        let output = mean_shape(&shapes(&timbre, &bounce(&mut plugin, &input, &[])));
        let (to_a, to_b) = (distance(&output, &a.levels), distance(&output, &b.levels));
        println!("{percent:3} %: {to_a:5.2} dB from A, {to_b:5.2} dB from B");
        if let Some((a_before, b_before)) = before {
            assert!(to_a > a_before && to_b < b_before, "{percent} %");
        }
        before = Some((to_a, to_b));
    }
}

#[test]
fn a_place_on_the_map_is_the_named_timbre_that_is_there() {
    // Neither a line nor a chord, of which a named timbre's player would make more.
    let input = noise(96_000, 0.2);
    let map = TimbreMap::new(timbre().card());
    for place in [&map.places[0], &map.places[map.places.len() / 2]] {
        let mut named = plugin();
        set(&mut named, &[("Target", &place.name), ("Morph", "100 %")]);
        let mut mapped = plugin();
        set(
            &mut mapped,
            &[
                ("Morph To", "Map"),
                ("Map X", &place.at[0].to_string()),
                ("Map Y", &place.at[1].to_string()),
                ("Morph", "100 %"),
            ],
        );
        let (named, mapped) = (
            bounce(&mut named, &input, &[]),
            bounce(&mut mapped, &input, &[]),
        );
        let power =
            |sound: &mut dyn Iterator<Item = f32>| sound.map(|x| (x * x) as f64).sum::<f64>();
        let difference = power(&mut named.iter().zip(&mapped).map(|(a, b)| a - b));
        let share = 10.0 * (difference / power(&mut named.iter().copied())).log10();
        println!("{}: {share:.1} dB apart", place.name);
        assert!(share < -30.0, "{}: {share} dB", place.name);
    }
}

#[test]
fn a_captured_timbre_of_another_model_is_brought_into_this_one() {
    let timbre = timbre();
    let own = captured(&timbre, "Chord", &dark_chord(44_100));
    let foreign = Captured {
        latent: [9.0; 8],
        model: "Another 3".to_owned(),
        ..own.clone()
    };
    let input = excerpt(2.0).channels.swap_remove(0);
    let render = |captured: &Captured| {
        let mut plugin = plugin();
        let state = plugin.save_state().unwrap();
        let captures = serde_json::to_string(&[Some(captured), None]).unwrap();
        plugin
            .load_state(&edited(&state, |json| {
                json["fields"]["captures"] = json!(captures);
            }))
            .unwrap();
        set(&mut plugin, &[("Morph To", "A to B"), ("Morph", "100 %")]);
        shapes(&timbre, &bounce(&mut plugin, &input, &[]))
    };
    let apart = mean_distance(&render(&own), &render(&foreign));
    println!("{apart:.2} dB apart");
    assert!(apart < 3.0, "{apart} dB");
}
