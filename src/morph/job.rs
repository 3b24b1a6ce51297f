//! The background half of Morph: one instance's shaper on the engine's thread.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use atomic_float::AtomicF32;

use crate::{
    engine::{Faults, Job, Progress, Receiver, Sender},
    model::{BANDS, Latent, MelDb, ModelError, TimbreModel},
    params::{MoodringParams, Slot},
    thread::WorkerThread,
};

use super::{CurveMessage, FrameLatents, FrameMessage, Shaped, Shaper, capture::RecentLatents};

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
    /// For how many more hops the output's levels are wanted: whoever looks winds it up, the audio thread counts it down.
    watched: AtomicU32,
    /// The least time between two views that whoever looks is told of, in ms; 0 if they want none: a page that shows none
    /// needn't be drawn for it.
    pub told_every_ms: AtomicU32,
    /// Why the worker gave up; never touched by the audio thread.
    pub fault: Mutex<Option<String>>,
}

/// Hops that the output's levels are sent for after the last look.
const HOPS_A_LOOK: u32 = 60;

impl MorphMonitor {
    /// Asks for the output's levels for the next half second or so. Wait-free.
    pub fn watch(&self) {
        self.watched.store(HOPS_A_LOOK, Ordering::Relaxed);
    }

    /// Whether anybody looks at this hop. Wait-free.
    pub(super) fn is_watched(&self) -> bool {
        let left = self.watched.load(Ordering::Relaxed);
        // A look in between is overwritten; the next one is not far.
        self.watched
            .store(left.saturating_sub(1), Ordering::Relaxed);
        left > 0
    }
}

/// What the editor sees of a frame.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct MorphView {
    /// Where the sound is; `None` until something was heard.
    pub latents: Option<SeenLatents>,
    /// Where the sidechain is on the map.
    pub sidechain_at: Option<[f32; 2]>,
    /// The frame's spectra; `None` before the first.
    pub spectrum: Option<SeenSpectrum>,
}

/// Where a frame is in the latent space: latents in standard deviations from the training data's mean, and places on the map.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct SeenLatents {
    /// The input, smoothed.
    pub live: Latent,
    /// After Follow, knobs and Morph.
    pub shaped: Latent,
    /// The input's place.
    pub live_at: [f32; 2],
    /// The shaped latent's place.
    pub shaped_at: [f32; 2],
}

/// Levels and gains of a frame, in dB.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeenSpectrum {
    /// The input's levels.
    pub input: MelDb,
    /// The output's, at the same time.
    pub output: MelDb,
    /// The frame's curve.
    pub curve: MelDb,
    /// The frame's number.
    pub hop: u64,
}

/// Runs a [`Shaper`] between two rings.
pub struct MorphJob {
    shaper: Shaper,
    params: Arc<MoodringParams>,
    /// The state of the captured timbres that the shaper knows.
    captures: Option<u32>,
    recent: RecentLatents,
    mean: Latent,
    std: Latent,
    frames: Receiver<FrameMessage>,
    curves: Sender<CurveMessage>,
    generation: Option<u32>,
    /// The frame in hand: after a panic it still has to be answered.
    current: Option<FrameMessage>,
    /// The newest curve.
    last: MelDb,
    faults: Faults,
    monitor: Arc<MorphMonitor>,
    view: triple_buffer::Input<MorphView>,
    /// What the view says.
    last_view: Option<MorphView>,
    shown: Instant,
    /// When whoever looks was last told of a view.
    told: Instant,
    notify: Box<dyn Fn() + Send>,
}

