//! Lock-free single-producer, single-consumer hand-over of messages.

use ringbuf::{
    HeapCons, HeapProd, HeapRb,
    traits::{Consumer, Observer, Producer, Split},
};

use super::Process;

/// The sending end; owned by one thread, which may be the audio thread.
pub struct Sender<T>(HeapProd<T>, Process);

/// The receiving end; owned by one thread, which may be the audio thread.
pub struct Receiver<T>(HeapCons<T>, Process);

/// An empty ring that holds `capacity` messages. All of its memory has been written to with `blank`, since the audio thread
/// would else enter the kernel for each page that it is the first to touch.
pub fn ring<T: Copy>(capacity: usize, blank: T) -> (Sender<T>, Receiver<T>) {
    let mut ring = HeapRb::new(capacity);
    while ring.try_push(blank).is_ok() {}
    ring.clear();
    let (sender, receiver) = ring.split();
    let process = Process::current();
    (Sender(sender, process), Receiver(receiver, process))
}

impl<T> Sender<T> {
    /// Hands a message over; gives it back if the ring is full. Wait-free.
    pub fn send(&mut self, message: T) -> Result<(), T> {
        self.0.try_push(message)
    }

    /// Whether a message would be taken.
    pub fn has_room(&self) -> bool {
        !self.0.is_full()
    }

    /// Whether the other end is gone: dropped, or held by a thread that a forked child doesn't have. Wait-free.
    pub fn is_closed(&self) -> bool {
        !(self.0.read_is_held() && self.1.is_current())
    }
}

impl<T> Receiver<T> {
    /// The oldest message, if there is one. Wait-free.
    pub fn receive(&mut self) -> Option<T> {
        self.0.try_pop()
    }

    /// Looks at the oldest message without taking it. Wait-free.
    pub fn peek(&self) -> Option<&T> {
        self.0.try_peek()
    }

    /// Messages that wait.
    pub fn len(&self) -> usize {
        self.0.occupied_len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the other end is gone, so that no more messages will come: dropped, or held by a thread that a forked child
    /// doesn't have. Wait-free.
    pub fn is_closed(&self) -> bool {
        !(self.0.write_is_held() && self.1.is_current())
    }
}
