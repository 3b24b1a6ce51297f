//! The audio thread's side of one plugin instance.
#![allow(unsafe_code, reason = "CLAP's buffers are pointers")]

use std::sync::OnceLock;

use clack_extensions::tail::{PluginTail, TailLength};
use clack_host::events::event_types::{TransportEvent, TransportFlags};
use clack_host::prelude::*;
use clack_host::utils::{BeatTime, SecondsTime};

use crate::Port;
use crate::error::HostError;
use crate::events::{self, MidiEvent, OutputEvent, ParamEvent};
use crate::handlers::{Handlers, as_audio_thread};

/// One call's worth of audio and events.
#[derive(Debug, Clone, Copy, Default)]
pub struct Block<'a> {
    /// Length in frames; 0 is allowed. At most what was activated.
    pub frames: usize,
    /// The main input, indexed by `[channel_idx][frame_idx]`, at least `frames` long.
    pub input: &'a [&'a [f32]],
    /// The side chain, likewise. Empty stands for silence.
    pub sidechain: &'a [&'a [f32]],
    /// Whether the plugin is given its main input alone, as if it had no other: some hosts do that.
    pub main_input_only: bool,
    /// Parameter changes, in any order; frames count from the start of the block.
    pub events: &'a [ParamEvent],
    /// Whether main input and output are to be the same memory, as many hosts do it.
    pub in_place: bool,
    /// What the plugin is told of the song.
    pub transport: Transport,
}

/// What the plugin is told of the song at the start of a block.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum Transport {
    /// The song plays from its start, as many frames as were processed since the activation or reset.
    #[default]
    Playing,
    /// Nothing: CLAP allows a null pointer.
    None,
    /// The song stands or plays at a place, `seconds` from its start, at 120 beats a minute; with `looped`, in a loop of the
    /// four seconds around that place.
    At {
        /// Position of the block's first frame, in seconds; may jump and may be negative.
        seconds: f64,
        /// Whether it plays.
        playing: bool,
        /// Whether it loops.
        looped: bool,
    },
}

/// Frames behind each block that a plugin must not touch.
const GUARD: usize = 64;

/// Events that a plugin may report in a block without this host's allocating for them.
const REPORTED_EVENTS: usize = 1024;

/// What [`watch_process`] was given.
static WATCH: OnceLock<fn(bool)> = OnceLock::new();

/// Lets `watch` be called on the audio thread with `true` just before each block goes to a plugin, and with `false` when it
/// has come back: whatever happens on this thread in between is the plugin's doing. Only the first of several is called.
pub fn watch_process(watch: fn(bool)) {
    WATCH.get_or_init(|| watch);
}

/// An activated instance. Can be sent to another thread; give it back by [`Plugin::deactivate`](crate::Plugin::deactivate).
pub struct Processor {
    processor: PluginAudioProcessor<Handlers>,
    sample_rate: f64,
    max_frames: usize,
    /// Index of the next block's first frame.
    position: u64,
    input_ports: AudioPorts,
    output_ports: AudioPorts,
    /// Indexed by `[port_idx][channel_idx][frame_idx]`; `max_frames` long, and [`GUARD`] frames more.
    inputs: Vec<Vec<Vec<f32>>>,
    /// Likewise.
    outputs: Vec<Vec<Vec<f32>>>,
    /// Length of the last block.
    frames: usize,
    input_events: EventBuffer,
    output_events: EventBuffer,
}

impl Processor {
    pub(crate) fn new(
        processor: StoppedPluginAudioProcessor<Handlers>,
        sample_rate: f64,
        max_frames: usize,
        inputs: &[Port],
        outputs: &[Port],
    ) -> Self {
        let buffers = |ports: &[Port]| -> Vec<Vec<Vec<f32>>> {
            ports
                .iter()
                .map(|port| vec![vec![0.0; max_frames + GUARD]; port.channel_count])
                .collect()
        };
        let lists = |ports: &[Port]| {
            AudioPorts::with_capacity(
                ports.iter().map(|port| port.channel_count).sum(),
                ports.len(),
            )
        };
        Self {
            processor: processor.into(),
            sample_rate,
            max_frames,
            position: 0,
            input_ports: lists(inputs),
            output_ports: lists(outputs),
            inputs: buffers(inputs),
            outputs: buffers(outputs),
            frames: 0,
            input_events: EventBuffer::new(),
            output_events: EventBuffer::with_capacity(REPORTED_EVENTS),
        }
    }

