//! Listen's half on the audio thread.

use crate::engine::{Sender, WorkerWait};

/// Samples in a chunk, of all channels together: small enough that nothing is kept waiting, large enough that the ring holds seconds.
pub const CHUNK: usize = 256;

/// A piece of what plays, on its way from the audio thread to Listen's.
#[derive(Clone, Copy)]
pub struct Chunk {
    /// Counts the resets: what belongs to an earlier one is stale.
    pub generation: u32,
    /// Position of the first frame since the reset, at the host's rate.
    pub position: u64,
    /// The samples, the channels interleaved, at the host's rate.
    pub samples: [f32; CHUNK],
}

impl Chunk {
    /// What comes before any sound.
    pub fn blank() -> Self {
        Self {
            generation: 0,
            position: 0,
            samples: [0.0; CHUNK],
        }
    }
}

/// Where a frame is among all that is sent: later ones have higher numbers. Reckoned with 24 bits of the generation.
pub fn sequence_number(generation: u32, position: u64) -> u64 {
    (u64::from(generation) << 40) | position
}

/// Sends a copy of the sound to Listen's thread; owned by the audio thread. In real time a full ring loses the newest sound; offline
/// the tap waits instead, so that a bounce is heard whole.
pub struct ListenTap {
    sender: Sender<Chunk>,
    offline_wait: Option<WorkerWait>,
    chunk: Chunk,
    filled: usize,
}

impl ListenTap {
    /// The audio thread's end of a job's ring; with `offline_wait` it waits for room.
    pub fn new(sender: Sender<Chunk>, offline_wait: Option<WorkerWait>) -> Self {
        Self {
            sender,
            offline_wait,
            chunk: Chunk::blank(),
            filled: 0,
        }
    }

    /// Starts anew.
    pub fn reset(&mut self) {
        self.chunk.generation = self.chunk.generation.wrapping_add(1);
        self.chunk.position = 0;
        self.filled = 0;
    }

    /// The [`sequence_number`] at which the chunk begins that the next sample goes into.
    pub fn sequence_number(&self) -> u64 {
        sequence_number(self.chunk.generation, self.chunk.position)
    }

    /// Whether nobody is at the other end any more.
    pub fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    /// Takes in one sample of each channel: one or two of them, always as many.
    #[inline]
    pub fn push(&mut self, frame: &[f32]) {
        let end = self.filled + frame.len();
        if let Some(slots) = self.chunk.samples.get_mut(self.filled..end) {
            slots.copy_from_slice(frame);
            self.filled = end;
        }
        if self.filled == CHUNK {
            if let Some(offline_wait) = &mut self.offline_wait {
                let sender = &self.sender;
                offline_wait.wait(|| sender.has_room() || sender.is_closed());
            }
            let _ = self.sender.send(self.chunk);
            self.chunk.position += (CHUNK / frame.len()) as u64;
            self.filled = 0;
        }
    }
}
