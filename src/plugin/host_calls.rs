//! The host's calls for sound, counted past the framework: its CLAP half cuts a block where a parameter changes, and doesn't say which of the pieces is the first
//! (nice-plug 0.4.2, wrapper/clap/wrapper.rs:1990). By the same way `entry` gets at the instance's parameters.

use std::{
    cell::Cell,
    mem::ManuallyDrop,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use crate::{editor::HostSide, params::MoodringParams};

thread_local! {
    /// Given to the next instance that this thread makes. It has nothing to drop when the thread ends, which would keep the library loaded.
    static OFFERED: ManuallyDrop<Cell<Option<HostCalls>>> = const { ManuallyDrop::new(Cell::new(None)) };
}

/// Counts an instance's calls for sound; shared by what the host calls and the plugin, both on the audio thread. The editor's host goes the
/// same way: the framework has no other.
#[derive(Clone, Default)]
pub(crate) struct HostCalls {
    count: Arc<AtomicU32>,
    host: Arc<HostSide>,
    params: Arc<OnceLock<Arc<MoodringParams>>>,
}

impl HostCalls {
    /// Has the framework make an instance, which takes this counter.
    pub fn given_to<R>(&self, make: impl FnOnce() -> R) -> R {
        OFFERED.with(|offered| offered.set(Some(self.clone())));
        let made = make();
        OFFERED.with(|offered| offered.take());
        made
    }

    /// The counter for an instance that is being made, which has these parameters.
    pub fn taken(params: &Arc<MoodringParams>) -> Self {
        let calls: Self = OFFERED.with(|offered| offered.take()).unwrap_or_default();
        calls.params.get_or_init(|| params.clone());
        calls
    }

    /// The parameters of the instance; `None` before there is one. Wait-free.
    pub fn params(&self) -> Option<&Arc<MoodringParams>> {
        self.params.get()
    }

    /// The host, as the editor knows it.
    pub fn host(&self) -> &Arc<HostSide> {
        &self.host
    }

    /// The host calls. Wait-free.
    pub fn count(&self) {
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether the host has called since `known` was up to date, which it is then; also if nobody counts. Wait-free.
    pub fn is_new(&self, known: &mut u32) -> bool {
        let count = self.count.load(Ordering::Relaxed);
        std::mem::replace(known, count) != count || count == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_takes_the_counter_that_it_is_offered_and_no_other_does() {
        let calls = HostCalls::default();
        let params = [(); 3].map(|()| Arc::default());
        let taken = calls.given_to(|| HostCalls::taken(&params[0]));
        let other = HostCalls::taken(&params[1]);
        calls.count();
        assert_eq!(taken.count.load(Ordering::Relaxed), 1);
        assert_eq!(other.count.load(Ordering::Relaxed), 0);
        calls.given_to(|| ());
        let left = HostCalls::taken(&params[2]);
        assert!(!Arc::ptr_eq(&calls.count, &left.count), "left over");
        assert!(Arc::ptr_eq(calls.params().unwrap(), &params[0]));
    }

    #[test]
    fn of_several_pieces_the_first_is_new_and_uncounted_ones_all_are() {
        let calls = HostCalls::default();
        let mut known = 0;
        assert!(calls.is_new(&mut known) && calls.is_new(&mut known));
        for _ in 0..2 {
            calls.count();
            assert!(calls.is_new(&mut known));
            assert!(!calls.is_new(&mut known) && !calls.is_new(&mut known));
        }
    }
}
