//! The thread on which the framework saves and loads what a project keeps.

use crate::thread::MainThread;

/// Makes the marker for what nice-plug calls of a `PersistentField`, which hands none on. It does so while it saves or loads a
/// state, and every way to that is the main thread's or the editor's: `entry` keeps states from the audio thread, to which nice-plug
/// would give them (`docs/framework.md`).
pub fn saving_thread() -> MainThread {
    MainThread::assume()
}
