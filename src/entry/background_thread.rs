//! nice-plug's background thread, which a forked child doesn't have.
//!
//! There is one such thread for all instances of a format (see `docs/framework.md`). Dropping the
//! last instance joins it, which panics in a forked child, since the thread is not there to leave its
//! result: the process aborts. So before an instance that a child has inherited is dropped there, the child makes one
//! more, and never drops it. The framework posts nothing to that thread but what an editor wants, or a host that is called
//! from another thread than the one that made the instance; in a forked child that is lost.
//!
//! With a nice-plug that knows of forks this file goes.

use std::sync::{
    OnceLock,
    atomic::{AtomicBool, Ordering},
};

/// A format that instances are made in.
pub struct Format {
    /// Makes an instance that is never dropped.
    keep: OnceLock<fn()>,
    kept: AtomicBool,
}

/// Instances made as CLAP.
pub static CLAP: Format = Format::new();

/// Instances made as VST3.
pub static VST3: Format = Format::new();

impl Format {
    const fn new() -> Self {
        Self {
            keep: OnceLock::new(),
            kept: AtomicBool::new(false),
        }
    }

    /// Notes that there are instances of this format, and how to make one that is never dropped.
    pub fn is_in_use(&self, keep: fn()) {
        self.keep.get_or_init(|| keep);
    }

    /// Children of the child have what it has: once is enough.
    fn outlive(&self) {
        if let Some(keep) = self.keep.get()
            && !self.kept.swap(true, Ordering::SeqCst)
        {
            keep();
        }
    }
}

/// Keeps the thread of every format, before an instance is dropped in another process than the one that made it.
pub fn outlive() {
    for format in [&CLAP, &VST3] {
        format.outlive();
    }
}
