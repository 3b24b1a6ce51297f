//! The end of the chain: Mix, Output and Bypass.

use nice_plug::util;

use super::sub_block::{CHANNELS, SUB_BLOCK};
use crate::dsp::{Delay, LinearSmoother, SlewLimiter, crossfade};

/// Time that Mix, Output and Bypass take to a new value, in seconds. Not the framework's smoothing: that one jumps when a
/// state is loaded.
const FADE_SECONDS: f32 = 0.02;

/// What [`DryWet`] is set to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DryWetControls {
    /// Share of the wet signal, 0 to 1.
    pub mix: f32,
    /// Gain of the mix, in dB.
    pub output_db: f32,
    /// Whether the dry signal is all that is heard.
    pub bypass: bool,
}

/// Mixes the wet signal with the dry one, which it delays as much; owned by the audio thread.
///
/// Its limits are [`CHANNELS`] channels and [`SUB_BLOCK`] samples a call: channels beyond the second and samples beyond
/// the sixty-fourth stay as they are. Nothing in it allocates after construction, and nothing panics.
pub struct DryWet {
    delays: [Delay; CHANNELS],
    /// `[channel][sample]`, the dry signal of the sub-block in hand.
    dry: [[f32; SUB_BLOCK]; CHANNELS],
    mix: LinearSmoother,
    /// In dB.
    output: LinearSmoother,
    /// 0 for the mix, 1 for the dry signal.
    bypass: SlewLimiter,
}

impl DryWet {
    /// Settled at `controls`, for a wet signal that is `latency` samples late at a rate in Hz.
    pub fn new(latency: usize, sample_rate: f32, controls: DryWetControls) -> Self {
        let fade = FADE_SECONDS * sample_rate;
        Self {
            delays: std::array::from_fn(|_| Delay::new(latency)),
            dry: [[0.0; SUB_BLOCK]; CHANNELS],
            mix: LinearSmoother::new(controls.mix, fade),
            output: LinearSmoother::new(controls.output_db, fade),
            bypass: SlewLimiter::new(bypassed(controls), fade),
        }
    }

    /// Forgets all sound, and jumps to `controls`.
    pub fn reset(&mut self, controls: DryWetControls) {
        for delay in &mut self.delays {
            delay.reset();
        }
        self.mix.reset(controls.mix);
        self.output.reset(controls.output_db);
        self.bypass.reset(bypassed(controls));
    }

    /// Takes in a sub-block of the input, `[channel][sample]`, before it becomes wet.
    pub fn take_dry(&mut self, input: &[&mut [f32]]) {
        for ((channel, delay), dry) in input.iter().zip(&mut self.delays).zip(&mut self.dry) {
            for (sample, dry) in channel.iter().zip(dry) {
                *dry = delay.tick(*sample);
            }
        }
    }

    /// Replaces the wet signal of the sub-block that was taken in last by the mix.
    pub fn mix(&mut self, wet: &mut [&mut [f32]], controls: DryWetControls) {
        let samples = wet.first().map_or(0, |channel| channel.len());
        for n in 0..samples.min(SUB_BLOCK) {
            let mix = self.mix.tick(controls.mix);
            let gain = util::db_to_gain(self.output.tick(controls.output_db));
            let bypass = self.bypass.tick(bypassed(controls));
            for (channel, dry) in wet.iter_mut().zip(&self.dry) {
                if let (Some(sample), Some(dry)) = (channel.get_mut(n), dry.get(n)) {
                    let mixed = crossfade(*dry, *sample, mix) * gain;
                    *sample = crossfade(mixed, *dry, bypass);
                }
            }
        }
    }
}

fn bypassed(controls: DryWetControls) -> f32 {
    if controls.bypass { 1.0 } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WET: DryWetControls = DryWetControls {
        mix: 1.0,
        output_db: 0.0,
        bypass: false,
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
        let mut unit = DryWet::new(100, RATE, dry_only);
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
        ] {
            let mut unit = DryWet::new(0, RATE, controls);
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
            let mut unit = DryWet::new(0, RATE, WET);
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
    fn what_is_beyond_its_limits_stays_as_it_is() {
        let silent = DryWetControls { mix: 0.0, ..WET };
        let mut unit = DryWet::new(0, RATE, silent);
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
}
