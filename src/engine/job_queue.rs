//! How a worker gets its jobs and its end. `proofs/` runs this very file through every order that threads can take.

use std::time::Duration;

use super::sync::{AtomicBool, Mutex, Ordering, PoisonError, Thread, park_timeout};

/// Jobs on their way to the worker's thread, and whether it shall end; the engine has one end, the worker the other.
pub struct JobQueue<J> {
    stop: AtomicBool,
    /// Jobs that wait to be taken up.
    new: Mutex<Vec<J>>,
}

impl<J> JobQueue<J> {
    /// One without jobs, that goes on.
    pub fn new() -> Self {
        Self {
            stop: AtomicBool::new(false),
            new: Mutex::new(Vec::new()),
        }
    }

    /// Hands a job over and wakes the worker's thread. Locks.
    pub fn add(&self, job: J, worker: &Thread) {
        self.new
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(job);
        // Not before: it would look, find nothing and sleep.
        worker.unpark();
    }

    /// Tells the worker to end, and wakes its thread for it.
    pub fn stop(&self, worker: &Thread) {
        self.stop.store(true, Ordering::Release);
        worker.unpark();
    }

    /// Calls `round` with all jobs, again and again, until [`JobQueue::stop`]; then drops them. `round` drops those that
    /// have finished, and says for how long at most to sleep until something new comes; `None` is not at all.
    pub fn serve(&self, mut round: impl FnMut(&mut Vec<J>) -> Option<Duration>) {
        let mut jobs = Vec::new();
        while !self.stop.load(Ordering::Acquire) {
            jobs.append(&mut self.new.lock().unwrap_or_else(PoisonError::into_inner));
            if let Some(longest) = round(&mut jobs) {
                park_timeout(longest);
            }
        }
    }
}
