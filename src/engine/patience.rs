//! Waiting: for a worker, in offline rendering alone, and for what else must be over before the main thread goes on.

use std::{
    thread::Thread,
    time::{Duration, Instant},
};

/// The right to wait for a worker. It is lost by a wait in vain, so that a stuck worker isn't waited for again and again, and
/// regained when the worker is found to have answered after all.
#[derive(Clone)]
pub struct Patience {
    worker: Thread,
    lost: bool,
}

impl Patience {
    /// No wait is longer than this, so a stuck worker can't hang a host.
    pub const LONGEST: Duration = Duration::from_secs(2);

    pub(super) fn new(worker: Thread) -> Self {
        Self {
            worker,
            lost: false,
        }
    }

    /// Whether the last wait was in vain.
    pub fn is_lost(&self) -> bool {
        self.lost
    }

    /// Wakes the worker and waits until `ready` says so; `false` if it took too long. Only asks `ready` once while patience is
    /// lost. Never call it in real time.
    pub fn wait(&mut self, mut ready: impl FnMut() -> bool) -> bool {
        self.lost = !(ready() || !self.lost && self.wait_for(ready));
        !self.lost
    }

    fn wait_for(&self, mut ready: impl FnMut() -> bool) -> bool {
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

/// Waits until `ready` says so, for `longest` at most. For the main thread, where what is waited for can't be joined.
pub fn wait_until(longest: Duration, mut ready: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !ready() && begun.elapsed() < longest {
        std::thread::sleep(Duration::from_millis(1));
    }
}
