//! Genre and mood in the files' own metadata.

mod fields;

use std::{
    error::Error,
    fmt,
    fs::File,
    hash::{DefaultHasher, Hasher},
    io::{self, BufReader, Seek},
    path::Path,
};

use lofty::{
    file::{TaggedFile, TaggedFileExt},
    probe::Probe,
    tag::ItemKey,
};
use serde_json::{Value, json};

use crate::{
    atomic_file::AtomicFile,
    audio_file::{AudioFileError, AudioReader},
};

/// Why a file's metadata was not written. The file is as it was.
#[derive(Debug, thiserror::Error)]
pub enum MetadataError {
    #[error("its metadata can't be read or written: {0}")]
    Library(String),
    #[error("this kind of file has no place for genre and mood that Moodring knows")]
    Unknown,
    #[error("its metadata can't be written: {0}")]
    Io(#[from] io::Error),
    #[error("its metadata is not written, for with it the sound could not be read: {0}")]
    Unreadable(#[from] AudioFileError),
    #[error("its metadata is not written, for that would have changed the sound")]
    Sound,
    #[error("its metadata is not written, since the file is damaged")]
    Damaged,
    #[error("the standard input has no metadata to write")]
    StandardInput,
}

/// A field that Moodring fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    Genre,
    Mood,
}

impl Field {
    pub fn id(self) -> &'static str {
        match self {
            Self::Genre => "genre",
            Self::Mood => "mood",
        }
    }

    fn key(self) -> ItemKey {
        match self {
            Self::Genre => ItemKey::Genre,
            Self::Mood => ItemKey::Mood,
        }
    }
}

/// What becomes of a field.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    pub field: Field,
    /// What the file said before.
    pub before: Option<String>,
    /// What it says from now on.
    pub after: String,
    /// Whether it has been written.
    pub is_written: bool,
}

impl Change {
    /// As the records in JSON have it.
    pub fn object(&self) -> Value {
        json!({
            "field": self.field.id(),
            "before": self.before,
            "after": self.after,
            "written": self.is_written,
        })
    }
}

impl fmt::Display for Change {
    fn fmt(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        let done = if self.is_written {
            "written"
        } else {
            "would be written"
        };
        write!(text, "{} {done}: {}", self.field.id(), self.after)?;
        match &self.before {
            Some(before) => write!(text, " in place of {before}"),
            None => Ok(()),
        }
    }
}

/// Tells whether two streams of sound are the same to the bit, whatever blocks they come in: each channel is
/// hashed by itself.
#[derive(Default)]
pub struct SoundHash(Vec<DefaultHasher>);

impl SoundHash {
    /// Takes frames in, indexed by `[channel_idx][frame_idx]`.
    pub fn add(&mut self, block: &[Vec<f32>]) {
        self.0.resize_with(block.len(), DefaultHasher::new);
        for (hash, samples) in self.0.iter_mut().zip(block) {
            for sample in samples {
                hash.write_u32(sample.to_bits());
            }
        }
    }

    /// The same for the same sound.
    pub fn finish(&self) -> u64 {
        let mut all = DefaultHasher::new();
        for channel in &self.0 {
            all.write_u64(channel.finish());
        }
        all.finish()
    }
}

/// What would be written into a file: those of the `wishes` that it doesn't say already; one that says something else only if
/// that is to be replaced.
pub fn plan(
    file: &Path,
    wishes: &[(Field, String)],
    replace: bool,
) -> Result<Vec<Change>, MetadataError> {
    let tagged = read(&mut File::open(file)?)?;
    let said = |field: Field| {
        let tags = std::iter::once(tagged.primary_tag())
            .flatten()
            .chain(tagged.tags());
        let mut texts = tags.filter_map(|tag| tag.get_string(field.key()));
        texts.find(|text| !text.is_empty()).map(str::to_owned)
    };
    let changes = wishes.iter().filter_map(|(field, after)| {
        let before = said(*field);
        let wanted = match &before {
            None => true,
            Some(before) => replace && before != after,
        };
        wanted.then(|| Change {
            field: *field,
            before,
            after: after.clone(),
            is_written: false,
        })
    });
    Ok(changes.collect())
}

