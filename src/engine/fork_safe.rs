//! A lock that a forked child never finds held.

use std::{
    ops::{Deref, DerefMut},
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::process::{self, Turn};

/// A [`Mutex`] for what is looked at or changed within microseconds: a fork waits meanwhile. Not for the audio thread.
#[derive(Debug)]
pub struct ForkSafeMutex<T>(Mutex<T>);

/// Holds the lock, and forks back.
pub struct ForkSafeGuard<'a, T> {
    // Before the turn ends the lock is free.
    guard: MutexGuard<'a, T>,
    _turn: Option<Turn>,
}

impl<T> ForkSafeMutex<T> {
    /// A lock that is free.
    pub fn new(value: T) -> Self {
        process::watch();
        Self(Mutex::new(value))
    }

    /// Locks, whatever a panic has left.
    pub fn lock(&self) -> ForkSafeGuard<'_, T> {
        let turn = Turn::begin_after_fork();
        ForkSafeGuard {
            guard: self.0.lock().unwrap_or_else(PoisonError::into_inner),
            _turn: turn,
        }
    }
}

impl<T: Default> Default for ForkSafeMutex<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> Deref for ForkSafeGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.guard
    }
}

impl<T> DerefMut for ForkSafeGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.guard
    }
}
