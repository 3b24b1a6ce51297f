//! Native flac: streams, each with its own header, one behind the other.

use std::{fs::File, ops::Range, sync::Arc};

use super::{Coding, Link, NoLink, tags};
use crate::audio_file::view::{Bytes, Piece, View};

/// How a stream begins (RFC 9639, sections 7 and 8.1): the mark, and a header of a stream information block, which is 34 bytes
/// long and the last block or not.
const BEGINNINGS: [&[u8; 8]; 2] = [b"fLaC\x00\x00\x00\x22", b"fLaC\x80\x00\x00\x22"];

/// Every stream in `sound`, which begins with one.
pub(super) fn links(
    file: &Arc<File>,
    bytes: &mut Bytes,
    sound: Range<u64>,
) -> Result<Vec<Link>, NoLink> {
    let mut starts = vec![sound.start];
    for beginning in BEGINNINGS {
        let mut from = sound.start + 1;
        while let Some(start) = bytes.find(from..sound.end, beginning)? {
            starts.push(start);
            from = start + 1;
        }
    }
    starts.sort_unstable();
    let mut links = Vec::new();
    for (index, start) in starts.iter().enumerate() {
        let mut stream = *start..sound.end;
        if let Some(next) = starts.get(index + 1) {
            stream.end = *next;
            tags::strip_link(bytes, &mut stream)?;
        }
        links.push(Link {
            view: View::new(file.clone(), [Piece::File(stream)]),
            coding: Coding::Flac,
            cut: false,
        });
    }
    Ok(links)
}
