//! What is heard, as MIDI: which messages go out, and with which sample.

use crate::outputs::{MOST_MESSAGES, MidiMessage};

/// The most messages of one block. More wait for the next.
pub const MOST_EVENTS: usize = 64;

/// How long a large word's note sounds, in seconds.
const NOTE_SECONDS: f64 = 0.25;

/// How long a controller that is to be learnt stays at its highest value, in seconds.
const LEARN_SECONDS: f64 = 0.1;

/// The most messages that wait for their time.
const MOST_DUE: usize = 2 * MOST_MESSAGES;

const CHANNELS: usize = 16;
const CONTROLLERS: usize = 128;

/// A message, and the sample of the block that it goes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MidiEvent {
    /// Counted from the beginning of the block.
    pub frame: usize,
    /// The message.
    pub message: MidiMessage,
}

/// Collects a block's messages; owned by the audio thread. A controller is never sent twice with the same value, and a note ends by
/// itself. Nothing in it allocates.
pub struct MidiOut {
    /// In Hz.
    sample_rate: f64,
    /// The value of each controller that was sent last, by channel; `None` before that.
    sent: [[Option<u8>; CONTROLLERS]; CHANNELS],
    /// Messages that are to come, and the frame of the stream that each goes with.
    due: [Option<(u64, MidiMessage)>; MOST_DUE],
    events: [MidiEvent; MOST_EVENTS],
    count: usize,
}

impl MidiOut {
    /// Nothing has been sent yet, at a rate in Hz.
    pub fn new(sample_rate: f64) -> Self {
        let nothing = MidiEvent {
            frame: 0,
            message: MidiMessage::NoteOff { channel: 0, key: 0 },
        };
        Self {
            sample_rate,
            sent: [[None; CONTROLLERS]; CHANNELS],
            due: [None; MOST_DUE],
            events: [nothing; MOST_EVENTS],
            count: 0,
        }
    }

    /// The stream begins anew: everything is told once more, and notes that sound end with the first sample.
    pub fn reset(&mut self) {
        self.sent = [[None; CONTROLLERS]; CHANNELS];
        self.count = 0;
        for (at, _) in self.due.iter_mut().flatten() {
            *at = 0;
        }
    }

    /// A block begins.
    pub fn begin(&mut self) {
        self.count = 0;
    }

    /// The block's messages, in the order of their samples.
    pub fn events(&self) -> &[MidiEvent] {
        self.events.get(..self.count).unwrap_or_default()
    }

    /// A message goes out with a frame of the block, which is the frame `at` of the stream, unless it would say again what was said.
    pub fn send(&mut self, message: MidiMessage, frame: usize, at: u64) {
        match message {
            MidiMessage::Control {
                channel,
                controller,
                value,
            } => {
                if self.sent(channel, controller) == Some(value) {
                    return;
                }
                if self.push(message, frame) {
                    self.note_sent(channel, controller, value);
                }
            }
            MidiMessage::NoteOn { channel, key, .. } => {
                // Without the word that it ends, a note would sound for ever.
                let off = MidiMessage::NoteOff { channel, key };
                let end = at + (NOTE_SECONDS * self.sample_rate) as u64;
                if self.count < MOST_EVENTS && self.put_off(off, end) {
                    self.push(message, frame);
                }
            }
            MidiMessage::NoteOff { .. } | MidiMessage::Program { .. } => {
                self.push(message, frame);
            }
        }
    }

    /// Sends a controller (channel 0 to 15) at its highest value with the frame `at` of the stream, and soon after at the one that it had,
    /// or 0: for whoever learns.
    pub fn teach(&mut self, channel: u8, controller: u8, at: u64) {
        let back = self.sent(channel, controller).unwrap_or(0);
        let control = |value| MidiMessage::Control {
            channel,
            controller,
            value,
        };
        let end = at + (LEARN_SECONDS * self.sample_rate) as u64;
        if self.put_off(control(127), at) {
            self.put_off(control(back), end);
        }
    }

    /// Sends what is due before the frame `end` of the stream. The block's frame `frame` is the stream's frame `at`.
    pub fn send_due(&mut self, frame: usize, at: u64, end: u64) {
        for index in 0..MOST_DUE {
            let waiting = self.due.get(index).copied().flatten();
            let Some((due, message)) = waiting.filter(|(due, _)| *due < end) else {
                continue;
            };
            if self.count == MOST_EVENTS {
                return;
            }
            if let Some(place) = self.due.get_mut(index) {
                *place = None;
            }
            let due = due.max(at);
            self.send(message, frame + (due - at) as usize, due);
        }
    }

