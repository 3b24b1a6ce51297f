//! What is heard of low tones.

use super::*;
use crate::dsp::{StftLayout, StreamingStft};

const RATE: f64 = 48_000.0;
const HOP: usize = 512;

/// The low pitch after so many hops of partials as (number, amplitude) of pitches in Hz.
fn heard(hops: usize, notes: &[(f64, &[(f64, f64)])]) -> Option<Pitch> {
    let mut stft = StreamingStft::new(StftLayout::for_rate(RATE, RATE, 2_048), 1);
    let mut low = LowPitch::new(HOP as f32 / RATE as f32);
    let sound = |n: usize| -> f64 {
        let time = n as f64 / RATE;
        let partials = notes.iter().flat_map(|(hz, partials)| {
            let sine = move |(number, size): &(f64, f64)| {
                size * (std::f64::consts::TAU * hz * number * time + number * number).sin()
            };
            partials.iter().map(sine)
        });
        0.1 * partials.sum::<f64>()
    };
    for hop in 0..hops {
        let mut samples: Vec<f32> = (0..HOP).map(|n| sound(HOP * hop + n) as f32).collect();
        stft.take(&[&mut samples], 0..HOP);
        let spectrum = &stft.frame()[0];
        low.take(&std::array::from_fn(|bin| spectrum[bin] / 512.0));
    }
    low.pitch()
}

const FULL: &[(f64, f64)] = &[
    (1.0, 0.5),
    (2.0, 1.0),
    (3.0, 0.7),
    (4.0, 0.5),
    (5.0, 0.3),
    (6.0, 0.2),
];
const DULL: &[(f64, f64)] = &[(1.0, 1.0), (2.0, 0.1), (3.0, 0.05)];
const BRIGHT: &[(f64, f64)] = &[(1.0, 0.1), (2.0, 1.0), (3.0, 0.6), (4.0, 0.8)];
/// Of an octave above: no odd partials.
const EVEN: &[(f64, f64)] = &[(2.0, 1.0), (4.0, 0.7), (6.0, 0.5), (8.0, 0.3)];

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn a_low_tone_has_its_pitch() {
    for hz in [36.7, 41.2, 46.2, 51.9, 55.0] {
        // Of the very lowest nobody hears a first partial alone.
        let dull = (hz > 40.0).then_some(DULL);
        for partials in [FULL, BRIGHT].into_iter().chain(dull) {
            let pitch = heard(24, &[(hz, partials)]).unwrap_or_default();
            let cents = 1200.0 * (f64::from(pitch.hz) / hz).log2();
            assert!(cents.abs() < 25.0, "{hz} Hz: {pitch:?}");
            assert!(pitch.strength > 0.85, "{hz} Hz: {pitch:?}");
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn it_is_heard_within_a_tenth_of_a_second() {
    for hz in [32.7, 41.2, 55.0] {
        let pitch = heard(9, &[(hz, FULL)]).expect("a pitch");
        let cents = 1200.0 * (f64::from(pitch.hz) / hz).log2();
        assert!(cents.abs() < 50.0, "{hz} Hz: {pitch:?}");
    }
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn a_higher_tone_and_a_chord_have_none() {
    for hz in [35.0, 41.2, 50.0] {
        assert_eq!(heard(24, &[(hz, EVEN)]), None, "{hz} Hz");
        assert_eq!(heard(24, &[(3.0 * hz, FULL)]), None, "{hz} Hz");
    }
    // Fifths share a period an octave below the lower one.
    for root in [65.4, 73.4, 82.4, 98.0] {
        assert_eq!(
            heard(24, &[(root, FULL), (1.5 * root, FULL)]),
            None,
            "{root} Hz"
        );
    }
    for root in [65.4, 130.8, 261.6] {
        let ratios = [1.0, 1.25992, 1.498307];
        let chord = ratios.map(|ratio| (root * ratio, FULL));
        assert_eq!(heard(24, &chord), None, "{root} Hz");
        let just = [1.0, 1.25, 1.5].map(|ratio| (root * ratio, FULL));
        assert_eq!(heard(24, &just), None, "{root} Hz");
    }
    assert_eq!(heard(24, &[]), None);
}

#[test]
fn a_bass_under_what_is_more_of_what_is_heard_is_no_line() {
    let others: &[(f64, f64)] = &[(3.0, 0.2), (4.0, 0.2), (5.0, 0.2), (6.0, 0.2)];
    let soft = others.iter().map(|(number, size)| (*number, 0.05 * size));
    let soft: Vec<(f64, f64)> = soft.collect();
    assert!(heard(40, &[(41.2, DULL)]).is_some());
    assert!(heard(40, &[(41.2, DULL), (523.3, &soft)]).is_some());
    assert_eq!(heard(40, &[(41.2, DULL), (523.3, others)]), None);
}
