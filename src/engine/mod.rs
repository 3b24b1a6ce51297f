//! Threads, rings, hand-over, lifetime; the only place that spawns or waits.
//!
//! One [`Engine`] serves every instance in the process. It starts with the first, loads the models once, and has joined
//! its two threads before the last instance is gone: nothing of Moodring runs in a host that has closed it. A process
//! forked from another has none of its threads, and so gets an engine of its own.
//!
//! What the audio thread is promised: [`Sender::send`] and [`Receiver::receive`] never allocate, lock, wait or enter the
//! kernel. Only [`OfflineWait::wait`], which is for offline rendering alone, does wait, for [`OfflineWait::LONGEST`] at most.

mod faults;
mod fork_safe;
mod hop_stagger;
mod offline_wait;
mod priority;
mod process;
mod ring;
mod worker;

use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

pub use faults::Faults;
pub use fork_safe::{ForkSafeGuard, ForkSafeMutex};
pub use hop_stagger::HopStagger;
pub use offline_wait::{OfflineWait, wait_until};
pub use process::Process;
pub use ring::{Receiver, Sender, ring};
pub use worker::{Job, Progress};

use crate::model::{ModelError, ModelReference, ModelSource, TaggerModel, TimbreModel};
use hop_stagger::HopStaggers;
use worker::{Urgency, Worker};

/// The models, each loaded or known to be unusable.
pub struct Models {
    /// The tagger.
    pub tagger: Result<TaggerModel, ModelError>,
    /// The timbre model.
    pub timbre: Result<TimbreModel, ModelError>,
}

impl Models {
    fn load(source: &ModelSource) -> Self {
        Self {
            tagger: TaggerModel::load(source),
            timbre: TimbreModel::load(source),
        }
    }
}

/// Where models are that instances share: the first that wants them loads them, while the others that want the same wait.
type SharedModels = Arc<Mutex<Weak<Models>>>;

/// The background half of every instance in the process.
pub struct Engine {
    process: Process,
    /// What instances use whose project names no models.
    default: OnceLock<Arc<Models>>,
    /// Models of projects, while any instance uses them.
    chosen: Mutex<Vec<(ModelReference, SharedModels)>>,
    morph: Worker,
    listen: Worker,
    hop_staggers: HopStaggers,
}

/// The engine, while any instance has it. A child looks in another place than its parent, whose lock may have been held at
/// the fork; after so many forks in a row that lock is no more.
static ENGINES: [Mutex<Weak<Engine>>; 8] = [const { Mutex::new(Weak::new()) }; 8];

