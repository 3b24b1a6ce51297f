//! Listen's half on the audio thread: what plays goes out, and answers come in.

use std::sync::Arc;

use super::{DirectEar, ListenMonitor};
use crate::{
    engine::{Patience, Receiver, Sender, WorkerWait},
    outputs::Cue,
    params::DEFAULT_AVERAGE,
    thread::AheadThread,
};

/// Samples in a chunk, of all channels together: small enough that nothing is kept waiting, large enough that the ring holds seconds.
pub const CHUNK: usize = 256;

/// A piece of what plays, on its way from the audio thread to Listen's.
#[derive(Clone, Copy)]
pub struct Chunk {
    /// Counts the resets: what belongs to an earlier one is stale.
    pub generation: u32,
    /// Position of the first frame since the reset, at the host's rate.
    pub position: u64,
    /// Length of the readout's average as it is set where the chunk ends, in seconds.
    pub averaging: f32,
    /// The samples, the channels interleaved, at the host's rate.
    pub samples: [f32; CHUNK],
}

impl Chunk {
    /// What comes before any sound.
    pub fn blank() -> Self {
        Self {
            generation: 0,
            position: 0,
            averaging: DEFAULT_AVERAGE,
            samples: [0.0; CHUNK],
        }
    }
}

/// Where a frame is among all that is sent: later ones have higher numbers. Reckoned with 24 bits of the generation.
pub fn sequence_number(generation: u32, position: u64) -> u64 {
    (u64::from(generation) << 40) | position
}

/// Who hears what the tap is given.
enum Hearer {
    /// Listen's thread.
    Worker {
        chunks: Sender<Chunk>,
        cues: Receiver<Cue>,
        /// Tells how far the worker has heard.
        monitor: Arc<ListenMonitor>,
        wait: WorkerWait,
        patience: Patience,
    },
    /// The thread that plays, on the spot.
    Direct(Box<DirectEar>),
}

/// Has the sound heard, and takes the answers in; owned by the audio thread. In real time a full ring loses the newest sound; offline
/// the tap waits instead, so that a bounce is heard whole.
pub struct ListenTap {
    hearer: Hearer,
    chunk: Chunk,
    filled: usize,
    /// Samples of a frame.
    channels: usize,
}

impl ListenTap {
    /// The audio thread's ends of a job's rings. `offline`, or ahead of the clock, what the worker is to bring is waited for.
    pub fn new(
        (chunks, cues): (Sender<Chunk>, Receiver<Cue>),
        monitor: Arc<ListenMonitor>,
        wait: WorkerWait,
        offline: bool,
    ) -> Self {
        Self::to(Hearer::Worker {
            chunks,
            cues,
            monitor,
            wait,
            patience: Patience::new(offline),
        })
    }

    /// One that sends, never waits, and gets no answers.
    #[cfg(test)]
    pub(crate) fn without_answers(chunks: Sender<Chunk>) -> Self {
        let cues = crate::engine::ring(1, Cue::blank()).1;
        Self::new(
            (chunks, cues),
            Arc::default(),
            WorkerWait::for_nobody(),
            false,
        )
    }

    /// Hears on the spot, on the thread that plays: for the command line. Allocates.
    pub fn direct(ear: DirectEar) -> Self {
        Self::to(Hearer::Direct(Box::new(ear)))
    }

    fn to(hearer: Hearer) -> Self {
        Self {
            hearer,
            chunk: Chunk::blank(),
            filled: 0,
            channels: 1,
        }
    }

    /// In real time: from here on answers are waited for if the sound is `ahead` of the clock: see [`Patience::set_ahead`].
    pub fn set_ahead(&mut self, ahead: Option<&AheadThread>) {
        if let Hearer::Worker { patience, .. } = &mut self.hearer {
            patience.set_ahead(ahead);
        }
    }

    /// From here on the readout is averaged over so many seconds. It goes with the sound, so that an answer doesn't depend on when it is made.
    pub fn set_averaging(&mut self, seconds: f32) {
        self.chunk.averaging = seconds;
    }

    /// Starts anew.
    pub fn reset(&mut self) {
        self.chunk.generation = self.chunk.generation.wrapping_add(1);
        self.chunk.position = 0;
        self.filled = 0;
        if let Hearer::Direct(ear) = &mut self.hearer {
            ear.reset();
        }
    }

    /// The [`sequence_number`] at which the chunk begins that the next sample goes into.
    pub fn sequence_number(&self) -> u64 {
        sequence_number(self.chunk.generation, self.chunk.position)
    }

    /// How many frames have been taken in since the reset.
    pub fn position(&self) -> u64 {
        self.chunk.position + (self.filled / self.channels) as u64
    }

    /// Whether nobody is at the other end any more.
    pub fn is_closed(&self) -> bool {
        match &self.hearer {
            Hearer::Worker { chunks, .. } => chunks.is_closed(),
            Hearer::Direct(_) => false,
        }
    }

    /// Takes in one sample of each channel: one or two of them, always as many.
    #[inline]
    pub fn push(&mut self, frame: &[f32]) {
        self.channels = frame.len().max(1);
        let end = self.filled + frame.len();
        if let Some(slots) = self.chunk.samples.get_mut(self.filled..end) {
            slots.copy_from_slice(frame);
            self.filled = end;
        }
        if self.filled == CHUNK {
            self.send();
            self.chunk.position += (CHUNK / self.channels) as u64;
            self.filled = 0;
        }
    }

    fn send(&mut self) {
        match &mut self.hearer {
            Hearer::Worker {
                chunks,
                wait,
                patience,
                ..
            } => {
                if *patience == Patience::Offline {
                    wait.wait(|| chunks.has_room() || chunks.is_closed());
                }
                let _ = chunks.send(self.chunk);
            }
            Hearer::Direct(ear) => ear.hear(&self.chunk),
        }
    }

    /// The next answer to sound that ended before a frame, oldest first; each is given once. If they `matter`, what is still to come is waited
    /// for, as far as the tap may wait: `before` has to be well behind what was taken in.
    pub fn next_cue(&mut self, before: u64, matter: bool) -> Option<Cue> {
        let generation = self.chunk.generation;
        match &mut self.hearer {
            Hearer::Worker {
                cues,
                monitor,
                wait,
                patience,
                ..
            } => {
                // Before the first nothing is waited for: the worker may not even have heard of this generation.
                if matter && before > 0 {
                    let until = sequence_number(generation, before);
                    let heard = || monitor.has_heard(until) || cues.is_closed();
                    patience.wait(wait, heard);
                }
                while let Some(cue) = cues.peek().copied() {
                    if cue.generation == generation && cue.position >= before {
                        return None;
                    }
                    cues.receive();
                    if cue.generation == generation {
                        return Some(cue);
                    }
                }
                None
            }
            Hearer::Direct(ear) => ear.next_cue(before),
        }
    }
}
