//! What joins an instance to the engine: its jobs, the audio thread's ends of their rings, and what the editor sees.

use std::sync::{Arc, Mutex, PoisonError, atomic::AtomicBool};

use nice_plug_egui::RepaintNotifier;

use super::sources::Sources;
use crate::{
    dsp::StftLayout,
    engine::{Engine, Models, ring},
    listen::{
        Chunk, Feed, ListenJob, ListenMonitor, ListenState, Listener, Readout, ReadoutHistory,
    },
    model::{ModelSource, TimbreFrontEnd, TimbreMap},
    morph::{
        CurveMessage, FrameMessage, MorphJob, MorphMonitor, MorphView, WorkerCurves, mel_bank,
    },
    params::MoodringParams,
    telemetry::Status,
    thread::MayBlock,
};

/// Frames, and curves, that may wait between the threads: about 2.7 s.
const FRAME_RING: usize = 256;

/// Seconds of sound that may wait for the tagger.
const LISTEN_RING_SECONDS: f32 = 2.0;

/// How an activation runs.
#[derive(Clone, Copy)]
pub(super) struct Setup {
    /// In Hz.
    pub sample_rate: f32,
    /// Of the main bus: 1 or 2.
    pub channels: usize,
    /// Whether the audio thread may wait.
    pub offline: bool,
}

/// The audio thread's ends of an instance's jobs.
pub(super) struct AudioThreadEnds {
    /// `None` without a timbre model.
    pub curves: Option<WorkerCurves>,
    /// `None` without a tagger.
    pub feed: Option<Feed>,
    /// What the timbre model's frames are made with.
    pub front_end: TimbreFrontEnd,
    /// To be set once the sidechain is not silent.
    pub sidechain_heard: Arc<AtomicBool>,
    /// What the readout says of silence.
    pub listen: Arc<ListenMonitor>,
}

/// What an activation takes over from the one before.
#[derive(Default)]
pub(super) struct Before {
    pub history: Arc<Mutex<ReadoutHistory>>,
    /// Name and version of the tagger that the history is of.
    pub tagger: String,
}

/// An instance's jobs, from both sides. Nobody else sees anything of it before it is put to use.
pub(super) struct Connection {
    pub ends: AudioThreadEnds,
    /// What the editor sees.
    pub sources: Sources,
}

impl Connection {
    /// Gives the engine an instance's jobs. `models` are the engine's; without one, nothing is heard or shaped.
    pub fn new(
        engine: Option<(&Engine, &Models)>,
        params: &Arc<MoodringParams>,
        setup: Setup,
        before: Before,
        repaint: &RepaintNotifier,
        thread: &impl MayBlock,
    ) -> Self {
        let notify = || -> Box<dyn Fn() + Send> {
            let repaint = repaint.clone();
            Box::new(move || repaint.request_repaint())
        };
        let Setup {
            sample_rate,
            channels,
            offline,
        } = setup;
        let mut sources = Sources {
            status: Status {
                sample_rate,
                ..Status::default()
            },
            history: before.history,
            ..Sources::default()
        };

        let mut curves = None;
        let mut front_end = fallback_front_end();
        match engine.map(|(engine, models)| (engine, &models.timbre)) {
            Some((engine, Ok(timbre))) => {
                let card = timbre.card();
                front_end = card.front_end.clone();
                sources.status.timbre = format!("{} {}", card.name, card.version);
                sources.map = Some(Arc::new(TimbreMap::new(card)));
                let (frame_sender, frame_receiver) = ring(FRAME_RING, FrameMessage::blank());
                let (curve_sender, curve_receiver) = ring(FRAME_RING, CurveMessage::blank());
                let (view_input, view_output) = triple_buffer::triple_buffer(&MorphView::default());
                let monitor = Arc::new(MorphMonitor::default());
                let job = Box::new(MorphJob::new(
                    timbre.clone(),
                    params.clone(),
                    frame_receiver,
                    curve_sender,
                    monitor.clone(),
                    view_input,
                    notify(),
                ));
                let offline_wait = engine.add_morph(job, thread);
                sources.view = Some(view_output);
                sources.morph = monitor.clone();
                curves = Some(WorkerCurves::new(
                    frame_sender,
                    curve_receiver,
                    monitor,
                    offline.then_some(offline_wait),
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
        let tagger = engine.map(|(engine, models)| (engine, &models.tagger));
        if let Some((_, Ok(tagger))) = tagger {
            let card = tagger.card();
            sources.status.tagger = format!("{} {}", card.name, card.version);
            sources.tags = card.tags.clone().into();
        }
        let activation = {
            let mut history = sources
                .history
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            if sources.status.tagger != before.tagger {
                // Another tagger has other tags.
                history.forget();
            }
            history.begin()
        };
        let mut feed = None;
        match tagger {
            Some((engine, Ok(tagger))) => {
                match Listener::new(tagger.clone(), sample_rate as f64, channels) {
                    Ok(listener) => {
                        let frames = crate::listen::CHUNK / channels;
                        let chunks = LISTEN_RING_SECONDS * sample_rate / frames as f32;
                        let (sender, receiver) = ring(chunks.ceil() as usize + 2, Chunk::blank());
                        let monitor = Arc::new(ListenMonitor {
                            history: sources.history.clone(),
                            activation,
                            ..ListenMonitor::default()
                        });
                        let job = Box::new(ListenJob::new(
                            listener,
                            sample_rate as f64,
                            offline,
                            receiver,
                            params.clone(),
                            monitor.clone(),
                            readout_input,
                            notify(),
                        ));
                        let offline_wait = engine.add_listen(job, thread);
                        sources.listen = monitor;
                        feed = Some(Feed::new(sender, offline.then_some(offline_wait)));
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

        let layout = layout(&front_end, sample_rate);
        sources.status.latency = layout.latency() as u32;
        sources.hop_seconds = layout.hop as f32 / sample_rate;
        sources.band_hz = mel_bank(&front_end, sample_rate as f64, &layout)
            .centres()
            .iter()
            .map(|hz| *hz as f32)
            .collect();
        Self {
            ends: AudioThreadEnds {
                curves,
                feed,
                front_end,
                sidechain_heard: sources.sidechain.clone(),
                listen: sources.listen.clone(),
            },
            sources,
        }
    }
}

/// The transform's layout for frames of this front-end.
pub(super) fn layout(front_end: &TimbreFrontEnd, sample_rate: f32) -> StftLayout {
    StftLayout::for_rate(
        sample_rate as f64,
        front_end.sample_rate as f64,
        front_end.n_fft,
    )
}

/// The front-end that the latency is reckoned with where the model can't be used: the embedded card's, so that a project
/// keeps its timing; or its figures, if even that can't be read.
fn fallback_front_end() -> TimbreFrontEnd {
    ModelSource::embedded_timbre_card()
        .map_or_else(TimbreFrontEnd::fallback, |card| card.front_end.clone())
}
