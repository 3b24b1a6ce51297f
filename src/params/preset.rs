//! Which preset the settings came from: for the eye; the settings themselves are the parameters'.

use std::sync::atomic::{AtomicU32, Ordering};

use nice_plug::params::persist::PersistentField;
use serde::{Deserialize, Serialize};

use super::saving::saving_thread;
use crate::{engine::ForkSafeMutex, thread::MayBlock};

/// A preset, as a project refers to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PresetName {
    /// One that Moodring comes with, by its permanent id.
    Factory(String),
    /// One of the user's, by its name.
    User(String),
}

/// The preset that was loaded or saved last; `None` is the neutral one. The editor and the main thread share it.
#[derive(Debug, Default)]
pub struct PresetChoice {
    name: ForkSafeMutex<Option<PresetName>>,
    /// Counts the states that the host has loaded.
    loads: AtomicU32,
}

impl PresetChoice {
    /// Returns the present one. Locks.
    pub fn get(&self, _: &impl MayBlock) -> Option<PresetName> {
        self.name.lock().clone()
    }

    /// Notes which one was loaded or saved. Locks.
    pub fn choose(&self, name: Option<PresetName>, _: &impl MayBlock) {
        *self.name.lock() = name;
    }

    /// How many states the host has loaded: what an editor remembers of the time before is void after each. Wait-free.
    pub fn loads(&self) -> u32 {
        self.loads.load(Ordering::Acquire)
    }
}

impl PersistentField<'_, Option<PresetName>> for PresetChoice {
    fn set(&self, name: Option<PresetName>) {
        self.choose(name, &saving_thread());
        self.loads.fetch_add(1, Ordering::Release);
    }

    fn map<F, R>(&self, f: F) -> R
    where
        F: Fn(&Option<PresetName>) -> R,
    {
        f(&self.get(&saving_thread()))
    }
}
