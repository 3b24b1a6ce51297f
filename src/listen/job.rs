//! The background half of Listen: one instance's listener on the engine's thread.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use crate::{
    engine::{Faults, Job, Progress, Receiver},
    params::{LONGEST_AVERAGE, MoodringParams},
    thread::WorkerThread,
};

use super::{
    Chunk, ListenState, Listener, Readout, ReadoutHistory,
    feed::{CHUNK, place},
    log::ReadoutLog,
};

/// With more sound than this waiting, in seconds, the older half is passed over: the latest wins.
const LONGEST_QUEUE: f64 = 1.0;

/// What the worker keeps for the editor and for the audio thread.
#[derive(Default)]
pub struct ListenMonitor {
    /// One line, if anything is wrong; never touched by the audio thread.
    pub fault: Mutex<Option<String>>,
    /// The readouts of the last minutes; outlives the activation. Never touched by the audio thread.
    pub history: Arc<Mutex<ReadoutHistory>>,
    /// Which of the history's activations this is: only the newest adds to it.
    pub activation: u64,
    /// The [`place`] up to which everything was heard, if the readout says that there is silence now; else 0.
    pub silent_at: AtomicU64,
}

impl ListenMonitor {
    /// Whether the readout says that there is silence, and knows what is behind the chunk that begins at `place`. Wait-free.
    pub fn says_silence_after(&self, place: u64) -> bool {
        self.silent_at.load(Ordering::Acquire) > place + CHUNK as u64
    }
}

/// Runs a [`Listener`] behind a ring.
pub struct ListenJob {
    listener: Listener,
    chunks: Receiver<Chunk>,
    /// Chunks that may wait in real time; offline nothing is ever passed over.
    longest_queue: Option<usize>,
    generation: Option<u32>,
    faults: Faults,
    params: Arc<MoodringParams>,
    monitor: Arc<ListenMonitor>,
    readout: triple_buffer::Input<Readout>,
    /// The last answer, which silence freezes.
    last: Readout,
    log: Option<ReadoutLog>,
    notify: Box<dyn Fn() + Send>,
}

impl ListenJob {
    /// The job of one activation at `sample_rate` Hz; `notify` is called with every new readout.
    #[allow(
        clippy::too_many_arguments,
        reason = "the ends of everything that a job connects"
    )]
    pub fn new(
        listener: Listener,
        sample_rate: f64,
        offline: bool,
        chunks: Receiver<Chunk>,
        params: Arc<MoodringParams>,
        monitor: Arc<ListenMonitor>,
        readout: triple_buffer::Input<Readout>,
        notify: Box<dyn Fn() + Send>,
    ) -> Self {
        let frames = CHUNK / listener.channels();
        let longest_queue = LONGEST_QUEUE * sample_rate / frames as f64;
        Self {
            listener,
            chunks,
            longest_queue: (!offline).then_some(longest_queue.ceil() as usize),
            generation: None,
            faults: Faults::default(),
            params,
            monitor,
            readout,
            last: Readout::default(),
            log: ReadoutLog::from_environment(),
            notify,
        }
    }

    /// Tells the world, unless the activation is over, which gives `false`: then the world hears from the next one.
    fn publish(&mut self, readout: Readout) -> bool {
        let history = self.monitor.history.clone();
        let mut history = history.lock().unwrap_or_else(PoisonError::into_inner);
        if !history.is_of(self.monitor.activation) {
            return false;
        }
        if readout.state == ListenState::Silence {
            self.last.state = ListenState::Silence;
        } else {
            self.last = readout;
        }
        history.add(&self.last);
        drop(history);
        if self.last.state != ListenState::Silence
            && let Some(log) = &self.log
            && let Err(why) = log.append(&self.last, &self.listener.tagger().card().tags)
        {
            self.set_fault(format!("{}: {why}", super::READOUT_VARIABLE));
            self.log = None;
        }
        self.readout.write(self.last.clone());
        (self.notify)();
        true
    }

    /// Whether nobody is interested any more: its activation is over, and another one has begun.
    fn is_outlived(&self) -> bool {
        self.chunks.is_closed()
            && !self
                .monitor
                .history
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .is_of(self.monitor.activation)
    }

    /// Tells the audio thread how far the readout says that there is silence, if it does.
    fn note_silence(&self, generation: u32) {
        let heard = match self.listener.state() {
            ListenState::Silence | ListenState::Waiting => place(generation, self.listener.heard()),
            _ => 0,
        };
        self.monitor.silent_at.store(heard, Ordering::Release);
    }

    fn set_fault(&self, why: String) {
        *self
            .monitor
            .fault
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(why);
        (self.notify)();
    }

    fn give_up(&mut self, why: String) {
        self.set_fault(why);
        self.last.state = ListenState::Unavailable;
        self.readout.write(self.last.clone());
        (self.notify)();
    }
}

