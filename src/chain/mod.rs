//! The audio chain, from what the host gives to what the listener gets: clean, listen tap, Morph stage, mix.
//!
//! The plugin's audio thread and `moodring morph` run the same chain; they differ in where the curves come from. A block is
//! handled in sub-blocks of [`SUB_BLOCK`] samples:
//!
//! - NaN, infinities and denormals are replaced, in the sound and in the sidechain
//! - the listen tap sends a copy to Listen, and its answers take effect: they steer parameters of Morph, and go out as MIDI
//! - [`Stage`] delays the sound and puts Morph's curves on it
//! - [`DryWet`] mixes it with the dry sound, sets the output gain, takes the dry sound away for Delta, and fades to it for Bypass
//! - the meters' tap notes peaks, and sends both ends to whoever looks
//! - the silence detector notes whether the host may let the track sleep

mod dry_wet;
mod format;
mod midi;
mod silence;
mod steer;
mod sub_block;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

pub use dry_wet::{DryWet, DryWetControls};
pub use format::ChainFormat;
pub use midi::{MOST_EVENTS, MidiEvent};
pub use sub_block::{CHANNELS, SUB_BLOCK};

use crate::{
    dsp::clean,
    listen::{ListenMonitor, ListenTap},
    meter::MeterTap,
    model::TimbreFrontEnd,
    morph::{CurveSource, MorphControls, Stage, StageFormat},
    params::{MoodringParams, READINGS, STEERS},
};
use midi::MidiOut;
use silence::{SilenceDetector, is_silent};
use steer::{Steer, SteerControls};

/// What joins a chain to the threads that listen and make its curves.
pub struct ChainEnds<S> {
    /// `None` without a timbre model: the sound passes unchanged.
    pub curves: Option<S>,
    /// `None` without a tagger.
    pub tap: Option<ListenTap>,
    /// `None` where nobody can look.
    pub meter: Option<MeterTap>,
    /// What the readout says of silence.
    pub listen: Arc<ListenMonitor>,
    /// Set by the chain once the sidechain is not silent.
    pub sidechain_heard: Arc<AtomicBool>,
}

/// The parameters that a chain follows, read once a block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChainControls {
    /// What shapes the curves.
    pub morph: MorphControls,
    /// Whether a curve changes the spectrum's shape only.
    pub keep_loudness: bool,
    /// Mix, Output, Delta and Bypass.
    pub dry_wet: DryWetControls,
    /// What of the answers steers what of Morph.
    pub steers: [SteerControls; STEERS],
    /// Whether anything goes out as MIDI.
    pub sends_midi: bool,
    /// Length of the readout's average, in seconds.
    pub averaging: f32,
}

impl ChainControls {
    /// Reads the parameters' present values. A bounce that is bypassed is the input to the bit, whatever it is compared with. Wait-free.
    pub fn read(params: &MoodringParams, offline: bool) -> Self {
        Self {
            morph: MorphControls::read(params),
            keep_loudness: params.keep_loudness.value(),
            dry_wet: DryWetControls {
                mix: params.mix.value(),
                output_db: params.output.value(),
                delta: params.audition.delta(),
                bypass: params.bypass.value(),
                bypass_db: if offline {
                    0.0
                } else {
                    params.audition.bypass_db()
                },
            },
            steers: SteerControls::read(params),
            sends_midi: params.outputs.sends_midi(),
            averaging: params.average.value(),
        }
    }
}

/// The chain; owned by the audio thread, or by the command line's only one. Nothing in it allocates after construction, unless
/// its source of curves does.
pub struct Chain<S> {
    format: ChainFormat,
    stage_format: StageFormat,
    tap: Option<ListenTap>,
    meter: Option<MeterTap>,
    stage: Stage<S>,
    dry_wet: DryWet,
    silence: SilenceDetector,
    sidechain_heard: Arc<AtomicBool>,
    /// Samples from the end of the sound that an answer describes until it takes effect.
    answer_delay: u64,
    steer: Steer,
    midi: MidiOut,
    heard: Option<Heard>,
}

/// The newest answer that has taken effect in a block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Heard {
    /// The sample of the block from which on it is the newest.
    pub frame: usize,
    /// What was heard, in the order of [`Reading::all`](crate::params::Reading::all).
    pub readings: [Option<f32>; READINGS],
}

