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

#[cfg(test)]
mod tests {
    use super::*;

    /// Long enough for a ring of three to turn many times, short enough for Miri.
    const MESSAGES: u32 = if cfg!(miri) { 100 } else { 100_000 };

    #[test]
    fn messages_arrive_once_and_in_order_on_another_thread() {
        let (mut sender, mut receiver) = ring(3, [0; 4]);
        std::thread::scope(|scope| {
            scope.spawn(move || {
                for number in 0..MESSAGES {
                    while sender.send([number; 4]).is_err() {
                        std::thread::yield_now();
                    }
                }
            });
            for number in 0..MESSAGES {
                let message = loop {
                    match receiver.receive() {
                        Some(message) => break message,
                        None => std::thread::yield_now(),
                    }
                };
                assert_eq!(message, [number; 4]);
            }
            while !receiver.is_closed() {
                std::thread::yield_now();
            }
            assert_eq!(receiver.receive(), None);
        });
    }

    #[test]
    fn a_full_ring_gives_the_message_back_and_keeps_what_it_has() {
        let (mut sender, mut receiver) = ring(2, 0);
        assert!(receiver.is_empty() && sender.has_room());
        assert_eq!((sender.send(1), sender.send(2)), (Ok(()), Ok(())));
        assert_eq!(sender.send(3), Err(3));
        assert!(!sender.has_room());
        assert_eq!((receiver.len(), receiver.peek()), (2, Some(&1)));
        assert_eq!(receiver.receive(), Some(1));
        assert_eq!(sender.send(4), Ok(()));
        assert_eq!((receiver.receive(), receiver.receive()), (Some(2), Some(4)));
        assert_eq!((receiver.receive(), receiver.peek()), (None, None));
    }

    #[test]
    fn each_end_sees_that_the_other_is_gone_and_what_was_sent_can_still_be_had() {
        let (mut sender, mut receiver) = ring(2, 0);
        assert!(!sender.is_closed() && !receiver.is_closed());
        assert_eq!(sender.send(7), Ok(()));
        drop(sender);
        assert!(receiver.is_closed());
        assert_eq!(receiver.receive(), Some(7));

        let (sender, receiver) = ring(2, 0);
        drop(receiver);
        assert!(sender.is_closed());
    }
}
