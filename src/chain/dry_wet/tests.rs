//! The mix, sample by sample.

use super::*;

const WET: DryWetControls = DryWetControls {
    mix: 1.0,
    output_db: 0.0,
    delta: false,
    bypass: false,
    bypass_db: 0.0,
};
const RATE: f32 = 48_000.0;
/// Samples that a fade takes.
const FADE: usize = 960;

/// One sub-block: `dry` and `wet` are constant, and both channels the same. Gives the mix of the first.
fn mixed(unit: &mut DryWet, dry: f32, wet: f32, controls: DryWetControls) -> Vec<f32> {
    let (mut left, mut right) = ([dry; SUB_BLOCK], [dry; SUB_BLOCK]);
    unit.take_dry(&[&mut left, &mut right]);
    left.fill(wet);
    right.fill(wet);
    unit.mix(&mut [&mut left, &mut right], controls);
    assert_eq!(left, right);
    left.to_vec()
}

#[test]
fn the_dry_signal_is_as_late_as_the_wet_one() {
    let dry_only = DryWetControls { mix: 0.0, ..WET };
    let mut unit = DryWet::new(100, 100, RATE, dry_only);
    let mut output = Vec::new();
    for block in 0..3 {
        output.extend(mixed(&mut unit, block as f32 + 1.0, 9.0, dry_only));
    }
    let expected = |n: usize| match n.checked_sub(100) {
        None => 0.0,
        Some(n) => (n / SUB_BLOCK) as f32 + 1.0,
    };
    let expected: Vec<f32> = (0..output.len()).map(expected).collect();
    assert_eq!(output, expected);
    unit.reset(dry_only);
    assert_eq!(mixed(&mut unit, 1.0, 9.0, dry_only), [0.0; SUB_BLOCK]);
}

#[test]
fn mix_output_and_bypass_are_exact_where_they_are_settled() {
    for (controls, expected) in [
        (WET, 0.25),
        (DryWetControls { mix: 0.0, ..WET }, 1.0),
        (DryWetControls { mix: 0.5, ..WET }, 0.625),
        (
            DryWetControls {
                output_db: -6.0,
                ..WET
            },
            0.25 * 10.0_f32.powf(-0.3),
        ),
        // Bypass is behind the output.
        (
            DryWetControls {
                output_db: -6.0,
                bypass: true,
                ..WET
            },
            1.0,
        ),
        // Delta is what the output differs by from the input, and Bypass is behind it.
        (DryWetControls { delta: true, ..WET }, -0.75),
        (
            DryWetControls {
                mix: 0.0,
                delta: true,
                ..WET
            },
            0.0,
        ),
        (
            DryWetControls {
                delta: true,
                bypass: true,
                ..WET
            },
            1.0,
        ),
        // Bypass may have a gain; nothing else has it.
        (
            DryWetControls {
                bypass: true,
                bypass_db: -6.0,
                ..WET
            },
            10.0_f32.powf(-0.3),
        ),
        (
            DryWetControls {
                bypass_db: -6.0,
                ..WET
            },
            0.25,
        ),
    ] {
        let mut unit = DryWet::new(0, 1, RATE, controls);
        let output = mixed(&mut unit, 1.0, 0.25, controls);
        let off = |sample: &f32| (sample - expected).abs() > 1e-7;
        assert!(!output.iter().any(off), "{controls:?}: {output:?}");
    }
}

#[test]
fn a_change_is_a_ramp_of_20_ms_whose_steps_are_even() {
    for controls in [
        DryWetControls { mix: 0.0, ..WET },
        DryWetControls {
            bypass: true,
            ..WET
        },
    ] {
        let mut unit = DryWet::new(0, 1, RATE, WET);
        mixed(&mut unit, 1.0, 0.0, WET);
        let mut output = vec![0.0];
        while output.len() < 2 * FADE {
            output.extend(mixed(&mut unit, 1.0, 0.0, controls));
        }
        let arrived = output.iter().position(|sample| *sample == 1.0);
        assert!(
            arrived.is_some_and(|at| at.abs_diff(FADE) <= 1),
            "{arrived:?}"
        );
        let step = |pair: &[f32]| pair[1] - pair[0];
        let largest = output.windows(2).map(step).fold(0.0, f32::max);
        assert!(largest < 1.1 / FADE as f32, "{largest}");
    }
}