    pub(crate) fn into_stopped(self) -> StoppedPluginAudioProcessor<Handlers> {
        as_audio_thread(|| self.processor.into_stopped())
    }

    /// Starts processing; [`Processor::process`] does it by itself.
    ///
    /// # Errors
    /// [`HostError::Lifecycle`].
    pub fn start(&mut self) -> Result<(), HostError> {
        as_audio_thread(|| self.processor.ensure_processing_started().map(drop))
            .map_err(HostError::lifecycle("start processing"))
    }

    /// Stops processing, as a DAW does with an idle track.
    pub fn stop(&mut self) {
        as_audio_thread(|| {
            self.processor.ensure_processing_stopped();
        });
    }

    /// Clears the plugin's delay lines and the like.
    pub fn reset(&mut self) {
        as_audio_thread(|| self.processor.reset());
        self.position = 0;
    }

    /// How long the plugin sounds on after its input has ended.
    pub fn tail(&mut self) -> TailLength {
        let handle = self.processor.plugin_handle();
        match handle.get_extension::<PluginTail>() {
            Some(tail) => as_audio_thread(|| tail.get(&handle)),
            None => TailLength::default(),
        }
    }

    /// Processes one block; the results are in [`Processor::output`] and [`Processor::output_events`].
    ///
    /// Ports other than the main ones and the first side chain are fed silence. The output is filled with NaN
    /// beforehand, so what the plugin doesn't write can't go unnoticed.
    ///
    /// # Errors
    /// [`HostError::Block`] if the block doesn't fit what was activated, [`HostError::Lifecycle`] if the plugin fails,
    /// [`HostError::Refused`] if it writes past the end of the block.
    pub fn process(&mut self, block: &Block<'_>) -> Result<ProcessStatus, HostError> {
        self.load(block)?;
        self.frames = block.frames;
        let frames = block.frames;
        events::encode(block.events, &mut self.input_events);
        self.output_events.clear();
        let transport = transport(block.transport, self.position, self.sample_rate);
        let position = self.position;
        self.position += frames as u64;

        self.start()?;
        let started = self
            .processor
            .as_started_mut()
            .map_err(HostError::lifecycle("start processing"))?;

        let inputs = self
            .input_ports
            .with_input_buffers(self.inputs.iter_mut().map(|port| {
                AudioPortBuffer {
                    latency: 0,
                    channels: AudioPortBufferType::f32_input_only(
                        port.iter_mut()
                            .map(move |channel| InputChannel::variable(&mut channel[..frames])),
                    ),
                }
            }));
        let mut outputs = self
            .output_ports
            .with_output_buffers(self.outputs.iter_mut().map(|port| AudioPortBuffer {
                latency: 0,
                channels: AudioPortBufferType::f32_output_only(
                    port.iter_mut().map(move |channel| &mut channel[..frames]),
                ),
            }));

        let mut told = inputs.as_raw_buffers().to_vec();
        if block.main_input_only {
            told.truncate(1);
        }
        if let (true, Some(input), Some(output)) = (
            block.in_place,
            told.first_mut(),
            outputs.as_raw_buffers().first(),
        ) {
            *input = *output;
        }
        let frames_count = u32::try_from(frames).unwrap_or(u32::MAX);
        // SAFETY: the pointers are those of `inputs` and `outputs`, which live on and are `frames` long; only the plugin
        // accesses them during the call, and it knows from their equality where they are shared.
        let inputs = unsafe { InputAudioBuffers::from_raw_buffers(&told, frames_count) };

        let watch: fn(bool) = WATCH.get().copied().unwrap_or(|_| {});
        let status = as_audio_thread(|| {
            let input_events = self.input_events.as_input();
            let mut output_events = self.output_events.as_output();
            watch(true);
            let status = started.process(
                &inputs,
                &mut outputs,
                &input_events,
                &mut output_events,
                Some(position),
                transport.as_ref(),
            );
            watch(false);
            status
        })
        .map_err(HostError::lifecycle("process a block"))?;
        let mut guards = self
            .outputs
            .iter()
            .flatten()
            .filter_map(|channel| channel.get(frames..frames + GUARD));
        if guards.any(|guard| guard.iter().any(|sample| !sample.is_nan())) {
            return Err(HostError::refused(format!(
                "wrote past the end of a block of {frames} frames"
            )));
        }
        Ok(status)
    }

