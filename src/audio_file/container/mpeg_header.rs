//! The headers of MPEG audio's frames, layer III (ISO/IEC 11172-3, section 2.4.1.3, and 13818-3), and how frames are told from what
//! looks like one.

use std::{io, ops::Range};

use crate::audio_file::view::Bytes;

/// Frames in a row that make sound of what could be junk.
pub(super) const SURE: u32 = 3;

/// As many within other sound, or behind junk if they are not like those in front of it.
const SURE_OF_OTHERS: u32 = 6;

/// Sound in which no frame is the last one.
const ENDLESS: Range<u64> = 0..u64::MAX;

/// Bytes that are looked through at a time.
const STEP: u64 = 16 << 10;

/// Kilobits per second by index, for MPEG 1 and for MPEG 2 and 2.5.
const BIT_RATES: [[u32; 15]; 2] = [
    [
        0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320,
    ],
    [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
];

/// What a frame's header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// The two bits: 3 is MPEG 1, 2 is MPEG 2, 0 is MPEG 2.5.
    version: u8,
    /// In Hz.
    rate: u32,
    /// Of the whole frame, in bytes.
    pub length: u64,
    mono: bool,
}

impl Header {
    /// Free bit rates, which hardly anybody uses, are none: the length isn't known.
    pub fn parse([sync, kind, rates, mode]: [u8; 4]) -> Option<Self> {
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

    /// Whether one decoder can take both.
    pub fn goes_with(&self, other: &Self) -> bool {
        self.version == other.version && self.rate == other.rate && self.mono == other.mono
    }

    /// Whether both can be of one stream, the one or the other damaged.
    pub fn resembles(&self, other: &Self) -> bool {
        self.version == other.version && self.rate == other.rate
    }

    /// Offset of a header frame's mark, in bytes: behind the side information.
    pub fn mark(&self) -> u64 {
        match (self.version == 3, self.mono) {
            (true, false) => 36,
            (true, true) | (false, false) => 21,
            (false, true) => 13,
        }
    }
}

/// Whether an mp3 begins at `position`.
pub(super) fn begins(bytes: &mut Bytes, position: u64, sound: &Range<u64>) -> io::Result<bool> {
    match bytes.array(position)?.and_then(Header::parse) {
        Some(header) => is_sure(bytes, position, &header, sound, SURE),
        None => Ok(false),
    }
}

/// Where an mp3 begins within other sound.
pub(super) fn find(bytes: &mut Bytes, sound: Range<u64>) -> io::Result<Option<u64>> {
    let mut position = sound.start;
    while let Some((candidate, header)) = next_header(bytes, position..sound.end)? {
        if is_sure(bytes, candidate, &header, &ENDLESS, SURE_OF_OTHERS)? {
            return Ok(Some(candidate));
        }
        position = candidate + 1;
    }
    Ok(None)
}

/// Where the next frame begins in `range`.
pub(super) fn next_frame(
    bytes: &mut Bytes,
    range: Range<u64>,
    sound: &Range<u64>,
    last: Option<&Header>,
) -> io::Result<Option<u64>> {
    let mut position = range.start;
    while let Some((candidate, header)) = next_header(bytes, position..range.end)? {
        let (sound, enough) = match last {
            Some(last) if !last.goes_with(&header) => (&ENDLESS, SURE_OF_OTHERS),
            _ => (sound, SURE),
        };
        if is_sure(bytes, candidate, &header, sound, enough)? {
            return Ok(Some(candidate));
        }
        position = candidate + 1;
    }
    Ok(None)
}

/// Where the next bytes in `range` are that can be a header, and what it would say.
fn next_header(bytes: &mut Bytes, range: Range<u64>) -> io::Result<Option<(u64, Header)>> {
    let mut position = range.start;
    while position < range.end {
        let count = STEP.min(range.end - position);
        let seen = bytes.at(position, count as usize + 3)?;
        let found = seen.windows(4).enumerate().find_map(|(offset, window)| {
            let header = Header::parse(window.try_into().ok()?)?;
            Some((position + offset as u64, header))
        });
        if found.is_some() {
            return Ok(found);
        }
        position += count;
    }
    Ok(None)
}

/// Whether `enough` frames of a kind are in a row from `position` on, or at least one up to the end of `sound`.
pub(super) fn is_sure(
    bytes: &mut Bytes,
    position: u64,
    first: &Header,
    sound: &Range<u64>,
    enough: u32,
) -> io::Result<bool> {
    let mut next = position + first.length;
    for _ in 1..enough {
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
