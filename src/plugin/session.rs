//! What one activation builds: the audio-thread halves of Listen and Morph, joined by the dry path and the mix.

use std::ops::Range;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use nice_plug::prelude::*;

use super::{
    connection::{AudioThreadEnds, Setup, layout},
    silence::{Silence, is_silent},
};
use crate::{
    dsp::{Delay, Glide, Ramp, StftLayout, clean, crossfade},
    engine::{Engine, HopStagger, Models, Process},
    listen::Feed,
    morph::{MorphControls, Stage, WorkerCurves},
    params::MoodringParams,
};

/// Time that Bypass, Mix and Output take to a new value, in seconds. Not the framework's smoothing: that one jumps when a
/// state is loaded.
const FADE_SECONDS: f32 = 0.02;

/// Most channels that any layout has.
pub(super) const CHANNELS: usize = 2;

/// One sample of each.
type Channels = [f32; CHANNELS];

/// Samples handled at a time, so that the dry signal fits on the stack.
const PIECE: usize = 64;

/// The audio thread's state between activation and deactivation. Nothing in it allocates after construction.
pub(super) struct Session {
    params: Arc<MoodringParams>,
    stage: Stage<WorkerCurves>,
    feed: Option<Feed>,
    dry: [Delay; CHANNELS],
    bypass: Ramp,
    mix: Glide,
    /// In dB.
    output: Glide,
    layout: StftLayout,
    /// Set once the sidechain is not silent.
    sidechain_heard: Arc<AtomicBool>,
    /// Held so that another instance finds them loaded, and a forked child too.
    models: Option<Arc<Models>>,
    /// Whether, and since when, there is silence.
    silence: Silence,
    /// [`ModelChoice::changes`](crate::params::ModelChoice::changes) that this session was built for.
    choice: u32,
    /// Kept so that no other instance that plays has the same turn; `None` without an engine, and in a bounce.
    _hop_stagger: Option<HopStagger>,
    setup: Setup,
    /// Where the engine's threads are that it is connected to.
    process: Process,
    /// Whether the host has been asked for a new activation in this process.
    told: bool,
}

impl Session {
    /// Builds everything of an activation; `choice` is what `models` were chosen by.
    pub fn new(
        engine: Option<&Engine>,
        models: Option<Arc<Models>>,
        choice: u32,
        params: &Arc<MoodringParams>,
        setup: Setup,
        ends: AudioThreadEnds,
    ) -> Self {
        let Setup {
            sample_rate,
            channels,
            offline,
        } = setup;
        let AudioThreadEnds {
            curves,
            feed,
            front_end,
            sidechain_heard,
            listen,
        } = ends;
        let layout = layout(&front_end, sample_rate);
        // In real time the instances' transforms are spread over the hop, so that they don't all fall due in one block of the
        // host. A bounce has no deadline, and must not depend on who else plays.
        let hop_stagger = engine.filter(|_| !offline).map(Engine::hop_stagger);
        let stagger = hop_stagger.as_ref().map_or(0, |hop_stagger| {
            (hop_stagger.fraction() * layout.hop as f64) as usize
        });
        let mut session = Self {
            stage: Stage::new(&front_end, sample_rate as f64, channels, curves).staggered(stagger),
            feed,
            dry: std::array::from_fn(|_| Delay::new(layout.latency())),
            bypass: Ramp::new(
                if params.bypass.value() { 1.0 } else { 0.0 },
                FADE_SECONDS * sample_rate,
            ),
            mix: Glide::new(params.mix.value(), FADE_SECONDS * sample_rate),
            output: Glide::new(params.output.value(), FADE_SECONDS * sample_rate),
            params: params.clone(),
            layout,
            sidechain_heard,
            models,
            silence: Silence::new(tail(&layout), offline, listen),
            choice,
            _hop_stagger: hop_stagger,
            setup,
            process: Process::current(),
            told: false,
        };
        // Here rather than in the first block: memory is only there once it has been written to.
        session.reset();
        session
    }

    /// What it was built for.
    pub fn setup(&self) -> Setup {
        self.setup
    }

    /// The models in use; `None` without an engine.
    pub fn models(&self) -> Option<Arc<Models>> {
        self.models.clone()
    }

    /// Whether its engine's threads were left behind by a fork. Wait-free.
    pub fn is_left(&self) -> bool {
        !self.process.is_current()
    }

    /// Takes the place of the connection that a fork has cut: goes on with the sound where it was. Allocates.
    pub fn reconnect(&mut self, ends: AudioThreadEnds) {
        self.stage.set_source(ends.curves);
        self.feed = ends.feed;
        self.sidechain_heard = ends.sidechain_heard;
        self.silence = Silence::new(tail(&self.layout), self.setup.offline, ends.listen);
        self.process = Process::current();
    }

    /// Delay from input to output, in samples.
    pub fn latency(&self) -> u32 {
        self.layout.latency() as u32
    }

    /// How long the output goes on after the input has ended, in samples: the delay, and the last frame's own length.
    pub fn tail(&self) -> u32 {
        tail(&self.layout)
    }

    /// Whether other models have been chosen since, or the engine was left behind by a fork: said once. Wait-free.
    pub fn is_outdated(&mut self) -> bool {
        let choice = self.params.models.changes();
        let chosen = std::mem::replace(&mut self.choice, choice) != choice;
        let left = self.is_left() && !std::mem::replace(&mut self.told, true);
        chosen || left
    }