impl Engine {
    /// The running engine, or a new one. Starts threads: not for the audio thread.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn acquire() -> std::io::Result<Arc<Self>> {
        process::watch();
        let process = Process::current();
        let Some(running) = ENGINES.get(process.place(ENGINES.len())) else {
            return Err(std::io::ErrorKind::NotFound.into());
        };
        let mut running = running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(engine) = running.upgrade().filter(|engine| engine.is_here()) {
            return Ok(engine);
        }
        let engine = Arc::new(Self {
            process,
            default: Self::inherited_models(process).map_or_else(OnceLock::new, OnceLock::from),
            chosen: Mutex::default(),
            morph: Worker::start("moodring-morph", Urgency::SoundWaits)?,
            listen: Worker::start("moodring-listen", Urgency::None)?,
            hop_staggers: HopStaggers::default(),
        });
        *running = Arc::downgrade(&engine);
        Ok(engine)
    }

    /// The models that the parent had loaded, which a forked child has in its memory as well.
    fn inherited_models(process: Process) -> Option<Arc<Models>> {
        let parent = process.parent()?;
        let engine = ENGINES.get(parent.place(ENGINES.len()))?;
        // Whoever held the lock at the fork holds it for ever.
        let engine = engine.try_lock().ok()?.upgrade()?;
        engine.default.get().cloned()
    }

    /// Whether its threads run in this process.
    pub fn is_here(&self) -> bool {
        self.process.is_current()
    }

    /// The models of an instance, shared by all that use the same: those that the project refers to; or the ones that this
    /// environment or this file has, if it refers to none or if they can't be used, with the reason. Loads files: not
    /// for the audio thread.
    pub fn models(&self, reference: Option<&ModelReference>) -> (Arc<Models>, Option<ModelError>) {
        match reference.map(|reference| self.chosen(reference)) {
            None => (self.default(), None),
            Some(Ok(models)) => (models, None),
            Some(Err(why)) => (self.default(), Some(why)),
        }
    }

    fn default(&self) -> Arc<Models> {
        let load = || Arc::new(Models::load(&ModelSource::from_environment()));
        self.default.get_or_init(load).clone()
    }

    fn chosen(&self, reference: &ModelReference) -> Result<Arc<Models>, ModelError> {
        let source = reference.source()?;
        // Only who wants the same models waits for them.
        let shared = self.shared(reference);
        let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(models) = shared.upgrade() {
            return Ok(models);
        }
        let models = Models::load(&source);
        if let Some(why) = models
            .tagger
            .as_ref()
            .err()
            .or(models.timbre.as_ref().err())
        {
            return Err(why.clone());
        }
        let models = Arc::new(models);
        *shared = Arc::downgrade(&models);
        Ok(models)
    }

    /// Where the models of a reference are, or will be.
    fn shared(&self, reference: &ModelReference) -> SharedModels {
        let mut chosen = self.chosen.lock().unwrap_or_else(PoisonError::into_inner);
        chosen.retain_mut(|(_, shared)| {
            // One that somebody else has is being filled.
            Arc::get_mut(shared).is_none_or(|models| {
                let models = models.get_mut().unwrap_or_else(PoisonError::into_inner);
                models.strong_count() > 0
            })
        });
        if let Some((_, shared)) = chosen.iter().find(|(known, _)| known == reference) {
            return shared.clone();
        }
        let shared = SharedModels::default();
        chosen.push((reference.clone(), shared.clone()));
        shared
    }

    /// A number for an instance that plays.
    pub fn hop_stagger(&self) -> HopStagger {
        self.hop_staggers.take()
    }

    /// Gives a job to the Morph thread until it says that it has finished.
    pub fn add_morph(&self, job: Box<dyn Job>) -> OfflineWait {
        self.morph.add(job)
    }

    /// Gives a job to the Listen thread until it says that it has finished.
    pub fn add_listen(&self, job: Box<dyn Job>) -> OfflineWait {
        self.listen.add(job)
    }
}

#[cfg(unix)]
#[cfg(test)]
pub(crate) mod tests {
    use std::{fs, path::Path, sync::MutexGuard, time::Duration};

    use super::*;

    /// Models of a project that take their time: while [`SlowModels::hold`]'s result lives, whoever wants them waits, as for
    /// another instance that loads them.
    pub(crate) struct SlowModels {
        pub reference: ModelReference,
        shared: SharedModels,
        _engine: Arc<Engine>,
    }

    impl SlowModels {
        /// The shipped ones, copied into `folder`.
        pub(crate) fn new(folder: &Path) -> Self {
            let (reference, engine) = (models(folder), Engine::acquire().unwrap());
            Self {
                shared: engine.shared(&reference),
                reference,
                _engine: engine,
            }
        }

        pub(crate) fn hold(&self) -> MutexGuard<'_, Weak<Models>> {
            self.shared.lock().unwrap()
        }

        /// Returns once somebody waits for them.
        pub(crate) fn wait_for_who_waits(&self) {
            // The engine has them, and this.
            while Arc::strong_count(&self.shared) < 3 {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }

    /// A copy of the models that ship.
    fn models(folder: &Path) -> ModelReference {
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
        for model in ["tagger", "timbre"] {
            fs::create_dir(folder.join(model)).unwrap();
            for file in fs::read_dir(shipped.join(model)).unwrap() {
                let file = file.unwrap();
                fs::copy(file.path(), folder.join(model).join(file.file_name())).unwrap();
            }
        }
        ModelReference::to(folder).unwrap()
    }

    #[test]
    fn nobody_waits_for_the_models_of_another_project() {
        let engine = Engine::acquire().unwrap();
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let slow = SlowModels::new(folders[0].path());
        let quick = models(folders[1].path());
        let (loaded, has_loaded) = std::sync::mpsc::channel();
        let waits = slow.hold();
        std::thread::scope(|scope| {
            scope.spawn(|| engine.models(Some(&slow.reference)));
            slow.wait_for_who_waits();
            scope.spawn(|| loaded.send([(); 2].map(|()| engine.models(Some(&quick)).0)));
            // As long as it may take on the busiest machine: behind the other it would never come.
            let found = has_loaded.recv_timeout(Duration::from_secs(60));
            drop(waits);
            let [first, second] = found.unwrap();
            assert!(Arc::ptr_eq(&first, &second), "loaded once");
        });
    }
}
