//! Threads, rings, hand-over, lifetime; the only place that spawns or waits.
//!
//! One [`Engine`] serves every instance in the process. It starts with the first, loads the models once, and has joined
//! its two threads before the last instance is gone: nothing of Moodring runs in a host that has closed it.
//!
//! What the audio thread is promised: [`Sender::send`] and [`Receiver::receive`] never allocate, lock, wait or enter the
//! kernel. Only [`Patience::wait`], which is for offline rendering alone, does wait, for [`Patience::LONGEST`] at most.

mod faults;
mod patience;
mod priority;
mod ring;
mod seat;
mod worker;

use std::sync::{Arc, Mutex, PoisonError, Weak};

pub use faults::Faults;
pub use patience::{Patience, wait_until};
pub use ring::{Receiver, Sender, ring};
pub use seat::Seat;
pub use worker::{Job, Progress};

use crate::model::{ModelError, ModelReference, ModelSource, Tagger, Timbre};
use seat::Seats;
use worker::{Urgency, Worker};

/// The models, each loaded or known to be unusable.
pub struct Models {
    /// The tagger.
    pub tagger: Result<Tagger, ModelError>,
    /// The timbre model.
    pub timbre: Result<Timbre, ModelError>,
}

impl Models {
    fn load(source: &ModelSource) -> Self {
        Self {
            tagger: Tagger::load(source),
            timbre: Timbre::load(source),
        }
    }
}

/// The background half of every instance in the process.
pub struct Engine {
    /// What instances use whose project names no models.
    default: Arc<Models>,
    /// Models of projects, while any instance uses them.
    chosen: Mutex<Vec<(ModelReference, Weak<Models>)>>,
    morph: Worker,
    listen: Worker,
    seats: Seats,
}

/// The engine, while any instance has it.
static ENGINE: Mutex<Weak<Engine>> = Mutex::new(Weak::new());

impl Engine {
    /// The running engine, or a new one with the models of this environment. Loads models and starts threads: not for the
    /// audio thread.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn acquire() -> std::io::Result<Arc<Self>> {
        let mut running = ENGINE.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(engine) = running.upgrade() {
            return Ok(engine);
        }
        let source = ModelSource::from_environment();
        let engine = Arc::new(Self {
            default: Arc::new(Models::load(&source)),
            chosen: Mutex::default(),
            morph: Worker::start("moodring-morph", Urgency::SoundWaits)?,
            listen: Worker::start("moodring-listen", Urgency::None)?,
            seats: Seats::default(),
        });
        *running = Arc::downgrade(&engine);
        Ok(engine)
    }

    /// The models of an instance, shared by all that use the same: those that the project refers to; or the ones that this
    /// environment or this file has, if it refers to none or if they can't be used, with the reason. Loads files: not
    /// for the audio thread.
    pub fn models(&self, reference: Option<&ModelReference>) -> (Arc<Models>, Option<ModelError>) {
        match reference.map(|reference| self.chosen(reference)) {
            None => (self.default.clone(), None),
            Some(Ok(models)) => (models, None),
            Some(Err(why)) => (self.default.clone(), Some(why)),
        }
    }

    fn chosen(&self, reference: &ModelReference) -> Result<Arc<Models>, ModelError> {
        let source = reference.source()?;
        let mut chosen = self.chosen.lock().unwrap_or_else(PoisonError::into_inner);
        chosen.retain(|(_, models)| models.strong_count() > 0);
        let known = chosen
            .iter()
            .find(|(known, _)| known == reference)
            .and_then(|(_, models)| models.upgrade());
        if let Some(models) = known {
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
        chosen.push((reference.clone(), Arc::downgrade(&models)));
        Ok(models)
    }

    /// A number for an instance that plays.
    pub fn seat(&self) -> Seat {
        self.seats.take()
    }

    /// Gives a job to the Morph thread until it says that it has finished.
    pub fn add_morph(&self, job: Box<dyn Job>) -> Patience {
        self.morph.add(job)
    }

    /// Gives a job to the Listen thread until it says that it has finished.
    pub fn add_listen(&self, job: Box<dyn Job>) -> Patience {
        self.listen.add(job)
    }
}
