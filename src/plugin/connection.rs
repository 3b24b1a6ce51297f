//! What joins an instance to the engine: its jobs, the audio thread's ends of their rings, and what the editor sees.

use std::sync::{Arc, Mutex, PoisonError};

use nice_plug_egui::RepaintNotifier;

use super::sources::Sources;
use crate::{
    chain::{self, ChainEnds, ChainFormat},
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
};

/// Frames, and curves, that may wait between the threads: about 2.7 s.
const FRAME_RING: usize = 256;

/// Seconds of sound that may wait for the tagger.
const LISTEN_RING_SECONDS: f32 = 2.0;

/// An instance's jobs, from both sides. Nobody else sees anything of it before it is put to use.
pub(super) struct Connection {
    /// What the timbre model's frames are made with.
    pub front_end: TimbreFrontEnd,
    /// The audio thread's ends.
    pub ends: ChainEnds<WorkerCurves>,
    /// What the editor sees.
    pub sources: Sources,
}

impl Connection {
    /// Gives the engine an instance's jobs. `models` are the engine's; without one, nothing is heard or shaped. `history` and
    /// `tagger_before` are those of the activation before.
    pub fn new(
        engine: Option<(&Engine, &Models)>,
        params: &Arc<MoodringParams>,
        format: ChainFormat,
        history: Arc<Mutex<ReadoutHistory>>,
        tagger_before: &str,
        repaint: &RepaintNotifier,
    ) -> Self {
        let notify = || -> Box<dyn Fn() + Send> {
            let repaint = repaint.clone();
            Box::new(move || repaint.request_repaint())
        };
        let ChainFormat {
            sample_rate,
            channels,
            offline,
        } = format;
        let mut sources = Sources {
            status: Status {
                sample_rate,
                ..Status::default()
            },
            history,
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
                let offline_wait = engine.add_morph(Box::new(MorphJob::new(
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
            if sources.status.tagger != tagger_before {
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
                        let offline_wait = engine.add_listen(Box::new(ListenJob::new(
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

        let layout = chain::layout(&front_end, sample_rate);
        sources.status.latency = layout.latency() as u32;
        sources.hop_seconds = layout.hop as f32 / sample_rate;
        sources.band_hz = mel_bank(&front_end, sample_rate as f64, &layout)
            .centres()
            .iter()
            .map(|hz| *hz as f32)
            .collect();
        Self {
            front_end,
            ends: ChainEnds {
                curves,
                feed,
                listen: sources.listen.clone(),
                sidechain_heard: sources.sidechain.clone(),
            },
            sources,
        }
    }
}

/// The front-end that the latency is reckoned with where the model can't be used: the embedded card's, so that a project
/// keeps its timing; or its figures, if even that can't be read.
fn fallback_front_end() -> TimbreFrontEnd {
    ModelSource::embedded_timbre_card()
        .map_or_else(TimbreFrontEnd::fallback, |card| card.front_end.clone())
}