    fn sent(&self, channel: u8, controller: u8) -> Option<u8> {
        let of_channel = self.sent.get(usize::from(channel));
        let place = of_channel.and_then(|of| of.get(usize::from(controller)));
        place.copied().flatten()
    }

    fn note_sent(&mut self, channel: u8, controller: u8, value: u8) {
        let of_channel = self.sent.get_mut(usize::from(channel));
        if let Some(place) = of_channel.and_then(|of| of.get_mut(usize::from(controller))) {
            *place = Some(value);
        }
    }

    /// Has a message wait for its time. `false` if there is no room.
    fn put_off(&mut self, message: MidiMessage, at: u64) -> bool {
        let free = self.due.iter_mut().find(|place| place.is_none());
        let there = free.is_some();
        if let Some(free) = free {
            *free = Some((at, message));
        }
        there
    }

    /// Adds an event, behind those of earlier frames and of the same. `false` if there is no room.
    fn push(&mut self, message: MidiMessage, frame: usize) -> bool {
        let Some(place) = self.events.get_mut(self.count) else {
            return false;
        };
        *place = MidiEvent { frame, message };
        self.count += 1;
        let mut index = self.count - 1;
        while index > 0
            && self
                .events
                .get(index - 1)
                .is_some_and(|before| before.frame > frame)
        {
            self.events.swap(index - 1, index);
            index -= 1;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn control(value: u8) -> MidiMessage {
        MidiMessage::Control {
            channel: 3,
            controller: 20,
            value,
        }
    }

    fn told(midi: &MidiOut) -> Vec<(usize, MidiMessage)> {
        let events = midi.events().iter();
        events.map(|event| (event.frame, event.message)).collect()
    }

    #[test]
    fn a_value_is_sent_once_until_the_stream_begins_anew() {
        let mut midi = MidiOut::new(1_000.0);
        for (value, sent) in [(7, true), (7, false), (8, true), (7, true), (7, false)] {
            midi.begin();
            midi.send(control(value), 5, 5);
            assert_eq!(!midi.events().is_empty(), sent, "{value}");
        }
        midi.reset();
        midi.send(control(7), 5, 5);
        assert_eq!(told(&midi), [(5, control(7))]);
    }

    #[test]
    fn a_note_ends_after_its_time_and_events_are_in_order() {
        let (on, off) = (
            MidiMessage::NoteOn {
                channel: 1,
                key: 40,
                velocity: 100,
            },
            MidiMessage::NoteOff {
                channel: 1,
                key: 40,
            },
        );
        let mut midi = MidiOut::new(1_000.0);
        midi.send(on, 10, 1_010);
        assert_eq!(told(&midi), [(10, on)]);
        midi.begin();
        midi.send_due(0, 1_200, 1_260);
        assert_eq!(told(&midi), []);
        midi.send(control(1), 61, 1_261);
        midi.send_due(60, 1_260, 1_261);
        assert_eq!(told(&midi), [(60, off), (61, control(1))]);
        // One that sounds while everything begins anew ends at once.
        midi.begin();
        midi.send(on, 0, 2_000);
        midi.reset();
        midi.send_due(0, 0, 1);
        assert_eq!(told(&midi), [(0, off)]);
    }

    #[test]
    fn a_controller_that_is_taught_goes_up_and_back() {
        let mut midi = MidiOut::new(1_000.0);
        midi.send(control(9), 0, 0);
        midi.teach(3, 20, 4);
        midi.send_due(4, 4, 200);
        assert_eq!(
            told(&midi),
            [(0, control(9)), (4, control(127)), (104, control(9))]
        );
    }

    #[test]
    fn what_has_no_room_is_not_taken_for_sent() {
        let mut midi = MidiOut::new(1_000.0);
        for value in 0..=MOST_EVENTS as u8 {
            midi.send(control(value), 0, 0);
        }
        assert_eq!(midi.events().len(), MOST_EVENTS);
        midi.begin();
        midi.send(control(MOST_EVENTS as u8), 0, 0);
        assert_eq!(midi.events().len(), 1);
    }
}
