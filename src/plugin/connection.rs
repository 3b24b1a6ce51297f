//! What joins an instance to the engine: its jobs, the audio thread's ends of their rings, and what the editor reads.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use nice_plug_egui::RepaintNotifier;

use super::telemetry_reader::TelemetryReader;
use crate::{
    chain::{ChainEnds, ChainFormat},
    engine::{Engine, ring},
    listen::{
        CHUNK, Chunk, ListenJob, ListenMonitor, ListenTap, ListenTelemetry, Listener, longest_queue,
    },
    meter::{METER_CHUNK, MeterChunk, MeterJob, MeterMonitor, MeterTap, MeterView},
    model::{ModelSource, Models, TaggerModel, TimbreFrontEnd, TimbreMap, TimbreModel},
    morph::{
        CurveMessage, FrameMessage, MorphJob, MorphMonitor, MorphTelemetry, Shaper, WorkerCurves,
        band_centres,
    },
    outputs::{Cue, Outputs},
    params::MoodringParams,
    telemetry::{ListenState, MorphView, Readout, ReadoutHistory, SpectrumHistory, Status},
    thread::MayBlock,
};

/// Frames, and curves, that may wait between the threads, at the least: about 2.7 s.
const LEAST_FRAME_RING: usize = 256;

/// Seconds of sound that may wait for the tagger, at the least.
const LISTEN_RING_SECONDS: f32 = 2.0;

/// Answers that may wait for the audio thread: half a minute's.
const CUE_RING: usize = 64;

/// Seconds of sound that may wait for the meters.
const METER_RING_SECONDS: f32 = 0.25;

/// An instance's jobs, from both sides. Nobody else sees anything of it before it is put to use.
pub(super) struct Connection {
    /// What the timbre model's frames are made with.
    pub front_end: TimbreFrontEnd,
    /// The audio thread's ends.
    pub ends: ChainEnds<WorkerCurves>,
    /// What the editor reads.
    pub telemetry: TelemetryReader,
}

/// What is the same for all jobs of one activation.
struct Jobs<'a, T> {
    params: &'a Arc<MoodringParams>,
    format: ChainFormat,
    repaint: &'a RepaintNotifier,
    thread: &'a T,
}

/// What an activation takes over from the one before.
#[derive(Default)]
pub(super) struct Before {
    /// What was heard.
    pub history: Arc<Mutex<ReadoutHistory>>,
    /// Name and version of the tagger that the history is of.
    pub tagger: String,
    /// The output of the last seconds.
    pub spectrum_history: Arc<Mutex<SpectrumHistory>>,
}

impl Connection {
    /// Gives the engine an instance's jobs; without an engine and its models nothing is heard or shaped.
    pub fn new(
        engine: Option<(&Engine, &Models)>,
        params: &Arc<MoodringParams>,
        format: ChainFormat,
        before: Before,
        repaint: &RepaintNotifier,
        thread: &impl MayBlock,
    ) -> Self {
        let jobs = Jobs {
            params,
            format,
            repaint,
            thread,
        };
        let sample_rate = format.sample_rate;
        let mut telemetry = TelemetryReader {
            no_priority: engine.map_or_else(Arc::default, |(engine, _)| engine.no_priority()),
            status: Status {
                sample_rate,
                ..Status::default()
            },
            history: before.history,
            ..TelemetryReader::default()
        };

        let meter = engine
            .map(|(engine, _)| jobs.start_meter(engine, before.spectrum_history, &mut telemetry));

        let mut curves = None;
        let mut front_end = fallback_front_end();
        match engine.map(|(engine, models)| (engine, &models.timbre)) {
            Some((engine, Ok(timbre))) => {
                front_end = timbre.card().front_end.clone();
                curves = Some(jobs.start_morph(engine, timbre, &mut telemetry));
            }
            Some((_, Err(why))) => telemetry.set_fault(format!("Morph is off: {why}")),
            None => {}
        }

        let tagger = engine.map(|(engine, models)| (engine, &models.tagger));
        if let Some((_, Ok(tagger))) = tagger {
            let card = tagger.card();
            telemetry.status.tagger = format!("{} {}", card.name, card.version);
            telemetry.tags = card.tags.clone().into();
            telemetry.answer_seconds = card.front_end.seconds() as f32;
            telemetry.answer_pace = card.pace as f32;
            telemetry.music_map = tagger.map().cloned();
        }
        let activation = begin_activation(&telemetry, &before.tagger);
        let tap = match tagger {
            Some((engine, Ok(tagger))) => {
                jobs.start_listen(engine, tagger, activation, &mut telemetry)
            }
            Some((_, Err(why))) => {
                telemetry.set_fault(format!("Listen is off: {why}"));
                None
            }
            None => None,
        };
        if tap.is_none() {
            let unavailable = Readout {
                state: ListenState::Unavailable,
                ..Readout::default()
            };
            telemetry.readout = Some(triple_buffer::triple_buffer(&unavailable).1);
        }

        telemetry.status.latency = format.stage(&front_end).latency() as u32;
        telemetry.band_hz = band_centres(&front_end)
            .iter()
            .map(|hz| *hz as f32)
            .collect();
        Self {
            front_end,
            ends: ChainEnds {
                curves,
                tap,
                meter,
                listen: telemetry.listen.clone(),
                sidechain_heard: telemetry.sidechain.clone(),
            },
            telemetry,
        }
    }
}

