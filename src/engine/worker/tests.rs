//! A worker and its jobs' turns.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use super::*;
use crate::thread::MainThread;

/// Panics in every third call.
struct Clumsy {
    calls: usize,
    done: Arc<AtomicUsize>,
    faults: Arc<AtomicUsize>,
    may_fail: usize,
}

impl Job for Clumsy {
    fn work(&mut self, _: &WorkerThread) -> Progress {
        self.calls += 1;
        assert!(!self.calls.is_multiple_of(3), "a panic on purpose");
        self.done.fetch_add(1, Ordering::Relaxed);
        Progress::Worked
    }

    fn patience(&self) -> Duration {
        Duration::ZERO
    }

    fn recover(&mut self) -> bool {
        self.faults.fetch_add(1, Ordering::Relaxed) + 1 < self.may_fail
    }
}

/// Has so much work, and so much that it leaves for later; notes by a letter what it does.
struct Postponer {
    work: usize,
    left: usize,
    done: Arc<Mutex<String>>,
}

impl Job for Postponer {
    fn work(&mut self, _: &WorkerThread) -> Progress {
        match self.work.checked_sub(1) {
            Some(work) => {
                self.work = work;
                self.done.lock().unwrap().push('w');
                Progress::Worked
            }
            None => Progress::Idle,
        }
    }

    fn catch_up(&mut self, _: &WorkerThread) -> Progress {
        match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                self.done.lock().unwrap().push('l');
                Progress::Worked
            }
            None => Progress::Finished,
        }
    }

    fn patience(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn recover(&mut self) -> bool {
        false
    }
}

#[test]
fn what_was_left_for_later_comes_when_no_job_has_work_one_at_a_time() {
    let done = Arc::<Mutex<String>>::default();
    let job = |work, left| -> Box<dyn Job> {
        Box::new(Postponer {
            work,
            left,
            done: Arc::clone(&done),
        })
    };
    let mut jobs = vec![job(1, 2), job(3, 1)];
    let thread = WorkerThread::assume();
    while round(&mut jobs, &thread) || catch_up(&mut jobs, &thread) {}
    assert_eq!(*done.lock().unwrap(), "wwwwlll");
    assert!(jobs.is_empty());
}

fn wait_for(what: &AtomicUsize, count: usize) {
    let started = Instant::now();
    while what.load(Ordering::Relaxed) < count {
        assert!(started.elapsed() < Duration::from_secs(20));
        std::thread::yield_now();
    }
}

#[test]
fn a_panic_is_a_fault_of_one_job_and_the_others_go_on() {
    let worker = Worker::start("moodring-test", Urgency::None).unwrap();
    let add = |may_fail| {
        let (done, faults) = (Arc::default(), Arc::default());
        let job = Box::new(Clumsy {
            calls: 0,
            done: Arc::clone(&done),
            faults: Arc::clone(&faults),
            may_fail,
        });
        worker.add(job, &MainThread::assume());
        (done, faults)
    };
    let (_, hopeless) = add(1);
    let (done, faults) = add(usize::MAX);
    wait_for(&done, 20);
    assert_eq!(
        hopeless.load(Ordering::Relaxed),
        1,
        "dropped after its first"
    );
    assert!(faults.load(Ordering::Relaxed) >= 9, "restarted after each");
}
#[test]
fn a_worker_sleeps_for_as_long_as_its_jobs_have_patience_and_half_as_long_while_they_work() {
    let ms = Duration::from_millis;
    let old = 2 * EXPECTANT;
    assert_eq!(nap(Some(ms(6)), ms(0), old), ms(3));
    assert_eq!(nap(Some(ms(6)), ALERT, old), ms(3));
    assert_eq!(nap(Some(ms(6)), 2 * ALERT, old), ms(6));
    assert_eq!(nap(None, ms(0), old), IDLE_INTERVAL);
    assert_eq!(nap(Some(ms(5_000)), 2 * ALERT, old), IDLE_INTERVAL);
    // Before the first sound.
    assert_eq!(nap(Some(ms(8)), 2 * ALERT, ms(0)), ms(1));
    assert_eq!(nap(Some(ms(4)), 2 * ALERT, ms(0)), SHORTEST);
    assert_eq!(nap(None, ms(0), ms(0)), IDLE_INTERVAL);
}

/// Has nothing to do, and notes when it is asked.
struct Idler {
    asked: Arc<AtomicUsize>,
    /// The times of the first and of the last turn.
    span: Arc<Mutex<Option<(Instant, Instant)>>>,
}

impl Job for Idler {
    fn work(&mut self, _: &WorkerThread) -> Progress {
        let now = Instant::now();
        let mut span = self.span.lock().unwrap();
        let first = span.map_or(now, |(first, _)| first);
        if self.asked.fetch_add(1, Ordering::Relaxed) < 6 {
            *span = Some((first, now));
        }
        Progress::Idle
    }

    fn patience(&self) -> Duration {
        Duration::from_millis(40)
    }

    fn recover(&mut self) -> bool {
        false
    }
}

#[test]
fn a_worker_looks_no_more_often_than_its_jobs_need_and_goes_on_looking() {
    let worker = Worker::start("moodring-test", Urgency::None).unwrap();
    let (asked, span) = (Arc::<AtomicUsize>::default(), Arc::default());
    let job = Idler {
        asked: asked.clone(),
        span: Arc::clone(&span),
    };
    worker.add(Box::new(job), &MainThread::assume());
    wait_for(&asked, 6);
    // Taken on the worker's own thread: this one may be looking late.
    let (first, sixth) = span.lock().unwrap().unwrap();
    // Five naps of an eighth, but for the one that the job's coming may cut short.
    assert!(sixth - first >= Duration::from_millis(20));
}