impl Job for ListenJob {
    fn work(&mut self, _: &WorkerThread) -> Progress {
        if self.is_outlived() {
            return Progress::Finished;
        }
        if let Some(most) = self.longest_queue
            && self.chunks.len() > most
        {
            for _ in 0..self.chunks.len() / 2 {
                self.chunks.receive();
            }
        }
        let mut worked = false;
        while let Some(chunk) = self.chunks.receive() {
            worked = true;
            if self.generation != Some(chunk.generation) {
                self.generation = Some(chunk.generation);
                self.listener.reset();
                self.last = Readout::default();
            }
            if chunk.position != self.listener.position() {
                self.listener.skip_to(chunk.position);
            }
            let averaging = self.params.average.value() as f64;
            match self
                .listener
                .push(&chunk.samples, averaging, LONGEST_AVERAGE as f64)
            {
                Ok(None) => self.note_silence(chunk.generation),
                Ok(Some(readout)) => {
                    // An answer takes its time: let other instances have theirs.
                    return if self.publish(readout) {
                        self.note_silence(chunk.generation);
                        Progress::Worked
                    } else {
                        Progress::Finished
                    };
                }
                Err(why) => {
                    self.give_up(why.to_string());
                    return Progress::Finished;
                }
            }
        }
        if worked {
            Progress::Worked
        } else if self.chunks.is_closed() {
            Progress::Finished
        } else {
            Progress::Idle
        }
    }

    fn recover(&mut self) -> bool {
        match self.faults.another("Listen") {
            Ok(restarted) => self.set_fault(restarted),
            Err(stopped) => {
                self.give_up(stopped);
                return false;
            }
        }
        self.listener.reset();
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        engine::{Sender, ring},
        model::{ModelSource, TaggerModel},
    };

    const RATE: f64 = 16_000.0;

    /// The job of the next activation of whoever has that history, with two seconds of noise in its ring.
    fn fed(history: &Arc<Mutex<ReadoutHistory>>) -> (ListenJob, Sender<Chunk>) {
        let tagger = TaggerModel::load(&ModelSource::Embedded).unwrap();
        let chunks = 2 * RATE as usize / CHUNK;
        let (mut sender, receiver) = ring(chunks, Chunk::blank());
        let mut state = 1u32;
        for index in 0..chunks {
            let mut chunk = Chunk::blank();
            chunk.position = (index * CHUNK) as u64;
            for sample in &mut chunk.samples {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *sample = state as f32 / u32::MAX as f32 - 0.5;
            }
            assert!(sender.send(chunk).is_ok());
        }
        let monitor = Arc::new(ListenMonitor {
            history: history.clone(),
            activation: history.lock().unwrap().begin(),
            ..ListenMonitor::default()
        });
        let job = ListenJob::new(
            Listener::new(tagger, RATE, 1).unwrap(),
            RATE,
            true,
            receiver,
            Arc::default(),
            monitor,
            triple_buffer::triple_buffer(&Readout::default()).0,
            Box::new(|| ()),
        );
        (job, sender)
    }

    /// Works until there is nothing to do; gives how much the history has grown.
    fn exhaust(job: &mut ListenJob, history: &Mutex<ReadoutHistory>) -> (Progress, u64) {
        let before = history.lock().unwrap().count();
        let progress = loop {
            match job.work(&WorkerThread::assume()) {
                Progress::Worked => {}
                progress => break progress,
            }
        };
        (progress, history.lock().unwrap().count() - before)
    }

    #[test]
    fn a_job_stops_writing_when_the_next_activation_begins() {
        let history = Arc::default();
        let (mut old, sender) = fed(&history);
        // As the audio thread's end goes before the next activation begins.
        drop(sender);
        assert_eq!(
            old.work(&WorkerThread::assume()),
            Progress::Worked,
            "the first answer"
        );
        let (mut new, _sender) = fed(&history);
        assert_eq!(exhaust(&mut old, &history), (Progress::Finished, 0));
        assert_eq!(exhaust(&mut new, &history), (Progress::Idle, 4));
    }

    #[test]
    fn an_answer_that_comes_too_late_is_not_written() {
        let history = Arc::default();
        let (mut old, _sender) = fed(&history);
        assert_eq!(old.work(&WorkerThread::assume()), Progress::Worked);
        let heard = history.lock().unwrap().count();
        // While the tagger runs.
        let _new = fed(&history);
        assert!(!old.publish(Readout::default()));
        assert_eq!(history.lock().unwrap().count(), heard);
    }

    #[test]
    fn what_was_heard_before_the_end_is_written_while_nothing_else_begins() {
        let history = Arc::default();
        let (mut job, sender) = fed(&history);
        drop(sender);
        assert_eq!(exhaust(&mut job, &history), (Progress::Finished, 4));
    }
}
