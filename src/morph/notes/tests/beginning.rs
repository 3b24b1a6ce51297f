//! The pitch of notes while they begin: what comes before a tone, or knocks beside it, is none of its own.

use std::f64::consts::TAU;

use super::frames;
use crate::morph::notes::follower::{HeardNote, NoteFollower};

const RATE: f64 = 48_000.0;
const HOP: usize = 512;
/// Samples before the sound, and of it.
const SILENCE: usize = 9_600;
const SOUND: usize = 43_200;

/// Silence, and then what `sample` makes of the seconds since.
fn sound(sample: impl Fn(f64) -> f64) -> Vec<f32> {
    let silence = std::iter::repeat_n(0.0, SILENCE);
    let sound = (0..SOUND).map(|index| sample(index as f64 / RATE) as f32);
    silence.chain(sound).collect()
}

/// A tone with five partials.
fn tone(hz: f64, seconds: f64) -> f64 {
    (1..=5)
        .map(|number| (TAU * f64::from(number) * hz * seconds).sin() / f64::from(number))
        .sum()
}

/// What is heard where a note sounds and its pitch is clear.
fn clear(sound: &[f32]) -> Vec<HeardNote> {
    let mut follower = NoteFollower::new(HOP as f32 / RATE as f32);
    let heard: Vec<_> = frames(sound)
        .iter()
        .map(|frame| follower.hear(frame))
        .collect();
    // The last frames hear the end.
    let heard = heard[..heard.len() - 5].iter();
    heard
        .filter(|heard| heard.since.is_some() && heard.clear)
        .copied()
        .collect()
}

fn cents(one: f32, other: f32) -> f32 {
    (1_200.0 * (one / other).log2()).abs()
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn what_hums_before_a_soft_beginning_is_no_pitch_of_the_note() {
    // A note, a gap, and the one that begins softly.
    let sound = sound(|seconds| {
        let Some(since) = Some(seconds - 0.35).filter(|since| *since > 0.0) else {
            return 0.3 * ((0.3 - seconds) / 0.02).clamp(0.0, 1.0) * tone(392.0, seconds);
        };
        let grows = 0.0006 * (since.min(0.08) / 0.03).exp();
        let hum = grows * (TAU * 166.0 * since).sin() * (1.0 - since / 0.12).max(0.0).sqrt();
        let swells = (0.3 * (since - 0.08) / 0.1).clamp(0.0, 0.3);
        hum + swells * tone(494.0, since)
    });
    let heard = clear(&sound);
    let first = heard[0].note;
    let heard: Vec<_> = heard.iter().filter(|heard| heard.note > first).collect();
    assert!(heard.len() > 30, "{}", heard.len());
    // Where the one becomes the other the window holds both.
    let strange = heard.iter().filter(|heard| cents(heard.hz, 494.0) > 60.0);
    assert!(strange.count() < 3, "{heard:?}");
    // What it waited doesn't count as played.
    let first = heard[0];
    assert_eq!(first.since, Some(first.unclear));
    assert!(first.unclear > 3, "{first:?}");
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn a_knock_of_three_times_the_period_leaves_a_note_its_pitch() {
    let sound = sound(|seconds| {
        let knock = 0.3 * (-((seconds - 0.07) / 0.012).powi(2)).exp();
        0.2 * tone(417.0, seconds) + knock * (TAU * 139.0 * seconds).sin()
    });
    let heard = clear(&sound);
    assert!(heard.len() > 40, "{}", heard.len());
    for heard in &heard {
        assert!(cents(heard.hz, 417.0) < 80.0, "{heard:?}");
    }
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn a_leap_to_an_octave_below_is_heard_and_nothing_between() {
    let sound = sound(|seconds| {
        let hz = if seconds < 0.3 { 440.0 } else { 220.0 };
        0.2 * tone(hz, seconds)
    });
    let heard = clear(&sound);
    for heard in &heard {
        let away = cents(heard.steady_hz, 440.0).min(cents(heard.steady_hz, 220.0));
        assert!(away < 40.0, "{heard:?}");
    }
    let late = &heard[heard.len() - 10..];
    assert!(late.iter().all(|heard| cents(heard.hz, 220.0) < 20.0));
}
