//! A thread that does one thing for whoever waits for it without being held up: the editor, which measures what models cost.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver, TryRecvError},
    },
    thread::JoinHandle,
};

use super::Process;
use crate::thread::MayBlock;

/// What an errand has come to.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome<T> {
    /// It isn't back yet.
    Away,
    /// It is done.
    Done(T),
    /// It panicked, or what it has brought has been taken already.
    Lost,
}

/// One thing that is done on a thread of its own, at the priority of its starter; joined when dropped by the process that has it.
#[derive(Debug)]
pub struct Errand<T> {
    process: Process,
    thread: Option<JoinHandle<()>>,
    given_up: Arc<AtomicBool>,
    brought: Receiver<T>,
}

impl<T: Send + 'static> Errand<T> {
    /// Begins. `action` is told when nobody waits for it any more, and should end soon then: whoever drops the errand waits for that.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn begin(
        action: impl FnOnce(&AtomicBool) -> T + Send + 'static,
        _: &impl MayBlock,
    ) -> io::Result<Self> {
        let given_up = Arc::<AtomicBool>::default();
        let (bring, brought) = mpsc::channel();
        let named = std::thread::Builder::new().name("moodring-errand".to_owned());
        let thread = named.spawn({
            let given_up = given_up.clone();
            move || {
                let done = action(&given_up);
                // Nobody may want it any more.
                let _ = bring.send(done);
            }
        })?;
        Ok(Self {
            process: Process::current(),
            thread: Some(thread),
            given_up,
            brought,
        })
    }

    /// Looks whether it is back. Never waits.
    pub fn look(&self) -> Outcome<T> {
        match self.brought.try_recv() {
            Ok(done) => Outcome::Done(done),
            Err(TryRecvError::Empty) => Outcome::Away,
            Err(TryRecvError::Disconnected) => Outcome::Lost,
        }
    }
}

impl<T> Drop for Errand<T> {
    fn drop(&mut self) {
        let Some(thread) = self.thread.take() else {
            return;
        };
        if !self.process.is_current() {
            // It is the parent's: there is nothing here that could be joined or detached.
            std::mem::forget(thread);
            return;
        }
        self.given_up.store(true, Ordering::Relaxed);
        // A panic was told by `look`.
        let _ = thread.join();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::thread::MainThread;

    fn outcome<T: Send + 'static>(errand: &Errand<T>) -> Outcome<T> {
        for _ in 0..4_000 {
            match errand.look() {
                Outcome::Away => std::thread::sleep(Duration::from_millis(5)),
                back => return back,
            }
        }
        panic!("it never comes back");
    }

    #[test]
    fn it_brings_what_it_was_sent_for_once() {
        let errand = Errand::begin(|_| 42, &MainThread::assume()).unwrap();
        assert_eq!(outcome(&errand), Outcome::Done(42));
        assert_eq!(outcome(&errand), Outcome::Lost);
    }

    #[test]
    fn who_drops_it_waits_until_it_has_given_up() {
        let ended = Arc::<AtomicBool>::default();
        let errand = Errand::begin(
            {
                let ended = ended.clone();
                move |given_up| {
                    while !given_up.load(Ordering::Relaxed) {
                        std::thread::sleep(Duration::from_millis(1));
                    }
                    ended.store(true, Ordering::Relaxed);
                }
            },
            &MainThread::assume(),
        )
        .unwrap();
        assert_eq!(errand.look(), Outcome::Away);
        drop(errand);
        assert!(ended.load(Ordering::Relaxed));
    }
}
