//! Models that a project refers to: where they are, and that they are still the same.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{ModelError, ModelSource};
use crate::user_folder::user_folder;

/// What stands in place of a hash for a model that isn't the folder's.
const SHIPPED: &str = "the one that ships";

/// A models folder as it was when it was chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelReference {
    /// The folder, laid out as `models/` is.
    pub folder: PathBuf,
    /// SHA-256 of its `tagger/card.json`, which lists those of the other files; [`SHIPPED`] where it leaves the tagger to the one that ships.
    pub tagger: String,
    /// SHA-256 of its `timbre/card.json`, or the same.
    pub timbre: String,
}

impl ModelReference {
    /// Refers to a folder as it is now.
    ///
    /// # Errors
    /// [`ModelError`] when a card can't be read or honoured.
    pub fn to(folder: &Path) -> Result<Self, ModelError> {
        let source = ModelSource::Folder(folder.to_owned());
        source.tagger_card()?;
        source.timbre_card()?;
        Ok(Self {
            folder: folder.to_owned(),
            tagger: identity(&source, "tagger")?,
            timbre: identity(&source, "timbre")?,
        })
    }

    /// The folder, if it still holds what it held.
    ///
    /// # Errors
    /// [`ModelError`] when a card is missing or has changed.
    pub fn source(&self) -> Result<ModelSource, ModelError> {
        let source = ModelSource::Folder(self.folder.clone());
        for (model, expected) in [("tagger", &self.tagger), ("timbre", &self.timbre)] {
            let found = identity(&source, model)?;
            if found != *expected {
                return Err(ModelError::Altered {
                    file: source.name_of(model, "card.json"),
                    found,
                    expected: expected.clone(),
                });
            }
        }
        Ok(source)
    }
}

/// What tells a model from another: its card's hash, but for one that is left to the plugin, which may bring another next time.
fn identity(source: &ModelSource, model: &str) -> Result<String, ModelError> {
    if source.leaves(model) {
        Ok(SHIPPED.to_owned())
    } else {
        source.card_hash(model)
    }
}

/// The folders in the user's models folder that hold a tagger or a timbre model, by name.
pub fn library() -> Vec<PathBuf> {
    let Some(folder) = library_folder() else {
        return Vec::new();
    };
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            ["tagger", "timbre"]
                .iter()
                .any(|model| path.join(model).join("card.json").is_file())
        })
        .collect();
    found.sort();
    found
}

/// Where a user puts models: `models` in the [`user_folder`], beside presets and timbres.
pub fn library_folder() -> Option<PathBuf> {
    user_folder().map(|folder| folder.join("models"))
}
