//! Tags in front of the sound and behind it, where a decoder would take them for damage.
//!
//! Layouts: id3.org's ID3v1, ID3v2.3 and ID3v2.4 (section 3.1 the header, 3.4 the footer), the APE tag specification 2 of
//! hydrogenaudio, Lyrics3 v2.00.

use std::{io, ops::Range};

use crate::audio_file::view::Bytes;

/// Length of an ID3v1 tag, in bytes.
const ID3V1: u64 = 128;

/// Length of the extension that some put in front of an ID3v1 tag.
const ID3V1_EXTENSION: u64 = 227;

/// Length of an APE tag's header, and of its footer.
const APE_HEADER: u64 = 32;

/// What is left of the file without the tags at both ends; empty if there is nothing else.
pub(super) fn stripped(bytes: &mut Bytes) -> io::Result<Range<u64>> {
    let mut sound = 0..bytes.length();
    while let Some(length) = front(bytes, sound.start)? {
        sound.start = sound.start.saturating_add(length).min(sound.end);
    }
    strip_back(bytes, &mut sound)?;
    Ok(sound)
}

/// Takes off what is between `sound`, which something follows, and that: the tags behind the one and in front of the other.
pub(super) fn strip_link(bytes: &mut Bytes, sound: &mut Range<u64>) -> io::Result<()> {
    let mut from = sound.start;
    while let Some(candidate) = bytes.find(from..sound.end, b"ID3")? {
        let mut end = candidate;
        while let Some(length) = front(bytes, end)? {
            end = end.saturating_add(length);
        }
        if end == sound.end {
            sound.end = candidate;
            break;
        }
        from = candidate + 1;
    }
    strip_back(bytes, sound)
}

/// Takes off the tags at the end of `sound`.
pub(super) fn strip_back(bytes: &mut Bytes, sound: &mut Range<u64>) -> io::Result<()> {
    while let Some(length) = back(bytes, sound)? {
        sound.end -= length;
    }
    Ok(())
}

/// Length of the tag that begins at `position`, if one does.
pub(super) fn front(bytes: &mut Bytes, position: u64) -> io::Result<Option<u64>> {
    let head = bytes.at(position, APE_HEADER as usize)?;
    Ok(match head {
        [b'I', b'D', b'3', 2..=4, _, flags, a, b, c, d, ..] => syncsafe([*a, *b, *c, *d])
            // The footer that some have repeats the header.
            .map(|body| 10 + body + if flags & 0x10 == 0 { 0 } else { 10 }),
        [b'A', b'P', b'E', b'T', b'A', b'G', b'E', b'X', ..] if head.len() == 32 => {
            Some(APE_HEADER + u64::from(little_endian(head, 12)))
        }
        _ => None,
    })
}

/// Length of an ID3v1 tag at `position`, if one is there.
pub(super) fn id3v1(bytes: &mut Bytes, position: u64) -> io::Result<Option<u64>> {
    let here = bytes.at(position, 3)? == b"TAG" && position + ID3V1 <= bytes.length();
    Ok(here.then_some(ID3V1))
}

/// Length of the tag that ends where `sound` ends, if one does.
fn back(bytes: &mut Bytes, sound: &Range<u64>) -> io::Result<Option<u64>> {
    let room = sound.end - sound.start;
    let before = |length: u64| (length <= room).then(|| sound.end - length);
    if let Some(at) = before(ID3V1)
        && bytes.at(at, 3)? == b"TAG"
    {
        let extended = before(ID3V1 + ID3V1_EXTENSION);
        return Ok(Some(match extended {
            Some(at) if bytes.at(at, 4)? == b"TAG+" => ID3V1 + ID3V1_EXTENSION,
            _ => ID3V1,
        }));
    }
    if let Some(at) = before(APE_HEADER) {
        let foot = bytes.at(at, APE_HEADER as usize)?;
        if foot.starts_with(b"APETAGEX") {
            // The size counts the items and the footer; bit 31 says that there is a header in front of them.
            let header = if little_endian(foot, 20) >> 31 == 1 {
                APE_HEADER
            } else {
                0
            };
            let length = u64::from(little_endian(foot, 12)).max(APE_HEADER) + header;
            return Ok(before(length).map(|_| length));
        }
    }
    if let Some(at) = before(15)
        && let Some(foot) = bytes.array::<15>(at)?
        && foot.ends_with(b"LYRICS200")
    {
        let digits = std::str::from_utf8(&foot[..6]).unwrap_or_default();
        let length = digits.parse::<u64>().map_or(15, |size| size + 15);
        return Ok(before(length).map(|_| length));
    }
    if let Some(at) = before(10)
        && let Some([b'3', b'D', b'I', 2..=4, _, _, a, b, c, d]) = bytes.array::<10>(at)?
        && let Some(body) = syncsafe([a, b, c, d])
    {
        let length = body + 20;
        return Ok(before(length).map(|_| length));
    }
    Ok(None)
}

/// A number of 28 bits, seven in each byte.
fn syncsafe(bytes: [u8; 4]) -> Option<u64> {
    bytes.iter().try_fold(0, |value, byte| {
        (*byte < 0x80).then(|| (value << 7) | u64::from(*byte))
    })
}

/// The 32-bit number at `offset` of bytes that reach so far; 0 if they don't.
fn little_endian(bytes: &[u8], offset: usize) -> u32 {
    let number = bytes.get(offset..offset + 4);
    number
        .and_then(|number| number.try_into().ok())
        .map_or(0, u32::from_le_bytes)
}
