//! Threads that share out a heap of work and end with it: for the command line, which has no instance to serve.

use std::{io, thread};

use crate::thread::MayBlock;

/// Runs each part on a thread of its own and returns when all have ended. Where the system has no room for all of the threads, those
/// that it does start have to do; each part should take what it does from a heap that all share.
///
/// # Errors
/// When the system refuses even one thread.
pub fn run_crew<P: FnOnce() + Send>(parts: Vec<P>, _: &impl MayBlock) -> io::Result<()> {
    thread::scope(|scope| {
        let mut started = Vec::new();
        for part in parts {
            let named = thread::Builder::new().name("moodring-crew".to_owned());
            match named.spawn_scoped(scope, part) {
                Ok(thread) => started.push(thread),
                Err(why) if started.is_empty() => return Err(why),
                Err(_) => break,
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::thread::MainThread;

    #[test]
    fn it_comes_back_when_the_heap_is_done() {
        let (heap, done) = (AtomicUsize::new(100), AtomicUsize::new(0));
        let part = || {
            while heap
                .try_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                    left.checked_sub(1)
                })
                .is_ok()
            {
                done.fetch_add(1, Ordering::Relaxed);
            }
        };
        run_crew(vec![part, part, part], &MainThread::assume()).unwrap();
        assert_eq!(done.into_inner(), 100);
    }
}
