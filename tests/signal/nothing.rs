//! What is no music has no tags, at any level.

use std::f64::consts::TAU;

use moodring::{
    listen::Listener,
    model::{ModelSource, TagKind, TaggerModel},
    telemetry::{ListenState, Readout},
};

use crate::common::dice::Dice;

const RATE: f64 = 48_000.0;
const SECONDS: f64 = 6.0;

/// What a probability of each kind has to be above before anybody takes it for an answer.
fn unsure(kind: TagKind) -> f32 {
    match kind {
        TagKind::Genre | TagKind::Mood => 0.15,
        TagKind::Instrument | TagKind::Feel | TagKind::Other => 0.35,
    }
}

/// Every answer to a sound in mono.
fn answers(tagger: &TaggerModel, sound: &[f32]) -> Vec<Readout> {
    let mut listener = Listener::new(tagger.clone(), RATE, 1).unwrap();
    let mut answers = Vec::new();
    for block in sound.chunks(512) {
        answers.extend(listener.push(block, 4.0, 30.0).unwrap());
    }
    answers
}

/// At that level, as RMS in dBFS.
fn at(dbfs: f64, sound: Vec<f64>) -> Vec<f32> {
    let power = sound.iter().map(|sample| sample * sample).sum::<f64>() / sound.len() as f64;
    let gain = 10.0_f64.powf(dbfs / 20.0) / power.sqrt();
    sound.iter().map(|sample| (sample * gain) as f32).collect()
}

fn sine(hz: f64) -> Vec<f64> {
    (0..(SECONDS * RATE) as usize)
        .map(|n| (TAU * hz * n as f64 / RATE).sin())
        .collect()
}

fn white() -> Vec<f64> {
    let mut dice = Dice(7);
    (0..(SECONDS * RATE) as usize)
        .map(|_| dice.roll(1 << 20) as f64 / f64::from(1 << 19) - 1.0)
        .collect()
}

/// P. Kellet's filter of white noise: 3 dB an octave within .05 dB (musicdsp.org, "Pink noise filter", 1999).
fn pink() -> Vec<f64> {
    const POLES: [(f64, f64); 6] = [
        (0.99886, 0.0555179),
        (0.99332, 0.0750759),
        (0.96900, 0.1538520),
        (0.86650, 0.3104856),
        (0.55000, 0.5329522),
        (-0.7616, -0.0168980),
    ];
    let mut states = [0.0; 6];
    let mut before = 0.0;
    white()
        .into_iter()
        .map(|white| {
            for (state, (pole, gain)) in states.iter_mut().zip(POLES) {
                *state = pole * *state + gain * white;
            }
            let pink = states.iter().sum::<f64>() + before + 0.5362 * white;
            before = 0.115926 * white;
            pink
        })
        .collect()
}

#[test]
fn noise_tones_and_hum_are_no_music() {
    let tagger = TaggerModel::load(&ModelSource::Embedded).unwrap();
    for (what, sound) in [
        ("white noise, -20 dBFS", at(-20.0, white())),
        ("white noise, -60 dBFS", at(-60.0, white())),
        ("pink noise, -20 dBFS", at(-20.0, pink())),
        ("pink noise, -60 dBFS", at(-60.0, pink())),
        ("1 kHz sine, -20 dBFS", at(-20.0, sine(1_000.0))),
        ("50 Hz hum, -30 dBFS", at(-30.0, sine(50.0))),
    ] {
        let mut answers = answers(&tagger, &sound);
        // While a window fills it is tiled: what begins suddenly then begins again and again.
        answers.retain(|readout| readout.state == ListenState::Live);
        let heard = !answers.is_empty();
        assert!(heard || what.contains("-60"), "{what} is silence");
        for readout in answers {
            for (tag, probability) in tagger.card().tags.iter().zip(&readout.probabilities) {
                assert!(
                    *probability < unsure(tag.kind),
                    "{what}: {} {probability} at {} s",
                    tag.name,
                    readout.seconds
                );
            }
        }
    }
}

#[test]
fn silence_is_never_answered() {
    let tagger = TaggerModel::load(&ModelSource::Embedded).unwrap();
    assert!(answers(&tagger, &vec![0.0; (SECONDS * RATE) as usize]).is_empty());
    // And after sound it is told, once.
    let mut ends = at(-20.0, sine(440.0));
    ends.extend(vec![0.0; (SECONDS * RATE) as usize]);
    let answers = answers(&tagger, &ends);
    let silences = answers
        .iter()
        .filter(|readout| readout.state == ListenState::Silence);
    assert_eq!(silences.count(), 1);
}
