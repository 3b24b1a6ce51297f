//! What a process has once, while anybody uses it.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::{Process, process};

/// A value that all who use it in one process share: made by the first, gone with the last. Any thread but the audio thread may ask
/// for it, which locks.
///
/// A forked child looks in another slot than its parent, whose lock may have been held at the fork; after so many forks in a
/// row that lock is no more.
pub struct PerProcess<T>([Mutex<Weak<T>>; SLOTS]);

const SLOTS: usize = 8;

impl<T> PerProcess<T> {
    /// Before anybody uses it.
    pub const fn empty() -> Self {
        Self([const { Mutex::new(Weak::new()) }; SLOTS])
    }

    /// This process's value, or else what `make` makes of what the parent has. `is_here` says whether a value is this process's.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn acquire<E>(
        &self,
        is_here: impl FnOnce(&T) -> bool,
        make: impl FnOnce(Process, Option<Arc<T>>) -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        process::watch();
        let process = Process::current();
        let mut slot = self
            .slot(process)
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = slot.upgrade().filter(|value| is_here(value)) {
            return Ok(value);
        }
        // Whoever held the parent's lock at the fork holds it for ever.
        let parents = process
            .parent()
            .and_then(|parent| self.slot(parent).try_lock().ok()?.upgrade());
        let value = Arc::new(make(process, parents)?);
        *slot = Arc::downgrade(&value);
        Ok(value)
    }

    fn slot(&self, process: Process) -> &Mutex<Weak<T>> {
        let [first, ..] = &self.0;
        self.0.get(process.slot(SLOTS)).unwrap_or(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_have_the_same_while_anybody_has_it() {
        let shared = PerProcess::<u32>::empty();
        let acquire = |made: Result<u32, ()>| shared.acquire(|_| true, |_, _| made);
        assert_eq!(acquire(Err(())), Err(()), "nothing is kept of a failure");
        let first = acquire(Ok(1)).unwrap();
        let second = acquire(Ok(2)).unwrap();
        assert!(Arc::ptr_eq(&first, &second));
        drop((first, second));
        assert_eq!(acquire(Ok(3)).as_deref(), Ok(&3));
    }

    #[test]
    fn what_belongs_to_another_process_is_no_ones_here() {
        let shared = PerProcess::<u32>::empty();
        let parents = shared.acquire(|_| true, |_, _| Ok::<_, ()>(1)).unwrap();
        let own = shared.acquire(|_| false, |_, _| Ok::<_, ()>(2)).unwrap();
        assert_eq!((*parents, *own), (1, 2));
    }
}
