//! An ogg's page: its header (RFC 3533, section 6) and its checksum.

use std::{io, ops::Range};

use symphonia::core::{checksum::Crc32, io::Monitor};

use crate::audio_file::view::Bytes;

/// Bytes of a page's header in front of its table of segments.
pub(super) const HEADER: usize = 27;

/// Where in a page's header its flags and its checksum are.
const FLAGS: usize = 5;
const CHECKSUM: Range<usize> = 22..26;

/// The flag of a page that goes on with the packet that the one before has begun.
const CONTINUES: u8 = 1;

/// Bytes of a page that are looked at in one go.
const STEP: u64 = 16 << 10;

/// What a page's header says.
pub(super) struct Page {
    header: [u8; HEADER],
    /// Of the whole page, in bytes.
    pub length: u64,
    /// Length of the header with its table, in bytes.
    pub front: u64,
    pub begins: bool,
    pub ends: bool,
    /// Whether it goes on with a packet.
    pub continues: bool,
    /// How many packets end on it.
    pub packets: usize,
    /// Whether a packet begins or goes on and doesn't end on it.
    pub is_open: bool,
    /// The logical stream's number.
    pub serial: u32,
    /// The page's number in that stream.
    pub sequence: u32,
    /// The stream's clock at its end, in frames: 0, or none, which is -1, while headers come and where no packet ends.
    pub clock: i64,
    checksum: u32,
}

impl Page {
    /// The page at `position`, if one begins there; it may reach beyond the end.
    pub fn at(bytes: &mut Bytes, position: u64) -> io::Result<Option<Self>> {
        let seen = bytes.at(position, HEADER + 255)?;
        let [b'O', b'g', b'g', b'S', 0, flags, rest @ ..] = seen else {
            return Ok(None);
        };
        let (Some((header, table)), Some((clock, rest))) =
            (seen.split_first_chunk(), rest.split_first_chunk())
        else {
            return Ok(Some(Self::cut()));
        };
        let mut numbers = rest
            .as_chunks()
            .0
            .iter()
            .map(|number| u32::from_le_bytes(*number));
        let mut number = || numbers.next().unwrap_or_default();
        let segments = usize::from(header.last().copied().unwrap_or_default());
        let table = table.get(..segments).unwrap_or(table);
        let body: u64 = table.iter().map(|segment| u64::from(*segment)).sum();
        let front = (HEADER + segments) as u64;
        Ok(Some(Self {
            header: *header,
            length: front + body,
            front,
            begins: flags & 2 != 0,
            ends: flags & 4 != 0,
            continues: flags & CONTINUES != 0,
            packets: table.iter().filter(|segment| **segment < 255).count(),
            is_open: table.last() == Some(&255),
            serial: number(),
            sequence: number(),
            clock: i64::from_le_bytes(*clock),
            checksum: number(),
        }))
    }

    /// One of which not even the header is whole: it reaches beyond any file's end.
    fn cut() -> Self {
        Self {
            header: [0; HEADER],
            length: u64::MAX / 2,
            front: u64::MAX / 2,
            begins: false,
            ends: false,
            continues: false,
            packets: 0,
            is_open: false,
            serial: 0,
            sequence: 0,
            clock: 0,
            checksum: 0,
        }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.packets == 0 && !self.is_open
    }

    /// Whether a page with this [checksum](Self::checksum) is as it was written.
    pub fn is_whole(&self, checksum: Option<u32>) -> bool {
        checksum == Some(self.checksum)
    }

    /// The checksum of the page at `position`, with its own counted as zero; none if the file ends before.
    pub fn checksum(&self, bytes: &mut Bytes, position: u64) -> io::Result<Option<u32>> {
        let mut found = sum(&self.header);
        let mut at = HEADER as u64;
        while at < self.length {
            let piece = bytes.at(position + at, (self.length - at).min(STEP) as usize)?;
            if piece.is_empty() {
                return Ok(None);
            }
            at += piece.len() as u64;
            found.process_buf_bytes(piece);
        }
        Ok(Some(found.crc()))
    }

    /// Its header with that checksum.
    pub fn with_checksum(&self, checksum: u32) -> Vec<u8> {
        let mut header = self.header;
        if let Some(place) = header.get_mut(CHECKSUM) {
            place.copy_from_slice(&checksum.to_le_bytes());
        }
        header.to_vec()
    }

    /// The header of one that [is empty](Self::is_empty) as one that goes on with a packet.
    pub fn going_on(mut self) -> Vec<u8> {
        if let Some(flags) = self.header.get_mut(FLAGS) {
            *flags |= CONTINUES;
        }
        let checksum = sum(&self.header).crc();
        self.with_checksum(checksum)
    }
}

/// The checksum of a page so far that has this header, whose own counts as zero.
fn sum(header: &[u8; HEADER]) -> Crc32 {
    let mut found = Crc32::new(0);
    let (front, back) = (header.get(..CHECKSUM.start), header.get(CHECKSUM.end..));
    found.process_buf_bytes(front.unwrap_or_default());
    found.process_buf_bytes(&[0; 4]);
    found.process_buf_bytes(back.unwrap_or_default());
    found
}
