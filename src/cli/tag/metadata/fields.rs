//! The fields in each kind of file: ID3v2 (TCON, TMOO), Vorbis comments (GENRE, MOOD), MP4 (©gen, MOOD). Each kind of metadata is changed as it
//! is, for a common form would lose what only one of them has.

use std::{
    fs::File,
    io::{Read, Seek},
};

use lofty::{
    TextEncoding,
    aac::AacFile,
    config::{ParseOptions, WriteOptions},
    file::{AudioFile, FileType},
    flac::FlacFile,
    id3::v2::{Frame, FrameId, Id3v2Tag, TextInformationFrame},
    iff::{aiff::AiffFile, wav::WavFile},
    mp4::{Atom, AtomData, AtomIdent, Ilst, Mp4File},
    mpeg::MpegFile,
    ogg::{OpusFile, VorbisFile, tag::VorbisComments},
};

use super::{Change, Field, MetadataError, causes};

/// Writes changes into a file of a kind.
pub(super) fn put(
    file: &mut File,
    kind: FileType,
    changes: &[Change],
) -> Result<(), MetadataError> {
    /// Reads the file, changes one of its tags, and writes it.
    macro_rules! put {
        ($sound:ident, $take:ident, $set:ident, $fill:ident) => {{
            let mut sound: $sound = open(file)?;
            let mut tag = sound.$take().map(std::mem::take).unwrap_or_default();
            $fill(&mut tag, changes);
            sound.$set(tag);
            close(&sound, file)
        }};
    }
    match kind {
        FileType::Aac => put!(AacFile, id3v2_mut, set_id3v2, fill_id3),
        FileType::Aiff => put!(AiffFile, id3v2_mut, set_id3v2, fill_id3),
        FileType::Mpeg => put!(MpegFile, id3v2_mut, set_id3v2, fill_id3),
        FileType::Wav => put!(WavFile, id3v2_mut, set_id3v2, fill_id3),
        FileType::Flac => put!(
            FlacFile,
            vorbis_comments_mut,
            set_vorbis_comments,
            fill_vorbis
        ),
        FileType::Mp4 => put!(Mp4File, ilst_mut, set_ilst, fill_mp4),
        FileType::Vorbis => {
            let mut sound: VorbisFile = open(file)?;
            fill_vorbis(sound.vorbis_comments_mut(), changes);
            close(&sound, file)
        }
        FileType::Opus => {
            let mut sound: OpusFile = open(file)?;
            fill_vorbis(sound.vorbis_comments_mut(), changes);
            close(&sound, file)
        }
        _ => Err(MetadataError::Unknown),
    }
}

fn open<S: AudioFile>(file: &mut (impl Read + Seek)) -> Result<S, MetadataError> {
    file.rewind()?;
    let options = ParseOptions::new().read_properties(false);
    S::read_from(file, options).map_err(|why| MetadataError::Library(causes(&why)))
}

fn close(sound: &impl AudioFile, file: &mut File) -> Result<(), MetadataError> {
    file.rewind()?;
    let saved = sound.save_to(file, WriteOptions::default());
    saved.map_err(|why| MetadataError::Library(causes(&why)))
}

fn fill_id3(tag: &mut Id3v2Tag, changes: &[Change]) {
    for change in changes {
        let id = match change.field {
            Field::Genre => "TCON",
            Field::Mood => "TMOO",
        };
        let id = FrameId::Valid(id.into());
        let text = TextInformationFrame::new(id, TextEncoding::UTF8, change.after.clone());
        tag.insert(Frame::Text(text));
    }
}

fn fill_vorbis(tag: &mut VorbisComments, changes: &[Change]) {
    for change in changes {
        let key = match change.field {
            Field::Genre => "GENRE",
            Field::Mood => "MOOD",
        };
        tag.insert(key.to_owned(), change.after.clone());
    }
}

fn fill_mp4(tag: &mut Ilst, changes: &[Change]) {
    for change in changes {
        let ident = match change.field {
            Field::Genre => AtomIdent::Fourcc(*b"\xa9gen"),
            Field::Mood => AtomIdent::Freeform {
                mean: "com.apple.iTunes".into(),
                name: "MOOD".into(),
            },
        };
        // An index in the list of ID3v1 would go on saying the old one.
        if change.field == Field::Genre {
            drop(tag.remove(&AtomIdent::Fourcc(*b"gnre")));
        }
        let text = AtomData::UTF8(change.after.clone());
        tag.replace_atom(Atom::new(ident, text));
    }
}
