//! Which thread runs a function, as types that the compiler checks.
//!
//! A function that locks, allocates or waits takes a marker of a thread that may block ([`MayBlock`]): the audio thread has none,
//! so that a call from there doesn't compile. A marker is empty, costs nothing, and stays on the thread that it was made on. It is
//! made where another program calls Moodring or a thread of Moodring's own begins, and handed on by reference:
//!
//! | marker | made by |
//! | --- | --- |
//! | [`AudioThread`] | the host's calls that the standards give to the audio thread |
//! | [`OfflineThread`] | [`AudioThread::if_offline`] |
//! | [`AheadThread`] | [`AudioThread::if_ahead`] |
//! | [`MainThread`] | the host's other calls, the framework's saving and loading of states, the command line |
//! | [`EditorThread`] | whoever draws: the editor's window |
//! | [`WorkerThread`] | the engine's threads, as they begin |
//!
//! Nothing but this list keeps a function from making the wrong marker; `xtask/tests/threads.rs` checks which rooms make one.
//! Functions that the audio thread holds no way to, such as those that write files, take none.
//!
//! A captured timbre is behind a lock. A thread that may block gets at it:
//!
//! ```
//! use moodring::{params::{Captures, Slot}, thread::MainThread};
//!
//! let main = MainThread::assume();
//! assert_eq!(Captures::default().get(Slot::A, &main), None);
//! ```
//!
//! The audio thread doesn't:
//!
//! ```compile_fail,E0277
//! use moodring::{params::{Captures, Slot}, thread::AudioThread};
//!
//! let audio = AudioThread::assume();
//! Captures::default().get(Slot::A, &audio);
//! ```
//!
//! Nor can it borrow another thread's marker, since none leaves its thread:
//!
//! ```compile_fail,E0277
//! use moodring::thread::MainThread;
//!
//! let main = MainThread::assume();
//! std::thread::scope(|scope| {
//!     scope.spawn(|| drop(&main));
//! });
//! ```
//!
//! or is given away:
//!
//! ```compile_fail,E0277
//! use moodring::thread::AudioThread;
//!
//! let audio = AudioThread::assume();
//! std::thread::spawn(move || drop(audio));
//! ```

use std::{marker::PhantomData, time::Instant};

/// Keeps a marker on its thread: a pointer is neither [`Send`] nor [`Sync`].
type StaysHere = PhantomData<*const ()>;

/// The host's audio thread, in real time or not. It must not lock, allocate, wait, or enter the kernel.
#[derive(Debug)]
pub struct AudioThread(StaysHere);

/// The host's audio thread while it renders offline: it has all the time that it takes.
#[derive(Debug)]
pub struct OfflineThread(StaysHere);

/// The host's audio thread while the sound that it has computed is ahead of the clock: it may wait for a worker until a certain time, but neither lock nor
/// allocate.
#[derive(Debug)]
pub struct AheadThread {
    until: Instant,
    _stays: StaysHere,
}

/// The host's main thread, or the command line's.
#[derive(Debug)]
pub struct MainThread(StaysHere);

/// The thread that draws the editor: the window's own on X11, the host's main thread elsewhere.
#[derive(Debug)]
pub struct EditorThread(StaysHere);

/// One of the engine's threads.
#[derive(Debug)]
pub struct WorkerThread(StaysHere);

/// A thread that may lock, allocate and wait: every one but [`AudioThread`], and [`AheadThread`], which may but wait.
pub trait MayBlock: sealed::Sealed {}

impl MayBlock for OfflineThread {}
impl MayBlock for MainThread {}
impl MayBlock for EditorThread {}
impl MayBlock for WorkerThread {}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::OfflineThread {}
    impl Sealed for super::MainThread {}
    impl Sealed for super::EditorThread {}
    impl Sealed for super::WorkerThread {}
}

impl AudioThread {
    /// Makes the marker. It is for the first lines of a call that the standard gives to the audio thread: CLAP's `[audio-thread]`,
    /// VST3's `process` and `setProcessing`, and what the framework calls in turn.
    pub const fn assume() -> Self {
        Self(PhantomData)
    }

    /// Returns the same thread as one that may block, if the host has said of this activation that it renders offline.
    pub fn if_offline(&self, is_offline: bool) -> Option<OfflineThread> {
        is_offline.then_some(OfflineThread(PhantomData))
    }

    /// Returns the same thread as one that may wait until `until`, if the host doesn't need what it computes before.
    pub fn if_ahead(&self, until: Option<Instant>) -> Option<AheadThread> {
        let _stays = PhantomData;
        until.map(|until| AheadThread { until, _stays })
    }
}

impl AheadThread {
    /// The time until which it may wait.
    pub fn until(&self) -> Instant {
        self.until
    }
}

impl MainThread {
    /// Makes the marker. It is for the first lines of a call that the standard gives to the main thread (CLAP's `[main-thread]`, all of VST3 but what is the
    /// audio thread's), of what the framework calls there in turn, and of a program's `main`.
    pub const fn assume() -> Self {
        Self(PhantomData)
    }
}

impl EditorThread {
    /// Makes the marker. It is for what draws a frame, and for what the framework calls on the window's behalf.
    pub const fn assume() -> Self {
        Self(PhantomData)
    }
}

impl WorkerThread {
    /// Makes the marker. It is for the first line of a thread that Moodring has spawned.
    pub const fn assume() -> Self {
        Self(PhantomData)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_is_nothing_at_run_time() {
        assert_eq!(size_of::<AudioThread>(), 0);
        assert_eq!(size_of::<OfflineThread>(), 0);
        assert_eq!(size_of::<MainThread>(), 0);
        assert_eq!(size_of::<EditorThread>(), 0);
        assert_eq!(size_of::<WorkerThread>(), 0);
    }

    #[test]
    fn only_a_bounce_or_a_lead_lets_the_audio_thread_wait() {
        let audio = AudioThread::assume();
        assert!(audio.if_offline(false).is_none());
        assert!(audio.if_offline(true).is_some());
        assert!(audio.if_ahead(None).is_none());
        let until = Instant::now();
        assert_eq!(audio.if_ahead(Some(until)).unwrap().until(), until);
    }
}
