//! Native flac: streams, each with its own header, one behind the other.

use std::{fs::File, io, ops::Range, sync::Arc};

use super::{Coding, Link, NoLink, Part, joint, mark::Kind};
use crate::audio_file::view::{Bytes, Piece, View};

/// Every stream in `sound`, which begins with one, up to a file of another kind.
pub(super) fn part(file: &Arc<File>, bytes: &mut Bytes, sound: Range<u64>) -> Result<Part, NoLink> {
    let mut links = Vec::new();
    let mut start = sound.start;
    loop {
        let frames = frames(bytes, start..sound.end)?;
        let next = joint::inside(bytes, frames..sound.end)?;
        let (next, kind, end) = next.map_or((sound.end, None, sound.end), |(next, kind, end)| {
            (next, Some(kind), end)
        });
        links.push(Link {
            start,
            view: View::new(file.clone(), [Piece::File(start..end)]),
            coding: Coding::Flac {
                bytes: end.saturating_sub(frames),
            },
            cut: false,
        });
        if kind != Some(Kind::Flac) {
            return Ok(Part { links, end: next });
        }
        start = next;
    }
}

/// Where the frames of a stream begin: behind its blocks of metadata (RFC 9639, section 8.1), which may have another file's header
/// in them.
fn frames(bytes: &mut Bytes, stream: Range<u64>) -> io::Result<u64> {
    let mut position = stream.start + 4;
    while let Some([kind, a, b, c]) = bytes.array(position)? {
        let length = u64::from(u32::from_be_bytes([0, a, b, c]));
        position = position.saturating_add(4 + length);
        if kind & 0x80 != 0 || position >= stream.end {
            break;
        }
    }
    // Damaged lengths lead anywhere.
    Ok(if position < stream.end {
        position
    } else {
        stream.start + 4
    })
}
