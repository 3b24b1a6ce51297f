//! MPEG audio, layer III: frames, each with a header, and nothing around them that says how many there are but an optional first
//! frame.
//!
//! The header frame by G. Schaathun's and LAME's notes on Xing's and by Fraunhofer's VBRI.

use std::{fs::File, io, ops::Range, sync::Arc};

use super::{
    Coding, Link, Part, adts, mark,
    mpeg_header::{Header, SURE, is_sure, next_frame},
    tags,
};
use crate::audio_file::view::{Bytes, Piece, View};

/// How far into a file its first frame is looked for: some have pictures or other junk in front.
const LONGEST_JUNK: u64 = 4 << 20;

/// How far behind the last frame a file's mark is looked for before the next frame is.
const NEAR: u64 = 4096;

/// How many frames a header frame may be wrong by: encoders disagree on whether it counts itself.
const TOLERANCE: u64 = 1;

/// Frames that one decoder takes, one behind the other.
struct Stream {
    start: u64,
    pieces: Vec<Piece>,
    /// How many hold sound.
    frames: u64,
}

/// All the frames in `sound`, without what is between them, up to a file of another kind. `None` if there are none.
pub(super) fn part(
    file: &Arc<File>,
    bytes: &mut Bytes,
    sound: Range<u64>,
) -> io::Result<Option<Part>> {
    let earliest = sound.start..sound.end.min(sound.start.saturating_add(LONGEST_JUNK));
    let Some(first) = next_frame(bytes, earliest, &sound, None)? else {
        return Ok(None);
    };
    let mut streams: Vec<Stream> = Vec::new();
    // The header of the present stream.
    let mut last: Option<Header> = None;
    // What the first header frame says of the number of frames.
    let mut declared = None;
    let mut cut = false;
    let (mut position, mut end) = (first, sound.end);
    while position < sound.end {
        let Some(header) = frame(bytes, position, &sound, last.as_ref())? else {
            match behind(bytes, position, &sound, last.as_ref())? {
                Behind::Frame(next) => position = next,
                Behind::File(next) => {
                    end = next;
                    break;
                }
                Behind::Nothing => break,
            }
            continue;
        };
        let next = position + header.length;
        let another = mark_within(bytes, position, next, &sound)?;
        if next > sound.end || another.is_some() {
            cut = true;
            end = another.unwrap_or(sound.end);
            break;
        }
        let is_other = match &last {
            Some(last) if last.goes_with(&header) => false,
            // A damaged frame is no other stream.
            Some(last) if last.resembles(&header) => {
                is_sure(bytes, position, &header, &sound, SURE)?
            }
            _ => true,
        };
        if is_other {
            streams.push(Stream {
                start: position,
                pieces: Vec::new(),
                frames: 0,
            });
            last = Some(header);
        }
        let Some(stream) = streams.last_mut() else {
            break;
        };
        match header_frame(bytes, position, &header)? {
            Some((_, count)) if position == first => {
                declared = count;
                stream.pieces.push(Piece::File(position..next));
            }
            // That of a file that was joined on. Players that don't know it play the silence that it is for others, and the
            // decoding library would drop it: without its mark it is silence here, too, and lengths are the same everywhere.
            Some((mark, _)) => {
                stream.pieces.extend([
                    Piece::File(position..position + mark),
                    Piece::Zeros(4),
                    Piece::File(position + mark + 4..next),
                ]);
                stream.frames += 1;
            }
            None => {
                stream.pieces.push(Piece::File(position..next));
                stream.frames += 1;
            }
        }
        position = next;
    }
    let links = links(file, streams, declared, cut);
    Ok(Some(Part { links, end }))
}

