//! What one activation builds: the audio-thread halves of Listen and Morph, joined by the dry path and the mix.

use std::ops::Range;
use std::sync::{
    Arc, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use nice_plug::prelude::*;
use nice_plug_egui::RepaintNotifier;

use super::sources::Sources;
use crate::{
    dsp::{Delay, Glide, Ramp, StftLayout, clean, crossfade},
    editor::Status,
    engine::{Engine, Models, Seat, ring},
    listen::{Chunk, Feed, History, ListenJob, ListenMonitor, ListenState, Listener, Readout},
    model::{ModelSource, TimbreFrontEnd, TimbreMap},
    morph::{
        Controls, CurveMessage, FrameMessage, Linked, MorphJob, MorphMonitor, MorphView, Stage,
        mel_bank,
    },
    params::MoodringParams,
};

/// Frames, and curves, that may wait between the threads: about 2.7 s.
const FRAME_RING: usize = 256;

/// Seconds of sound that may wait for the tagger.
const LISTEN_RING_SECONDS: f32 = 2.0;

/// Time that Bypass, Mix and Output take to a new value, in seconds. Not the framework's smoothing: that one jumps when a
/// state is loaded.
const FADE_SECONDS: f32 = 0.02;

/// Most channels that any layout has.
const CHANNELS: usize = 2;

/// Samples handled at a time, so that the dry signal fits on the stack.
const PIECE: usize = 64;

/// The audio thread's state between activation and deactivation. Nothing in it allocates after construction.
pub(super) struct Session {
    params: Arc<MoodringParams>,
    stage: Stage<Linked>,
    feed: Option<Feed>,
    dry: [Delay; CHANNELS],
    bypass: Ramp,
    mix: Glide,
    /// In dB.
    output: Glide,
    layout: StftLayout,
    /// Set once the sidechain is not silent.
    sidechain_heard: Arc<AtomicBool>,
    /// Held so that another instance finds them loaded.
    _models: Option<Arc<Models>>,
    /// [`ModelChoice::changes`](crate::params::ModelChoice::changes) that this session was built for.
    choice: u32,
    /// Kept so that no other instance that plays has the same turn; `None` without an engine, and in a bounce.
    _seat: Option<Seat>,
}

impl Session {
    pub fn new(
        engine: Option<&Engine>,
        params: &Arc<MoodringParams>,
        sample_rate: f32,
        channels: usize,
        offline: bool,
        sources: &mut Sources,
        repaint: &RepaintNotifier,
    ) -> Self {
        let notify = || -> Box<dyn Fn() + Send> {
            let repaint = repaint.clone();
            Box::new(move || repaint.request_repaint())
        };
        // A failure to start the engine is kept; all else is told anew.
        let fault = engine
            .is_none()
            .then(|| sources.status.fault.take())
            .flatten();
        let tagger_before = std::mem::take(&mut sources.status.tagger);
        *sources = Sources {
            status: Status {
                sample_rate,
                fault,
                ..Status::default()
            },
            history: sources.history.clone(),
            ..Sources::default()
        };

        let choice = params.models.changes();
        let reference = params.models.get();
        let (models, why) = engine
            .map(|engine| engine.models(reference.as_ref()))
            .unzip();
        if let Some(why) = why.flatten() {
            sources.set_fault(format!(
                "This project's models can't be used, Moodring's own take their place: {why}"
            ));
        }
        let mut linked = None;
        let mut front_end = fallback_front_end();
        match engine.zip(models.as_ref().map(|models| &models.timbre)) {
            Some((engine, Ok(timbre))) => {
                let card = timbre.card();
                front_end = card.front_end.clone();
                sources.status.timbre = format!("{} {}", card.name, card.version);
                sources.map = Some(Arc::new(TimbreMap::new(card)));
                let (frame_sender, frame_receiver) = ring(FRAME_RING, FrameMessage::blank());
                let (curve_sender, curve_receiver) = ring(FRAME_RING, CurveMessage::blank());
                let (view_input, view_output) = triple_buffer::triple_buffer(&MorphView::default());
                let monitor = Arc::new(MorphMonitor::default());
                let patience = engine.add_morph(Box::new(MorphJob::new(
                    timbre.clone(),
                    params.clone(),
                    frame_receiver,
                    curve_sender,
                    monitor.clone(),
                    view_input,
                    notify(),
                )));
                sources.view = Some(view_output);
                sources.morph = monitor.clone();
                linked = Some(Linked::new(
                    frame_sender,
                    curve_receiver,
                    monitor,
                    offline.then_some(patience),
                ));
            }
            Some((_, Err(why))) => sources.set_fault(format!("Morph is off: {why}")),
            None => {}
        }

        let (mut readout_input, readout_output) = triple_buffer::triple_buffer(&Readout::default());
        let mut unavailable = || {
            readout_input.write(Readout {
                state: ListenState::Unavailable,
                ..Readout::default()
            });
        };
        let mut feed = None;
        match engine.zip(models.as_ref().map(|models| &models.tagger)) {
            Some((engine, Ok(tagger))) => {
                let card = tagger.card();
                sources.status.tagger = format!("{} {}", card.name, card.version);
                sources.tags = card.tags.clone().into();
                match Listener::new(tagger.clone(), sample_rate as f64) {
                    Ok(listener) => {
                        let chunks =
                            LISTEN_RING_SECONDS * sample_rate / crate::listen::CHUNK as f32;
                        let (sender, receiver) = ring(chunks.ceil() as usize + 2, Chunk::blank());
                        let monitor = Arc::new(ListenMonitor {
                            history: sources.history.clone(),
                            ..ListenMonitor::default()
                        });
                        let patience = engine.add_listen(Box::new(ListenJob::new(
                            listener,
                            sample_rate as f64,
                            offline,
                            receiver,
                            params.clone(),
                            monitor.clone(),
                            readout_input,
                            notify(),
                        )));
                        sources.listen = monitor;
                        feed = Some(Feed::new(sender, offline.then_some(patience)));
                    }
                    Err(why) => {
                        unavailable();
                        sources.set_fault(format!("Listen is off: {sample_rate} Hz: {why}"));
                    }
                }
            }
            Some((_, Err(why))) => {
                unavailable();
                sources.set_fault(format!("Listen is off: {why}"));
            }
            None => unavailable(),
        }
        sources.readout = Some(readout_output);
        if sources.status.tagger != tagger_before {
            // Another tagger has other tags.
            *sources
                .history
                .lock()
                .unwrap_or_else(PoisonError::into_inner) = History::default();
        }

        let layout = StftLayout::for_rate(
            sample_rate as f64,
            front_end.sample_rate as f64,
            front_end.n_fft,
        );
        // In real time the instances' transforms are spread over the hop, so that they don't all fall due in one block of the
        // host. A bounce has no deadline, and must not depend on who else plays.
        let seat = engine.filter(|_| !offline).map(Engine::seat);
        let stagger = seat
            .as_ref()
            .map_or(0, |seat| (seat.turn() * layout.hop as f64) as usize);
        sources.status.latency = layout.latency() as u32;
        sources.hop_seconds = layout.hop as f32 / sample_rate;
        sources.band_hz = mel_bank(&front_end, sample_rate as f64, &layout)
            .centres()
            .iter()
            .map(|hz| *hz as f32)
            .collect();
        repaint.request_repaint();
        let mut session = Self {
            stage: Stage::new(&front_end, sample_rate as f64, channels, linked).staggered(stagger),
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
            sidechain_heard: sources.sidechain.clone(),
            _models: models,
            choice,
            _seat: seat,
        };
        // Here rather than in the first block: memory is only there once it has been written to.
        session.reset();
        session
    }

    /// Delay from input to output, in samples.
    pub fn latency(&self) -> u32 {
        self.layout.latency() as u32
    }

    /// How long the output goes on after the input has ended, in samples: the delay, and the last frame's own length.
    pub fn tail(&self) -> u32 {
        (self.layout.latency() + self.layout.window) as u32
    }

    /// Whether other models have been chosen since: said once. Wait-free.
    pub fn is_outdated(&mut self) -> bool {
        let choice = self.params.models.changes();
        std::mem::replace(&mut self.choice, choice) != choice
    }

    /// Forgets all sound.
    pub fn reset(&mut self) {
        self.stage.reset();
        if let Some(feed) = &mut self.feed {
            feed.reset();
        }
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
        let controls = Controls::read(&self.params);
        let samples = block.first().map_or(0, |channel| channel.len());
        let mut start = 0;
        while start < samples {
            let end = (start + PIECE).min(samples);
            let beside = self.mix_down(sidechain, start..end);
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

    /// The mono mix of some of the sidechain's samples; silence where it has none.
    fn mix_down(&self, sidechain: &[&mut [f32]], samples: Range<usize>) -> [f32; PIECE] {
        let mut mix = [0.0; PIECE];
        let share = 1.0 / sidechain.len().max(1) as f32;
        for channel in sidechain {
            let there = samples.start.min(channel.len())..samples.end.min(channel.len());
            let there = channel.get(there).unwrap_or_default();
            for (mix, sample) in mix.iter_mut().zip(there) {
                *mix += share * clean(*sample);
            }
        }
        if mix.iter().any(|sample| *sample != 0.0) {
            self.sidechain_heard.store(true, Ordering::Relaxed);
        }
        mix
    }

    fn process_piece(&mut self, piece: &mut [&mut [f32]], sidechain: &[f32], controls: Controls) {
        for sample in piece.iter_mut().flat_map(|channel| channel.iter_mut()) {
            *sample = clean(*sample);
        }
        if let Some(feed) = &mut self.feed {
            match piece {
                [left, right] => {
                    for (left, right) in left.iter().zip(right.iter()) {
                        feed.push(0.5 * (left + right));
                    }
                }
                [mono] => {
                    for sample in mono.iter() {
                        feed.push(*sample);
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
            let sum: f32 = piece.iter().filter_map(|channel| channel.get(n)).sum();
            self.stage.hear_output(sum / piece.len() as f32);
        }
    }
}

/// The front-end that the latency is reckoned with where the model can't be used: the embedded card's, so that a project
/// keeps its timing; or its figures, if even that can't be read.
fn fallback_front_end() -> TimbreFrontEnd {
    ModelSource::embedded_timbre_card()
        .map_or_else(TimbreFrontEnd::fallback, |card| card.front_end.clone())
}
