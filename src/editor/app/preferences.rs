//! What a user prefers, whatever the project: loaded from and kept in a small file of the user's own.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::page::Page;
use crate::{
    atomic_file,
    editor::{
        look::Theme,
        panels::{listen::MapShown, spectrum::SpectrumSettings},
    },
    json_text,
    library::Library,
    regular_file, user_folder,
};

/// Names another file for the preferences than the one in the user's folder of settings.
pub const PREFERENCES_VARIABLE: &str = "MOODRING_PREFERENCES";

/// A file larger than this, in bytes, is not read: one of ours is a hundredth of it.
const LARGEST_FILE: u64 = 16 << 10;

/// How the editor looks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// The colours.
    pub theme: Theme,
    /// Whether the frame takes the mood's colour.
    pub mood_ring: bool,
    /// The page that was open last.
    pub page: Page,
    /// Whether the page Listen shows the map of music.
    pub music_map: MapShown,
    /// How the spectrum is drawn.
    pub spectrum: SpectrumSettings,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            theme: Theme::default(),
            mood_ring: true,
            page: Page::default(),
            music_map: MapShown::default(),
            spectrum: SpectrumSettings::default(),
        }
    }
}

impl Preferences {
    /// Reads a file. One that is missing, or that nobody can make sense of, leaves the defaults: looks are no reason to
    /// bother anybody.
    pub fn read(file: &Path) -> Self {
        regular_file::read(file, LARGEST_FILE)
            .ok()
            .and_then(|text| json_text::parse(&text).ok())
            .unwrap_or_default()
    }

    /// Writes the file, and the folder that it is in.
    ///
    /// # Errors
    /// What the system has against it.
    pub fn write(&self, file: &Path) -> std::io::Result<()> {
        atomic_file::write(file, &serde_json::to_vec_pretty(self)?)
    }
}

/// The preferences in use and their file, on the window's thread.
#[derive(Debug, Default)]
pub struct KeptPreferences {
    present: Preferences,
    file: Option<PathBuf>,
}

impl KeptPreferences {
    /// Starts with `present`; changes are written to `file`, if there is one.
    pub fn new(present: Preferences, file: Option<PathBuf>) -> Self {
        Self { present, file }
    }

    /// The present ones.
    pub fn get(&self) -> &Preferences {
        &self.present
    }

    /// Changes the preferences, and writes the file.
    pub fn change(&mut self, change: impl FnOnce(&mut Preferences)) {
        change(&mut self.present);
        if let Some(file) = &self.file {
            // They hold for as long as the window is open, at least.
            let _ = self.present.write(file);
        }
    }
}

/// Where the editor keeps what belongs to the user. `None` is nowhere: nothing is read and nothing is written.
#[derive(Debug, Clone, Default)]
pub struct UserFiles {
    /// The file with the [`Preferences`].
    pub preferences: Option<PathBuf>,
    /// The folder that readouts are saved to.
    pub readouts: Option<PathBuf>,
    /// Presets and captured timbres.
    pub library: Library,
}

impl UserFiles {
    /// Finds the files of whoever runs the host.
    pub fn of_this_user() -> Self {
        let named = std::env::var_os(PREFERENCES_VARIABLE).map(PathBuf::from);
        let usual = || Some(dirs::config_dir()?.join("moodring").join("editor.json"));
        Self {
            preferences: named.or_else(usual),
            readouts: user_folder::documents_folder(),
            library: Library::of_this_user(),
        }
    }
}
