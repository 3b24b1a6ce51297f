//! How long the output goes on after the input has ended, told past the framework: its activation has no word for it, and its CLAP
//! half knows it only once a block has been processed (nice-plug 0.4.2, wrapper/clap/wrapper.rs:3498).

use std::cell::Cell;

thread_local! {
    /// What the last activation in this thread has told, in samples.
    static TOLD: Cell<u32> = const { Cell::new(0) };
}

/// Tells the tail of an activation, in samples, to whoever has the framework activate.
pub(super) fn tell(samples: u32) {
    TOLD.set(samples);
}

/// Has the framework activate, which calls the plugin in this thread; returns what came of it, and the tail in samples.
pub(crate) fn told_by<R>(activate: impl FnOnce() -> R) -> (R, u32) {
    TOLD.set(0);
    let activated = activate();
    (activated, TOLD.get())
}
