//! A thread that serves the jobs of all instances in turn.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, OnceLock},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use super::{Process, WorkerWait, job_queue::JobQueue, priority, process::Turn};
use crate::thread::{MayBlock, WorkerThread};

/// What a call of [`Job::work`] came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Something was done; there may be more.
    Worked,
    /// There was nothing to do.
    Idle,
    /// There will never be anything to do again: drop the job.
    Finished,
}

/// The background half of one instance; owned by the worker's thread once it was added.
pub trait Job: Send {
    /// Does a little work and returns, so that other instances have their turn.
    fn work(&mut self, thread: &WorkerThread) -> Progress;

    /// How long it may be left alone when it has had nothing to do for a while: what comes meanwhile is still in time.
    fn patience(&self) -> Duration;

    /// Told after a panic in [`Job::work`]: puts right what the panic left behind, tells the user, and says whether it can go
    /// on; if not, the job is dropped.
    fn recover(&mut self) -> bool;
}

/// Since the last work, how long a worker looks at its jobs twice as often as they have patience for. From then on the host has stopped, and once is enough.
/// The audio thread can't wake it, since waking enters the kernel.
const ALERT: Duration = Duration::from_millis(250);

/// Since a job came, how long a worker looks eight times as often as jobs have patience for. Its first sound is near, and may be the first of a burst, which can't
/// be known then: the second block of it comes as soon as the host has computed the first.
const EXPECTANT: Duration = Duration::from_secs(1);

/// No nap before a job's first sound is shorter: as good as no wait, and no burden.
const SHORTEST: Duration = Duration::from_millis(1);

/// A worker that has had no nap for this long takes a short one. Systems that grant real-time priorities end a process
/// whose thread uses one for too long without a pause, typically 200 ms.
const RT_LONGEST_RUN: Duration = Duration::from_millis(20);

/// That short nap.
const RT_YIELD: Duration = Duration::from_micros(50);

/// How long a worker without jobs sleeps.
const IDLE_INTERVAL: Duration = Duration::from_millis(200);

/// What is at stake if a worker is slow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Urgency {
    /// Nothing: it skips.
    None,
    /// The sound is made without what it brings: it comes before other programs where the system allows that.
    SoundWaits,
}

/// The thread's handle; owned by the engine, and joined when dropped by the process that has it.
pub(super) struct Worker {
    process: Process,
    queue: Arc<JobQueue<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
    worker_wait: WorkerWait,
    no_priority: Arc<OnceLock<String>>,
}

impl Worker {
    #[allow(unsafe_code, reason = "no_denormals has no other way in")]
    pub(super) fn start(name: &str, urgency: Urgency) -> std::io::Result<Self> {
        let queue = Arc::new(JobQueue::new());
        let no_priority = Arc::<OnceLock<String>>::default();
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn({
            let (queue, no_priority) = (queue.clone(), no_priority.clone());
            move || {
                let raised = (urgency == Urgency::SoundWaits).then(priority::raise);
                if let Some(Err(why)) = &raised {
                    no_priority.get_or_init(|| why.to_string());
                }
                // SAFETY: only the rounding of results below 1e-38 changes, which nothing here relies on.
                unsafe { no_denormals::no_denormals(|| serve(&queue)) }
            }
        })?;
        Ok(Self {
            process: Process::current(),
            queue,
            worker_wait: WorkerWait::new(thread.thread().clone()),
            thread: Some(thread),
            no_priority,
        })
    }

    /// Why the system runs the thread like any other; empty as long as it does not, or hasn't been asked yet.
    pub(super) fn no_priority(&self) -> Arc<OnceLock<String>> {
        self.no_priority.clone()
    }

    /// Takes up a job. Locks and wakes the thread.
    pub(super) fn add(&self, job: Box<dyn Job>, _: &impl MayBlock) -> WorkerWait {
        if let Some(thread) = &self.thread {
            self.queue.add(job, thread.thread());
        }
        self.worker_wait.clone()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if let Some(thread) = self.thread.take() {
            if !self.process.is_current() {
                // It is the parent's: there is nothing here that could be joined or detached.
                std::mem::forget(thread);
                return;
            }
            self.queue.stop(thread.thread());
            // Panics of jobs are caught one by one, so there is nothing to learn from the result.
            let _ = thread.join();
        }
    }
}

fn serve(queue: &JobQueue<Box<dyn Job>>) {
    let thread = WorkerThread::assume();
    let mut rested = true;
    let mut running_since = Instant::now();
    let mut worked_at = running_since;
    let mut joined_at = running_since;
    let mut known = 0;
    queue.serve(|jobs| {
        let begun = Instant::now();
        if jobs.len() > known {
            joined_at = begun;
        }
        if rested {
            running_since = begun;
        }
        let worked = round(jobs, &thread);
        known = jobs.len();
        rested = !worked;
        if worked {
            worked_at = Instant::now();
            if running_since.elapsed() > RT_LONGEST_RUN {
                std::thread::sleep(RT_YIELD);
                rested = true;
            }
            return None;
        }
        let patience = jobs.iter().map(|job| job.patience()).min();
        let since = |time| begun.saturating_duration_since(time);
        Some(nap(patience, since(worked_at), since(joined_at)))
    });
}

/// How long a worker sleeps if none of its jobs has work, by the least patience among them, if there are any, and the times since there was work and since a job
/// came.
fn nap(patience: Option<Duration>, since_work: Duration, since_job: Duration) -> Duration {
    let nap = match patience {
        None => IDLE_INTERVAL,
        Some(patience) if since_job <= EXPECTANT => (patience / 8).max(SHORTEST),
        Some(patience) if since_work > ALERT => patience,
        Some(patience) => patience / 2,
    };
    nap.min(IDLE_INTERVAL)
}

/// Gives each job its turn, and drops those that have finished. Whether any has worked.
fn round(jobs: &mut Vec<Box<dyn Job>>, thread: &WorkerThread) -> bool {
    let mut worked = false;
    jobs.retain_mut(|job| {
        let Some(_turn) = Turn::begin() else {
            return true;
        };
        let progress = catch_unwind(AssertUnwindSafe(|| job.work(thread))).unwrap_or_else(|_| {
            // Whoever panics here as well is past help.
            match catch_unwind(AssertUnwindSafe(|| job.recover())) {
                Ok(true) => Progress::Worked,
                _ => Progress::Finished,
            }
        });
        worked |= progress == Progress::Worked;
        progress != Progress::Finished
    });
    worked
}

#[cfg(test)]
mod tests {
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
}