/// Writes changes into a copy of the file, which takes its place once its `sound` was found to be that of the file.
pub fn write(file: &Path, changes: &mut [Change], sound: u64) -> Result<(), MetadataError> {
    let mut draft = AtomicFile::create(file)?;
    io::copy(&mut File::open(file)?, &mut draft)?;
    let copy = draft.as_file_mut();
    let kind = read(copy)?.file_type();
    fields::put(copy, kind, changes)?;
    let Some(path) = draft.path() else {
        return Err(MetadataError::Sound);
    };
    let mut reader = AudioReader::open(path)?;
    let mut hash = SoundHash::default();
    while let Some(block) = reader.next_block()? {
        hash.add(block);
    }
    if hash.finish() != sound {
        return Err(MetadataError::Sound);
    }
    drop(reader);
    draft.finish()?;
    for change in changes {
        change.is_written = true;
    }
    Ok(())
}

fn read(file: &mut File) -> Result<TaggedFile, MetadataError> {
    file.rewind()?;
    let probe = Probe::new(BufReader::new(file)).guess_file_type()?;
    if probe.file_type().is_none() {
        return Err(MetadataError::Unknown);
    }
    let read = probe.read();
    read.map_err(|why| MetadataError::Library(causes(&why)))
}

/// An error with what caused it, in one line.
fn causes(why: &dyn Error) -> String {
    let mut words = why.to_string();
    let mut cause = why.source();
    while let Some(why) = cause {
        words += &format!(": {why}");
        cause = why.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn sound(file: &Path) -> u64 {
        let mut reader = AudioReader::open(file).unwrap();
        let mut hash = SoundHash::default();
        while let Some(block) = reader.next_block().unwrap() {
            hash.add(block);
        }
        hash.finish()
    }

    fn fixture(name: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/audio");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(name);
        fs::copy(Path::new(fixtures).join(name), &file).unwrap();
        (folder, file)
    }

    fn wishes() -> [(Field, String); 2] {
        [
            (Field::Genre, "rock".to_owned()),
            (Field::Mood, "très calme".to_owned()),
        ]
    }

    #[test]
    fn every_kind_of_file_says_it_afterwards_and_sounds_the_same() {
        for name in [
            "tone.mp3",
            "tone.flac",
            "tone.ogg",
            "tone.opus",
            "tone.aiff",
            "tone.aac",
            "tone-aac.m4a",
            "tone-alac.m4a",
        ] {
            let (_folder, file) = fixture(name);
            let before = sound(&file);
            let mut changes = plan(&file, &wishes(), true).unwrap();
            assert_eq!(changes.len(), 2, "{name}");
            write(&file, &mut changes, before).unwrap_or_else(|why| panic!("{name}: {why}"));
            assert!(changes.iter().all(|change| change.is_written));
            assert_eq!(sound(&file), before, "{name}");
            assert_eq!(plan(&file, &wishes(), true).unwrap(), [], "{name}");
        }
    }

    #[test]
    fn where_the_sound_would_be_another_the_file_stays() {
        let (folder, file) = fixture("tone.flac");
        let before = fs::read(&file).unwrap();
        let mut changes = plan(&file, &wishes(), true).unwrap();
        let why = write(&file, &mut changes, sound(&file) ^ 1).unwrap_err();
        assert!(matches!(why, MetadataError::Sound), "{why}");
        assert!(changes.iter().all(|change| !change.is_written));
        assert_eq!(fs::read(&file).unwrap(), before);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let (_folder, caf) = fixture("tone.caf");
        let why = plan(&caf, &wishes(), true).unwrap_err();
        assert!(why.to_string().contains("this kind of file"), "{why}");
    }
}
