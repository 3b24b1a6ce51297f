//! Curves of a worker that never answers.

use std::time::{Duration, Instant};

use super::*;
use crate::{
    dsp::StftLayout,
    engine::{Engine, Job, Progress, ring},
    model::TimbreFrontEnd,
    morph::{MorphControls, Stage, StageFormat},
    params::LatencyMode,
    thread::{AudioThread, MainThread, WorkerThread},
};

/// A worker that takes no frame and never answers.
struct Stuck(Receiver<FrameMessage>, Sender<CurveMessage>);

impl Job for Stuck {
    fn work(&mut self, _: &WorkerThread) -> Progress {
        if self.0.is_closed() && self.1.is_closed() {
            Progress::Finished
        } else {
            Progress::Idle
        }
    }

    fn patience(&self) -> Duration {
        Duration::from_millis(1)
    }

    fn recover(&mut self) -> bool {
        false
    }
}

/// The audio thread's end of a worker that is stuck, and what it tells.
fn stuck(engine: &Engine, offline: bool) -> (WorkerCurves, Arc<MorphMonitor>) {
    let (frame_sender, frame_receiver) = ring(4, FrameMessage::blank());
    let (curve_sender, curve_receiver) = ring(4, CurveMessage::blank());
    let job = Box::new(Stuck(frame_receiver, curve_sender));
    let wait = engine.add_morph(job, &MainThread::assume());
    let monitor = Arc::new(MorphMonitor::default());
    let curves = WorkerCurves::new(frame_sender, curve_receiver, monitor.clone(), wait, offline);
    (curves, monitor)
}

fn late(monitor: &MorphMonitor) -> u64 {
    monitor.late_curves.load(Ordering::Relaxed)
}

#[test]
fn a_stuck_engine_is_waited_for_once_and_counted() {
    let engine = Engine::acquire(&MainThread::assume()).unwrap();
    let (source, monitor) = stuck(&engine, true);
    let front_end = TimbreFrontEnd::fallback();
    let format = StageFormat {
        layout: StftLayout::for_rate(48_000.0, 48_000.0, 2048),
        sample_rate: 48_000.0,
        channels: 1,
        latency_mode: LatencyMode::Studio,
    };
    let mut stage = Stage::new(&front_end, format, Some(source));
    let begun = Instant::now();
    let mut sound = vec![0.1; 200 * 512];
    stage.process(&mut [&mut sound], &[], MorphControls::neutral(), true);
    // Without giving up it would be two seconds for each of 200 hops.
    assert!(begun.elapsed() < 10 * WorkerWait::LONGEST);
    assert!(monitor.stuck.load(Ordering::Relaxed));
    assert!(late(&monitor) > 190);
    assert!(sound.iter().all(|sample| sample.is_finite()));
}

#[test]
fn in_real_time_a_curve_is_waited_for_no_longer_than_the_sound_is_ahead_and_else_not() {
    let engine = Engine::acquire(&MainThread::assume()).unwrap();
    let (mut curves, monitor) = stuck(&engine, false);
    let lead = Duration::from_millis(50);
    let mut fetch = |ahead: bool| {
        let begun = Instant::now();
        let ahead = AudioThread::assume().if_ahead(ahead.then(|| begun + lead));
        curves.set_ahead(ahead.as_ref());
        let arrival = curves.fetch(0, 0, &mut CurveMessage::blank());
        assert_eq!(arrival, Arrival::Late);
        begun.elapsed()
    };
    assert!(fetch(true) >= lead);
    let in_step = (0..1_000).map(|_| fetch(false)).min().unwrap();
    assert!(in_step < lead / 50, "{in_step:?}");
    assert_eq!(late(&monitor), 1_001);
    assert!(!monitor.stuck.load(Ordering::Relaxed), "it is no bounce");
}

#[test]
fn a_frame_that_may_be_waited_for_wakes_the_worker_and_another_does_not() {
    let (frames, _taken) = ring(4, FrameMessage::blank());
    let (_made, curves) = ring(4, CurveMessage::blank());
    // This thread stands for the worker.
    let wait = WorkerWait::for_nobody();
    let mut curves = WorkerCurves::new(frames, curves, Arc::default(), wait, false);
    let mut sleeps = |ahead: bool, longest: Duration| {
        let begun = Instant::now();
        let ahead = AudioThread::assume().if_ahead(ahead.then(|| begun + longest));
        curves.set_ahead(ahead.as_ref());
        curves.send(&FrameMessage::blank());
        std::thread::park_timeout(longest);
        begun.elapsed() >= longest
    };
    assert!(sleeps(false, Duration::from_millis(50)));
    assert!(!sleeps(true, Duration::from_secs(20)));
}