impl<T: MayBlock> Jobs<'_, T> {
    fn notify(&self) -> Box<dyn Fn() + Send> {
        let repaint = self.repaint.clone();
        Box::new(move || repaint.request_repaint())
    }

    /// Starts Morph's job; gives the audio thread's end.
    fn start_morph(
        &self,
        engine: &Engine,
        timbre: &TimbreModel,
        telemetry: &mut TelemetryReader,
    ) -> WorkerCurves {
        let card = timbre.card();
        telemetry.status.timbre = format!("{} {}", card.name, card.version);
        telemetry.map = Some(Arc::new(TimbreMap::new(card)));
        // The frames of a host's longest block come at once, and their curves stay for as long as they wait, which is no shorter.
        let layout = self.format.stage(&card.front_end).layout;
        let time = self.format.blocks().least_wait(layout.wait * layout.hop);
        let frames = LEAST_FRAME_RING.max(4 * layout.wait);
        let (frame_sender, frame_receiver) = ring(frames, FrameMessage::blank());
        let (curve_sender, curve_receiver) = ring(frames, CurveMessage::blank());
        let (view, view_output) = triple_buffer::triple_buffer(&MorphView::default());
        let monitor = Arc::new(MorphMonitor::default());
        // Here rather than at the first curve, which would be late.
        let mut shaper = Shaper::new(timbre.clone());
        shaper.prepare(layout.hop_seconds(self.format.sample_rate));
        let job = MorphJob::new(
            shaper,
            self.params.clone(),
            frame_receiver,
            curve_sender,
            Duration::from_secs_f64(time / 2.0),
            MorphTelemetry::new(card, monitor.clone(), view, self.notify()),
        );
        let wait = engine.add_morph(Box::new(job), self.thread);
        telemetry.view = Some(view_output);
        telemetry.morph = monitor.clone();
        WorkerCurves::new(
            frame_sender,
            curve_receiver,
            monitor,
            wait,
            self.format.offline,
        )
    }

    /// Starts the meters' job; gives the audio thread's end.
    fn start_meter(
        &self,
        engine: &Engine,
        history: Arc<Mutex<SpectrumHistory>>,
        telemetry: &mut TelemetryReader,
    ) -> MeterTap {
        let ChainFormat {
            sample_rate,
            channels,
            ..
        } = self.format;
        let chunks = METER_RING_SECONDS * sample_rate / METER_CHUNK as f32;
        let (sender, receiver) = ring(chunks.ceil() as usize + 2, MeterChunk::blank());
        let (view, view_output) = triple_buffer::triple_buffer(&MeterView::default());
        let monitor = Arc::new(MeterMonitor::new(sample_rate, history));
        let job = MeterJob::new(
            (sample_rate, channels),
            receiver,
            self.params.clone(),
            monitor.clone(),
            view,
            self.notify(),
        );
        engine.add_listen(Box::new(job), self.thread);
        telemetry.levels = Some(view_output);
        telemetry.meter = monitor.clone();
        MeterTap::new(sender, monitor)
    }

    /// Starts Listen's job; gives the audio thread's end. `activation` is the history's.
    fn start_listen(
        &self,
        engine: &Engine,
        tagger: &TaggerModel,
        activation: u64,
        telemetry: &mut TelemetryReader,
    ) -> Option<ListenTap> {
        let ChainFormat {
            sample_rate,
            channels,
            offline,
            ..
        } = self.format;
        let listener = match Listener::new(tagger.clone(), sample_rate as f64, channels) {
            Ok(listener) => listener,
            Err(why) => {
                telemetry.set_fault(format!("Listen is off: {sample_rate} Hz: {why}"));
                return None;
            }
        };
        let (readout, readout_output) = triple_buffer::triple_buffer(&Readout::default());
        let seconds = LISTEN_RING_SECONDS.max(longest_queue(tagger) as f32 + 1.0);
        let chunks = seconds * sample_rate / (CHUNK / channels) as f32;
        let (sender, receiver) = ring(chunks.ceil() as usize + 2, Chunk::blank());
        let (cue_sender, cues) = ring(CUE_RING, Cue::blank());
        let monitor = Arc::new(ListenMonitor {
            history: telemetry.history.clone(),
            activation,
            ..ListenMonitor::default()
        });
        let job = ListenJob::new(
            listener,
            offline,
            receiver,
            ListenTelemetry::new(
                monitor.clone(),
                readout,
                Outputs::new(self.params.clone(), !offline),
                cue_sender,
                self.notify(),
            ),
        );
        let wait = engine.add_listen(Box::new(job), self.thread);
        telemetry.readout = Some(readout_output);
        telemetry.listen = monitor.clone();
        Some(ListenTap::new((sender, cues), monitor, wait, offline))
    }
}

/// Begins another activation of the history, and gives its number. Another tagger has other tags: then the history is empty.
fn begin_activation(telemetry: &TelemetryReader, tagger_before: &str) -> u64 {
    let history = &telemetry.history;
    let mut history = history.lock().unwrap_or_else(PoisonError::into_inner);
    if telemetry.status.tagger != tagger_before {
        history.forget();
    }
    history.begin()
}

/// The front-end that the latency is reckoned with where the model can't be used: the embedded card's, so that a project
/// keeps its timing; or its figures, if even that can't be read.
fn fallback_front_end() -> TimbreFrontEnd {
    ModelSource::embedded_timbre_card()
        .map_or_else(TimbreFrontEnd::fallback, |card| card.front_end.clone())
}
