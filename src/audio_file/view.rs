//! Parts of a file, one behind the other, as a stream of their own; and a look at any place of a file.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
    sync::Arc,
};

use symphonia::core::io::MediaSource;

/// Bytes that [`Bytes`] reads at a time.
const WINDOW: usize = 64 << 10;

/// One part of a [`View`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Bytes of the file, by position.
    File(Range<u64>),
    /// So many zeros, which the file hasn't.
    Zeros(u64),
    /// Other bytes than the file has.
    Bytes(Vec<u8>),
    /// So many bytes that the file should have and hasn't: a reader gets the length, and the end of the stream where they begin.
    Missing(u64),
}

impl Piece {
    fn length(&self) -> u64 {
        match self {
            Self::File(range) => range.end.saturating_sub(range.start),
            Self::Zeros(length) | Self::Missing(length) => *length,
            Self::Bytes(bytes) => bytes.len() as u64,
        }
    }

    /// Takes `next` in, if the two touch in the file.
    pub fn take_in(&mut self, next: &Self) -> bool {
        match (self, next) {
            (Self::File(own), Self::File(next)) if own.end == next.start => {
                own.end = next.end;
                true
            }
            _ => false,
        }
    }
}

/// Parts of a file as one seekable stream.
#[derive(Debug)]
pub(super) struct View {
    file: Arc<File>,
    /// The parts, and where in the view each begins.
    pieces: Vec<(u64, Piece)>,
    length: u64,
    position: u64,
}

impl View {
    /// `pieces` of `file`, in that order. Parts that touch in the file become one.
    pub fn new(file: Arc<File>, pieces: impl IntoIterator<Item = Piece>) -> Self {
        let (mut joined, mut length): (Vec<(u64, Piece)>, u64) = (Vec::new(), 0);
        for piece in pieces.into_iter().filter(|piece| piece.length() > 0) {
            let more = piece.length();
            let is_in = joined
                .last_mut()
                .is_some_and(|(_, last)| last.take_in(&piece));
            if !is_in {
                joined.push((length, piece));
            }
            length += more;
        }
        Self {
            file,
            pieces: joined,
            length,
            position: 0,
        }
    }
}

impl Read for View {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let next = self
            .pieces
            .partition_point(|(start, _)| *start <= self.position);
        let Some((start, piece)) = next.checked_sub(1).and_then(|at| self.pieces.get(at)) else {
            return Ok(0);
        };
        let inside = self.position - start;
        let left = piece.length().saturating_sub(inside);
        let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        let Some(bytes) = bytes.get_mut(..wanted) else {
            return Ok(0);
        };
        let count = match piece {
            Piece::File(range) => {
                let mut file = &*self.file;
                file.seek(SeekFrom::Start(range.start + inside))?;
                file.read(bytes)?
            }
            Piece::Zeros(_) => {
                bytes.fill(0);
                wanted
            }
            Piece::Bytes(own) => {
                let from = usize::try_from(inside).unwrap_or(usize::MAX);
                let own = own.get(from..).unwrap_or_default();
                (&*own).read(bytes)?
            }
            Piece::Missing(_) => 0,
        };
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for View {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

impl MediaSource for View {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.length)
    }
}

/// Looks at a file's bytes here and there; looks that go forward cost one pass.
#[derive(Debug)]
pub(super) struct Bytes {
    file: Arc<File>,
    /// Length of the file, in bytes.
    length: u64,
    window: Vec<u8>,
    /// Where in the file the window begins.
    start: u64,
}

impl Bytes {
    /// Of `file`, which can seek.
    ///
    /// # Errors
    /// What the system says.
    pub fn new(file: Arc<File>) -> io::Result<Self> {
        Ok(Self {
            length: (&*file).seek(SeekFrom::End(0))?,
            file,
            window: Vec::new(),
            start: 0,
        })
    }

