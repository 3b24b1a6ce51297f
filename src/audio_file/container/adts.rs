//! Raw AAC: frames, each with a header (ISO/IEC 13818-7, section 6.2, and 14496-3, section 1.A.3.2), and nothing that says how many.

use std::{fs::File, io, ops::Range, sync::Arc};

use super::{Coding, Link, Part, mark, mpeg_header, tags};
use crate::audio_file::view::{Bytes, Piece, View};

/// Frames in a row that make sound of what could be junk.
const SURE: u32 = 4;

/// What a frame's header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Header {
    /// The profile, the rate and the channels, which all frames of a stream have in common.
    layout: [u8; 3],
    /// Of the whole frame, in bytes.
    length: u64,
}

impl Header {
    fn parse([sync, kind, a, b, c, d]: [u8; 6]) -> Option<Self> {
        // The layer is always 0.
        if sync != 0xff || kind & 0xf6 != 0xf0 {
            return None;
        }
        let rate = a >> 2 & 0xf;
        let length = u64::from(b & 3) << 11 | u64::from(c) << 3 | u64::from(d >> 5);
        // Of the one bit in between every program makes what it likes.
        let layout = [kind, a & 0xfd, b & 0xc0];
        (rate < 13 && length > 7).then_some(Self { layout, length })
    }

    fn at(bytes: &mut Bytes, position: u64) -> io::Result<Option<Self>> {
        Ok(bytes.array(position)?.and_then(Self::parse))
    }
}

/// Whether raw AAC begins at `position`.
pub(super) fn begins(bytes: &mut Bytes, position: u64, sound: &Range<u64>) -> io::Result<bool> {
    let Some(first) = Header::at(bytes, position)? else {
        return Ok(false);
    };
    let mut next = position + first.length;
    for _ in 1..SURE {
        match Header::at(bytes, next)? {
            Some(header) if header.layout == first.layout => next += header.length,
            _ => return Ok(next == sound.end),
        }
    }
    Ok(true)
}

/// All the frames in `sound`, without what is between them, up to a file of another kind. `None` if it doesn't begin with one.
pub(super) fn part(
    file: &Arc<File>,
    bytes: &mut Bytes,
    sound: Range<u64>,
) -> io::Result<Option<Part>> {
    if !begins(bytes, sound.start, &sound)? {
        return Ok(None);
    }
    let mut streams: Vec<Stream> = Vec::new();
    let mut cut = false;
    let (mut position, mut end) = (sound.start, sound.end);
    while position < sound.end {
        let layout = streams.last().map(|stream| stream.layout);
        let header = match Header::at(bytes, position)? {
            Some(header) if layout == Some(header.layout) => Some(header),
            Some(header) if begins(bytes, position, &sound)? => Some(header),
            _ => None,
        };
        let Some(header) = header else {
            if mpeg_header::begins(bytes, position, &sound)? {
                end = position;
                break;
            }
            let next = behind(bytes, position, &sound)?;
            if let Some((mark, _)) = mark::find(bytes, position..next)? {
                end = mark;
                break;
            }
            position = next;
            continue;
        };
        let next = position + header.length;
        if next > sound.end {
            cut = true;
            break;
        }
        if layout != Some(header.layout) {
            streams.push(Stream {
                layout: header.layout,
                start: position,
                frames: Vec::new(),
            });
        }
        if let Some(stream) = streams.last_mut() {
            stream.frames.push(Piece::File(position..next));
        }
        position = next;
    }
    let count = streams.len();
    let link = |(index, stream): (usize, Stream)| Link {
        start: stream.start,
        view: View::new(file.clone(), stream.frames),
        coding: Coding::Adts,
        cut: cut && index + 1 == count,
    };
    Ok(Some(Part {
        links: streams.into_iter().enumerate().map(link).collect(),
        end,
    }))
}

/// Frames of one layout, one behind the other.
struct Stream {
    layout: [u8; 3],
    start: u64,
    frames: Vec<Piece>,
}

/// What is behind the tag at `position`, or where the next frame begins behind it, or the end.
fn behind(bytes: &mut Bytes, position: u64, sound: &Range<u64>) -> io::Result<u64> {
    let tag = match tags::front(bytes, position)? {
        None => tags::id3v1(bytes, position)?,
        some => some,
    };
    if let Some(length) = tag {
        return Ok(position.saturating_add(length).min(sound.end));
    }
    let mut from = position + 1;
    while let Some(candidate) = bytes.find(from..sound.end, &[0xff])? {
        if begins(bytes, candidate, sound)? {
            return Ok(candidate);
        }
        from = candidate + 1;
    }
    Ok(sound.end)
}
