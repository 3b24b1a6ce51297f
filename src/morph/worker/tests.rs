//! Morph's job, without the engine.

use super::*;
use crate::thread::MainThread;
use crate::{
    engine::ring,
    model::{ModelSource, TimbreModel},
    morph::{MorphControls, MorphMonitor},
    params::Slot,
    telemetry::MorphView,
};

/// A job with the audio thread's ends of its rings.
struct Bench {
    job: MorphJob,
    frames: Sender<FrameMessage>,
    curves: Receiver<CurveMessage>,
    params: Arc<MoodringParams>,
    monitor: Arc<MorphMonitor>,
}

fn bench() -> Bench {
    let (frames, frame_receiver) = ring(8, FrameMessage::blank());
    let (curve_sender, curves) = ring(8, CurveMessage::blank());
    let (view, _) = triple_buffer::triple_buffer(&MorphView::default());
    let params = Arc::<MoodringParams>::default();
    let monitor = Arc::new(MorphMonitor::default());
    let timbre = TimbreModel::load(&ModelSource::Embedded).unwrap();
    let telemetry = MorphTelemetry::new(timbre.card(), monitor.clone(), view, Box::new(|| ()));
    let job = MorphJob::new(
        Shaper::new(timbre),
        params.clone(),
        frame_receiver,
        curve_sender,
        Duration::ZERO,
        telemetry,
    );
    Bench {
        job,
        frames,
        curves,
        params,
        monitor,
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

const MAIN: MainThread = MainThread::assume();
const WORKER: WorkerThread = WorkerThread::assume();

#[test]
fn whoever_had_a_frame_is_looked_at_once_more_before_the_worker_sleeps() {
    let Bench {
        mut job,
        mut frames,
        curves: _curves,
        ..
    } = bench();
    assert_eq!(job.work(&WORKER), Progress::Idle);
    assert!(frames.send(frame(0, -20.0)).is_ok());
    assert_eq!(job.work(&WORKER), Progress::Worked);
    assert_eq!(job.work(&WORKER), Progress::Idle);
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
    assert_ne!(job.work(&WORKER), Progress::Finished);
    let before = curves.receive().unwrap();
    assert!(before.gain_db.iter().any(|gain| *gain != 0.0));

    for fault in 1..=Faults::MOST {
        // As a panic in the network would leave it.
        job.unanswered.push_back((0, fault as u64));
        assert!(job.recover());
        let answer = curves.receive().unwrap();
        assert_eq!(answer.index, fault as u64);
        assert_eq!(answer.gain_db, before.gain_db, "the newest curve");
    }
    assert!(frames.send(frame(4, -20.0)).is_ok());
    assert_ne!(job.work(&WORKER), Progress::Finished, "it goes on");
    assert_eq!(curves.receive().unwrap().index, 4);
    assert!(!job.recover());
    let fault = monitor.fault.lock().unwrap().clone().unwrap();
    assert!(fault.contains("stopped"), "{fault}");
}

#[test]
fn frames_that_are_heard_ahead_are_answered_later_and_after_a_panic_all_at_once() {
    let Bench {
        mut job,
        mut frames,
        mut curves,
        ..
    } = bench();
    let ahead = |index| FrameMessage {
        lookahead: 2,
        ..frame(index, -20.0)
    };
    let mut answered = |job: &mut MorphJob| {
        assert_ne!(job.work(&WORKER), Progress::Finished);
        std::iter::from_fn(|| curves.receive())
            .map(|curve| curve.index)
            .collect::<Vec<_>>()
    };
    for (index, answers) in [vec![], vec![], vec![0], vec![1]].iter().enumerate() {
        assert!(frames.send(ahead(index as u64)).is_ok());
        assert_eq!(&answered(&mut job), answers);
    }
    assert!(job.recover());
    assert_eq!(answered(&mut job), [2, 3]);
    for (index, answers) in [(4, vec![]), (5, vec![]), (6, vec![4])] {
        assert!(frames.send(ahead(index)).is_ok());
        assert_eq!(answered(&mut job), answers);
    }
}

#[test]
fn a_capture_takes_the_mean_of_what_was_heard_and_waits_while_nothing_is() {
    let mut bench = bench();
    bench.params.captures.request(Slot::B, 0.02, &MAIN);
    for index in 0..4 {
        assert!(bench.frames.send(frame(index, -200.0)).is_ok());
    }
    bench.job.work(&WORKER);
    assert!(
        bench.params.captures.wish(Slot::B, &MAIN).is_some(),
        "silence"
    );
    // The wish was for two frames; the second of these ends it.
    for index in 4..6 {
        assert!(bench.frames.send(frame(index, -20.0)).is_ok());
    }
    bench.job.work(&WORKER);
    assert_eq!(bench.params.captures.wish(Slot::B, &MAIN), None);
    assert_eq!(bench.params.captures.get(Slot::A, &MAIN), None);
    let captured = bench.params.captures.get(Slot::B, &MAIN).unwrap();
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
