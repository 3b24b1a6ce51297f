//! Waiting: for a worker while there is time, and on the main thread for what must be over before it goes on.

use std::{
    thread::Thread,
    time::{Duration, Instant},
};

use crate::thread::AheadThread;

/// Waits for a worker; owned by the audio thread of a bounce, or of a host that computes ahead. It never waits for longer than [`Self::LONGEST`] between two
/// answers, so that a stuck worker isn't waited for again and again; it waits again once the worker is found to have answered after all.
#[derive(Clone)]
pub struct WorkerWait {
    worker: Thread,
    /// How long it has waited since the last answer.
    in_vain: Duration,
}

impl WorkerWait {
    /// No wait is longer than this, so a stuck worker can't hang a host.
    pub const LONGEST: Duration = Duration::from_secs(2);

    pub(super) fn new(worker: Thread) -> Self {
        Self {
            worker,
            in_vain: Duration::ZERO,
        }
    }

    /// One for a worker that there isn't.
    #[cfg(test)]
    pub(crate) fn for_nobody() -> Self {
        Self::new(std::thread::current())
    }

    /// Whether it waits no more until the worker has answered.
    pub fn gave_up(&self) -> bool {
        self.in_vain >= Self::LONGEST
    }

    /// Waits until `ready` says so, for as long as it has not given up; `false` if that took too long. For offline rendering.
    pub fn wait(&mut self, ready: impl FnMut() -> bool) -> bool {
        self.wait_for(Self::LONGEST, ready)
    }

    /// The same until `deadline` at the latest. For what is ahead of the clock by at least that: see [`AheadThread`](crate::thread::AheadThread).
    pub fn wait_until(&mut self, deadline: Instant, ready: impl FnMut() -> bool) -> bool {
        self.wait_for(deadline.saturating_duration_since(Instant::now()), ready)
    }

    fn wait_for(&mut self, longest: Duration, mut ready: impl FnMut() -> bool) -> bool {
        if ready() {
            self.in_vain = Duration::ZERO;
            return true;
        }
        let longest = longest.min(Self::LONGEST.saturating_sub(self.in_vain));
        if longest.is_zero() {
            return false;
        }
        let begun = Instant::now();
        self.worker.unpark();
        loop {
            // A curve takes about 0.1 ms: yielding keeps the wake-up short without burning a core that the worker needs.
            for _ in 0..64 {
                if ready() {
                    self.in_vain = Duration::ZERO;
                    return true;
                }
                std::thread::yield_now();
            }
            let waited = begun.elapsed();
            if waited >= longest {
                self.in_vain += waited;
                return false;
            }
            self.worker.unpark();
            std::thread::sleep(Duration::from_micros(20));
        }
    }
}

/// Whether what isn't there is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// It is not: the sound is in step with the clock.
    None,
    /// Until then, since the sound is ahead of the clock.
    Until(Instant),
    /// As long as may be: nobody waits for the sound.
    Offline,
}

impl Patience {
    /// What there is at the beginning.
    pub fn new(offline: bool) -> Self {
        if offline { Self::Offline } else { Self::None }
    }

    /// In real time: from here on waits if the sound is `ahead` of the clock, for as long as it is, and else not.
    pub fn set_ahead(&mut self, ahead: Option<&AheadThread>) {
        if *self != Self::Offline {
            *self = ahead.map_or(Self::None, |ahead| Self::Until(ahead.until()));
        }
    }

    /// Wakes the worker for what was just sent, if that may be waited for: in a burst its next look may come when all is over.
    pub fn hurry(self, wait: &WorkerWait) {
        if self != Self::None {
            wait.worker.unpark();
        }
    }

    /// Waits until `ready` says so, if it may; `false` if it waited in vain.
    pub fn wait(self, wait: &mut WorkerWait, ready: impl FnMut() -> bool) -> bool {
        match self {
            Self::None => true,
            Self::Until(deadline) => wait.wait_until(deadline, ready),
            Self::Offline => wait.wait(ready),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn wait() -> WorkerWait {
        WorkerWait::for_nobody()
    }

    #[test]
    fn nothing_is_waited_for_once_the_deadline_is_past_or_what_is_ready() {
        let mut wait = wait();
        let now = Instant::now();
        let mut asked = 0;
        let mut ask = |ready: bool| {
            asked += 1;
            ready
        };
        assert!(!wait.wait_until(now, || ask(false)));
        assert!(wait.wait_until(now, || ask(true)));
        assert_eq!(asked, 2);
    }

    #[test]
    fn a_deadline_is_kept_and_waits_in_vain_add_up_until_the_worker_answers() {
        let mut wait = wait();
        let waits = Duration::from_millis(30);
        let begun = Instant::now();
        assert!(!wait.wait_until(begun + waits, || false));
        assert!(begun.elapsed() >= waits);
        assert!(!wait.gave_up());
        wait.in_vain = WorkerWait::LONGEST - waits / 2;
        assert!(!wait.wait(|| false));
        assert!(wait.gave_up());
        let asked = Instant::now();
        assert!(!wait.wait(|| false));
        assert!(asked.elapsed() < waits, "it asks once");
        assert!(wait.wait(|| true));
        assert!(!wait.gave_up());
    }
}
