//! What a project keeps besides the parameters.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicU32, Ordering},
};

use nice_plug::params::persist::PersistentField;

use super::saving::saving_thread;
use crate::{engine::ForkSafeMutex, model::ModelReference, thread::MayBlock};

/// Layout of the saved state: 1 had parameters only, 2 added the models, 3 what Morph can lead to besides named timbres.
pub const STATE_SCHEMA: u32 = 3;

/// Writes [`STATE_SCHEMA`] into every saved state; what is read back is the business of `plugin::state`.
#[derive(Debug, Default)]
pub struct Schema;

impl PersistentField<'_, u32> for Schema {
    fn set(&self, _: u32) {}

    fn map<F, R>(&self, f: F) -> R
    where
        F: Fn(&u32) -> R,
    {
        f(&STATE_SCHEMA)
    }
}

/// The models that the project refers to. The editor and the main thread share them. `None` are the ones that this Moodring comes with. A reference that can't be
/// honoured is kept all the same, for the day when its folder is back.
#[derive(Debug, Default)]
pub struct ModelChoice {
    reference: ForkSafeMutex<Option<ModelReference>>,
    /// Counts the changes, for the audio thread: it asks the host for a restart after one.
    changes: AtomicU32,
}

impl ModelChoice {
    /// Returns the present choice. Locks.
    pub fn get(&self, _: &impl MayBlock) -> Option<ModelReference> {
        self.reference.lock().clone()
    }

    /// Chooses. Takes effect with the next activation. Locks.
    pub fn choose(&self, choice: Option<ModelReference>, _: &impl MayBlock) {
        let mut reference = self.reference.lock();
        if *reference != choice {
            *reference = choice;
            self.changes.fetch_add(1, Ordering::Release);
        }
    }

    /// How often the choice has changed. Wait-free.
    pub(super) fn changes(&self) -> u32 {
        self.changes.load(Ordering::Acquire)
    }
}

impl PersistentField<'_, Option<ModelReference>> for ModelChoice {
    fn set(&self, choice: Option<ModelReference>) {
        self.choose(choice, &saving_thread());
    }

    fn map<F, R>(&self, f: F) -> R
    where
        F: Fn(&Option<ModelReference>) -> R,
    {
        f(&self.get(&saving_thread()))
    }
}

/// More parameters than there are; a project can't name more.
const MOST_LOCKED: usize = 256;

/// The ids of the locked parameters: neither a preset nor the change between two settings touches them. The user's hand, undo and
/// the host do. The editor and the main thread share it; what takes a thread's marker locks.
#[derive(Debug, Default)]
pub struct ParamLocks(ForkSafeMutex<BTreeSet<String>>);

impl ParamLocks {
    /// A copy of the ids.
    pub fn get(&self, _: &impl MayBlock) -> BTreeSet<String> {
        self.0.lock().clone()
    }

    /// Locks a parameter, or unlocks it.
    pub fn toggle(&self, id: &str, _: &impl MayBlock) {
        let mut ids = self.0.lock();
        if !ids.remove(id) {
            ids.insert(id.to_owned());
        }
    }

    /// Unlocks all.
    pub fn clear(&self, _: &impl MayBlock) {
        self.0.lock().clear();
    }
}

impl PersistentField<'_, BTreeSet<String>> for ParamLocks {
    fn set(&self, ids: BTreeSet<String>) {
        *self.0.lock() = ids.into_iter().take(MOST_LOCKED).collect();
    }

    fn map<F, R>(&self, f: F) -> R
    where
        F: Fn(&BTreeSet<String>) -> R,
    {
        f(&self.get(&saving_thread()))
    }
}
