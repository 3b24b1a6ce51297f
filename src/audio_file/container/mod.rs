//! What is in a file, before anything is decoded: the stretches of it that are sound, without the tags around them and with what
//! headers say about lengths checked against what is there.
//!
//! Headers are wrong about lengths in files that were streamed, joined, cut or tagged, and the decoding library believes them. So
//! each kind of container is walked here, by its own frames, pages or chunks.
//!
//! - `tags`: ID3, APE and Lyrics tags around the sound
//! - `riff`: wav (RF64, BW64) and aiff: chunks
//! - `mpeg`: mp3: frames
//! - `mp4`: the part of a track that is to be heard
//! - `ogg`: pages, and streams one behind the other
//! - `flac`: streams one behind the other

mod flac;
mod mp4;
mod mpeg;
mod ogg;
mod riff;
mod tags;

use std::{fs::File, io, ops::Range, sync::Arc};

use super::view::{Bytes, Piece, View};
pub(super) use mp4::Edit;
pub(super) use riff::Pcm;

/// A stretch of sound that is decoded by itself. Most files are one; a joined file is several.
#[derive(Debug)]
pub(super) struct Link {
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
    /// Ogg, a single chain link of it.
    Ogg,
    /// MP4, with the part of it that is to be heard.
    Mp4(Edit),
    /// Native flac, a single stream.
    Flac,
    /// Whatever the decoding library makes of it.
    Other,
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
}

/// Finds all the sound in a file, in order: at least one link.
pub(super) fn links(file: &Arc<File>) -> Result<Vec<Link>, NoLink> {
    let mut bytes = Bytes::new(file.clone())?;
    if bytes.length() == 0 {
        return Err(NoLink::Empty("0 bytes long"));
    }
    let sound = tags::stripped(&mut bytes)?;
    if sound.is_empty() {
        return Err(NoLink::Empty("nothing but tags"));
    }
    let mark = bytes.array::<12>(sound.start)?.unwrap_or_default();
    match &mark {
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E']
        | [b'R', b'F', b'6', b'4', _, _, _, _, b'W', b'A', b'V', b'E']
        | [b'B', b'W', b'6', b'4', _, _, _, _, b'W', b'A', b'V', b'E'] => {
            riff::wave(file, &mut bytes, sound)
        }
        [
            b'F',
            b'O',
            b'R',
            b'M',
            _,
            _,
            _,
            _,
            b'A',
            b'I',
            b'F',
            b'F' | b'C',
        ] => riff::aiff(file, &mut bytes, sound),
        [b'O', b'g', b'g', b'S', ..] => ogg::links(file, &mut bytes, sound),
        [b'f', b'L', b'a', b'C', ..] => flac::links(file, &mut bytes, sound),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => {
            let mut link = whole(file, sound.clone());
            if let Some(edit) = mp4::edit(&mut bytes, sound)? {
                link.coding = Coding::Mp4(edit);
            }
            Ok(vec![link])
        }
        [b'c', b'a', b'f', b'f', ..] => Ok(vec![whole(file, sound)]),
        _ => match mpeg::link(file, &mut bytes, sound.clone())? {
            Some(link) => Ok(vec![link]),
            // Raw AAC, or something that the library knows how to find.
            None => Ok(vec![whole(file, sound)]),
        },
    }
}

fn whole(file: &Arc<File>, sound: Range<u64>) -> Link {
    Link {
        view: View::new(file.clone(), [Piece::File(sound)]),
        coding: Coding::Other,
        cut: false,
    }
}
