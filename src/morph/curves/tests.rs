//! Curves of a worker that never answers.

use super::*;
use crate::{
    dsp::StftLayout,
    engine::{Engine, Job, Progress, ring},
    model::TimbreFrontEnd,
    morph::{MorphControls, Stage, StageFormat},
    params::LatencyMode,
    thread::{MainThread, WorkerThread},
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

    fn recover(&mut self) -> bool {
        false
    }
}

#[test]
fn a_stuck_engine_is_waited_for_once_and_counted() {
    let engine = Engine::acquire(&MainThread::assume()).unwrap();
    let (frame_sender, frame_receiver) = ring(4, FrameMessage::blank());
    let (curve_sender, curve_receiver) = ring(4, CurveMessage::blank());
    let offline_wait = engine.add_morph(
        Box::new(Stuck(frame_receiver, curve_sender)),
        &MainThread::assume(),
    );
    let monitor = Arc::new(MorphMonitor::default());
    let source = WorkerCurves::new(
        frame_sender,
        curve_receiver,
        monitor.clone(),
        Some(offline_wait),
    );
    let front_end = TimbreFrontEnd::fallback();
    let format = StageFormat {
        layout: StftLayout::for_rate(48_000.0, 48_000.0, 2048),
        sample_rate: 48_000.0,
        channels: 1,
        latency_mode: LatencyMode::Studio,
    };
    let mut stage = Stage::new(&front_end, format, Some(source));
    let begun = std::time::Instant::now();
    let mut sound = vec![0.1; 200 * 512];
    stage.process(&mut [&mut sound], &[], MorphControls::neutral(), true);
    // Without giving up it would be two seconds for each of 200 hops.
    assert!(begun.elapsed() < 10 * OfflineWait::LONGEST);
    assert!(monitor.stuck.load(Ordering::Relaxed));
    assert!(monitor.late_curves.load(Ordering::Relaxed) > 190);
    assert!(sound.iter().all(|sample| sample.is_finite()));
}
