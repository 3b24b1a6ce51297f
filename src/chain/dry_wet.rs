//! The end of the chain: Mix, Output, Delta and Bypass.

use std::ops::Range;

use nice_plug::util;

use super::sub_block::{CHANNELS, SUB_BLOCK};
use crate::dsp::{Delay, DelayedValue, LinearSmoother, SlewLimiter, crossfade};

/// Time that Mix, Output, Delta and Bypass take to a new value, in seconds. Not the framework's smoothing: that one jumps when a
/// state is loaded.
const FADE_SECONDS: f32 = 0.02;

/// Time that a bypassed sound's gain takes to a new value, in seconds: it comes ten times a second, in small steps.
const MATCH_SECONDS: f32 = 0.1;

/// What [`DryWet`] is set to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DryWetControls {
    /// Share of the wet signal, 0 to 1.
    pub mix: f32,
    /// Gain of the mix, in dB.
    pub output_db: f32,
    /// Whether the dry signal is taken away from the mix, so that only what is changed is heard.
    pub delta: bool,
    /// Whether the dry signal is all that is heard.
    pub bypass: bool,
    /// Gain of the dry signal where it is all that is heard, in dB.
    pub bypass_db: f32,
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
    /// `[channel][sample]`, its mix before Delta and Bypass.
    mixed: [[f32; SUB_BLOCK]; CHANNELS],
    mix: LinearSmoother,
    /// In dB.
    output: LinearSmoother,
    /// 0 for the mix, 1 for what is changed in it.
    delta: SlewLimiter,
    /// 0 for the mix, 1 for the dry signal.
    bypass: SlewLimiter,
    /// In dB.
    bypass_db: LinearSmoother,
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
            mixed: [[0.0; SUB_BLOCK]; CHANNELS],
            mix: LinearSmoother::new(controls.mix, fade),
            output: LinearSmoother::new(controls.output_db, fade),
            delta: SlewLimiter::new(switched(controls.delta), fade),
            bypass: SlewLimiter::new(switched(controls.bypass), fade),
            bypass_db: LinearSmoother::new(controls.bypass_db, MATCH_SECONDS * sample_rate),
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
        self.delta.reset(switched(controls.delta));
        self.bypass.reset(switched(controls.bypass));
        self.bypass_db.reset(controls.bypass_db);
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
            && self.delta.is_settled(switched(controls.delta))
            && self.bypass.is_settled(switched(controls.bypass))
            && self.bypass_db.is_settled(controls.bypass_db)
    }

    fn mix_settled(&mut self, wet: &mut [&mut [f32]], run: Range<usize>, controls: DryWetControls) {
        let gains = Gains {
            mix: controls.mix,
            output: util::db_to_gain(controls.output_db),
            delta: switched(controls.delta),
            bypass: switched(controls.bypass),
            dry: util::db_to_gain(controls.bypass_db),
        };
        for ((channel, dry), mixed) in wet.iter_mut().zip(&self.dry).zip(&mut self.mixed) {
            if let (Some(samples), Some(dry), Some(mixed)) = (
                channel.get_mut(run.clone()),
                dry.get(run.clone()),
                mixed.get_mut(run.clone()),
            ) {
                for ((sample, dry), mixed) in samples.iter_mut().zip(dry).zip(mixed) {
                    (*mixed, *sample) = gains.of(*dry, *sample);
                }
            }
        }
    }

    fn mix_fading(&mut self, wet: &mut [&mut [f32]], run: Range<usize>, controls: DryWetControls) {
        for n in run {
            let gains = Gains {
                mix: self.mix.tick(controls.mix),
                output: util::db_to_gain(self.output.tick(controls.output_db)),
                delta: self.delta.tick(switched(controls.delta)),
                bypass: self.bypass.tick(switched(controls.bypass)),
                dry: util::db_to_gain(self.bypass_db.tick(controls.bypass_db)),
            };
            for ((channel, dry), mixed) in wet.iter_mut().zip(&self.dry).zip(&mut self.mixed) {
                if let (Some(sample), Some(dry), Some(mixed)) =
                    (channel.get_mut(n), dry.get(n), mixed.get_mut(n))
                {
                    (*mixed, *sample) = gains.of(*dry, *sample);
                }
            }
        }
    }

    /// The dry signal of the sub-block in hand, `[channel][sample]`: as late as the output.
    pub fn dry(&self) -> &[[f32; SUB_BLOCK]; CHANNELS] {
        &self.dry
    }

    /// The mix of the sub-block in hand before Delta and Bypass, `[channel][sample]`.
    pub fn mixed(&self) -> &[[f32; SUB_BLOCK]; CHANNELS] {
        &self.mixed
    }
}

/// What one sample is mixed by.
struct Gains {
    /// Share of the wet signal, 0 to 1.
    mix: f32,
    /// Of the mix.
    output: f32,
    /// Share of the dry signal that is taken away, 0 to 1.
    delta: f32,
    /// Share of the dry signal that takes the mix's place, 0 to 1.
    bypass: f32,
    /// Of that dry signal.
    dry: f32,
}

impl Gains {
    /// The mix of a dry and a wet sample, and what is heard.
    #[inline]
    fn of(&self, dry: f32, wet: f32) -> (f32, f32) {
        let mixed = crossfade(dry, wet, self.mix) * self.output;
        let heard = if self.delta > 0.0 {
            mixed - self.delta * dry
        } else {
            mixed
        };
        (mixed, crossfade(heard, self.dry * dry, self.bypass))
    }
}

fn switched(on: bool) -> f32 {
    if on { 1.0 } else { 0.0 }
}

#[cfg(test)]
mod tests;