    /// Length of the file, in bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The `count` bytes at `position`, at most 32 KiB; fewer where the file ends.
    ///
    /// # Errors
    /// What the system says.
    pub fn at(&mut self, position: u64, count: usize) -> io::Result<&[u8]> {
        let end = position.saturating_add(count as u64).min(self.length);
        if position >= end {
            return Ok(&[]);
        }
        if position < self.start || end > self.start + self.window.len() as u64 {
            let mut file = &*self.file;
            file.seek(SeekFrom::Start(position))?;
            self.window.clear();
            self.start = position;
            file.take(WINDOW as u64).read_to_end(&mut self.window)?;
        }
        // Within the window, whose length is a usize.
        let from = (position - self.start) as usize;
        let to = (from + (end - position) as usize).min(self.window.len());
        Ok(self.window.get(from..to).unwrap_or_default())
    }

    /// The `N` bytes at `position`, or `None` where the file ends before.
    ///
    /// # Errors
    /// What the system says.
    pub fn array<const N: usize>(&mut self, position: u64) -> io::Result<Option<[u8; N]>> {
        Ok(self.at(position, N)?.try_into().ok())
    }

    /// Where `pattern` is next, from `range.start` on and before `range.end`.
    ///
    /// # Errors
    /// What the system says.
    pub fn find(&mut self, range: Range<u64>, pattern: &[u8]) -> io::Result<Option<u64>> {
        const STEP: usize = WINDOW / 4;
        let mut position = range.start;
        while position < range.end {
            let bytes = self.at(position, STEP + pattern.len())?;
            if bytes.len() < pattern.len() {
                break;
            }
            let found = bytes
                .windows(pattern.len())
                .position(|bytes| bytes == pattern);
            if let Some(offset) = found {
                let place = position + offset as u64;
                return Ok((place + pattern.len() as u64 <= range.end).then_some(place));
            }
            position += STEP as u64;
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn file(bytes: &[u8]) -> Arc<File> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        Arc::new(file)
    }

    #[test]
    fn a_view_is_its_pieces_one_behind_the_other() {
        let pieces = [
            Piece::File(2..4),
            Piece::File(4..5),
            Piece::Zeros(3),
            Piece::File(9..9),
            Piece::File(0..1),
            Piece::Bytes(b"xyz".to_vec()),
            Piece::Missing(4),
        ];
        let mut view = View::new(file(b"abcdefghij"), pieces);
        assert_eq!(view.pieces.len(), 5);
        let mut all = Vec::new();
        view.read_to_end(&mut all).unwrap();
        assert_eq!(all, b"cde\0\0\0axyz");
        assert_eq!(view.byte_len(), Some(14));
        view.seek(SeekFrom::End(-5)).unwrap();
        assert_eq!(view.read(&mut [0; 3]).unwrap(), 1);
        view.seek(SeekFrom::Start(2)).unwrap();
        let mut some = [9; 3];
        view.read_exact(&mut some).unwrap();
        assert_eq!(&some, b"e\0\0");
        assert!(view.seek(SeekFrom::Current(-9)).is_err());
    }

    #[test]
    fn bytes_are_found_across_windows() {
        let mut content = vec![0_u8; 3 * WINDOW];
        for place in [WINDOW / 4 - 2, WINDOW - 1, 2 * WINDOW + 7] {
            content[place..place + 4].copy_from_slice(b"fLaC");
        }
        let mut bytes = Bytes::new(file(&content)).unwrap();
        let end = bytes.length();
        let (mut found, mut from) = (Vec::new(), 0);
        while let Some(place) = bytes.find(from..end, b"fLaC").unwrap() {
            found.push(place as usize);
            from = place + 1;
        }
        assert_eq!(found, [WINDOW / 4 - 2, WINDOW - 1, 2 * WINDOW + 7]);
        assert_eq!(bytes.at(end - 2, 9).unwrap(), [0, 0]);
        assert_eq!(bytes.array::<4>(WINDOW as u64 - 1).unwrap(), Some(*b"fLaC"));
        assert_eq!(bytes.array::<4>(end - 3).unwrap(), None);
    }
}
