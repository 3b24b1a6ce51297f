//! What is between a file and another that was joined to it.

use std::{io, ops::Range};

use super::{
    adts,
    mark::{self, Kind},
    mpeg_header, tags,
};
use crate::audio_file::view::Bytes;

/// Bytes of filling that are looked at in one go.
const STEP: usize = 4096;

/// Where in `range`, which begins behind a file's sound, the next file begins, and its kind: behind tags and filling, or, if it has a
/// mark, behind anything.
pub(super) fn next(bytes: &mut Bytes, range: Range<u64>) -> io::Result<Option<(u64, Kind)>> {
    let mut position = range.start;
    while position < range.end {
        let behind = filling(bytes, position..range.end)?;
        let tag = match tags::front(bytes, behind)? {
            None => tags::id3v1(bytes, behind)?,
            some => some,
        };
        match tag {
            Some(length) => position = behind.saturating_add(length),
            None => {
                position = behind;
                break;
            }
        }
    }
    if position >= range.end {
        return Ok(None);
    }
    if mpeg_header::begins(bytes, position, &range)? {
        return Ok(Some((position, Kind::Mpeg)));
    }
    if adts::begins(bytes, position, &range)? {
        return Ok(Some((position, Kind::Adts)));
    }
    // An MP4 begins with a number, which has zeros in front.
    let from = position.saturating_sub(3).max(range.start);
    mark::find(bytes, from..range.end)
}

/// Where in `sound`, whose end isn't known, another file begins, and its kind; and where the sound ends then, in front of tags.
pub(super) fn inside(bytes: &mut Bytes, sound: Range<u64>) -> io::Result<Option<(u64, Kind, u64)>> {
    let marked = mark::find(bytes, sound.clone())?;
    let end = marked.map_or(sound.end, |(next, _)| next);
    let mpeg = mpeg_header::find(bytes, sound.start..end)?;
    let Some((next, kind)) = mpeg.map(|next| (next, Kind::Mpeg)).or(marked) else {
        return Ok(None);
    };
    let mut before = sound.start..next;
    tags::strip_link(bytes, &mut before)?;
    Ok(Some((next, kind, before.end)))
}

/// Whether there are but tags and filling in `gap`.
pub(super) fn is_empty(bytes: &mut Bytes, mut gap: Range<u64>) -> io::Result<bool> {
    loop {
        gap.start = filling(bytes, gap.clone())?;
        if gap.is_empty() {
            return Ok(true);
        }
        match tags::front(bytes, gap.start)? {
            Some(length) => gap.start = gap.start.saturating_add(length),
            None => break,
        }
    }
    tags::strip_back(bytes, &mut gap)?;
    Ok(filling(bytes, gap.clone())? >= gap.end)
}

/// Whether in `rest`, which begins behind a file, there is something that is neither filling nor another file. Such is what a file
/// seems to go on with that was cut before another was joined to it.
pub(super) fn is_junk(bytes: &mut Bytes, rest: Range<u64>) -> io::Result<bool> {
    let next = next(bytes, rest.clone())?.map_or(rest.end, |(next, _)| next);
    Ok(!is_empty(bytes, rest.start..next)?)
}

/// Where in `range` there is something else than zeros.
fn filling(bytes: &mut Bytes, range: Range<u64>) -> io::Result<u64> {
    let mut position = range.start;
    while position < range.end {
        let seen = bytes.at(position, STEP)?;
        if seen.is_empty() {
            break;
        }
        if let Some(offset) = seen.iter().position(|byte| *byte != 0) {
            return Ok(position + offset as u64);
        }
        position += seen.len() as u64;
    }
    Ok(range.end)
}
