//! What is in a file, before anything is decoded: the stretches of it that are sound, without the tags around them and with what
//! headers say about lengths checked against what is there.
//!
//! Headers are wrong about lengths in files that were streamed, joined, cut or tagged, and the decoding library believes them. So
//! each kind of container is walked here, by its own frames, pages or chunks.
//!
//! - `mark`: how files begin
//! - `tags`: ID3, APE and Lyrics tags around the sound
//! - `joint`: where a file ends and another that was joined to it begins
//! - `riff`: wav (RF64, BW64) and aiff: chunks
//! - `caf`: chunks, too
//! - `mpeg`, `mpeg_header`: mp3: frames
//! - `adts`: raw AAC: frames, too
//! - `mp4`: boxes, and the part of a track that is to be heard
//! - `ogg`, `ogg_stream`, `ogg_page`: pages, of streams beside each other and one behind the other
//! - `flac`: streams one behind the other

mod adts;
mod caf;
mod flac;
mod joint;
mod mark;
mod mp4;
mod mpeg;
mod mpeg_header;
mod ogg;
mod ogg_page;
mod ogg_stream;
mod riff;
mod tags;

use std::{fs::File, io, ops::Range, sync::Arc};

use super::view::{Bytes, Piece, View};
use mark::{HEAD, Kind};
pub(super) use mp4::Edit;
pub(super) use ogg_stream::Broken;
pub(super) use riff::Pcm;

/// All the sound in a file.
#[derive(Debug)]
pub(super) struct Sound {
    /// At least one, in order.
    pub links: Vec<Link>,
    /// What is behind them.
    pub unread: Option<Unread>,
}

/// A file that was joined to another and is none of its links.
#[derive(Debug)]
pub(super) struct Unread {
    /// Where in the whole it begins, in bytes.
    pub start: u64,
    /// What it is.
    pub found: String,
}

/// One of the files that a file was joined from.
struct Part {
    links: Vec<Link>,
    /// Where it ends, in bytes of the whole.
    end: u64,
}

/// A stretch of sound that is decoded by itself. Most files are one; a joined file is several.
#[derive(Debug)]
pub(super) struct Link {
    /// Where in the file it begins, in bytes.
    pub start: u64,
    /// Its bytes.
    pub view: View,
    /// What they are.
    pub coding: Coding,
    /// Whether audio is missing at its end for certain.
    pub cut: bool,
}

/// How a [`Link`] is coded.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Coding {
    /// Bare samples; `frames` are declared, where the header can be believed.
    Pcm { layout: Pcm, frames: Option<u64> },
    /// MPEG layer III. The header frame's word on what the encoder has added in front and behind is good only if its length is
    /// that of the file.
    Mpeg { believed: bool },
    /// Ogg, one stream of a single chain link; what is wrong with its pages first, and how many other streams of sound run beside it.
    Ogg {
        broken: Option<Broken>,
        beside: usize,
    },
    /// MP4, one track; with the part of it that is to be heard, if that isn't all, and how many other tracks of sound there are.
    Mp4 { edit: Option<Edit>, beside: usize },
    /// Native flac, a single stream whose frames take so many bytes.
    Flac { bytes: u64 },
    /// Raw AAC, frames of one layout.
    Adts,
    /// Sound that isn't read, or none, and what it is.
    Unread(&'static str),
    /// Whatever the decoding library makes of it.
    Other,
}

impl Coding {
    /// How many streams of sound there are beside the one that is read.
    pub fn beside(&self) -> usize {
        match self {
            Self::Ogg { beside, .. } | Self::Mp4 { beside, .. } => *beside,
            _ => 0,
        }
    }
}

/// Why a file has no [`Link`].
#[derive(Debug, thiserror::Error)]
pub(super) enum NoLink {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("{0}")]
    Unknown(String),
    #[error("{0}")]
    Empty(&'static str),
    #[error("without its index, {0}")]
    NoIndex(&'static str),
}

/// Finds all the sound in a file.
pub(super) fn sound(file: &Arc<File>) -> Result<Sound, NoLink> {
    let mut bytes = Bytes::new(file.clone())?;
    if bytes.length() == 0 {
        return Err(NoLink::Empty("0 bytes long"));
    }
    let sound = tags::stripped(&mut bytes)?;
    if sound.is_empty() {
        return Err(NoLink::Empty("nothing but tags"));
    }
    let kind = match Kind::of(bytes.at(sound.start, HEAD)?) {
        Some(kind) => kind,
        None if adts::begins(&mut bytes, sound.start, &sound)? => Kind::Adts,
        None => Kind::Mpeg,
    };
    let Part { mut links, mut end } = match part(file, &mut bytes, kind, sound.clone())? {
        Some(part) => part,
        // Something that the library may know how to find.
        None => {
            let next = mark::find(&mut bytes, sound.start + 1..sound.end)?;
            let end = next.map_or(sound.end, |(next, _)| next);
            Part {
                links: vec![whole(file, sound.start..end)],
                end,
            }
        }
    };
    let mut unread = None;
    while let Some((start, next)) = joint::next(&mut bytes, end..sound.end)? {
        let found = if next == kind {
            match part(file, &mut bytes, kind, start..sound.end) {
                Ok(Some(part)) => {
                    links.extend(part.links);
                    end = part.end.max(start + 1);
                    continue;
                }
                Ok(None) => next.name().to_owned(),
                Err(NoLink::Io(why)) => return Err(why.into()),
                Err(why) => format!("{}: {why}", next.name()),
            }
        } else {
            next.name().to_owned()
        };
        unread = Some(Unread { start, found });
        break;
    }
    Ok(Sound { links, unread })
}

/// The file of that kind that `sound` begins with, if it is one.
fn part(
    file: &Arc<File>,
    bytes: &mut Bytes,
    kind: Kind,
    sound: Range<u64>,
) -> Result<Option<Part>, NoLink> {
    let part = match kind {
        Kind::Wave => riff::wave(file, bytes, sound),
        Kind::Aiff => riff::aiff(file, bytes, sound),
        Kind::Caf => caf::part(file, bytes, sound),
        Kind::Flac => flac::part(file, bytes, sound),
        Kind::Ogg => ogg::part(file, bytes, sound),
        Kind::Mp4 => mp4::part(file, bytes, sound),
        Kind::Mpeg => return Ok(mpeg::part(file, bytes, sound)?),
        Kind::Adts => return Ok(adts::part(file, bytes, sound)?),
    };
    part.map(Some)
}

fn whole(file: &Arc<File>, sound: Range<u64>) -> Link {
    Link {
        start: sound.start,
        view: View::new(file.clone(), [Piece::File(sound)]),
        coding: Coding::Other,
        cut: false,
    }
}
