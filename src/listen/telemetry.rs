//! What Listen's worker tells: the readout and its history, the outputs, its faults, and silence.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use super::tap::{CHUNK, sequence_number};
use crate::{
    engine::Sender,
    model::TagInfo,
    outputs::{Cue, Outputs},
    telemetry::{ListenState, Readout, ReadoutHistory, SongClock},
    thread::WorkerThread,
};

/// What Listen's thread tells the editor's thread and the audio thread; shared by the three.
#[derive(Default)]
pub struct ListenMonitor {
    /// One line, if anything is wrong; never touched by the audio thread.
    pub fault: Mutex<Option<String>>,
    /// The readouts of the last minutes; outlives the activation. Never touched by the audio thread.
    pub history: Arc<Mutex<ReadoutHistory>>,
    /// Which of the history's activations this is: only the newest adds to it.
    pub activation: u64,
    /// The [`sequence_number`] up to which everything was heard, if the readout says that there is silence now; else 0.
    pub silent_until: AtomicU64,
    /// The [`sequence_number`] up to which everything was heard, and every answer to it given.
    pub heard: AtomicU64,
    /// Where the host's song is; the audio thread sets it.
    pub song: SongClock,
}

impl ListenMonitor {
    /// Whether the readout says that there is silence, and knows what is behind the chunk that begins at a [`sequence_number`]. Wait-free.
    pub fn says_silence_after(&self, begin: u64) -> bool {
        self.silent_until.load(Ordering::Acquire) > begin + CHUNK as u64
    }

    /// Whether all that was sent before a [`sequence_number`] was heard, and every answer to it given. Wait-free.
    pub fn has_heard(&self, until: u64) -> bool {
        self.heard.load(Ordering::Acquire) >= until
    }
}

/// The telling end of one activation; owned by Listen's thread.
pub struct ListenTelemetry {
    monitor: Arc<ListenMonitor>,
    readout: triple_buffer::Input<Readout>,
    /// The last answer, which silence freezes.
    last: Readout,
    outputs: Outputs,
    /// To the audio thread.
    cues: Sender<Cue>,
    notify: Box<dyn Fn() + Send>,
}

impl ListenTelemetry {
    /// Tells by these ways; calls `notify` with every new readout and every fault.
    pub fn new(
        monitor: Arc<ListenMonitor>,
        readout: triple_buffer::Input<Readout>,
        outputs: Outputs,
        cues: Sender<Cue>,
        notify: Box<dyn Fn() + Send>,
    ) -> Self {
        Self {
            monitor,
            readout,
            last: Readout::default(),
            outputs,
            cues,
            notify,
        }
    }

    /// Forgets the last answer.
    pub(super) fn reset(&mut self) {
        self.last = Readout::default();
    }

    /// Publishes a readout, unless another activation has begun, which gives `false`: then the editor hears from that one. `tags` are
    /// the tagger's; the place is that of the answer in the stream: generation, and frames since its beginning.
    pub(super) fn publish(
        &mut self,
        readout: Readout,
        tags: &[TagInfo],
        place: (u32, u64),
        thread: &WorkerThread,
    ) -> bool {
        let history = self.monitor.history.clone();
        let mut history = history.lock().unwrap_or_else(PoisonError::into_inner);
        if !history.is_of(self.monitor.activation) {
            return false;
        }
        let heard = readout.seconds;
        if readout.state == ListenState::Silence {
            self.last.state = ListenState::Silence;
            self.last.headline_changes.clear();
            // Silence is like no song.
            self.last.place = None;
        } else {
            self.last = readout;
        }
        self.last.song = self.monitor.song.at(heard);
        history.add(&self.last);
        drop(history);
        self.readout.write(self.last.clone());
        if let Err(why) = self.outputs.tell(&self.last, tags, thread) {
            self.set_fault(why);
        }
        // Silence freezes what was sent last. A ring that is full is of a host that has stopped.
        if self.last.state != ListenState::Silence {
            let _ = self.cues.send(self.outputs.cue(&self.last, tags, place));
        }
        (self.notify)();
        true
    }

    /// Tells the audio thread that so many frames of a generation were heard, and every answer to them given.
    pub(super) fn note_heard(&self, generation: u32, heard: u64) {
        let heard = sequence_number(generation, heard);
        self.monitor.heard.store(heard, Ordering::Release);
    }

    /// Whether another activation has begun, which the editor hears from.
    pub(super) fn is_outlived(&self) -> bool {
        let history = &self.monitor.history;
        let history = history.lock().unwrap_or_else(PoisonError::into_inner);
        !history.is_of(self.monitor.activation)
    }

    /// Tells the audio thread how far there was silence, if `state` says that there is: `heard` frames of a generation.
    pub(super) fn note_silence(&self, state: ListenState, generation: u32, heard: u64) {
        let heard = match state {
            ListenState::Silence | ListenState::Waiting => sequence_number(generation, heard),
            _ => 0,
        };
        self.monitor.silent_until.store(heard, Ordering::Release);
    }

    /// Tells what is wrong.
    pub(super) fn set_fault(&self, why: String) {
        *self
            .monitor
            .fault
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(why);
        (self.notify)();
    }

    /// Tells why there will be no more readouts.
    pub(super) fn give_up(&mut self, why: String) {
        self.set_fault(why);
        self.last.state = ListenState::Unavailable;
        self.last.place = None;
        self.readout.write(self.last.clone());
        (self.notify)();
    }
}
