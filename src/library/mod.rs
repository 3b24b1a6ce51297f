//! What users keep as files: presets and captured timbres; and the presets that Moodring comes with.
//!
//! - `preset`: settings under a name, and what they look like in a file
//! - `factory`: the presets in the plugin file itself
//! - `timbre`: a captured timbre as a file
//! - `file_store`: a folder of such files: listed, saved, renamed, deleted
//! - `text`: what a file holds, and of which schema it is
//! - `title`: what may be a name
//!
//! A file's name is the name of what is in it, so that a user may copy, send and rename files as they like.

mod error;
mod factory;
mod file_store;
mod preset;
mod text;
mod timbre;
mod title;

use std::path::PathBuf;

pub use error::LibraryError;
pub use factory::{FactoryPreset, factory_presets};
pub use file_store::{Entry, FileStore, Kept};
pub use preset::{Preset, Settings, Value, neutral};
pub use timbre::TimbreFile;
pub use title::{LONGEST_TITLE, title};

pub use crate::user_folder::LIBRARY_VARIABLE;
use crate::user_folder::user_folder;

/// Where a user's presets and timbres are. Without a folder it is empty, and nothing can be saved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Library {
    folder: Option<PathBuf>,
}

impl Library {
    /// The one in `folder`, which need not be there yet.
    pub fn at(folder: PathBuf) -> Self {
        Self {
            folder: Some(folder),
        }
    }

    /// The one of whoever runs the host, in the [`user_folder`].
    pub fn of_this_user() -> Self {
        Self {
            folder: user_folder(),
        }
    }

    /// The presets.
    pub fn presets(&self) -> FileStore<Preset> {
        FileStore::at(self.folder.as_ref().map(|folder| folder.join("presets")))
    }

    /// The preset of that name: one that Moodring comes with, or else one of the user's.
    ///
    /// # Errors
    /// See [`LibraryError`].
    pub fn find(&self, name: &str) -> Result<Preset, LibraryError> {
        let factory = factory_presets()
            .iter()
            .find(|factory| factory.id == name || factory.preset.name.eq_ignore_ascii_case(name));
        match factory {
            Some(factory) => Ok(factory.preset.clone()),
            None => self.presets().load(name),
        }
    }

    /// The captured timbres.
    pub fn timbres(&self) -> FileStore<TimbreFile> {
        FileStore::at(self.folder.as_ref().map(|folder| folder.join("timbres")))
    }
}