impl<S: CurveSource> Chain<S> {
    /// A chain before any sound, settled at `controls`. `front_end` is what the timbre model's frames are made with.
    pub fn new(
        front_end: &TimbreFrontEnd,
        format: ChainFormat,
        ends: ChainEnds<S>,
        controls: &ChainControls,
    ) -> Self {
        let stage_format = format.stage(front_end);
        let tail = stage_format.tail() as u32;
        let mut chain = Self {
            stage: Stage::new(front_end, stage_format, ends.curves),
            dry_wet: DryWet::new(
                stage_format.latency(),
                stage_format.tail(),
                format.sample_rate,
                controls.dry_wet,
            ),
            silence: SilenceDetector::new(tail, format.offline, ends.listen),
            tap: ends.tap,
            meter: ends.meter,
            sidechain_heard: ends.sidechain_heard,
            answer_delay: format.answer_delay(),
            steer: Steer::new(format.sample_rate),
            midi: MidiOut::new(f64::from(format.sample_rate)),
            heard: None,
            format,
            stage_format,
        };
        // Here rather than in the first block: memory is only there once it has been written to.
        chain.reset(controls);
        chain
    }

    /// Lets what a hop costs fall due later, by this share, 0 to 1, of the time that there is for it: see [`Stage::staggered`].
    pub fn staggered(mut self, share: f64) -> Self {
        self.stage = self.stage.staggered(share);
        self
    }

    /// Where its curves come from.
    pub fn curves(&mut self) -> Option<&mut S> {
        self.stage.source()
    }

    /// What hears the sound.
    pub fn tap(&mut self) -> Option<&mut ListenTap> {
        self.tap.as_mut()
    }

    /// What goes out as MIDI with the block that was processed last, in the order of its samples.
    pub fn midi(&self) -> &[MidiEvent] {
        self.midi.events()
    }

    /// The newest answer that took effect in the block that was processed last.
    pub fn heard(&self) -> Option<Heard> {
        self.heard
    }

    /// Is joined to other threads from now on, and goes on with the sound where it was. Allocates.
    pub fn reconnect(&mut self, ends: ChainEnds<S>) {
        self.stage.set_source(ends.curves);
        self.tap = ends.tap;
        self.midi.reset();
        self.meter = ends.meter;
        self.sidechain_heard = ends.sidechain_heard;
        self.silence = SilenceDetector::new(self.tail(), self.format.offline, ends.listen);
    }

    /// What it was built for.
    pub fn format(&self) -> ChainFormat {
        self.format
    }

    /// Delay from input to output, in samples.
    pub fn latency(&self) -> u32 {
        self.stage_format.latency() as u32
    }

    /// How long the output goes on after the input has ended, in samples.
    pub fn tail(&self) -> u32 {
        self.stage_format.tail() as u32
    }

    /// Whether nothing is heard, nothing is on its way, and the readout says so: until there is sound again nothing is lost if
    /// nothing is processed. Never offline, where the sound must not depend on what a host makes of this. Wait-free.
    pub fn is_silent(&self) -> bool {
        self.silence.is_known(self.tap.as_ref())
    }

    /// Forgets all sound, and jumps to `controls`.
    pub fn reset(&mut self, controls: &ChainControls) {
        self.stage.reset();
        if let Some(tap) = &mut self.tap {
            tap.reset();
        }
        if let Some(meter) = &mut self.meter {
            meter.reset();
        }
        self.silence.reset(self.tap.as_ref());
        self.dry_wet.reset(controls.dry_wet);
        self.steer.reset();
        self.midi.reset();
        self.heard = None;
    }

    /// Sends a controller with the next block, so that whoever learns catches it: channel 0 to 15, controller 0 to 119. A bounce doesn't.
    pub fn teach(&mut self, (channel, controller): (u8, u8)) {
        if !self.format.offline {
            let at = self.position();
            self.midi.teach(channel, controller, at);
        }
    }

    /// How many frames have been heard since the reset; 0 without a tagger.
    pub fn position(&self) -> u64 {
        self.tap.as_ref().map_or(0, ListenTap::position)
    }

    /// Replaces a block, `[channel][sample]`, of as many channels as it was built for. `sidechain` is what plays beside it,
    /// channel for channel, each as long as the block or shorter.
    ///
    /// Denormal numbers are 0 meanwhile, and the calling thread is left as it was: the powers of sound that has faded out are
    /// below 1e-38, and computing with them would take six times as long.
    #[allow(unsafe_code, reason = "no_denormals has no other way in")]
    pub fn process(
        &mut self,
        block: &mut [&mut [f32]],
        sidechain: &[&mut [f32]],
        controls: &ChainControls,
    ) {
        self.midi.begin();
        self.heard = None;
        if let Some(tap) = &mut self.tap {
            tap.set_averaging(controls.averaging);
        }
        // What steers goes by the stream's own pieces, wherever the host's blocks begin.
        let filled = match Steer::is_on(&controls.steers) {
            true => (self.position() % SUB_BLOCK as u64) as usize,
            false => 0,
        };
        let process = || {
            sub_block::for_each(block, filled, |samples, sub_block| {
                let sidechain = self.take_sidechain(sidechain, samples.clone());
                self.process_sub_block(samples.start, sub_block, &sidechain, controls);
            });
        };
        // SAFETY: only the rounding of results below 1e-38 changes, which nothing here relies on.
        unsafe { no_denormals::no_denormals(process) }
    }

