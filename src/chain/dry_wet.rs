//! The end of the chain: Mix, Output and Bypass.

use std::ops::Range;

use nice_plug::util;

use super::sub_block::{CHANNELS, SUB_BLOCK};
use crate::dsp::{Delay, DelayedValue, LinearSmoother, SlewLimiter, crossfade};

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

/// Mixes the wet signal with the dry one, which it delays as much; owned by the audio thread. A change of its controls acts on the sound
/// that it came with: the middle of its fade is as late as the sound, or as near to that as no latency allows. While nothing sounds and nothing
/// is under way there is nothing to fade, and a change acts at once.
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
    controls: DelayedValue<DryWetControls>,
    /// Samples after which nothing of the sound before them is left.
    tail: u64,
    /// Samples of silence since the last that wasn't 0, at the end and at the beginning of the sub-block in hand.
    quiet: u64,
    quiet_before: u64,
}

impl DryWet {
    /// Settled at `controls`, for a wet signal that is `latency` samples late at a rate in Hz, and goes on for `tail` samples after its
    /// input.
    pub fn new(latency: usize, tail: usize, sample_rate: f32, controls: DryWetControls) -> Self {
        let fade = FADE_SECONDS * sample_rate;
        Self {
            delays: std::array::from_fn(|_| Delay::new(latency)),
            dry: [[0.0; SUB_BLOCK]; CHANNELS],
            mix: LinearSmoother::new(controls.mix, fade),
            output: LinearSmoother::new(controls.output_db, fade),
            bypass: SlewLimiter::new(bypassed(controls), fade),
            controls: DelayedValue::new(latency.saturating_sub(fade as usize / 2), controls),
            tail: tail as u64,
            quiet: tail as u64,
            quiet_before: tail as u64,
        }
    }

    /// Forgets all sound, and jumps to `controls`.
    pub fn reset(&mut self, controls: DryWetControls) {
        for delay in &mut self.delays {
            delay.reset();
        }
        self.quiet = self.tail;
        self.jump(controls);
    }

    fn jump(&mut self, controls: DryWetControls) {
        self.mix.reset(controls.mix);
        self.output.reset(controls.output_db);
        self.bypass.reset(bypassed(controls));
        self.controls.reset(controls);
    }

    /// Takes in a sub-block of the input, `[channel][sample]`, before it becomes wet.
    pub fn take_dry(&mut self, input: &[&mut [f32]]) {
        self.quiet_before = self.quiet;
        let last_sound = input
            .iter()
            .filter_map(|channel| channel.iter().rposition(|sample| *sample != 0.0))
            .max();
        let samples = input.first().map_or(0, |channel| channel.len());
        self.quiet = match last_sound {
            Some(last) => samples.saturating_sub(last + 1) as u64,
            None => self.quiet.saturating_add(samples as u64),
        };
        for ((channel, delay), dry) in input.iter().zip(&mut self.delays).zip(&mut self.dry) {
            for (sample, dry) in channel.iter().zip(dry) {
                *dry = delay.tick(*sample);
            }
        }
    }

    /// Replaces the wet signal of the sub-block that was taken in last by the mix. `controls` are those that came with the sub-block.
    pub fn mix(&mut self, wet: &mut [&mut [f32]], controls: DryWetControls) {
        let samples = wet.first().map_or(0, |channel| channel.len());
        let samples = samples.min(SUB_BLOCK);
        if self.quiet_before >= self.tail {
            self.jump(controls);
        }
        self.controls.take(controls);
        let mut done = 0;
        while done < samples {
            let (controls, len) = self.controls.advance(samples - done);
            let run = done..done + len;
            if self.is_settled(controls) {
                self.mix_settled(wet, run, controls);
            } else {
                self.mix_fading(wet, run, controls);
            }
            done += len;
        }
    }

    fn is_settled(&self, controls: DryWetControls) -> bool {
        self.mix.is_settled(controls.mix)
            && self.output.is_settled(controls.output_db)
            && self.bypass.is_settled(bypassed(controls))
    }

    fn mix_settled(&self, wet: &mut [&mut [f32]], run: Range<usize>, controls: DryWetControls) {
        let gain = util::db_to_gain(controls.output_db);
        for (channel, dry) in wet.iter_mut().zip(&self.dry) {
            if let (Some(samples), Some(dry)) = (channel.get_mut(run.clone()), dry.get(run.clone()))
            {
                for (sample, dry) in samples.iter_mut().zip(dry) {
                    let mixed = crossfade(*dry, *sample, controls.mix) * gain;
                    *sample = crossfade(mixed, *dry, bypassed(controls));
                }
            }
        }
    }

    fn mix_fading(&mut self, wet: &mut [&mut [f32]], run: Range<usize>, controls: DryWetControls) {
        for n in run {
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
}
