//! MPEG audio, layer III: frames, each with a header, and nothing around them that says how many there are but an optional first
//! frame.
//!
//! Headers by ISO/IEC 11172-3, section 2.4.1.3, and 13818-3; the header frame by G. Schaathun's and LAME's notes on Xing's and by
//! Fraunhofer's VBRI.

use std::{fs::File, io, ops::Range, sync::Arc};

use super::{Coding, Link, tags};
use crate::audio_file::view::{Bytes, Piece, View};

/// How far into a file its first frame is looked for: some have pictures or other junk in front.
const LONGEST_JUNK: u64 = 4 << 20;

/// Frames in a row that make sound of what could be junk.
const SURE: u32 = 3;

/// How many frames a header frame may be wrong by: encoders disagree on whether it counts itself.
const TOLERANCE: u64 = 1;

/// Kilobits per second by index, for MPEG 1 and for MPEG 2 and 2.5.
const BIT_RATES: [[u32; 15]; 2] = [
    [
        0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320,
    ],
    [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
];

/// What a frame's header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Header {
    /// The two bits: 3 is MPEG 1, 2 is MPEG 2, 0 is MPEG 2.5.
    version: u8,
    /// In Hz.
    rate: u32,
    /// Of the whole frame, in bytes.
    length: u64,
    mono: bool,
}

impl Header {
    /// Free bit rates, which hardly anybody uses, are none: the length isn't known.
    fn parse([sync, kind, rates, mode]: [u8; 4]) -> Option<Self> {
        let (version, layer) = (kind >> 3 & 3, kind >> 1 & 3);
        if sync != 0xff || kind & 0xe0 != 0xe0 || version == 1 || layer != 1 || mode & 3 == 2 {
            return None;
        }
        let first = version == 3;
        let by_version = BIT_RATES.get(usize::from(!first))?;
        let kilobits = *by_version.get(usize::from(rates >> 4))?;
        let rate =
            [44_100, 48_000, 32_000].get(usize::from(rates >> 2 & 3))? >> (3 - version).min(2);
        let padding = u64::from(rates >> 1 & 1);
        let per_kilobit = if first { 144_000 } else { 72_000 };
        (kilobits > 0).then(|| Self {
            version,
            rate,
            length: u64::from(per_kilobit * kilobits / rate) + padding,
            mono: mode >> 6 == 3,
        })
    }

    /// Whether both can be of one stream.
    fn goes_with(&self, other: &Self) -> bool {
        self.version == other.version && self.rate == other.rate
    }

    /// Offset of a header frame's mark, in bytes: behind the side information.
    fn mark(&self) -> u64 {
        match (self.version == 3, self.mono) {
            (true, false) => 36,
            (true, true) | (false, false) => 21,
            (false, true) => 13,
        }
    }
}

/// All the frames in `sound`, without what is between them. `None` if there are none.
pub(super) fn link(
    file: &Arc<File>,
    bytes: &mut Bytes,
    sound: Range<u64>,
) -> io::Result<Option<Link>> {
    let earliest = sound.start..sound.end.min(sound.start.saturating_add(LONGEST_JUNK));
    let Some(first) = next_frame(bytes, earliest, &sound, None)? else {
        return Ok(None);
    };
    let mut pieces = Vec::new();
    let (mut position, mut last) = (first, None);
    // Frames that hold sound, and what the first says of their number.
    let (mut frames, mut declared) = (0_u64, None);
    let mut cut = false;
    while position < sound.end {
        let Some(header) = frame(bytes, position, &sound, last.as_ref())? else {
            let tag = match tags::front(bytes, position)? {
                None => tags::id3v1(bytes, position)?,
                some => some,
            };
            let behind = position.saturating_add(tag.unwrap_or(1));
            if tag.is_none() {
                // Less than a header, or the junk that some leave behind.
                let rest = behind.min(sound.end)..sound.end;
                match next_frame(bytes, rest, &sound, last.as_ref())? {
                    Some(next) => position = next,
                    None => break,
                }
            } else {
                position = behind;
            }
            continue;
        };
        let end = position + header.length;
        if end > sound.end {
            cut = true;
            break;
        }
        match header_frame(bytes, position, &header)? {
            Some((_, count)) if frames == 0 && position == first => {
                declared = count;
                pieces.push(Piece::File(position..end));
            }
            // That of a file that was joined on. Players that don't know it play the silence that it is for others, and the
            // decoding library would drop it: without its mark it is silence here, too, and lengths are the same everywhere.
            Some((mark, _)) => {
                pieces.extend([
                    Piece::File(position..position + mark),
                    Piece::Zeros(4),
                    Piece::File(position + mark + 4..end),
                ]);
                frames += 1;
            }
            None => {
                pieces.push(Piece::File(position..end));
                frames += 1;
            }
        }
        last = Some(header);
        position = end;
    }
    let short = declared.is_some_and(|declared| frames + TOLERANCE < declared);
    let long = declared.is_some_and(|declared| frames > declared + TOLERANCE);
    Ok(Some(Link {
        view: View::new(file.clone(), pieces),
        coding: Coding::Mpeg {
            believed: declared.is_some() && !long,
        },
        // Of a file that says how long it is the last frame is of no account: encoders leave half of one behind.
        cut: short || (declared.is_none() && cut),
    }))
}

