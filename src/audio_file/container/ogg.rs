//! Ogg: pages, and logical streams one behind the other (RFC 3533; a file of several is called chained).

use std::{fs::File, io, ops::Range, sync::Arc};

use super::{Coding, Link, NoLink};
use crate::audio_file::view::{Bytes, Piece, View};

/// Bytes of a page's header in front of its table of segments.
const HEADER: usize = 27;

/// A page's place and flags.
struct Page {
    length: u64,
    begins: bool,
    ends: bool,
}

/// Every chain link in `sound`, which begins with a page.
pub(super) fn links(
    file: &Arc<File>,
    bytes: &mut Bytes,
    sound: Range<u64>,
) -> Result<Vec<Link>, NoLink> {
    let mut links = Vec::new();
    let mut pieces = Vec::new();
    let (mut beginning, mut ended, mut cut) = (true, false, false);
    let mut finish = |pieces: &mut Vec<Piece>, cut: bool| {
        if !pieces.is_empty() {
            links.push(Link {
                view: View::new(file.clone(), std::mem::take(pieces)),
                coding: Coding::Ogg,
                cut,
            });
        }
    };
    let mut position = sound.start;
    while position < sound.end {
        let Some(page) = page(bytes, position)? else {
            // Tags between two links, or damage: the decoding library misses the page, then.
            match bytes.find(position + 1..sound.end, b"OggS")? {
                Some(next) => position = next,
                None => break,
            }
            continue;
        };
        if page.begins && !beginning {
            // One that has no end mark and is followed by another may well be all there: tools that join don't set it.
            finish(&mut pieces, false);
            ended = false;
        }
        beginning = page.begins;
        let end = position + page.length;
        if end > sound.end {
            cut = true;
            break;
        }
        ended |= page.ends;
        pieces.push(Piece::File(position..end));
        position = end;
    }
    finish(&mut pieces, cut || !ended);
    if links.is_empty() {
        return Err(NoLink::Unknown("an ogg without a whole page".to_owned()));
    }
    Ok(links)
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
