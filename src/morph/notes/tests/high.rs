//! High notes: up to a piccolo's, a violin's and a piano's highest they keep pitch and level, and what is higher is no line.

use std::f64::consts::TAU;

use super::{format, frames, level, morphed};
use crate::morph::notes::follower::NoteFollower;

const RATE: f64 = 48_000.0;
const HOP_SECONDS: f32 = 512.0 / 48_000.0;
/// Samples of a note, and of the pause before it.
const NOTE: usize = 24_000;
const PAUSE: usize = 2_400;
/// A place in a note at which all that began has begun.
const LATE: std::ops::Range<usize> = 9_600..21_600;

/// E5 and another note, at pitches in Hz, whose partials each fall by the second power of their numbers.
fn pair(hz: f64, partials: u32) -> Vec<f32> {
    let note = |hz: f64| {
        (0..NOTE).map(move |index| {
            let seconds = index as f64 / RATE;
            let fade = index.min(NOTE - index) as f64 / 400.0;
            let partial = |number: u32| {
                let number = f64::from(number);
                (TAU * number * hz * seconds + number).sin() / (number * number)
            };
            (0.2 * fade.min(1.0) * (1..=partials).map(partial).sum::<f64>()) as f32
        })
    };
    let pause = || std::iter::repeat_n(0.0, PAUSE);
    pause()
        .chain(note(659.3))
        .chain(pause())
        .chain(note(hz))
        .collect()
}

/// A stretch of the second note of a pair.
fn second(sound: &[f32], stretch: std::ops::Range<usize>) -> &[f32] {
    let onset = 2 * PAUSE + NOTE;
    &sound[onset + stretch.start..onset + stretch.end]
}

/// Power at a frequency in Hz, in dB.
fn at(sound: &[f32], hz: f64) -> f32 {
    let [mut real, mut imaginary] = [0.0; 2];
    for (index, sample) in sound.iter().enumerate() {
        let angle = TAU * hz * index as f64 / RATE;
        let window = (0.5 * TAU * index as f64 / sound.len() as f64)
            .sin()
            .powi(2);
        real += window * angle.cos() * f64::from(*sample);
        imaginary += window * angle.sin() * f64::from(*sample);
    }
    10.0 * ((real * real + imaginary * imaginary) as f32 + 1e-14).log10()
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn a_high_note_behind_another_has_its_pitch_and_its_level() {
    let latency = format().latency();
    // C6, B flat 6, C7, E7 and C8.
    for hz in [1_046.5, 1_864.7, 2_093.0, 2_637.0, 4_186.0] {
        for partials in [1, 4] {
            let mut sound = pair(hz, partials);
            let mut follower = NoteFollower::new(HOP_SECONDS);
            let heard: Vec<_> = frames(&sound)
                .iter()
                .map(|frame| follower.hear(frame))
                .collect();
            let hops = (2 * PAUSE + NOTE + 4_800) / 512..(2 * PAUSE + 2 * NOTE - 4_800) / 512;
            for heard in &heard[hops] {
                let cents = 1_200.0 * (heard.hz / hz as f32).log2();
                assert!(cents.abs() < 20.0 && heard.solo > 0.9, "{hz}: {heard:?}");
            }
            sound.extend(vec![0.0; latency]);
            let found = &morphed(&sound, "flute", 1.0, 0.0)[latency..];
            for stretch in [2_400..4_800, LATE] {
                let (before, after) = (second(&sound, stretch.clone()), second(found, stretch));
                let change = level(after) - level(before);
                assert!(change.abs() < 2.0, "{hz} Hz, {partials}: {change} dB");
                for lower in [0.5 * hz, hz / 3.0] {
                    let below = at(after, lower) - at(after, hz);
                    assert!(below < -30.0, "{hz} Hz, {partials}: {below} dB at {lower}");
                }
            }
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn a_tone_above_all_notes_is_re_weighted_and_keeps_its_level() {
    let latency = format().latency();
    for hz in [4_700.0, 6_000.0, 9_000.0] {
        for partials in [1, 2] {
            let mut sound = pair(hz, partials);
            sound.extend(vec![0.0; latency]);
            let found = &morphed(&sound, "flute", 1.0, 0.0)[latency..];
            // Of the note before nothing goes on.
            for stretch in [2_400..4_800, LATE] {
                let (before, after) = (second(&sound, stretch.clone()), second(found, stretch));
                let change = level(after) - level(before);
                assert!(change.abs() < 4.0, "{hz} Hz, {partials}: {change} dB");
                for lower in [659.3, 0.5 * hz] {
                    let below = at(after, lower) - at(after, hz);
                    assert!(below < -30.0, "{hz} Hz, {partials}: {below} dB at {lower}");
                }
            }
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn a_glide_out_of_the_range_of_notes_and_back_makes_no_step() {
    let latency = format().latency();
    let mut phase = 0.0;
    let mut sound: Vec<f32> = (0..144_000)
        .map(|index| {
            // From 3.3 to 6 kHz and back.
            let way = 1.0 - (index as f64 / 72_000.0 - 1.0).abs();
            phase += TAU * 3_300.0 * (6_000.0f64 / 3_300.0).powf(way) / RATE;
            (0.2 * phase.sin()) as f32
        })
        .collect();
    sound.extend(vec![0.0; latency]);
    let found = &morphed(&sound, "violin", 1.0, 0.0)[latency..];
    for block in 10..145 {
        let stretch = block * 960..(block + 1) * 960;
        let change = level(&found[stretch.clone()]) - level(&sound[stretch]);
        // Where the one fades to the other they may meet in any phase.
        assert!((-4.0..1.0).contains(&change), "{block}: {change} dB");
    }
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn a_chord_s_note_above_those_that_the_ear_knows_sounds() {
    let latency = format().latency();
    // C, E and G, and high notes as loud as they are that are no partials of them.
    for high in [2_217.5, 2_793.8, 3_729.3] {
        let pitches = [261.63, 329.63, 392.0, high];
        let mut sound: Vec<f32> = (0..NOTE + PAUSE)
            .map(|index| {
                let seconds = index.saturating_sub(PAUSE) as f64 / RATE;
                let tone = |hz: &f64| -> f64 {
                    let partial = |number: u32| {
                        let number = f64::from(number);
                        (TAU * number * hz * seconds + number).sin() / (number * number)
                    };
                    (1..=5).map(partial).sum()
                };
                let fade = (seconds / 0.01).min(1.0);
                (0.05 * fade * pitches.iter().map(tone).sum::<f64>()) as f32
            })
            .collect();
        sound.extend(vec![0.0; latency]);
        let found = &morphed(&sound, "church-organ", 1.0, 0.0)[latency..];
        let change = at(&found[PAUSE..][LATE], high) - at(&sound[PAUSE..][LATE], high);
        assert!(change > -12.0, "{high} Hz: {change} dB");
    }
}