    /// Whether nothing is heard, nothing is on its way, and the readout says so: until there is sound again nothing is lost if
    /// nothing is processed. Never in a bounce, which must not depend on what its host makes of this. Wait-free.
    pub fn is_silent(&self) -> bool {
        self.silence.is_known(self.feed.as_ref())
    }

    /// Forgets all sound.
    pub fn reset(&mut self) {
        self.stage.reset();
        if let Some(feed) = &mut self.feed {
            feed.reset();
        }
        self.silence.reset(self.feed.as_ref());
        for dry in &mut self.dry {
            dry.reset();
        }
        self.bypass
            .reset(if self.params.bypass.value() { 1.0 } else { 0.0 });
        self.mix.reset(self.params.mix.value());
        self.output.reset(self.params.output.value());
    }

    /// Replaces a block, `[channel][sample]`, of one or two channels. `sidechain` is what plays beside it, channel for
    /// channel, each as long as the block or shorter.
    ///
    /// Denormal numbers are 0 meanwhile, and the host's thread is left as it was: the powers of sound that has faded out are
    /// below 1e-38, and computing with them would take six times as long.
    #[allow(unsafe_code, reason = "no_denormals has no other way in")]
    pub fn process(&mut self, block: &mut [&mut [f32]], sidechain: &[&mut [f32]]) {
        // SAFETY: only the rounding of results below 1e-38 changes, which nothing here relies on.
        unsafe { no_denormals::no_denormals(|| self.process_pieces(block, sidechain)) }
    }

    fn process_pieces(&mut self, block: &mut [&mut [f32]], sidechain: &[&mut [f32]]) {
        let controls = MorphControls::read(&self.params);
        let samples = block.first().map_or(0, |channel| channel.len());
        let mut start = 0;
        while start < samples {
            let end = (start + PIECE).min(samples);
            let beside = self.beside(sidechain, start..end);
            match block {
                [left, right] => {
                    if let (Some(left), Some(right)) =
                        (left.get_mut(start..end), right.get_mut(start..end))
                    {
                        self.process_piece(&mut [left, right], &beside, controls);
                    }
                }
                [mono] => {
                    if let Some(mono) = mono.get_mut(start..end) {
                        self.process_piece(&mut [mono], &beside, controls);
                    }
                }
                _ => return,
            }
            start = end;
        }
    }

    /// Some of the sidechain's samples, mono as the same twice; silence where it has none.
    fn beside(&self, sidechain: &[&mut [f32]], samples: Range<usize>) -> [Channels; PIECE] {
        let mut beside = [[0.0; CHANNELS]; PIECE];
        for channel in 0..CHANNELS {
            let Some(samples_there) = sidechain.get(channel).or(sidechain.first()) else {
                break;
            };
            let len = samples_there.len();
            let there = samples.start.min(len)..samples.end.min(len);
            let there = samples_there.get(there).unwrap_or_default();
            for (frame, sample) in beside.iter_mut().zip(there) {
                frame[channel] = clean(*sample);
            }
        }
        if beside.iter().flatten().any(|sample| *sample != 0.0) {
            self.sidechain_heard.store(true, Ordering::Relaxed);
        }
        beside
    }

    fn process_piece(
        &mut self,
        piece: &mut [&mut [f32]],
        sidechain: &[Channels],
        controls: MorphControls,
    ) {
        for sample in piece.iter_mut().flat_map(|channel| channel.iter_mut()) {
            *sample = clean(*sample);
        }
        let silent_input =
            is_silent(sidechain.as_flattened()) && piece.iter().all(|channel| is_silent(channel));
        if let Some(feed) = &mut self.feed {
            match piece {
                [left, right] => {
                    for (left, right) in left.iter().zip(right.iter()) {
                        feed.push(&[*left, *right]);
                    }
                }
                [mono] => {
                    for sample in mono.iter() {
                        feed.push(&[*sample]);
                    }
                }
                _ => {}
            }
        }
        let mut dry = [[0.0; PIECE]; CHANNELS];
        for ((channel, delay), dry) in piece.iter().zip(&mut self.dry).zip(&mut dry) {
            for (sample, dry) in channel.iter().zip(dry) {
                *dry = delay.tick(*sample);
            }
        }

        let params = &self.params;
        self.stage
            .process(piece, sidechain, controls, params.keep_loudness.value());

        let bypassed = if params.bypass.value() { 1.0 } else { 0.0 };
        let (mix, output) = (params.mix.value(), params.output.value());
        let len = piece.first().map_or(0, |channel| channel.len());
        for n in 0..len {
            let mix = self.mix.tick(mix);
            let gain = util::db_to_gain(self.output.tick(output));
            let bypass = self.bypass.tick(bypassed);
            for (channel, dry) in piece.iter_mut().zip(&dry) {
                if let (Some(sample), Some(dry)) = (channel.get_mut(n), dry.get(n)) {
                    let wet = crossfade(*dry, *sample, mix) * gain;
                    *sample = crossfade(wet, *dry, bypass);
                }
            }
            let first = piece.first().and_then(|channel| channel.get(n)).copied();
            let second = piece.get(1).and_then(|channel| channel.get(n)).copied();
            let first = first.unwrap_or_default();
            self.stage.hear_output([first, second.unwrap_or(first)]);
        }
        let silent_output = piece.iter().all(|channel| is_silent(channel));
        self.silence
            .note(len, silent_input, silent_output, self.feed.as_ref());
    }
}

/// How long the output goes on after the input has ended, in samples.
fn tail(layout: &StftLayout) -> u32 {
    (layout.latency() + layout.window) as u32
}