/// `declared` is what the header frame says of the number of frames, and `cut` whether the last one is.
fn links(file: &Arc<File>, streams: Vec<Stream>, declared: Option<u64>, cut: bool) -> Vec<Link> {
    let all: u64 = streams.iter().map(|stream| stream.frames).sum();
    let short = declared.is_some_and(|declared| all + TOLERANCE < declared);
    let first = streams.first().map_or(0, |stream| stream.frames);
    let long = declared.is_some_and(|declared| first > declared + TOLERANCE);
    // Of a file that says how long it is the last frame is of no account: encoders leave half of one behind.
    let cut = short || (declared.is_none() && cut);
    let count = streams.len();
    let link = |(index, stream): (usize, Stream)| Link {
        start: stream.start,
        view: View::new(file.clone(), stream.pieces),
        coding: Coding::Mpeg {
            believed: index == 0 && declared.is_some() && !long,
        },
        cut: cut && index + 1 == count,
    };
    streams.into_iter().enumerate().map(link).collect()
}

/// What comes where no frame is.
enum Behind {
    /// A frame, or a tag that one may stand behind.
    Frame(u64),
    /// A file of another kind.
    File(u64),
    Nothing,
}

fn behind(
    bytes: &mut Bytes,
    position: u64,
    sound: &Range<u64>,
    last: Option<&Header>,
) -> io::Result<Behind> {
    let tag = match tags::front(bytes, position)? {
        None => tags::id3v1(bytes, position)?,
        some => some,
    };
    if let Some(length) = tag {
        return Ok(Behind::Frame(position.saturating_add(length)));
    }
    if adts::begins(bytes, position, sound)? {
        return Ok(Behind::File(position));
    }
    let near = position.saturating_add(NEAR).min(sound.end);
    if let Some((mark, _)) = mark::find(bytes, position..near)? {
        return Ok(Behind::File(mark));
    }
    // Less than a header, or the junk that some leave behind.
    let rest = (position + 1).min(sound.end)..sound.end;
    let next = next_frame(bytes, rest, sound, last)?;
    let junk = near..next.unwrap_or(sound.end);
    Ok(match (mark::find(bytes, junk)?, next) {
        (Some((mark, _)), _) => Behind::File(mark),
        (None, Some(next)) => Behind::Frame(next),
        (None, None) => Behind::Nothing,
    })
}

/// Where another file begins within the frame at `position`, which ends with `next`, if nothing goes on there: it was cut, and the
/// file was joined on.
fn mark_within(
    bytes: &mut Bytes,
    position: u64,
    next: u64,
    sound: &Range<u64>,
) -> io::Result<Option<u64>> {
    if bytes.array(next)?.and_then(Header::parse).is_some() {
        return Ok(None);
    }
    let found = mark::find(bytes, position + 1..next.min(sound.end))?;
    Ok(found.map(|(mark, _)| mark))
}

/// The frame at `position`, if one begins there: one like the last, or one that others follow.
fn frame(
    bytes: &mut Bytes,
    position: u64,
    sound: &Range<u64>,
    last: Option<&Header>,
) -> io::Result<Option<Header>> {
    let Some(header) = bytes.array(position)?.and_then(Header::parse) else {
        return Ok(None);
    };
    if last.is_some_and(|last| last.resembles(&header)) {
        return Ok(Some(header));
    }
    Ok(is_sure(bytes, position, &header, sound, SURE)?.then_some(header))
}

/// If the frame at `position` is a header frame: the offset of its mark, and how many frames it says that follow, if it says so.
fn header_frame(
    bytes: &mut Bytes,
    position: u64,
    header: &Header,
) -> io::Result<Option<(u64, Option<u64>)>> {
    let number = |bytes: Option<[u8; 4]>| bytes.map(u32::from_be_bytes);
    let mark = header.mark();
    if let Some([b'X', b'i', b'n', b'g'] | [b'I', b'n', b'f', b'o']) =
        bytes.array::<4>(position + mark)?
    {
        let counts = number(bytes.array(position + mark + 4)?).is_some_and(|flags| flags & 1 == 1);
        let count = number(bytes.array(position + mark + 8)?).map(u64::from);
        return Ok(Some((mark, count.filter(|count| counts && *count > 0))));
    }
    /// Offset of Fraunhofer's mark, whatever the side information.
    const VBRI: u64 = 36;
    if bytes.array::<4>(position + VBRI)? == Some(*b"VBRI") {
        let count = number(bytes.array(position + VBRI + 14)?).map(u64::from);
        return Ok(Some((VBRI, count.filter(|count| *count > 0))));
    }
    Ok(None)
}