/// The frame at `position`, if one begins there: one like the last, or one that others follow.
fn frame(
    bytes: &mut Bytes,
    position: u64,
    sound: &Range<u64>,
    last: Option<&Header>,
) -> io::Result<Option<Header>> {
    let Some(header) = bytes.array(position)?.and_then(Header::parse) else {
        return Ok(None);
    };
    if last.is_some_and(|last| last.goes_with(&header)) {
        return Ok(Some(header));
    }
    Ok(is_sure(bytes, position, &header, sound)?.then_some(header))
}

/// Where the next frame begins in `range`.
fn next_frame(
    bytes: &mut Bytes,
    range: Range<u64>,
    sound: &Range<u64>,
    last: Option<&Header>,
) -> io::Result<Option<u64>> {
    let mut position = range.start;
    while let Some(candidate) = bytes.find(position..range.end, &[0xff])? {
        if let Some(header) = bytes.array(candidate)?.and_then(Header::parse)
            && last.is_none_or(|last| last.goes_with(&header))
            && is_sure(bytes, candidate, &header, sound)?
        {
            return Ok(Some(candidate));
        }
        position = candidate + 1;
    }
    Ok(None)
}

/// Whether enough frames of a kind are in a row from `position` on, up to the end of `sound` if that comes first.
fn is_sure(
    bytes: &mut Bytes,
    position: u64,
    first: &Header,
    sound: &Range<u64>,
) -> io::Result<bool> {
    let mut next = position + first.length;
    for _ in 1..SURE {
        if next == sound.end {
            return Ok(true);
        }
        match bytes.array(next)?.and_then(Header::parse) {
            Some(header) if header.goes_with(first) => next += header.length,
            _ => return Ok(false),
        }
    }
    Ok(true)
}

/// If the frame at `position` is a header frame: the offset of its mark, and how many frames it says that follow, if it says so.
fn header_frame(
    bytes: &mut Bytes,
    position: u64,
    header: &Header,
) -> io::Result<Option<(u64, Option<u64>)>> {
    let number = |bytes: Option<[u8; 4]>| bytes.map(u32::from_be_bytes);
    let mark = header.mark();
    if let Some([b'X', b'i', b'n', b'g'] | [b'I', b'n', b'f', b'o']) =
        bytes.array::<4>(position + mark)?
    {
        let counts = number(bytes.array(position + mark + 4)?).is_some_and(|flags| flags & 1 == 1);
        let count = number(bytes.array(position + mark + 8)?).map(u64::from);
        return Ok(Some((mark, count.filter(|count| counts && *count > 0))));
    }
    /// Offset of Fraunhofer's mark, whatever the side information.
    const VBRI: u64 = 36;
    if bytes.array::<4>(position + VBRI)? == Some(*b"VBRI") {
        let count = number(bytes.array(position + VBRI + 14)?).map(u64::from);
        return Ok(Some((VBRI, count.filter(|count| *count > 0))));
    }
    Ok(None)
}
