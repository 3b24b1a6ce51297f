//! Ogg: pages, and logical streams one behind the other (RFC 3533; a file of several is called chained).

use std::{fs::File, io, ops::Range, sync::Arc};

use super::{
    Coding, Link, NoLink, Part,
    mark::{self, Kind},
};
use crate::audio_file::view::{Bytes, Piece, View};

/// Bytes of a page's header in front of its table of segments.
const HEADER: usize = 27;

/// A page's place and flags.
struct Page {
    length: u64,
    begins: bool,
    ends: bool,
}

/// Every chain link in `sound`, which begins with a page, up to a file of another kind.
pub(super) fn part(file: &Arc<File>, bytes: &mut Bytes, sound: Range<u64>) -> Result<Part, NoLink> {
    let mut streams = Streams {
        file,
        links: Vec::new(),
        start: sound.start,
        pages: Vec::new(),
        ended: false,
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
        streams.ended |= page.ends;
        streams.pages.push(position..behind);
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
}

impl Streams<'_> {
    /// Ends the link; the next one begins at `next`.
    fn finish(&mut self, cut: bool, next: u64) {
        if !self.pages.is_empty() {
            let pages = std::mem::take(&mut self.pages);
            self.links.push(Link {
                start: self.start,
                view: View::new(self.file.clone(), pages.into_iter().map(Piece::File)),
                coding: Coding::Ogg,
                cut,
            });
        }
        self.start = next;
        self.ended = false;
    }
}

/// The page at `position`, if one begins there; it may reach beyond the end.
fn page(bytes: &mut Bytes, position: u64) -> io::Result<Option<Page>> {
    let header = bytes.at(position, HEADER + 255)?;
    let [b'O', b'g', b'g', b'S', 0, flags, ..] = header else {
        return Ok(None);
    };
    let Some(segments) = header.get(HEADER - 1) else {
        // Cut within the header.
        return Ok(Some(Page {
            length: u64::MAX / 2,
            begins: false,
            ends: false,
        }));
    };
    let table = header.iter().skip(HEADER).take(usize::from(*segments));
    let body: u64 = table.map(|segment| u64::from(*segment)).sum();
    Ok(Some(Page {
        length: HEADER as u64 + u64::from(*segments) + body,
        begins: flags & 2 != 0,
        ends: flags & 4 != 0,
    }))
}
