//! How files of each kind begin, which is how they are told apart, and how one is found that was joined to another.

use std::{io, ops::Range};

use crate::audio_file::view::Bytes;

/// Bytes that tell a file's kind.
pub(super) const HEAD: usize = 12;

/// Bytes that are looked through at a time.
const STEP: u64 = 16 << 10;

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Wave,
    Aiff,
    Caf,
    Flac,
    Ogg,
    Mp4,
    /// Known by its frames and by no mark, like the next.
    Mpeg,
    Adts,
}

impl Kind {
    /// The kind of a file that begins with these bytes.
    pub fn of(head: &[u8]) -> Option<Self> {
        let (first, second, third) = (head.get(..4)?, head.get(4..8)?, head.get(8..HEAD)?);
        match (first, second, third) {
            (b"RIFF" | b"RF64" | b"BW64", _, b"WAVE") => Some(Self::Wave),
            (b"FORM", _, b"AIFF" | b"AIFC") => Some(Self::Aiff),
            (b"caff", ..) => Some(Self::Caf),
            (b"fLaC", ..) => Some(Self::Flac),
            (b"OggS", ..) => Some(Self::Ogg),
            (_, b"ftyp", _) => Some(Self::Mp4),
            _ => None,
        }
    }

    /// Whether a mark may begin with this byte: looked at first, since every byte of a library is.
    fn may_begin_with(byte: u8) -> bool {
        // An MP4 begins with a short number.
        matches!(byte, b'R' | b'B' | b'F' | b'c' | b'f' | b'O' | 0)
    }

    /// The kind of file that these bytes begin, wherever they are: what all files of the kind have in common, so that no sound is
    /// taken for it.
    fn anywhere(head: &[u8]) -> Option<Self> {
        let kind = Self::of(head)?;
        let sure = match kind {
            // The version, and the flag of a stream's first page.
            Self::Ogg => matches!(head, [_, _, _, _, 0, 2 | 6, ..]),
            // The header of a stream information block, which is 34 bytes long and the last block or not.
            Self::Flac => matches!(head, [_, _, _, _, 0 | 0x80, 0, 0, 34, ..]),
            Self::Caf => matches!(head, [_, _, _, _, 0, 1, 0, 0, ..]),
            // A short box.
            Self::Mp4 => matches!(head, [0, 0, ..]),
            _ => true,
        };
        sure.then_some(kind)
    }

    /// With its article, as messages have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Wave => "a wav",
            Self::Aiff => "an aiff",
            Self::Caf => "a caf",
            Self::Flac => "a flac",
            Self::Ogg => "an ogg",
            Self::Mp4 => "an m4a",
            Self::Mpeg => "an mp3",
            Self::Adts => "raw AAC",
        }
    }
}

/// The kind of file that begins at `position`, if it has a mark.
pub(super) fn at(bytes: &mut Bytes, position: u64) -> io::Result<Option<Kind>> {
    Ok(Kind::anywhere(bytes.at(position, HEAD)?))
}

/// Where in `range` the first file begins that has a mark, and its kind.
pub(super) fn find(bytes: &mut Bytes, range: Range<u64>) -> io::Result<Option<(u64, Kind)>> {
    let mut position = range.start;
    while position < range.end {
        let count = STEP.min(range.end - position);
        let seen = bytes.at(position, count as usize + HEAD - 1)?;
        let found = seen.windows(HEAD).enumerate().find_map(|(offset, head)| {
            let first = head.first().copied()?;
            let kind = Kind::may_begin_with(first).then(|| Kind::anywhere(head))??;
            Some((position + offset as u64, kind))
        });
        if found.is_some() {
            return Ok(found);
        }
        position += count;
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_begins_with_a_byte_that_may_begin_one() {
        let heads: [&[u8; HEAD]; 9] = [
            b"RIFF....WAVE",
            b"RF64....WAVE",
            b"BW64....WAVE",
            b"FORM....AIFC",
            b"FORM....AIFF",
            b"caff\0\x01\0\0....",
            b"fLaC\x80\0\0\x22....",
            b"OggS\0\x02......",
            b"\0\0\0\x20ftypM4A ",
        ];
        for head in heads {
            assert!(Kind::anywhere(head).is_some());
            assert!(Kind::may_begin_with(head[0]));
        }
    }
}
