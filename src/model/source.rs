//! Where models come from: the plugin file itself, or a folder.

use std::{path::PathBuf, sync::LazyLock};

use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;
use sha2::{Digest, Sha256};

use super::{ModelError, MusicMap, TaggerCard, TimbreCard, card::FileEntry};
use crate::regular_file::{self, ReadError};

/// Names a folder whose models are used in place of the embedded ones (`tagger/card.json`, `timbre/card.json`).
pub const MODELS_VARIABLE: &str = "MOODRING_MODELS";

/// A file larger than this is not read: the largest published tagger is a quarter of it.
pub(super) const LARGEST_FILE: u64 = 64 << 20;

/// A file that ships, by its path below `models/`, as `build.rs` has packed it (zlib).
macro_rules! embedded {
    ($path:literal) => {
        (
            $path,
            include_bytes!(concat!(env!("OUT_DIR"), "/models/", $path)),
        )
    };
}

/// The files that ship.
const EMBEDDED: [(&str, &[u8]); 12] = [
    embedded!("tagger/card.json"),
    embedded!("tagger/map.json"),
    embedded!("tagger/model.onnx"),
    embedded!("timbre/card.json"),
    embedded!("timbre/anchors.json"),
    embedded!("timbre/encoder.onnx"),
    embedded!("timbre/decoder.onnx"),
    embedded!("notes/card.json"),
    embedded!("notes/players.bin"),
    embedded!("notes/colours.bin"),
    embedded!("notes/lines.bin"),
    embedded!("notes/ear.onnx"),
];

/// Where the models are read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelSource {
    /// The ones inside this very file.
    Embedded,
    /// A folder laid out as `models/` is, which may lack either of tagger and timbre model: the one that ships takes its place.
    Folder(PathBuf),
}

impl ModelSource {
    /// The folder that [`MODELS_VARIABLE`] names, or else the embedded models.
    pub fn from_environment() -> Self {
        match std::env::var_os(MODELS_VARIABLE) {
            Some(folder) if !folder.is_empty() => Self::Folder(folder.into()),
            _ => Self::Embedded,
        }
    }

    /// The card of the timbre model that ships: the source of knob names and targets, which a host must find the same
    /// whatever models are used. `None` only if the build embedded a broken card, which a unit test rules out.
    pub fn embedded_timbre_card() -> Option<&'static TimbreCard> {
        static CARD: LazyLock<Option<TimbreCard>> =
            LazyLock::new(|| ModelSource::Embedded.timbre_card().ok());
        CARD.as_ref()
    }

    /// Reads the tagger's card.
    ///
    /// # Errors
    /// See [`TaggerCard::parse`].
    pub fn tagger_card(&self) -> Result<TaggerCard, ModelError> {
        let (file, bytes) = self.read("tagger", "card.json")?;
        TaggerCard::parse(&file, &bytes)
    }

    /// Reads the map that a tagger's card names, if it does.
    ///
    /// # Errors
    /// See [`ModelError`].
    pub fn music_map(&self, card: &TaggerCard) -> Result<Option<MusicMap>, ModelError> {
        let (Some(entry), Some(embedding)) = (&card.map, card.embedding_len()) else {
            return Ok(None);
        };
        let (file, bytes) = self.read_checked("tagger", entry, "files.map")?;
        MusicMap::parse(&file, &bytes, embedding, &entry.sha256).map(Some)
    }

    /// Reads the timbre model's card and anchors.
    ///
    /// # Errors
    /// See [`ModelError`].
    pub fn timbre_card(&self) -> Result<TimbreCard, ModelError> {
        let (file, bytes) = self.read("timbre", "card.json")?;
        TimbreCard::parse(&file, &bytes, |entry| {
            self.read_checked("timbre", entry, "files.anchors")
        })
    }

    /// Reads a file that a card lists in that field, and checks its SHA-256; returns its path, for messages, and its bytes.
    pub(super) fn read_checked(
        &self,
        model: &str,
        entry: &FileEntry,
        field: &str,
    ) -> Result<(String, Vec<u8>), ModelError> {
        if matches!(entry.file.as_str(), "" | "." | "..") || entry.file.contains(['/', '\\']) {
            return Err(ModelError::field(
                &self.name_of(model, "card.json"),
                &format!("{field}.file"),
                format!("`{}`", entry.file),
                "a file beside the card",
            ));
        }
        let (file, bytes) = self.read(model, &entry.file)?;
        let found = sha256(&bytes);
        if found != entry.sha256 {
            return Err(ModelError::Hash {
                file,
                field: format!("{field}.sha256"),
                found,
                expected: entry.sha256.clone(),
            });
        }
        Ok((file, bytes))
    }

    /// Whether a folder leaves a model to the one that ships: it has no folder for it, but for the other of tagger and timbre model.
    /// The players are the timbre model's.
    pub(super) fn leaves(&self, model: &str) -> bool {
        let Self::Folder(folder) = self else {
            return false;
        };
        let (own, other) = match model {
            "tagger" => ("tagger", "timbre"),
            _ => ("timbre", "tagger"),
        };
        !folder.join(own).exists() && folder.join(other).exists()
    }

    /// Where a model is read from.
    fn home(&self, model: &str) -> &Self {
        if self.leaves(model) {
            &Self::Embedded
        } else {
            self
        }
    }

    /// SHA-256 of a model's card, in hexadecimal.
    pub(super) fn card_hash(&self, model: &str) -> Result<String, ModelError> {
        self.read(model, "card.json")
            .map(|(_, bytes)| sha256(&bytes))
    }

    pub(super) fn name_of(&self, model: &str, file: &str) -> String {
        match self.home(model) {
            Self::Embedded => format!("embedded {model}/{file}"),
            Self::Folder(folder) => folder.join(model).join(file).display().to_string(),
        }
    }

    /// Whether there is such a file, readable or not.
    pub(super) fn has(&self, model: &str, file: &str) -> bool {
        match self.home(model) {
            Self::Embedded => true,
            Self::Folder(folder) => folder.join(model).join(file).exists(),
        }
    }

    pub(super) fn read(&self, model: &str, file: &str) -> Result<(String, Vec<u8>), ModelError> {
        let name = self.name_of(model, file);
        let unreadable = |why: &dyn std::fmt::Display| ModelError::Unreadable {
            file: name.clone(),
            why: why.to_string(),
        };
        match self.home(model) {
            Self::Embedded => {
                let wanted = format!("{model}/{file}");
                let (_, packed) = EMBEDDED
                    .iter()
                    .find(|(path, _)| *path == wanted)
                    .ok_or_else(|| unreadable(&"not embedded"))?;
                decompress_to_vec_zlib_with_limit(packed, LARGEST_FILE as usize)
                    .map(|bytes| (name.clone(), bytes))
                    .map_err(|why| unreadable(&why))
            }
            Self::Folder(folder) => {
                let path = folder.join(model).join(file);
                match regular_file::read(&path, LARGEST_FILE) {
                    Ok(bytes) => Ok((name, bytes)),
                    Err(ReadError::Io(why)) => Err(unreadable(&why)),
                    Err(ReadError::TooLarge { bytes }) => Err(ModelError::TooLarge {
                        file: name,
                        bytes,
                        limit: LARGEST_FILE,
                    }),
                }
            }
        }
    }
}

/// SHA-256 in hexadecimal, as the cards have it.
pub(super) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
