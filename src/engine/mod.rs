//! Threads, rings, hand-over, lifetime; the only place that spawns or waits. It knows neither models nor sound.
//!
//! One [`Engine`] serves every instance in the process. It starts with the first, and has joined its threads before the last
//! instance is gone: nothing of Moodring runs in a host that has closed it. A process forked from another has none of its
//! threads, and so gets an engine of its own.
//!
//! What the audio thread is promised: [`Sender::send`] and [`Receiver::receive`] never allocate, lock, wait or enter the
//! kernel. Only [`WorkerWait`] does wait, for [`WorkerWait::LONGEST`] at most: in offline rendering, and where [`Lead`] says that the sound is ahead of the clock.

mod crew;
mod errand;
mod faults;
mod fork_safe;
mod hop_stagger;
mod job_queue;
mod lead;
mod per_process;
mod priority;
mod process;
mod ring;
pub(crate) mod sync;
mod worker;
mod worker_wait;

use crate::thread::MayBlock;
use std::sync::{Arc, OnceLock};

pub use crew::run_crew;
pub use errand::{Errand, Outcome};
pub use faults::Faults;
pub use fork_safe::{ForkSafeGuard, ForkSafeMutex};
pub use hop_stagger::HopStagger;
pub use lead::Lead;
pub use per_process::PerProcess;
pub use process::Process;
pub use ring::{Receiver, Sender, ring};
pub use worker::{Job, Progress};
pub use worker_wait::{Patience, WorkerWait, wait_until};

use hop_stagger::HopStaggers;
use worker::{Team, Urgency, Worker};

/// The background half of every instance in the process; shared by them on the main thread, never seen by the audio thread.
pub struct Engine {
    process: Process,
    morph: Team,
    listen: Worker,
    hop_staggers: HopStaggers,
}

/// The engine, while any instance has it.
static ENGINE: PerProcess<Engine> = PerProcess::empty();

impl Engine {
    /// Returns the running engine, or starts one. Locks, and starts threads.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn acquire(_: &impl MayBlock) -> std::io::Result<Arc<Self>> {
        ENGINE.acquire(Self::is_here, |process, _| {
            Ok(Self {
                process,
                morph: Team::start("moodring-morph", Urgency::SoundWaits)?,
                listen: Worker::start("moodring-listen", Urgency::None)?,
                hop_staggers: HopStaggers::default(),
            })
        })
    }

    /// Whether its threads run in this process.
    pub fn is_here(&self) -> bool {
        self.process.is_current()
    }

    /// Why the system runs Morph's threads like any other; empty as long as it does not, or hasn't been asked yet.
    pub fn no_priority(&self) -> Arc<OnceLock<String>> {
        self.morph.no_priority()
    }

    /// A number for an instance that plays.
    pub fn hop_stagger(&self) -> HopStagger {
        self.hop_staggers.take()
    }

    /// Gives a job to a Morph thread until it says that it has finished.
    pub fn add_morph(&self, job: Box<dyn Job>, thread: &impl MayBlock) -> WorkerWait {
        self.morph.add(job, thread)
    }

    /// Gives a job to the Listen thread until it says that it has finished.
    pub fn add_listen(&self, job: Box<dyn Job>, thread: &impl MayBlock) -> WorkerWait {
        self.listen.add(job, thread)
    }
}
