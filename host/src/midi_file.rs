//! What a plugin sends, as a Standard MIDI File: RP-001 of the MIDI Association, format 0.

use crate::MidiEvent;

/// Ticks of a quarter note, so that one tick is one frame.
const DIVISION: u16 = 24_000;

/// A file of these messages, in the order of their frames, at `sample_rate` Hz: a tick is a frame.
pub fn midi_file(events: &[MidiEvent], sample_rate: f64) -> Vec<u8> {
    let mut track = Vec::new();
    // Microseconds a quarter note.
    let tempo = (f64::from(DIVISION) / sample_rate * 1e6).round() as u32;
    track.extend([0, 0xff, 0x51, 3]);
    track.extend(&tempo.to_be_bytes()[1..]);
    let mut before = 0;
    for event in events {
        number(event.frame.saturating_sub(before) as u32, &mut track);
        before = event.frame;
        let [status, first, second] = event.bytes;
        track.extend([status, first]);
        // Program changes and channel pressure have one byte of data.
        if !matches!(status & 0xf0, 0xc0 | 0xd0) {
            track.push(second);
        }
    }
    track.extend([0, 0xff, 0x2f, 0]);
    let mut file = b"MThd\0\0\0\x06\0\0\0\x01".to_vec();
    file.extend(DIVISION.to_be_bytes());
    file.extend(b"MTrk");
    file.extend((track.len() as u32).to_be_bytes());
    file.extend(track);
    file
}

/// Appends a number of variable length: seven bits a byte, the highest first, and the eighth bit of all but the last.
fn number(value: u32, bytes: &mut Vec<u8>) {
    let mut shift = 28;
    while shift > 0 && value >> shift == 0 {
        shift -= 7;
    }
    while shift > 0 {
        bytes.push(0x80 | (value >> shift) as u8 & 0x7f);
        shift -= 7;
    }
    bytes.push(value as u8 & 0x7f);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of the standard.
    #[test]
    fn numbers_have_as_many_bytes_as_they_need() {
        for (value, expected) in [
            (0, &[0][..]),
            (0x40, &[0x40]),
            (0x7f, &[0x7f]),
            (0x80, &[0x81, 0]),
            (0x2000, &[0xc0, 0]),
            (0x3fff, &[0xff, 0x7f]),
            (0x10_0000, &[0xc0, 0x80, 0]),
            (0x0fff_ffff, &[0xff, 0xff, 0xff, 0x7f]),
        ] {
            let mut bytes = Vec::new();
            number(value, &mut bytes);
            assert_eq!(bytes, expected, "{value:#x}");
        }
    }
}
