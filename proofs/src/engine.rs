//! What the plugin's files find as `crate::engine`.

/// What the plugin's files find as `crate::engine::sync`: the same names, of loom.
pub mod sync {
    use std::time::Duration;

    pub use loom::{
        sync::{
            Mutex, MutexGuard,
            atomic::{AtomicBool, AtomicU32, Ordering},
        },
        thread::Thread,
    };
    pub use std::sync::PoisonError;

    /// No time-out comes to the rescue of a wake-up that was lost: loom then finds a deadlock.
    pub fn park_timeout(_: Duration) {
        loom::thread::park();
    }
}

#[path = "../../src/engine/job_queue.rs"]
pub mod job_queue;

/// The plugin's lock, of which forks are no matter here.
#[derive(Debug, Default)]
pub struct ForkSafeMutex<T>(sync::Mutex<T>);

pub type ForkSafeGuard<'a, T> = sync::MutexGuard<'a, T>;

impl<T> ForkSafeMutex<T> {
    pub fn lock(&self) -> ForkSafeGuard<'_, T> {
        self.0.lock().unwrap_or_else(sync::PoisonError::into_inner)
    }
}
