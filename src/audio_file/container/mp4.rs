//! MP4: boxes, and what of a track is to be heard (ISO/IEC 14496-12, sections 4.2, 8.2, 8.4 and 8.6.6). The decoding library reads
//! all the rest.

use std::{fs::File, io, ops::Range, sync::Arc};

use super::{Coding, Link, NoLink, Part, joint, mark};
use crate::audio_file::view::{Bytes, Piece, View};

/// The part of a track that is to be heard: encoders put silence in front of it, and behind. Both in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::audio_file) struct Edit {
    pub skip: f64,
    /// `None` if it goes on to the end.
    pub length: Option<f64>,
}

/// The MP4 that `sound` begins with.
pub(super) fn part(file: &Arc<File>, bytes: &mut Bytes, sound: Range<u64>) -> Result<Part, NoLink> {
    let boxes = Boxes::of(bytes, sound.clone())?;
    if !boxes.movie {
        return Err(NoLink::NoIndex(
            "the box `moov`, which many programs write last of all",
        ));
    }
    let there = sound.start..boxes.end;
    let (edit, beside) = tracks(bytes, there.clone())?;
    let link = Link {
        start: sound.start,
        // The decoding library skips a box that is longer than the file.
        view: View::new(
            file.clone(),
            [Piece::File(there), Piece::Missing(boxes.missing)],
        ),
        coding: Coding::Mp4 { edit, beside },
        cut: boxes.cut,
    };
    Ok(Part {
        links: vec![link],
        end: boxes.end,
    })
}

/// What a walk over the outermost boxes finds.
struct Boxes {
    /// Whether there is a whole index.
    movie: bool,
    /// Whether sound is missing at the end.
    cut: bool,
    /// Where the file ends.
    end: u64,
    /// How much longer the last box says that it is.
    missing: u64,
}

impl Boxes {
    /// Of the MP4 that `file` begins with.
    fn of(bytes: &mut Bytes, file: Range<u64>) -> io::Result<Self> {
        let mut boxes = Self {
            movie: false,
            cut: false,
            end: file.start,
            missing: 0,
        };
        let mut media = None;
        while let Some(found) = box_at(bytes, boxes.end, file.end)? {
            let is_another = boxes.end > file.start && mark::at(bytes, boxes.end)?.is_some();
            let is_box = found
                .kind
                .iter()
                .all(|letter| (b' '..=b'~').contains(letter));
            if is_another || !is_box {
                break;
            }
            let missing = found.declared_end - found.content.end;
            let is_media = &found.kind == b"mdat";
            if missing > 0 {
                boxes.cut = is_media || &found.kind == b"moof";
                if !is_media {
                    // Half an index is none. Other boxes hold no sound.
                    break;
                }
                boxes.missing = missing;
            }
            boxes.movie |= &found.kind == b"moov";
            boxes.end = found.content.end;
            if is_media {
                media = Some(found);
            }
        }
        if (boxes.missing > 0 || joint::is_junk(bytes, boxes.end..file.end)?)
            && let Some(media) = media
            && let Some((next, ..)) = joint::inside(bytes, media.content)?
        {
            boxes.cut = true;
            boxes.end = next;
            boxes.missing = media.declared_end.saturating_sub(next);
        }
        Ok(boxes)
    }
}

/// The edit of the first sound track, if it has a plain one, and how many other tracks of sound there are that are meant to be heard:
/// not those that are switched off, as the stems of a song are, nor the first one in another language.
fn tracks(bytes: &mut Bytes, file: Range<u64>) -> io::Result<(Option<Edit>, usize)> {
    let Some(movie) = child(bytes, &file, b"moov")? else {
        return Ok((None, 0));
    };
    let movie_scale = scale(bytes, &movie, b"mvhd")?;
    let (mut edit, mut first, mut beside) = (None, None, 0);
    let mut position = movie.start;
    while let Some(found) = box_at(bytes, position, movie.end)? {
        let track = found.content;
        position = track.end;
        if &found.kind != b"trak" {
            continue;
        }
        let Some(media) = child(bytes, &track, b"mdia")? else {
            continue;
        };
        let handler = child(bytes, &media, b"hdlr")?;
        let is_sound = match handler {
            Some(handler) => bytes.array::<4>(handler.start + 8)? == Some(*b"soun"),
            None => false,
        };
        if !is_sound {
            continue;
        }
        let (is_on, group) = header(bytes, &track)?;
        let Some(first) = first else {
            first = Some(group);
            edit = match (movie_scale, scale(bytes, &media, b"mdhd")?) {
                (Some(movie_scale), Some(scale)) => plain_edit(bytes, &track, movie_scale, scale)?,
                _ => None,
            };
            continue;
        };
        beside += usize::from(is_on && (group == 0 || group != first));
    }
    Ok((edit, beside))
}

