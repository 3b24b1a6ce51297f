//! The background half of Morph: one instance's shaper on the engine's thread.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use atomic_float::AtomicF32;

use crate::{
    engine::{Faults, Job, Progress, Receiver, Sender},
    model::{BANDS, Bands, Code, Timbre},
};

use super::{CodePair, CurveMessage, FrameMessage, Shaper};

/// The editor's view moves at most this often.
const VIEW_INTERVAL: Duration = Duration::from_millis(33);

/// Frames handled before other instances have their turn.
const FRAMES_A_TURN: usize = 8;

/// Figures that the audio thread and the worker keep for the status line.
#[derive(Default)]
pub struct MorphMonitor {
    /// Curves that weren't there when they were needed, since the last activation.
    pub late_curves: AtomicU64,
    /// Smoothed time that one curve takes, in ms.
    pub curve_ms: AtomicF32,
    /// Whether a bounce once waited in vain, so that it isn't what it should be.
    pub stuck: AtomicBool,
    /// Why the worker gave up; never touched by the audio thread.
    pub fault: Mutex<Option<String>>,
}

/// Where the sound is, for the editor: codes in standard deviations from the training data's mean.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct MorphView {
    /// `None` until something was heard.
    pub codes: Option<CodePair>,
}

/// Runs a [`Shaper`] between two rings.
pub struct MorphJob {
    shaper: Shaper,
    mean: Code,
    std: Code,
    frames: Receiver<FrameMessage>,
    curves: Sender<CurveMessage>,
    generation: Option<u32>,
    /// The frame in hand: after a panic it still has to be answered.
    current: Option<FrameMessage>,
    /// The newest curve.
    last: Bands,
    faults: Faults,
    monitor: Arc<MorphMonitor>,
    view: triple_buffer::Input<MorphView>,
    shown: Instant,
    notify: Box<dyn Fn() + Send>,
}

impl MorphJob {
    /// The job of one activation; `notify` is called when the view has changed.
    pub fn new(
        timbre: Timbre,
        frames: Receiver<FrameMessage>,
        curves: Sender<CurveMessage>,
        monitor: Arc<MorphMonitor>,
        view: triple_buffer::Input<MorphView>,
        notify: Box<dyn Fn() + Send>,
    ) -> Self {
        let latents = &timbre.card().latents;
        let mean =
            std::array::from_fn(|index| latents.get(index).map_or(0.0, |latent| latent.mean));
        let std = std::array::from_fn(|index| latents.get(index).map_or(1.0, |latent| latent.std));
        Self {
            shaper: Shaper::new(timbre),
            mean,
            std,
            frames,
            curves,
            generation: None,
            current: None,
            last: [0.0; BANDS],
            faults: Faults::default(),
            monitor,
            view,
            shown: Instant::now(),
            notify,
        }
    }

    fn show(&mut self, codes: &CodePair) {
        if self.shown.elapsed() < VIEW_INTERVAL {
            return;
        }
        self.shown = Instant::now();
        let deviations = |code: &Code| -> Code {
            std::array::from_fn(|index| (code[index] - self.mean[index]) / self.std[index])
        };
        let codes = Some(CodePair {
            live: deviations(&codes.live),
            shaped: deviations(&codes.shaped),
        });
        if self.view.input_buffer_mut().codes != codes {
            self.view.write(MorphView { codes });
            (self.notify)();
        }
    }

    fn answer(&mut self, frame: &FrameMessage, gain_db: Bands) {
        self.last = gain_db;
        // There was room when the frame was taken; a closed ring has nobody left to miss the curve.
        let _ = self.curves.send(CurveMessage {
            generation: frame.generation,
            index: frame.index,
            gain_db,
        });
    }

    fn tell(&mut self, why: String) {
        *self
            .monitor
            .fault
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(why);
        (self.notify)();
    }
}

impl Job for MorphJob {
    fn work(&mut self) -> Progress {
        for _ in 0..FRAMES_A_TURN {
            if !self.curves.has_room() && !self.curves.is_closed() {
                // The audio thread has stopped fetching: what it fetches next must not be lost.
                return Progress::Idle;
            }
            let Some(frame) = self.frames.receive() else {
                return if self.frames.is_closed() {
                    Progress::Finished
                } else {
                    Progress::Idle
                };
            };
            if self.generation != Some(frame.generation) {
                self.generation = Some(frame.generation);
                self.shaper.reset();
                self.last = [0.0; BANDS];
            }
            self.current = Some(frame);
            let started = Instant::now();
            match self.shaper.shape(&frame) {
                Ok(shaped) => {
                    self.answer(&frame, shaped.gain_db);
                    self.current = None;
                    let took = started.elapsed().as_secs_f32() * 1000.0;
                    let mean = self.monitor.curve_ms.load(Ordering::Relaxed);
                    self.monitor
                        .curve_ms
                        .store(mean + 0.05 * (took - mean), Ordering::Relaxed);
                    self.show(&shaped.codes);
                }
                Err(why) => {
                    self.tell(why.to_string());
                    return Progress::Finished;
                }
            }
        }
        Progress::Worked
    }

    fn recover(&mut self) -> bool {
        match self.faults.another("Morph") {
            Ok(restarted) => self.tell(restarted),
            Err(stopped) => {
                self.tell(format!("{stopped}: the sound passes unchanged"));
                return false;
            }
        }
        self.shaper.reset();
        if let Some(frame) = self.current.take() {
            self.answer(&frame, self.last);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{engine::ring, model::ModelSource, morph::Controls};

    #[test]
    fn after_a_panic_the_frame_in_hand_is_answered_and_the_fourth_is_the_last() {
        let (mut frames, frame_receiver) = ring(8, FrameMessage::blank());
        let (curve_sender, mut curves) = ring(8, CurveMessage::blank());
        let (view, _) = triple_buffer::triple_buffer(&MorphView::default());
        let monitor = Arc::new(MorphMonitor::default());
        let mut job = MorphJob::new(
            Timbre::load(&ModelSource::Embedded).unwrap(),
            frame_receiver,
            curve_sender,
            monitor.clone(),
            view,
            Box::new(|| ()),
        );
        let frame = |index| FrameMessage {
            generation: 0,
            index,
            hop_seconds: 0.01,
            levels: [-20.0; BANDS],
            controls: Controls {
                resynthesis: 1.0,
                ..Controls::neutral()
            },
        };
        assert!(frames.send(frame(0)).is_ok());
        assert_ne!(job.work(), Progress::Finished);
        let before = curves.receive().unwrap();
        assert!(before.gain_db.iter().any(|gain| *gain != 0.0));

        for fault in 1..=Faults::MOST {
            // As a panic in the network would leave it.
            job.current = Some(frame(fault as u64));
            assert!(job.recover());
            let answer = curves.receive().unwrap();
            assert_eq!(answer.index, fault as u64);
            assert_eq!(answer.gain_db, before.gain_db, "the newest curve");
        }
        assert!(frames.send(frame(4)).is_ok());
        assert_ne!(job.work(), Progress::Finished, "it goes on");
        assert_eq!(curves.receive().unwrap().index, 4);
        assert!(!job.recover());
        let fault = monitor.fault.lock().unwrap().clone().unwrap();
        assert!(fault.contains("stopped"), "{fault}");
    }
}
