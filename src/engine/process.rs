//! Which process this is: a forked child has its parent's memory, but none of the parent's threads.
//!
//! Python's `multiprocessing` forks by default on Linux, and so may any host. What was started in the parent must not be
//! waited for or joined in the child, and a lock that one of the parent's threads held at the fork would never be
//! released there. So the system tells of each fork (`pthread_atfork`): before it, threads come to the end of their
//! [`Turn`]s, in which alone they hold locks that a child wants; after it, the child counts one more.
#![allow(
    unsafe_code,
    reason = "the standard library doesn't know of pthread_atfork"
)]

#[cfg(all(unix, not(miri)))]
use std::sync::atomic::AtomicBool;
use std::{
    cell::Cell,
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

/// Forks between the process that loaded this library and the present one.
static GENERATION: AtomicU32 = AtomicU32::new(0);

/// Forks of this process that are under way.
static FORKS: AtomicU32 = AtomicU32::new(0);

/// Turns that are under way.
static TURNS: AtomicU32 = AtomicU32::new(0);

thread_local! {
    /// Turns of this thread, one within the other.
    static OWN_TURNS: Cell<u32> = const { Cell::new(0) };
}

/// No fork is kept waiting for longer, and no thread by a fork: a turn, of one job, is over within some 10 ms, of which a lock is
/// held for microseconds.
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// Between two looks whether a pause is over.
const LOOK: Duration = Duration::from_micros(50);

/// The process that something belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Process(u32);

impl Process {
    /// The one that this is called in. Wait-free, without the system call that asking for the process's number would be.
    pub fn current() -> Self {
        Self(GENERATION.load(Ordering::Relaxed))
    }

    /// Whether this is called in it. Wait-free.
    pub fn is_current(self) -> bool {
        self == Self::current()
    }

    /// Its slot among the `count` slots of a table that parents, children and grandchildren share.
    pub(super) fn slot(self, count: usize) -> usize {
        self.0 as usize % count
    }

    /// The process that this one was forked from; `None` for the first.
    pub(super) fn parent(self) -> Option<Self> {
        self.0.checked_sub(1).map(Self)
    }
}

/// A stretch of a thread's work into which no fork falls: one job, or as long as a lock is held.
pub(super) struct Turn {
    /// It ends in the thread that began it.
    _thread: std::marker::PhantomData<*const ()>,
}

impl Turn {
    /// Begins one; `None` while the process is being forked, unless this thread has one already, for which the fork waits.
    pub(super) fn begin() -> Option<Self> {
        // Both in one order for all threads: either the thread sees the fork, or the fork sees the turn.
        TURNS.fetch_add(1, Ordering::SeqCst);
        let others = OWN_TURNS.get();
        OWN_TURNS.set(others + 1);
        let turn = Self {
            _thread: std::marker::PhantomData,
        };
        (others > 0 || FORKS.load(Ordering::SeqCst) == 0).then_some(turn)
    }

    /// Begins one, behind a fork that is under way. `None` if that takes so long that it may itself be waiting for this thread.
    pub(super) fn begin_after_fork() -> Option<Self> {
        let begun = Instant::now();
        loop {
            let turn = Self::begin();
            if turn.is_some() || begun.elapsed() > LONGEST_PAUSE {
                return turn;
            }
            std::thread::sleep(LOOK);
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        OWN_TURNS.set(OWN_TURNS.get() - 1);
        TURNS.fetch_sub(1, Ordering::SeqCst);
    }
}

/// From here on forks are noticed. Before the first thread is started.
#[cfg(all(unix, not(miri)))]
pub(super) fn watch() {
    static WATCHED: AtomicBool = AtomicBool::new(false);
    if WATCHED.swap(true, Ordering::SeqCst) {
        return;
    }
    // SAFETY: the handlers live as long as this library, which stays where it was loaded (`build.rs`); glibc would forget
    // them if it went. It only fails for want of memory; forks then go unnoticed.
    unsafe {
        libc::pthread_atfork(Some(before), Some(in_parent), Some(in_child));
    }
}

/// From here on forks are noticed: there are none. (Miri, which runs unit tests, knows nothing of forks.)
#[cfg(any(not(unix), miri))]
pub(super) fn watch() {}

#[cfg(all(unix, not(miri)))]
extern "C" fn before() {
    FORKS.fetch_add(1, Ordering::SeqCst);
    let begun = Instant::now();
    // The turns of the thread that forks go on in the child.
    while TURNS.load(Ordering::SeqCst) > OWN_TURNS.get() && begun.elapsed() < LONGEST_PAUSE {
        std::thread::sleep(LOOK);
    }
}

#[cfg(all(unix, not(miri)))]
extern "C" fn in_parent() {
    FORKS.fetch_sub(1, Ordering::SeqCst);
}

/// Runs while the child has one thread, with whatever locks the others held: so it takes none.
#[cfg(all(unix, not(miri)))]
extern "C" fn in_child() {
    GENERATION.fetch_add(1, Ordering::SeqCst);
    FORKS.store(0, Ordering::SeqCst);
    TURNS.store(OWN_TURNS.get(), Ordering::SeqCst);
}

#[cfg(all(unix, not(miri)))]
#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::super::{
        Job, Progress, ring,
        worker::{Urgency, Worker},
    };
    use crate::thread::{MainThread, WorkerThread};

    /// Does `work` in a forked child, and gives what it came to.
    fn in_a_fork(work: impl FnOnce() -> bool) -> bool {
        // SAFETY: the child looks at memory and ends, without running what the parent has registered for its own end.
        unsafe {
            let child = libc::fork();
            assert!(child >= 0);
            if child == 0 {
                libc::_exit(i32::from(!work()));
            }
            let mut status = 0;
            assert_eq!(libc::waitpid(child, &raw mut status, 0), child);
            libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0
        }
    }

    /// Has a lock nearly always.
    struct Holder(Arc<Mutex<()>>);

    impl Job for Holder {
        fn work(&mut self, _: &WorkerThread) -> Progress {
            let _held = self.0.lock().unwrap();
            std::thread::sleep(std::time::Duration::from_millis(2));
            Progress::Worked
        }

        fn patience(&self) -> std::time::Duration {
            std::time::Duration::ZERO
        }

        fn recover(&mut self) -> bool {
            false
        }
    }

    #[test]
    fn no_job_holds_a_lock_while_the_process_is_forked() {
        super::watch();
        let worker = Worker::start("moodring-test", Urgency::None).unwrap();
        let lock = Arc::<Mutex<()>>::default();
        worker.add(Box::new(Holder(lock.clone())), &MainThread::assume());
        for fork in 0..20 {
            assert!(in_a_fork(|| lock.try_lock().is_ok()), "fork {fork}");
        }
    }

    #[test]
    fn in_a_forked_child_the_other_end_of_a_ring_is_gone() {
        super::watch();
        let (sender, receiver) = ring(1, 0);
        assert!(in_a_fork(|| sender.is_closed() && receiver.is_closed()));
        assert!(!sender.is_closed() && !receiver.is_closed());
    }
}
