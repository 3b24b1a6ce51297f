//! MIDI, in the framework's words.

use nice_plug::midi::{Channel, Key, NoteEvent, VoiceID};

use crate::{chain::MidiEvent, outputs::MidiMessage};

/// The event that a message is. Its time is that of the block that was processed last.
pub fn note_event(event: &MidiEvent) -> NoteEvent<()> {
    let timing = event.frame as u32;
    let share = |value: u8| f32::from(value) / 127.0;
    let note = |channel: u8, key: u8| (Channel::Number(channel), Key::Number(key));
    match event.message {
        MidiMessage::Control {
            channel,
            controller,
            value,
        } => NoteEvent::MidiCC {
            timing,
            channel,
            cc: controller,
            value: share(value),
        },
        MidiMessage::NoteOn {
            channel,
            key,
            velocity,
        } => {
            let (channel, key) = note(channel, key);
            NoteEvent::NoteOn {
                timing,
                voice_id: VoiceID::Wildcard,
                channel,
                key,
                velocity: share(velocity),
            }
        }
        MidiMessage::NoteOff { channel, key } => {
            let (channel, key) = note(channel, key);
            NoteEvent::NoteOff {
                timing,
                voice_id: VoiceID::Wildcard,
                channel,
                key,
                velocity: 0.0,
            }
        }
        MidiMessage::Program { channel, program } => NoteEvent::MidiProgramChange {
            timing,
            channel,
            program,
        },
    }
}

#[cfg(test)]
mod tests {
    use nice_plug::midi::MidiResult;

    use super::*;

    #[test]
    fn every_value_of_a_controller_arrives_as_it_was_meant() {
        for value in 0..128 {
            let message = MidiMessage::Control {
                channel: 15,
                controller: 119,
                value,
            };
            let event = note_event(&MidiEvent { frame: 7, message });
            assert_eq!(event.timing(), 7);
            match event.as_midi() {
                Some(MidiResult::Basic(bytes)) => assert_eq!(bytes, [0xbf, 119, value]),
                _ => panic!("{value}"),
            }
        }
    }
}
