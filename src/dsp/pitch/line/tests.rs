//! What is heard of steady spectra.

use std::f32::consts::PI;

use super::*;

const HOP_SECONDS: f32 = 512.0 / 48_000.0;
const BIN_HZ: f32 = 1.0 / (4.0 * HOP_SECONDS);

/// What low pitches are heard in, where there are none.
const NO_LOW: [Complex<f32>; LOW_BINS] = [Complex::new(0.0, 0.0); LOW_BINS];

/// The power spectrum of steady partials under a Hann window, far apart enough not to meet.
fn partials(hz: f32, levels: &[f32]) -> Vec<f32> {
    let mut power = vec![0.0; PITCH_BINS];
    for (number, level) in levels.iter().enumerate() {
        let place = hz * (number + 1) as f32 / BIN_HZ;
        for (bin, power) in power.iter_mut().enumerate() {
            let away = bin as f32 - place;
            let lobe = if away.abs() < 1e-3 {
                1.0
            } else if (away.abs() - 1.0).abs() < 1e-3 {
                0.5
            } else {
                let angle = PI * away;
                angle.sin() / angle / (1.0 - away * away)
            };
            *power += level * lobe * lobe;
        }
    }
    power
}

fn heard(power: &[f32]) -> Pitch {
    let mut tracker = PitchTracker::new(HOP_SECONDS);
    let mut last = Pitch::default();
    for _ in 0..4 {
        last = tracker.hear(power, &NO_LOW, power.iter().sum(), true);
    }
    last
}

#[test]
fn a_steady_tone_has_its_pitch_whatever_its_partials_are() {
    for hz in [
        82.0, 131.0, 220.0, 261.6, 440.0, 700.0, 1_318.5, 1_760.0, 2_093.0, 2_637.0, 3_136.0,
        3_520.0, 4_186.0,
    ] {
        for levels in [
            &[1.0, 0.5, 0.3, 0.2, 0.1, 0.05][..],
            &[0.05, 1.0, 0.3, 0.8, 0.2, 0.1],
            &[1.0, 0.0, 0.5, 0.0, 0.2, 0.0],
            &[1.0],
        ] {
            let pitch = heard(&partials(hz, levels));
            let cents = 1200.0 * (pitch.hz / hz).log2();
            assert!(cents.abs() < 15.0, "{hz} Hz, {levels:?}: {pitch:?}");
            assert!(pitch.strength > 0.8, "{hz} Hz, {levels:?}: {pitch:?}");
        }
    }
}

#[test]
fn a_chord_lacks_the_first_partial_of_the_period_that_it_has() {
    let mut chord = partials(261.6, &[1.0, 0.5, 0.2]);
    for hz in [329.6, 392.0] {
        for (sum, power) in chord.iter_mut().zip(partials(hz, &[1.0, 0.5, 0.2])) {
            *sum += power;
        }
    }
    let pitch = heard(&chord);
    assert!(
        pitch.strength < 0.8 || pitch.fundamental_db < -25.0,
        "{pitch:?}"
    );
}

#[test]
fn silence_and_flat_noise_have_none() {
    assert_eq!(heard(&[0.0; PITCH_BINS]), Pitch::default());
    assert_eq!(heard(&[1.0; PITCH_BINS]).hz, 0.0);
    assert_eq!(heard(&[f32::NAN; PITCH_BINS]), Pitch::default());
}

#[test]
fn a_tone_above_all_pitches_has_none_and_is_told() {
    let mut tracker = PitchTracker::new(HOP_SECONDS);
    for _ in 0..4 {
        // Above all bins, with what there is of noise below.
        let pitch = tracker.hear(&[1e-6; PITCH_BINS], &NO_LOW, 1.0, true);
        assert!(pitch.hz == 0.0, "{pitch:?}");
    }
    assert!(tracker.newest().above);
    for hz in [4_500.0, 4_700.0, 5_200.0, 6_000.0, 7_000.0] {
        for levels in [&[1.0][..], &[1.0, 0.3]] {
            for noise in [0.0, 1e-5, 1e-3] {
                let mut power = partials(hz, levels);
                for bin in &mut power {
                    *bin += noise;
                }
                let pitch = heard(&power);
                assert!(
                    pitch.hz == 0.0 && pitch.above,
                    "{hz} Hz, {noise}: {pitch:?}"
                );
            }
        }
    }
}
