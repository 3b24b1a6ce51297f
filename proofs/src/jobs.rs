//! A worker's jobs: instances hand them over while it sleeps or works, and the last one ends it.

use std::time::Duration;

use loom::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use crate::engine::job_queue::JobQueue;

/// Counts how often it was worked at and dropped.
struct Job {
    worked: Arc<AtomicUsize>,
    dropped: Arc<AtomicUsize>,
}

impl Drop for Job {
    fn drop(&mut self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }
}

#[derive(Default)]
struct Counters {
    worked: Arc<AtomicUsize>,
    dropped: Arc<AtomicUsize>,
}

impl Counters {
    fn job(&self) -> Job {
        Job {
            worked: self.worked.clone(),
            dropped: self.dropped.clone(),
        }
    }

    fn worked(&self) -> usize {
        self.worked.load(Ordering::Relaxed)
    }

    fn dropped(&self) -> usize {
        self.dropped.load(Ordering::Relaxed)
    }
}

/// A worker's thread: works at each job once, tells `done` of it, drops it, and sleeps when there is none.
fn worker(queue: &Arc<JobQueue<Job>>, done: Option<thread::Thread>) -> thread::JoinHandle<()> {
    let queue = queue.clone();
    thread::spawn(move || {
        queue.serve(|jobs| {
            for job in jobs.drain(..) {
                job.worked.fetch_add(1, Ordering::Relaxed);
                drop(job);
                if let Some(done) = &done {
                    done.unpark();
                }
            }
            Some(Duration::ZERO)
        });
    })
}

/// Sleeps until so many jobs were worked at.
fn wait_for(counters: &Counters, count: usize) {
    while counters.worked() < count {
        thread::park();
    }
}

#[test]
fn a_job_wakes_the_worker_whenever_it_comes() {
    loom::model(|| {
        let queue = Arc::new(JobQueue::new());
        let counters = Counters::default();
        let worker = worker(&queue, Some(thread::current()));
        for count in 1..=2 {
            queue.add(counters.job(), worker.thread());
            wait_for(&counters, count);
        }
        queue.stop(worker.thread());
        worker.join().unwrap();
        assert_eq!((counters.worked(), counters.dropped()), (2, 2));
    });
}

#[test]
fn two_instances_hand_jobs_over_at_once_and_neither_is_lost() {
    loom::model(|| {
        let queue = Arc::new(JobQueue::new());
        let counters = Counters::default();
        let worker = worker(&queue, Some(thread::current()));
        let other = thread::spawn({
            let (queue, job, worker) = (queue.clone(), counters.job(), worker.thread().clone());
            move || queue.add(job, &worker)
        });
        queue.add(counters.job(), worker.thread());
        wait_for(&counters, 2);
        other.join().unwrap();
        queue.stop(worker.thread());
        worker.join().unwrap();
        assert_eq!((counters.worked(), counters.dropped()), (2, 2));
    });
}

#[test]
fn a_worker_that_is_stopped_ends_whatever_it_does_and_drops_each_job_once() {
    loom::model(|| {
        let queue = Arc::new(JobQueue::new());
        let counters = Counters::default();
        let worker = worker(&queue, None);
        queue.add(counters.job(), worker.thread());
        queue.stop(worker.thread());
        worker.join().unwrap();
        assert!(counters.worked() <= 1);
        drop(queue);
        assert_eq!(counters.dropped(), 1);
    });
}
