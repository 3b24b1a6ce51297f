//! The background half of Listen: one instance's listener on the engine's thread.

use std::sync::{Arc, Mutex, PoisonError};

use crate::{
    engine::{Faults, Job, Progress, Receiver},
    params::{LONGEST_AVERAGE, MoodringParams},
};

use super::{Chunk, History, ListenState, Listener, Readout, feed::CHUNK, log::ReadoutLog};

/// With more sound than this waiting, in seconds, the older half is passed over: the latest wins.
const LONGEST_QUEUE: f64 = 1.0;

/// What the worker keeps for the editor; never touched by the audio thread.
#[derive(Default)]
pub struct ListenMonitor {
    /// One line, if anything is wrong.
    pub fault: Mutex<Option<String>>,
    /// The readouts of the last minutes; outlives the activation.
    pub history: Arc<Mutex<History>>,
    /// Which of the history's activations this is: only the newest adds to it.
    pub activation: u64,
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
        Self {
            listener,
            chunks,
            longest_queue: (!offline)
                .then_some((LONGEST_QUEUE * sample_rate / CHUNK as f64).ceil() as usize),
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

    fn publish(&mut self, readout: Readout) {
        if readout.state == ListenState::Silence {
            self.last.state = ListenState::Silence;
        } else {
            if let Some(log) = &self.log
                && let Err(why) = log.append(&readout, &self.listener.tagger().card().tags)
            {
                self.set_fault(format!("{}: {why}", super::READOUT_VARIABLE));
                self.log = None;
            }
            self.last = readout;
        }
        self.monitor
            .history
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .add(&self.last);
        self.readout.write(self.last.clone());
        (self.notify)();
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
    fn work(&mut self) -> Progress {
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
                Ok(None) => {}
                Ok(Some(readout)) => {
                    self.publish(readout);
                    // An answer takes its time: let other instances have theirs.
                    return Progress::Worked;
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