#[test]
fn delta_and_the_gain_of_bypass_fade_without_a_step() {
    let louder = DryWetControls {
        bypass: true,
        bypass_db: 6.0,
        ..WET
    };
    let bypassed = DryWetControls {
        bypass: true,
        ..WET
    };
    let delta = DryWetControls { delta: true, ..WET };
    for (from, to, end) in [
        (WET, delta, -0.5),
        (delta, WET, 0.5),
        (bypassed, louder, 10_f32.powf(0.3)),
        (louder, bypassed, 1.0),
    ] {
        let mut unit = DryWet::new(0, 1, RATE, from);
        let mut output = mixed(&mut unit, 1.0, 0.5, from);
        while output.len() < 8 * FADE {
            output.extend(mixed(&mut unit, 1.0, 0.5, to));
        }
        assert!((output.last().unwrap() - end).abs() < 1e-6, "{to:?}");
        let step = |pair: &[f32]| (pair[1] - pair[0]).abs();
        let largest = output.windows(2).map(step).fold(0.0, f32::max);
        assert!(largest < 1.1 / FADE as f32, "{to:?}: {largest}");
    }
}

#[test]
fn the_middle_of_a_fade_is_as_late_as_the_sound() {
    for latency in [0, 100, FADE / 2, 1_024, 5_000] {
        let mut unit = DryWet::new(latency, 1, RATE, WET);
        let mut output = Vec::new();
        let mut at = 0;
        while output.len() < latency + 3 * FADE {
            let controls = DryWetControls {
                mix: if output.len() < 3 * SUB_BLOCK {
                    1.0
                } else {
                    0.0
                },
                ..WET
            };
            output.extend(mixed(&mut unit, 1e-20, 1.0, controls));
            if output.len() == 3 * SUB_BLOCK {
                at = output.len();
            }
        }
        let middle = output.iter().position(|sample| *sample < 0.5).unwrap();
        let expected = at + latency.max(FADE / 2);
        assert!(middle.abs_diff(expected) <= 1, "{latency}: {middle}");
    }
}

#[test]
fn in_silence_a_change_acts_at_once_but_not_while_sound_is_under_way() {
    let louder = DryWetControls {
        output_db: 6.0,
        ..WET
    };
    for (silence, gain) in [(0, 1.0), (9, 1.0), (10, 10_f32.powf(0.3))] {
        let mut unit = DryWet::new(1_000, 64 * 10, RATE, WET);
        mixed(&mut unit, 1.0, 1.0, WET);
        for _ in 0..silence {
            mixed(&mut unit, 0.0, 0.0, WET);
        }
        let output = mixed(&mut unit, 1.0, 1.0, louder);
        assert!((output[0] - gain).abs() < 1e-4, "{silence}: {}", output[0]);
    }
}

#[test]
fn what_is_beyond_its_limits_stays_as_it_is() {
    let silent = DryWetControls { mix: 0.0, ..WET };
    let mut unit = DryWet::new(0, 1, RATE, silent);
    let mut channels = [[1.0; SUB_BLOCK + 1]; CHANNELS + 1];
    let [left, right, third] = &mut channels;
    unit.take_dry(&[
        &mut [0.0; SUB_BLOCK + 1],
        &mut [0.0; SUB_BLOCK + 1],
        &mut [0.0; 1],
    ]);
    unit.mix(&mut [left, right, third], silent);
    for channel in &channels[..CHANNELS] {
        assert_eq!(channel[..SUB_BLOCK], [0.0; SUB_BLOCK]);
        assert_eq!(channel[SUB_BLOCK], 1.0);
    }
    assert_eq!(channels[CHANNELS], [1.0; SUB_BLOCK + 1]);
    unit.mix(&mut [], silent);
}