/// Whether a track is switched on, and the number of its group, of which one is to be heard; 0 is none (section 8.3.2).
fn header(bytes: &mut Bytes, track: &Range<u64>) -> io::Result<(bool, u16)> {
    let Some(header) = child(bytes, track, b"tkhd")? else {
        return Ok((true, 0));
    };
    let Some([version, _, _, flags]) = bytes.array(header.start)? else {
        return Ok((true, 0));
    };
    // Behind three times, which are longer in version 1.
    let offset = if version == 0 { 34 } else { 46 };
    let group = bytes.array(header.start + offset)?;
    Ok((flags & 1 != 0, group.map_or(0, u16::from_be_bytes)))
}

/// The edit of a track, if it has one and that is plain.
fn plain_edit(
    bytes: &mut Bytes,
    track: &Range<u64>,
    movie_scale: f64,
    media_scale: f64,
) -> io::Result<Option<Edit>> {
    let Some(edits) = child(bytes, track, b"edts")? else {
        return Ok(None);
    };
    match child(bytes, &edits, b"elst")? {
        Some(list) => plain(bytes, list, movie_scale, media_scale),
        None => Ok(None),
    }
}

/// A list of one edit, behind empty ones, at the usual rate.
fn plain(
    bytes: &mut Bytes,
    list: Range<u64>,
    movie_scale: f64,
    media_scale: f64,
) -> io::Result<Option<Edit>> {
    let Some([version, _, _, _, a, b, c, d]) = bytes.array(list.start)? else {
        return Ok(None);
    };
    let count = u32::from_be_bytes([a, b, c, d]);
    let mut position = list.start + 8;
    let mut found = None;
    for _ in 0..count.min(16) {
        let (length, start, size) = match version {
            0 => {
                let Some([a, b, c, d, e, f, g, h]) = bytes.array(position)? else {
                    return Ok(None);
                };
                let start = i64::from(i32::from_be_bytes([e, f, g, h]));
                (u64::from(u32::from_be_bytes([a, b, c, d])), start, 12)
            }
            _ => {
                let (Some(length), Some(start)) =
                    (bytes.array(position)?, bytes.array(position + 8)?)
                else {
                    return Ok(None);
                };
                (u64::from_be_bytes(length), i64::from_be_bytes(start), 20)
            }
        };
        position += size;
        // A gap in front of the sound is not part of the file's sound.
        if start < 0 {
            continue;
        }
        if found.is_some() {
            return Ok(None);
        }
        found = Some(Edit {
            skip: start as f64 / media_scale,
            // The movie's clock is coarse: a tick more, so that no sound is lost.
            length: (length > 0).then(|| (length + 1) as f64 / movie_scale),
        });
    }
    Ok(found)
}

/// Ticks per second of a header box.
fn scale(bytes: &mut Bytes, range: &Range<u64>, kind: &[u8; 4]) -> io::Result<Option<f64>> {
    let Some(header) = child(bytes, range, kind)? else {
        return Ok(None);
    };
    // Behind two times, which are longer in version 1.
    let offset = match bytes.array::<1>(header.start)? {
        Some([0]) => 12,
        Some([1]) => 20,
        _ => return Ok(None),
    };
    let ticks = bytes.array(header.start + offset)?.map(u32::from_be_bytes);
    Ok(ticks.filter(|ticks| *ticks > 0).map(f64::from))
}

/// The content of the first box of that kind in `range`.
fn child(
    bytes: &mut Bytes,
    range: &Range<u64>,
    wanted: &[u8; 4],
) -> io::Result<Option<Range<u64>>> {
    let mut position = range.start;
    while let Some(found) = box_at(bytes, position, range.end)? {
        if &found.kind == wanted {
            return Ok(Some(found.content));
        }
        position = found.content.end;
    }
    Ok(None)
}

/// A box, which is what MP4 calls its parts.
struct Mp4Box {
    kind: [u8; 4],
    /// As much as is there.
    content: Range<u64>,
    /// Where it says that it ends: not before `content` does.
    declared_end: u64,
}

/// The box at `position`, if one begins there.
fn box_at(bytes: &mut Bytes, position: u64, end: u64) -> io::Result<Option<Mp4Box>> {
    if position.saturating_add(8) > end {
        return Ok(None);
    }
    let Some([a, b, c, d, kind @ ..]) = bytes.array::<8>(position)? else {
        return Ok(None);
    };
    let (header, size) = match u32::from_be_bytes([a, b, c, d]) {
        0 => (8, end - position),
        1 => match bytes.array(position + 8)?.map(u64::from_be_bytes) {
            Some(size) => (16, size),
            None => return Ok(None),
        },
        size => (8, u64::from(size)),
    };
    if size < header {
        return Ok(None);
    }
    let declared_end = position.saturating_add(size);
    let there = declared_end.min(end);
    Ok(Some(Mp4Box {
        kind,
        content: (position + header).min(there)..there,
        declared_end,
    }))
}