    /// The main input of the last block as the plugin left it, channel by channel.
    pub fn input(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        let main = self.inputs.first().map(Vec::as_slice).unwrap_or_default();
        main.iter()
            .map(|channel| channel.get(..self.frames).unwrap_or_default())
    }

    /// Copies the block into this processor's own buffers, which the plugin may scribble on.
    fn load(&mut self, block: &Block<'_>) -> Result<(), HostError> {
        if block.frames > self.max_frames {
            let found = format!(
                "{} frames, activated for at most {}",
                block.frames, self.max_frames
            );
            return Err(HostError::Block { found });
        }
        for port in &mut self.outputs {
            for channel in port {
                channel.fill(f32::NAN);
            }
        }
        for (index, port) in self.inputs.iter_mut().enumerate() {
            let (name, source) = match index {
                0 => ("input", block.input),
                1 => ("side chain", block.sidechain),
                _ => ("", &[][..]),
            };
            if source.is_empty() && index > 0 {
                port.iter_mut().for_each(|channel| channel.fill(0.0));
                continue;
            }
            let target = match self.outputs.first_mut() {
                Some(output) if index == 0 && block.in_place => output,
                _ => port,
            };
            if source.len() != target.len() {
                let found = format!(
                    "{} channels of {name}, the plugin has {}",
                    source.len(),
                    target.len()
                );
                return Err(HostError::Block { found });
            }
            for (target, source) in target.iter_mut().zip(source) {
                match (target.get_mut(..block.frames), source.get(..block.frames)) {
                    (Some(target), Some(source)) => target.copy_from_slice(source),
                    _ => {
                        let found = format!(
                            "{} frames of {name}, {} announced",
                            source.len(),
                            block.frames
                        );
                        return Err(HostError::Block { found });
                    }
                }
            }
        }
        Ok(())
    }

    /// The main output of the last block, channel by channel.
    pub fn output(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        let main = self.outputs.first().map(Vec::as_slice).unwrap_or_default();
        main.iter()
            .map(|channel| channel.get(..self.frames).unwrap_or_default())
    }

    /// What the plugin reported during the last block.
    pub fn output_events(&self) -> impl Iterator<Item = OutputEvent> {
        events::decode(&self.output_events)
    }

    /// The MIDI that the plugin sent during the last block.
    pub fn midi(&self) -> impl Iterator<Item = MidiEvent> {
        events::decode_midi(&self.output_events)
    }

    /// Whether the last block's events came in the order of their times, as CLAP demands.
    pub fn are_events_in_order(&self) -> bool {
        let times = self.output_events.iter().map(|event| event.header().time());
        times.is_sorted()
    }

    /// Samples per second and channel, in Hz.
    pub fn sample_rate(&self) -> f64 {
        self.sample_rate
    }
}

/// The event that says it; `position` is in frames since the start.
fn transport(told: Transport, position: u64, sample_rate: f64) -> Option<TransportEvent> {
    let (seconds, flags) = match told {
        Transport::None => return None,
        Transport::Playing => (
            position as f64 / sample_rate,
            TransportFlags::IS_PLAYING | TransportFlags::HAS_SECONDS_TIMELINE,
        ),
        Transport::At {
            seconds,
            playing,
            looped,
        } => {
            let mut flags = TransportFlags::HAS_SECONDS_TIMELINE
                | TransportFlags::HAS_BEATS_TIMELINE
                | TransportFlags::HAS_TEMPO
                | TransportFlags::HAS_TIME_SIGNATURE;
            flags.set(TransportFlags::IS_PLAYING, playing);
            flags.set(TransportFlags::IS_LOOP_ACTIVE, looped);
            (seconds, flags)
        }
    };
    let beats = |seconds: f64| BeatTime::from_float(2.0 * seconds);
    Some(TransportEvent {
        header: EventHeader::new_core(0, clack_host::events::EventFlags::empty()),
        flags,
        song_pos_beats: beats(seconds),
        song_pos_seconds: SecondsTime::from_float(seconds),
        tempo: 120.0,
        tempo_inc: 0.0,
        loop_start_beats: beats(seconds - 2.0),
        loop_end_beats: beats(seconds + 2.0),
        loop_start_seconds: SecondsTime::from_float(seconds - 2.0),
        loop_end_seconds: SecondsTime::from_float(seconds + 2.0),
        bar_start: beats((seconds / 2.0).floor() * 2.0),
        bar_number: (seconds / 2.0).floor() as i32,
        time_signature_numerator: 4,
        time_signature_denominator: 4,
    })
}