impl MorphJob {
    /// The job of one activation; `notify` is called when the view has changed.
    pub fn new(
        timbre: TimbreModel,
        params: Arc<MoodringParams>,
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
            params,
            captures: None,
            recent: RecentLatents::default(),
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
            last_view: None,
            shown: Instant::now(),
            told: Instant::now(),
            notify,
        }
    }

    /// Shapes a frame, after what it needs to know of the captured timbres; and captures what was asked for.
    fn shape(&mut self, frame: &FrameMessage, thread: &WorkerThread) -> Result<Shaped, ModelError> {
        // By the frame's own count, so that a bounce has them from the very frame at which they were there.
        if self.captures != Some(frame.controls.captures) {
            self.shaper
                .set_captures(&self.params.captures.both(thread))?;
            self.captures = Some(frame.controls.captures);
        }
        let shaped = self.shaper.shape(frame)?;
        if let Some(latent) = shaped.heard {
            self.recent.push(latent, frame.hop_seconds);
        }
        for slot in Slot::ALL {
            self.capture(slot, frame.hop_seconds, thread)?;
        }
        Ok(shaped)
    }

    fn capture(
        &self,
        slot: Slot,
        hop_seconds: f32,
        thread: &WorkerThread,
    ) -> Result<(), ModelError> {
        let captures = &self.params.captures;
        let wish = captures.wish(slot, thread);
        // Without any sound the wish stays.
        if let Some(wish) = wish
            && let Some(latent) = self.recent.mean(wish.seconds, hop_seconds)
        {
            let name = format!("Capture {}", slot.letter());
            let captured = self.shaper.captured(name, latent)?;
            if captures.fulfil(slot, wish, captured, thread) {
                (self.notify)();
            }
        }
        Ok(())
    }

    fn show(&mut self, frame: &FrameMessage, shaped: &Shaped) {
        if self.shown.elapsed() < VIEW_INTERVAL {
            return;
        }
        self.shown = Instant::now();
        let deviations = |latent: &Latent| -> Latent {
            std::array::from_fn(|index| (latent[index] - self.mean[index]) / self.std[index])
        };
        let FrameLatents {
            live,
            shaped: after,
            sidechain,
        } = &shaped.latents;
        let map = self.shaper.map();
        let view = MorphView {
            latents: Some(SeenLatents {
                live: deviations(live),
                shaped: deviations(after),
                live_at: map.project(live),
                shaped_at: map.project(after),
            }),
            sidechain_at: sidechain.map(|latent| map.project(&latent)),
            spectrum: frame.output.map(|output| SeenSpectrum {
                input: frame.levels,
                output,
                curve: shaped.gain_db,
                hop: frame.index,
            }),
        };
        let differs = |seen: &MorphView| {
            let levels = |view: &MorphView| {
                view.spectrum
                    .map(|seen| (seen.input, seen.output, seen.curve))
            };
            seen.latents != view.latents
                || seen.sidechain_at != view.sidechain_at
                || levels(seen) != levels(&view)
        };
        if self.last_view.as_ref().is_none_or(differs) {
            self.view.write(view);
            self.last_view = Some(view);
            let every = self.monitor.told_every_ms.load(Ordering::Relaxed);
            if every > 0 && self.told.elapsed() >= Duration::from_millis(every.into()) {
                self.told = Instant::now();
                (self.notify)();
            }
        }
    }

    fn answer(&mut self, frame: &FrameMessage, gain_db: MelDb) {
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
    fn work(&mut self, thread: &WorkerThread) -> Progress {
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
                self.recent.reset();
                self.last = [0.0; BANDS];
            }
            self.current = Some(frame);
            let started = Instant::now();
            match self.shape(&frame, thread) {
                Ok(shaped) => {
                    self.answer(&frame, shaped.gain_db);
                    self.current = None;
                    let took = started.elapsed().as_secs_f32() * 1000.0;
                    let mean = self.monitor.curve_ms.load(Ordering::Relaxed);
                    self.monitor
                        .curve_ms
                        .store(mean + 0.05 * (took - mean), Ordering::Relaxed);
                    self.show(&frame, &shaped);
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
    use crate::{engine::ring, model::ModelSource, morph::MorphControls, thread::MainThread};

    /// A job with the audio thread's ends of its rings, and what the editor sees.
    struct Bench {
        job: MorphJob,
        frames: Sender<FrameMessage>,
        curves: Receiver<CurveMessage>,
        params: Arc<MoodringParams>,
        monitor: Arc<MorphMonitor>,
        view: triple_buffer::Output<MorphView>,
    }

    fn bench() -> Bench {
        let (frames, frame_receiver) = ring(8, FrameMessage::blank());
        let (curve_sender, curves) = ring(8, CurveMessage::blank());
        let (view_input, view) = triple_buffer::triple_buffer(&MorphView::default());
        let params = Arc::<MoodringParams>::default();
        let monitor = Arc::new(MorphMonitor::default());
        let job = MorphJob::new(
            TimbreModel::load(&ModelSource::Embedded).unwrap(),
            params.clone(),
            frame_receiver,
            curve_sender,
            monitor.clone(),
            view_input,
            Box::new(|| ()),
        );
        Bench {
            job,
            frames,
            curves,
            params,
            monitor,
            view,
        }
    }

    fn frame(index: u64, level: f32) -> FrameMessage {
        FrameMessage {
            index,
            hop_seconds: 0.01,
            levels: std::array::from_fn(|band| level - 0.2 * band as f32),
            controls: MorphControls {
                resynthesis: 1.0,
                ..MorphControls::neutral()
            },
            ..FrameMessage::blank()
        }
    }

    #[test]
    fn after_a_panic_the_frame_in_hand_is_answered_and_the_fourth_is_the_last() {
        let Bench {
            mut job,
            mut frames,
            mut curves,
            monitor,
            ..
        } = bench();
        assert!(frames.send(frame(0, -20.0)).is_ok());
        assert_ne!(job.work(&WorkerThread::assume()), Progress::Finished);
        let before = curves.receive().unwrap();
        assert!(before.gain_db.iter().any(|gain| *gain != 0.0));

        for fault in 1..=Faults::MOST {
            // As a panic in the network would leave it.
            job.current = Some(frame(fault as u64, -20.0));
            assert!(job.recover());
            let answer = curves.receive().unwrap();
            assert_eq!(answer.index, fault as u64);
            assert_eq!(answer.gain_db, before.gain_db, "the newest curve");
        }
        assert!(frames.send(frame(4, -20.0)).is_ok());
        assert_ne!(
            job.work(&WorkerThread::assume()),
            Progress::Finished,
            "it goes on"
        );
        assert_eq!(curves.receive().unwrap().index, 4);
        assert!(!job.recover());
        let fault = monitor.fault.lock().unwrap().clone().unwrap();
        assert!(fault.contains("stopped"), "{fault}");
    }
    #[test]
    fn a_capture_takes_the_mean_of_what_was_heard_and_waits_while_nothing_is() {
        let main = &MainThread::assume();
        let mut bench = bench();
        bench.params.captures.request(Slot::B, 0.02, main);
        for index in 0..4 {
            assert!(bench.frames.send(frame(index, -200.0)).is_ok());
        }
        bench.job.work(&WorkerThread::assume());
        assert!(
            bench.params.captures.wish(Slot::B, main).is_some(),
            "silence"
        );
        // The wish was for two frames; the second of these ends it.
        for index in 4..6 {
            assert!(bench.frames.send(frame(index, -20.0)).is_ok());
        }
        bench.job.work(&WorkerThread::assume());
        assert_eq!(bench.params.captures.wish(Slot::B, main), None);
        assert_eq!(bench.params.captures.get(Slot::A, main), None);
        let captured = bench.params.captures.get(Slot::B, main).unwrap();
        assert_eq!(captured.check(), Ok(()));
        assert_eq!(captured.name, "Capture B");
        let timbre = TimbreModel::load(&ModelSource::Embedded).unwrap();
        assert_eq!(captured.model, timbre.card().full_name());
        let levels = frame(0, -20.0).levels;
        let latent = timbre.encode(&timbre.normalise(&levels)).unwrap();
        for (captured, latent) in captured.latent.iter().zip(latent) {
            assert!((captured - latent).abs() < 1e-4, "{captured} {latent}");
        }
    }

    #[test]
    fn the_view_has_spectra_while_somebody_looks() {
        let mut bench = bench();
        let mut see = |index: u64| {
            let watched = bench.monitor.is_watched();
            let mut frame = frame(index, -20.0 - index as f32 % 7.0);
            frame.output = watched.then_some(frame.levels);
            assert!(bench.frames.send(frame).is_ok());
            bench.job.shown = Instant::now() - 2 * VIEW_INTERVAL;
            bench.job.work(&WorkerThread::assume());
            while bench.curves.receive().is_some() {}
            bench.view.read().spectrum.map(|seen| seen.hop)
        };
        assert_eq!(see(0), None);
        bench.monitor.watch();
        for index in 1..=HOPS_A_LOOK as u64 {
            assert_eq!(see(index), Some(index));
        }
        assert_eq!(see(1_000), None, "nobody has looked again");
    }
}
