//! Which models there are in this process: loaded once, and shared by the instances that use the same.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex, OnceLock, PoisonError, Weak},
};

use super::{ModelError, ModelReference, ModelSource, TaggerModel, TimbreModel};
use crate::{
    engine::{PerProcess, Process},
    thread::MayBlock,
};

/// The models, each loaded or known to be unusable; made on the main thread, and read on the engine's through clones of the two.
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

/// The models of every instance in the process; shared by them on the main thread.
pub struct ModelRegistry {
    process: Process,
    /// What instances use whose project names no models.
    default: OnceLock<Arc<Models>>,
    /// Models of projects, while any instance uses them.
    chosen: Mutex<Vec<(ModelReference, SharedModels)>>,
}

/// The registry, while any instance has it.
static REGISTRY: PerProcess<ModelRegistry> = PerProcess::empty();

impl ModelRegistry {
    /// This process's registry; a new one in a forked child has the default models of its parent, which are in its memory as well.
    /// Locks.
    pub fn acquire(_: &impl MayBlock) -> Arc<Self> {
        let Ok(registry) = REGISTRY.acquire(Self::is_here, |process, parents| {
            let inherited = parents.and_then(|parents| parents.default.get().cloned());
            Ok::<_, Infallible>(Self {
                process,
                default: inherited.map_or_else(OnceLock::new, OnceLock::from),
                chosen: Mutex::default(),
            })
        });
        registry
    }

    /// Whether it is this process's: a forked child must not wait for its parent's locks.
    pub fn is_here(&self) -> bool {
        self.process.is_current()
    }

    /// The models of an instance, shared by all that use the same: those that the project refers to; or the ones that this
    /// environment or this file has, if it refers to none or if they can't be used, with the reason. Loads files.
    pub fn models(
        &self,
        reference: Option<&ModelReference>,
        _: &impl MayBlock,
    ) -> (Arc<Models>, Option<ModelError>) {
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
}

#[cfg(unix)]
#[cfg(test)]
pub(crate) mod tests {
    use std::{fs, path::Path, sync::MutexGuard, time::Duration};

    use super::*;
    use crate::thread::MainThread;

    /// Models of a project that take their time: while [`SlowModels::hold`]'s result lives, whoever wants them waits, as for
    /// another instance that loads them.
    pub(crate) struct SlowModels {
        pub reference: ModelReference,
        shared: SharedModels,
        _registry: Arc<ModelRegistry>,
    }

    impl SlowModels {
        /// The shipped ones, copied into `folder`.
        pub(crate) fn new(folder: &Path) -> Self {
            let registry = ModelRegistry::acquire(&MainThread::assume());
            let reference = models(folder);
            Self {
                shared: registry.shared(&reference),
                reference,
                _registry: registry,
            }
        }

        pub(crate) fn hold(&self) -> MutexGuard<'_, Weak<Models>> {
            self.shared.lock().unwrap()
        }

        /// Returns once somebody waits for them.
        pub(crate) fn wait_for_who_waits(&self) {
            // The registry has them, and this.
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
        let registry = ModelRegistry::acquire(&MainThread::assume());
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let slow = SlowModels::new(folders[0].path());
        let quick = models(folders[1].path());
        let (loaded, has_loaded) = std::sync::mpsc::channel();
        let waits = slow.hold();
        std::thread::scope(|scope| {
            scope.spawn(|| registry.models(Some(&slow.reference), &MainThread::assume()));
            slow.wait_for_who_waits();
            scope.spawn(|| {
                loaded
                    .send([(); 2].map(|()| registry.models(Some(&quick), &MainThread::assume()).0))
            });
            // As long as it may take on the busiest machine: behind the other it would never come.
            let found = has_loaded.recv_timeout(Duration::from_secs(60));
            drop(waits);
            let [first, second] = found.unwrap();
            assert!(Arc::ptr_eq(&first, &second), "loaded once");
        });
    }
}
