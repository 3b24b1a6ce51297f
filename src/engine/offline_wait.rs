//! Waiting: for a worker in offline rendering, and on the main thread for what must be over before it goes on.

use std::{
    thread::Thread,
    time::{Duration, Instant},
};

/// Waits for a worker, in offline rendering only; owned by the audio thread of a bounce. After a wait in vain it gives up, so that a stuck worker isn't waited for again
/// and again; it waits again once the worker is found to have answered after all.
#[derive(Clone)]
pub struct OfflineWait {
    worker: Thread,
    gave_up: bool,
}

impl OfflineWait {
    /// No wait is longer than this, so a stuck worker can't hang a host.
    pub const LONGEST: Duration = Duration::from_secs(2);

    pub(super) fn new(worker: Thread) -> Self {
        Self {
            worker,
            gave_up: false,
        }
    }

    /// Whether the last wait was in vain.
    pub fn gave_up(&self) -> bool {
        self.gave_up
    }

    /// Wakes the worker and waits until `ready` says so; `false` if it took too long. After a wait in vain it asks
    /// `ready` once only. Never call it in real time.
    pub fn wait(&mut self, mut ready: impl FnMut() -> bool) -> bool {
        self.gave_up = !(ready() || !self.gave_up && self.wait_for(ready));
        !self.gave_up
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
