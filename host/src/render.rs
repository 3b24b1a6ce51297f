//! Whole signals through the plugin, block by block, the way a DAW bounces or plays them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use clack_extensions::render::RenderMode;

use crate::error::HostError;
use crate::events::{MidiEvent, OutputEvent, ParamEvent};
use crate::{Block, Plugin, Processor};

/// How a signal is sent through the plugin.
#[derive(Debug, Clone)]
pub struct Render {
    /// Samples per second and channel, in Hz.
    pub sample_rate: f64,
    /// The lengths of the blocks in frames, repeated from the start when used up. 0 is an empty block; at least one
    /// must be longer.
    pub block_sizes: Vec<usize>,
    /// What the plugin is told about the time that it has.
    pub mode: RenderMode,
    /// Whether a block is only processed when it is due, as in playback.
    pub real_time: bool,
    /// Whether main input and output are the same memory.
    pub in_place: bool,
    /// The side chain, indexed by `[channel_idx][frame_idx]` and as long as the input; empty stands for silence.
    pub sidechain: Vec<Vec<f32>>,
}

/// What came out.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// The main output, as long as the input: indexed by `[channel_idx][frame_idx]`. Not shifted by the latency.
    pub output: Vec<Vec<f32>>,
    /// What the plugin reported, frames counted from the start.
    pub events: Vec<OutputEvent>,
    /// The MIDI that it sent, frames counted from the start.
    pub midi: Vec<MidiEvent>,
    /// The latency in samples that the plugin reported when activated.
    pub latency: u32,
}

impl Render {
    /// A bounce in blocks of 512 frames.
    pub fn offline(sample_rate: f64) -> Self {
        Self {
            sample_rate,
            block_sizes: vec![512],
            mode: RenderMode::Offline,
            real_time: false,
            in_place: false,
            sidechain: Vec::new(),
        }
    }

    /// Playback in blocks of 512 frames, each when it is due.
    pub fn playback(sample_rate: f64) -> Self {
        Self {
            mode: RenderMode::Realtime,
            real_time: true,
            ..Self::offline(sample_rate)
        }
    }

    /// Activates the plugin, sends `input` through on a thread of its own while this one serves the plugin's requests,
    /// and deactivates it. Input and events count frames from 0; events past the end are dropped.
    ///
    /// # Errors
    /// Those of [`Plugin::activate`], [`Processor::process`] and [`Plugin::pump`].
    pub fn run(
        &self,
        plugin: &mut Plugin,
        input: &[Vec<f32>],
        events: &[ParamEvent],
    ) -> Result<Rendered, HostError> {
        self.run_with(plugin, input, events, |_, _| Ok(()))
    }

    /// Like [`Render::run`], and calls `observe` every few milliseconds with the plugin and the number of frames done.
    ///
    /// # Errors
    /// Those of [`Render::run`] and of `observe`, which ends the rendering.
    pub fn run_with(
        &self,
        plugin: &mut Plugin,
        input: &[Vec<f32>],
        events: &[ParamEvent],
        mut observe: impl FnMut(&mut Plugin, usize) -> Result<(), HostError>,
    ) -> Result<Rendered, HostError> {
        let max_frames = self.block_sizes.iter().copied().max().unwrap_or(0);
        let min_frames = self
            .block_sizes
            .iter()
            .copied()
            .filter(|size| *size > 0)
            .min()
            .unwrap_or(0);
        plugin.set_render_mode(self.mode)?;
        // The last block is as short as it has to be.
        let mut processor = plugin.activate(self.sample_rate, min_frames.min(1), max_frames)?;
        let latency = plugin.latency()?;

        let done = AtomicUsize::new(0);
        let main_thread = std::thread::current();
        let (processor, result) = std::thread::scope(|scope| {
            let audio_thread = scope.spawn(|| {
                let result = self.process_all(&mut processor, input, events, &done);
                processor.stop();
                main_thread.unpark();
                (processor, result)
            });
            let mut served = Ok(());
            while !audio_thread.is_finished() {
                if served.is_ok() {
                    served = plugin
                        .pump()
                        .and_then(|()| observe(plugin, done.load(Ordering::Relaxed)));
                    if served.is_err() {
                        done.store(usize::MAX, Ordering::Relaxed);
                    }
                }
                std::thread::park_timeout(Duration::from_millis(2));
            }
            match audio_thread.join() {
                Ok((processor, result)) => (Some(processor), served.and(result)),
                Err(_) => (None, Err(HostError::refused("made the audio thread panic"))),
            }
        });
        if let Some(processor) = processor {
            plugin.deactivate(processor);
        }
        let mut rendered = result?;
        rendered.latency = latency;
        Ok(rendered)
    }

    /// The audio thread: block after block, until the input ends or `done` is set to its maximum.
    fn process_all(
        &self,
        processor: &mut Processor,
        input: &[Vec<f32>],
        events: &[ParamEvent],
        done: &AtomicUsize,
    ) -> Result<Rendered, HostError> {
        let total = input.first().map_or(0, Vec::len);
        let mut events: Vec<ParamEvent> = events.to_vec();
        events.sort_by_key(|event| event.frame);
        let mut pending = events.as_slice();

        let mut rendered = Rendered {
            output: Vec::new(),
            events: Vec::new(),
            midi: Vec::new(),
            latency: 0,
        };
        let mut start = 0;
        let begun = Instant::now();
        for size in self.block_sizes.iter().copied().cycle() {
            if start >= total {
                break;
            }
            let end = (start + size).min(total);
            let (now, later) = pending.split_at(pending.partition_point(|event| event.frame < end));
            pending = later;
            let now: Vec<ParamEvent> = now
                .iter()
                .map(|event| ParamEvent {
                    frame: event.frame - start,
                    ..*event
                })
                .collect();

            if self.real_time {
                let due = Duration::from_secs_f64(start as f64 / self.sample_rate);
                std::thread::sleep(due.saturating_sub(begun.elapsed()));
            }
            processor.process(&Block {
                frames: end - start,
                input: &part(input, start, end),
                sidechain: &part(&self.sidechain, start, end),
                events: &now,
                in_place: self.in_place,
                ..Block::default()
            })?;

            if !processor.are_events_in_order() {
                return Err(HostError::refused(
                    "sent events in another order than that of their times",
                ));
            }
            let channels = processor.output().len();
            rendered
                .output
                .resize_with(channels, || Vec::with_capacity(total));
            for (whole, block) in rendered.output.iter_mut().zip(processor.output()) {
                whole.extend_from_slice(block);
            }
            let events = processor.output_events();
            rendered.events.extend(events.map(|event| OutputEvent {
                frame: event.frame + start,
                ..event
            }));
            rendered
                .midi
                .extend(processor.midi().map(|event| MidiEvent {
                    frame: event.frame + start,
                    ..event
                }));
            start = end;
            if done.swap(start, Ordering::Relaxed) == usize::MAX {
                break;
            }
        }
        Ok(rendered)
    }
}

fn part(channels: &[Vec<f32>], start: usize, end: usize) -> Vec<&[f32]> {
    channels
        .iter()
        .map(|channel| channel.get(start..end).unwrap_or_default())
        .collect()
}
