//! Workers that share their jobs out: as many as the jobs need.

use std::{
    io,
    num::NonZero,
    sync::{Arc, OnceLock},
    thread::available_parallelism,
};

use super::{Job, Urgency, Worker};
use crate::{
    engine::{ForkSafeMutex, WorkerWait},
    thread::MayBlock,
};

/// A worker has so many jobs before another is started: about a third of the curves that one core makes in time.
const JOBS_A_WORKER: usize = 16;

/// There are no more workers than this, nor than cores beside the audio thread's; but two in any case, since the audio thread sleeps at times.
const MOST_WORKERS: usize = 4;

/// Workers of one name; owned by the engine. Another is started when all have [`JOBS_A_WORKER`] jobs, and stays until the engine is gone.
pub(in crate::engine) struct Team {
    name: &'static str,
    urgency: Urgency,
    most: usize,
    first: Worker,
    others: ForkSafeMutex<Vec<Worker>>,
}

impl Team {
    /// Starts the first.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub(in crate::engine) fn start(name: &'static str, urgency: Urgency) -> io::Result<Self> {
        let cores = available_parallelism().map_or(1, NonZero::get);
        Ok(Self {
            name,
            urgency,
            most: (cores - 1).clamp(2, MOST_WORKERS),
            first: Worker::start(name, urgency)?,
            others: ForkSafeMutex::default(),
        })
    }

    /// Why the system runs the first thread like any other; empty as long as it does not, or hasn't been asked yet.
    pub(in crate::engine) fn no_priority(&self) -> Arc<OnceLock<String>> {
        self.first.no_priority()
    }

    /// Has a worker take up a job, if need be one that is started for it. Locks and wakes the thread.
    pub(in crate::engine) fn add(&self, job: Box<dyn Job>, thread: &impl MayBlock) -> WorkerWait {
        let mut others = self.others.lock();
        let everyone = || std::iter::once(&self.first).chain(others.iter());
        let full = everyone().all(|worker| worker.jobs() >= JOBS_A_WORKER);
        if full && others.len() + 1 < self.most {
            // Where the system refuses it those that there are have to do.
            others.extend(Worker::start(self.name, self.urgency));
        }
        let everyone = std::iter::once(&self.first).chain(others.iter());
        // The first that has room, so that few jobs keep few threads awake.
        let has_room = |worker: &&Worker| worker.jobs() < JOBS_A_WORKER;
        let chosen = everyone.clone().find(has_room);
        let chosen = chosen.or_else(|| everyone.min_by_key(|worker| worker.jobs()));
        chosen.unwrap_or(&self.first).add(job, thread)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::HashSet,
        sync::{Mutex, mpsc},
        thread::ThreadId,
        time::Duration,
    };

    use super::*;
    use crate::{
        engine::Progress,
        thread::{MainThread, WorkerThread},
    };

    /// Tells once on which thread it works; ends with its channel.
    struct Teller {
        told: bool,
        tell: mpsc::Sender<ThreadId>,
        ends: Arc<Mutex<bool>>,
    }

    impl Job for Teller {
        fn work(&mut self, _: &WorkerThread) -> Progress {
            if *self.ends.lock().unwrap() {
                return Progress::Finished;
            }
            if !std::mem::replace(&mut self.told, true) {
                self.tell.send(std::thread::current().id()).unwrap();
            }
            Progress::Idle
        }

        fn patience(&self) -> Duration {
            Duration::from_millis(1)
        }

        fn recover(&mut self) -> bool {
            false
        }
    }

    /// Adds so many jobs; returns on how many threads they work.
    fn threads(team: &Team, jobs: usize, ends: &Arc<Mutex<bool>>) -> HashSet<ThreadId> {
        let (tell, told) = mpsc::channel();
        for _ in 0..jobs {
            let job = Teller {
                told: false,
                tell: tell.clone(),
                ends: Arc::clone(ends),
            };
            team.add(Box::new(job), &MainThread::assume());
        }
        let wait = || told.recv_timeout(Duration::from_secs(20)).unwrap();
        (0..jobs).map(|_| wait()).collect()
    }

    #[test]
    fn few_jobs_keep_one_thread_awake_and_many_several() {
        let mut team = Team::start("moodring-test", Urgency::None).unwrap();
        team.most = 3;
        let ends = Arc::<Mutex<bool>>::default();
        assert_eq!(threads(&team, JOBS_A_WORKER, &ends).len(), 1);
        assert_eq!(threads(&team, 1, &ends).len(), 1);
        assert_eq!(threads(&team, 4 * JOBS_A_WORKER, &ends).len(), 3);
        // Once these have gone the first serves alone again.
        *ends.lock().unwrap() = true;
        let begun = std::time::Instant::now();
        while team.first.jobs() > 0 && begun.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(threads(&team, JOBS_A_WORKER, &Arc::default()).len(), 1);
    }
}