    /// Some of the sidechain's samples, mono as the same twice; silence where it has none.
    fn take_sidechain(
        &self,
        sidechain: &[&mut [f32]],
        samples: std::ops::Range<usize>,
    ) -> [[f32; CHANNELS]; SUB_BLOCK] {
        let mut taken = [[0.0; CHANNELS]; SUB_BLOCK];
        for channel in 0..CHANNELS {
            let Some(there) = sidechain.get(channel).or(sidechain.first()) else {
                break;
            };
            let there = there.get(samples.start.min(there.len())..samples.end.min(there.len()));
            for (frame, sample) in taken.iter_mut().zip(there.unwrap_or_default()) {
                frame[channel] = clean(*sample);
            }
        }
        if !is_silent(taken.as_flattened()) {
            self.sidechain_heard.store(true, Ordering::Relaxed);
        }
        taken
    }

    /// Processes the sub-block that begins with the sample `start` of the block.
    fn process_sub_block(
        &mut self,
        start: usize,
        sub_block: &mut [&mut [f32]],
        sidechain: &[[f32; CHANNELS]],
        controls: &ChainControls,
    ) {
        for sample in sub_block.iter_mut().flat_map(|channel| channel.iter_mut()) {
            *sample = clean(*sample);
        }
        let silent = |sub_block: &[&mut [f32]]| sub_block.iter().all(|channel| is_silent(channel));
        let silent_input = is_silent(sidechain.as_flattened()) && silent(sub_block);
        let position = self.position();
        let mut morph = controls.morph;
        if Steer::is_on(&controls.steers) {
            if position.is_multiple_of(SUB_BLOCK as u64) {
                self.steer.step(&controls.steers);
            }
            morph = self.steer.steered(morph, &controls.steers);
        }
        if let Some(tap) = &mut self.tap {
            match sub_block {
                [left, right] => {
                    for (left, right) in left.iter().zip(right.iter()) {
                        tap.push(&[*left, *right]);
                    }
                }
                [mono] => {
                    for sample in mono.iter() {
                        tap.push(&[*sample]);
                    }
                }
                _ => {}
            }
        }
        self.take_answers(start, position, controls);
        self.dry_wet.take_dry(sub_block);
        self.stage
            .process(sub_block, sidechain, morph, controls.keep_loudness);
        self.dry_wet.mix(sub_block, controls.dry_wet);
        self.measure(sub_block);
        let samples = sub_block.first().map_or(0, |channel| channel.len());
        let silent_output = silent(sub_block);
        self.silence
            .note(samples, silent_input, silent_output, self.tap.as_ref());
    }

    /// Has the answers take effect that are due in the sub-block that begins with the sample `start` of the block, and the frame `position`
    /// of the stream.
    fn take_answers(&mut self, start: usize, position: u64, controls: &ChainControls) {
        let Some(tap) = &mut self.tap else {
            return;
        };
        let end = tap.position();
        self.midi.send_due(start, position, end);
        let matters = controls.sends_midi || Steer::is_on(&controls.steers);
        while let Some(cue) = tap.next_cue(end.saturating_sub(self.answer_delay), matters) {
            // One that is late takes effect as soon as may be.
            let at = (cue.position + self.answer_delay).max(position);
            let frame = start + (at - position) as usize;
            for message in cue.messages.into_iter().flatten() {
                self.midi.send(message, frame, at);
            }
            self.steer.hear(&cue.readings);
            self.heard = Some(Heard {
                frame,
                readings: cue.readings,
            });
        }
    }

    /// Lets the meters see what the listener gets, and what it was made of.
    fn measure(&mut self, output: &[&mut [f32]]) {
        let Some(meter) = &mut self.meter else {
            return;
        };
        let (dry, mixed) = (self.dry_wet.dry(), self.dry_wet.mixed());
        match output {
            [left, right] => {
                let len = left.len().min(SUB_BLOCK);
                let [dry, mixed] = [dry, mixed].map(|both| both.each_ref().map(|one| &one[..len]));
                meter.take(&dry, &mixed, &[left, right]);
            }
            [mono] => {
                let len = mono.len().min(SUB_BLOCK);
                meter.take(&[&dry[0][..len]], &[&mixed[0][..len]], &[mono]);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
