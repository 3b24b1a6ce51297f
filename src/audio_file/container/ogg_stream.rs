//! One of the logical streams of an ogg: its pages, and what their numbers and clocks say of what is missing.

use std::{fs::File, io, ops::Range, sync::Arc};

use super::ogg_page::{HEADER, Page};
use crate::audio_file::view::{Bytes, Piece, View};

/// What an ogg's pages say of what is missing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::audio_file) struct Broken {
    /// The stream's clock there, in frames.
    pub clock: u64,
    pub found: &'static str,
}

/// What is in a stream.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Codec {
    /// Sound that is read, behind so many packets of headers.
    Read(usize),
    /// Sound that isn't, and what an ogg of it is.
    Unread(&'static str),
    /// No sound, and what an ogg of it is.
    Other(&'static str),
}

impl Codec {
    /// That of a stream whose first page is at `position`, by how its first packet begins.
    pub fn of(bytes: &mut Bytes, position: u64, page: &Page) -> io::Result<Self> {
        let checksum = page.checksum(bytes, position)?;
        Ok(match bytes.at(position + page.front, 9)? {
            _ if !page.is_whole(checksum) => {
                Self::Other("an ogg whose first page isn't what was written")
            }
            // Identification, comment, setup (Vorbis I specification, section 4.2.1).
            [1, b'v', b'o', b'r', b'b', b'i', b's', ..] => Self::Read(3),
            // RFC 7845, section 3.
            [b'O', b'p', b'u', b's', b'H', b'e', b'a', b'd', ..] => Self::Read(2),
            // RFC 9639, section 10.1: how many come behind it, of which there is one at least; 0 is unknown.
            [0x7f, b'F', b'L', b'A', b'C', _, _, high, low] => {
                let more = usize::from(u16::from_be_bytes([*high, *low]));
                Self::Read(1 + more.max(1))
            }
            [b'S', b'p', b'e', b'e', b'x', b' ', ..] => Self::Unread("an ogg of Speex: convert it"),
            [b'C', b'E', b'L', b'T', b' ', ..] => Self::Unread("an ogg of CELT: convert it"),
            [b'P', b'C', b'M', b' ', ..] => Self::Unread("an ogg of bare samples: convert it"),
            _ => Self::Other("an ogg without sound"),
        })
    }
}

/// A logical stream, as far as it has been walked through.
pub(super) struct Stream {
    /// Packets in front of the sound.
    headers: usize,
    /// Its pages, one behind the other.
    pieces: Vec<Piece>,
    /// Packets that have ended.
    packets: usize,
    /// Whether one has begun and not ended.
    is_open: bool,
    pub has_ended: bool,
    /// The number of its next page.
    next: Option<u32>,
    /// The clock of the last page on which a packet ends, in frames, and whether it has run.
    clock: u64,
    has_run: bool,
    /// Pages of sound with which it has not run, in a row.
    stuck: usize,
    /// Where it went back or stopped, if it has not run since: the decoding library cuts off what is behind its clock.
    behind: Option<u64>,
    /// What is wrong first.
    broken: Option<Broken>,
}

impl Stream {
    /// One of which no page is known yet, with so many packets in front of its sound.
    pub fn new(headers: usize) -> Self {
        Self {
            headers,
            pieces: Vec::new(),
            packets: 0,
            is_open: false,
            has_ended: false,
            next: None,
            clock: 0,
            has_run: false,
            stuck: 0,
            behind: None,
            broken: None,
        }
    }

    /// Adds a page that is at `place`, with its checksum as it is found.
    pub fn add(&mut self, page: Page, place: Range<u64>, checksum: Option<u32>) {
        let is_whole = page.is_whole(checksum);
        // What was taken from the midst of a broadcast has its headers, and then pages with the numbers that they had, the first of
        // which may go on with a packet.
        let follows = self.next.is_none_or(|next| next == page.sequence);
        let goes_on = page.is_empty() || page.continues == self.is_open;
        let is_gap = page.is_empty() && is_whole && self.is_open && !page.continues;
        let is_header = self.packets < self.headers;
        if !is_whole && is_header {
            self.complain("a page of its headers isn't what was written");
        } else if !is_whole || self.has_run && !(follows && goes_on) {
            self.complain("a page is missing, or isn't what was written");
        }
        self.next = Some(page.sequence.wrapping_add(1));
        self.has_ended |= page.ends;
        self.packets += page.packets;
        if !page.is_empty() {
            self.is_open = page.is_open;
        }
        if page.packets > 0 && !is_header {
            self.turn(u64::try_from(page.clock).unwrap_or(0));
        }
        let header = if is_header && !is_whole {
            // The library would refuse the file, most of whose headers are comments.
            checksum.map(|checksum| page.with_checksum(checksum))
        } else if is_gap {
            // The library would take the packet for lost.
            Some(page.going_on())
        } else {
            None
        };
        let behind = place.start + header.as_ref().map_or(0, |_| HEADER as u64);
        self.pieces.extend(header.map(Piece::Bytes));
        let page = Piece::File(behind..place.end);
        let is_in = self
            .pieces
            .last_mut()
            .is_some_and(|last| last.take_in(&page));
        if !is_in {
            self.pieces.push(page);
        }
    }

    /// The clock stands there.
    fn turn(&mut self, clock: u64) {
        if clock > self.clock {
            (self.stuck, self.behind) = (0, None);
        } else {
            // The last page may have nothing in it that is to be heard.
            self.stuck += 1;
            if clock < self.clock || self.stuck > 1 {
                self.behind.get_or_insert(self.clock);
            }
        }
        self.clock = clock;
        self.has_run |= clock > 0;
    }

    /// Something is wrong behind the pages so far.
    pub fn complain(&mut self, found: &'static str) {
        let clock = self.clock;
        self.broken.get_or_insert(Broken { clock, found });
    }

    /// The last page, which begins at `start`, is none.
    pub fn pop(&mut self, start: u64) {
        let Some(Piece::File(last)) = self.pieces.last_mut() else {
            return;
        };
        if last.start < start {
            last.end = start;
            return;
        }
        self.pieces.pop();
        if let Some(Piece::Bytes(_)) = self.pieces.last() {
            self.pieces.pop();
        }
    }

    /// Whether there is no page.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// What is wrong with it, at its end.
    pub fn broken(&self) -> Option<Broken> {
        let behind = self.behind.map(|clock| Broken {
            clock,
            found: "the clock of its last pages is wrong, which cuts them off",
        });
        self.broken.or(behind)
    }

    /// Its pages as a stream of their own.
    pub fn view(self, file: &Arc<File>) -> View {
        View::new(file.clone(), self.pieces)
    }
}
