//! Ogg: pages, and logical streams one behind the other (RFC 3533; a file of several is called chained).

use std::{collections::BTreeMap, fs::File, io, ops::Range, sync::Arc};

use symphonia::core::{checksum::Crc32, io::Monitor};

use super::{
    Coding, Link, NoLink, Part,
    mark::{self, Kind},
};
use crate::audio_file::view::{Bytes, Piece, View};

/// Bytes of a page's header in front of its table of segments.
const HEADER: usize = 27;

/// Where in a page's header its checksum is.
const CHECKSUM: Range<usize> = 22..26;

/// Bytes of a page that are looked at in one go.
const STEP: u64 = 16 << 10;

/// What a page's header says.
struct Page {
    length: u64,
    begins: bool,
    ends: bool,
    /// The logical stream's number.
    serial: u32,
    /// The page's number in that stream.
    sequence: u32,
    /// The stream's clock at its end, in frames: 0, or none, which is -1, while headers come.
    clock: i64,
    checksum: u32,
}

/// Every chain link in `sound`, which begins with a page, up to a file of another kind.
pub(super) fn part(file: &Arc<File>, bytes: &mut Bytes, sound: Range<u64>) -> Result<Part, NoLink> {
    let mut streams = Streams {
        file,
        links: Vec::new(),
        start: sound.start,
        pages: Vec::new(),
        ended: false,
        numbers: BTreeMap::new(),
        clock: 0,
        broken: None,
    };
    let (mut beginning, mut cut) = (true, false);
    let (mut position, mut end) = (sound.start, sound.end);
    while position < sound.end {
        let Some(page) = page(bytes, position)? else {
            // Tags between two links, another file, or damage: the decoding library misses the page, then.
            let next = bytes.find(position + 1..sound.end, b"OggS")?;
            let last = streams.pages.last().map_or(position, |page| page.start + 1);
            match mark::find(bytes, last..next.unwrap_or(sound.end))? {
                Some((mark, kind)) => {
                    // The last page was cut before its end, and something else was joined on.
                    if mark < position {
                        streams.pages.pop();
                        streams.finish(true, mark);
                    }
                    if kind != Kind::Ogg {
                        end = mark;
                        break;
                    }
                    position = mark;
                }
                None => match next {
                    Some(next) => position = next,
                    None => {
                        end = position;
                        break;
                    }
                },
            }
            continue;
        };
        if page.begins && !beginning {
            // One that has no end mark and is followed by another may well be all there: tools that join don't set it.
            streams.finish(false, position);
        }
        beginning = page.begins;
        let behind = position + page.length;
        if behind > sound.end {
            cut = true;
            end = match mark::find(bytes, position + 1..sound.end)? {
                Some((mark, _)) => mark,
                None => sound.end,
            };
            break;
        }
        streams.add(&page, position..behind, is_whole(bytes, position, &page)?);
        position = behind;
    }
    // What another file follows is treated as above.
    let missing = cut || (!streams.ended && end == sound.end);
    streams.finish(missing, end);
    if streams.links.is_empty() {
        return Err(NoLink::Unknown("an ogg without a whole page".to_owned()));
    }
    Ok(Part {
        links: streams.links,
        end,
    })
}

/// The links that have been found, and the one that is being read.
struct Streams<'a> {
    file: &'a Arc<File>,
    links: Vec<Link>,
    start: u64,
    pages: Vec<Range<u64>>,
    ended: bool,
    /// By logical stream: the number of its next page, and whether its clock runs.
    numbers: BTreeMap<u32, (u32, bool)>,
    /// The clock of the page before, in frames.
    clock: u64,
    /// What the clock was where a page is damaged first, or one is missing between two others.
    broken: Option<u64>,
}

impl Streams<'_> {
    /// Adds a page that is at `place`.
    fn add(&mut self, page: &Page, place: Range<u64>, is_whole: bool) {
        let clock = u64::try_from(page.clock).unwrap_or(0);
        let next = (page.sequence.wrapping_add(1), clock > 0);
        let before = self.numbers.insert(page.serial, next);
        // What was taken from the midst of a broadcast has its headers, and then pages with the numbers that they had.
        let follows = before.is_none_or(|(number, ran)| !ran || number == page.sequence);
        if !is_whole || !follows {
            self.broken.get_or_insert(self.clock);
        }
        self.clock = clock;
        self.ended |= page.ends;
        self.pages.push(place);
    }

    /// Ends the link; the next one begins at `next`.
    fn finish(&mut self, cut: bool, next: u64) {
        if !self.pages.is_empty() {
            let pages = std::mem::take(&mut self.pages);
            self.links.push(Link {
                start: self.start,
                view: View::new(self.file.clone(), pages.into_iter().map(Piece::File)),
                coding: Coding::Ogg {
                    broken: self.broken,
                },
                cut,
            });
        }
        self.start = next;
        self.ended = false;
        self.numbers.clear();
        self.clock = 0;
        self.broken = None;
    }
}

/// The page at `position`, if one begins there; it may reach beyond the end.
fn page(bytes: &mut Bytes, position: u64) -> io::Result<Option<Page>> {
    let header = bytes.at(position, HEADER + 255)?;
    let [b'O', b'g', b'g', b'S', 0, flags, rest @ ..] = header else {
        return Ok(None);
    };
    let (Some(segments), Some((clock, rest))) = (header.get(HEADER - 1), rest.split_first_chunk())
    else {
        // Cut within the header.
        return Ok(Some(Page {
            length: u64::MAX / 2,
            begins: false,
            ends: false,
            serial: 0,
            sequence: 0,
            clock: 0,
            checksum: 0,
        }));
    };
    let mut numbers = rest
        .as_chunks()
        .0
        .iter()
        .map(|number| u32::from_le_bytes(*number));
    let mut number = || numbers.next().unwrap_or_default();
    let table = header.iter().skip(HEADER).take(usize::from(*segments));
    let body: u64 = table.map(|segment| u64::from(*segment)).sum();
    Ok(Some(Page {
        length: HEADER as u64 + u64::from(*segments) + body,
        begins: flags & 2 != 0,
        ends: flags & 4 != 0,
        serial: number(),
        sequence: number(),
        clock: i64::from_le_bytes(*clock),
        checksum: number(),
    }))
}

/// Whether the page at `position` is as it was written, by its checksum (RFC 3533, section 6).
fn is_whole(bytes: &mut Bytes, position: u64, page: &Page) -> io::Result<bool> {
    let mut found = Crc32::new(0);
    let mut at = 0;
    while at < page.length {
        let mut piece = bytes.at(position + at, (page.length - at).min(STEP) as usize)?;
        if piece.is_empty() {
            return Ok(false);
        }
        at += piece.len() as u64;
        // The checksum itself counts as zero.
        if at == piece.len() as u64
            && let (Some(front), Some(back)) =
                (piece.get(..CHECKSUM.start), piece.get(CHECKSUM.end..))
        {
            found.process_buf_bytes(front);
            found.process_buf_bytes(&[0; 4]);
            piece = back;
        }
        found.process_buf_bytes(piece);
    }
    Ok(found.crc() == page.checksum)
}
