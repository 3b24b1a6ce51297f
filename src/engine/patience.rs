//! Waiting for a worker: for offline rendering alone.

use std::{
    thread::Thread,
    time::{Duration, Instant},
};

/// The right to wait for a worker.
#[derive(Clone)]
pub struct Patience {
    worker: Thread,
}

impl Patience {
    /// No wait is longer than this, so a stuck worker can't hang a host.
    pub const LONGEST: Duration = Duration::from_secs(2);

    pub(super) fn new(worker: Thread) -> Self {
        Self { worker }
    }

    /// Wakes the worker and waits until `ready` says so; `false` if it took too long. Never call it in real time.
    pub fn wait(&self, mut ready: impl FnMut() -> bool) -> bool {
        if ready() {
            return true;
        }
        let started = Instant::now();
        self.worker.unpark();
        loop {
            // A curve takes about 0.1 ms: yielding keeps the wake-up short without burning a core that the worker needs.
            for _ in 0..64 {
                if ready() {
                    return true;
                }
                std::thread::yield_now();
            }
            if started.elapsed() > Self::LONGEST {
                return false;
            }
            self.worker.unpark();
            std::thread::sleep(Duration::from_micros(20));
        }
    }
}
