//! A thread that serves the jobs of many instances in turn.

mod team;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use super::{Process, WorkerWait, job_queue::JobQueue, priority, process::Turn};
use crate::thread::{MayBlock, WorkerThread};

pub(super) use team::Team;

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

    /// Does what its work has left for later, if anything: called where no job has work, since that is what somebody waits for.
    fn catch_up(&mut self, _: &WorkerThread) -> Progress {
        Progress::Idle
    }

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
    /// How many jobs it has.
    jobs: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
    worker_wait: WorkerWait,
    no_priority: Arc<OnceLock<String>>,
}

impl Worker {
    #[allow(unsafe_code, reason = "no_denormals has no other way in")]
    pub(super) fn start(name: &str, urgency: Urgency) -> std::io::Result<Self> {
        let queue = Arc::new(JobQueue::new());
        let no_priority = Arc::<OnceLock<String>>::default();
        let count = Arc::<AtomicUsize>::default();
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn({
            let (queue, no_priority) = (queue.clone(), no_priority.clone());
            let count = count.clone();
            move || {
                let raised = (urgency == Urgency::SoundWaits).then(priority::raise);
                if let Some(Err(why)) = &raised {
                    no_priority.get_or_init(|| why.to_string());
                }
                // SAFETY: only the rounding of results below 1e-38 changes, which nothing here relies on.
                unsafe { no_denormals::no_denormals(|| serve(&queue, &count)) }
            }
        })?;
        Ok(Self {
            process: Process::current(),
            queue,
            jobs: count,
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
            self.jobs.fetch_add(1, Ordering::Relaxed);
            self.queue.add(job, thread.thread());
        }
        self.worker_wait.clone()
    }

    /// How many jobs it has.
    fn jobs(&self) -> usize {
        self.jobs.load(Ordering::Relaxed)
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

/// Serves a worker's jobs until it is stopped; takes those that have finished off its `count`.
fn serve(queue: &JobQueue<Box<dyn Job>>, count: &AtomicUsize) {
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
        let before = jobs.len();
        let worked = round(jobs, &thread) || catch_up(jobs, &thread);
        known = jobs.len();
        count.fetch_sub(before - known, Ordering::Relaxed);
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
        let progress = turn(job.as_mut(), |job| job.work(thread));
        worked |= progress == Progress::Worked;
        progress != Progress::Finished
    });
    worked
}

/// Lets the first job that has left something for later do it. Whether any has: then all are looked at before the next does.
fn catch_up(jobs: &mut Vec<Box<dyn Job>>, thread: &WorkerThread) -> bool {
    let mut worked = false;
    jobs.retain_mut(|job| {
        if worked {
            return true;
        }
        let progress = turn(job.as_mut(), |job| job.catch_up(thread));
        worked = progress == Progress::Worked;
        progress != Progress::Finished
    });
    worked
}

/// What a job's turn comes to; if it panics, what the job makes of that.
fn turn(job: &mut dyn Job, work: impl FnOnce(&mut dyn Job) -> Progress) -> Progress {
    let Some(_turn) = Turn::begin() else {
        return Progress::Idle;
    };
    catch_unwind(AssertUnwindSafe(|| work(&mut *job))).unwrap_or_else(|_| {
        // Whoever panics here as well is past help.
        match catch_unwind(AssertUnwindSafe(|| job.recover())) {
            Ok(true) => Progress::Worked,
            _ => Progress::Finished,
        }
    })
}

#[cfg(test)]
mod tests;
