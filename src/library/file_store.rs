//! A folder of files of one kind: listed, saved, renamed, deleted.

use std::{
    fs,
    marker::PhantomData,
    path::{Path, PathBuf},
};

use super::{LibraryError, title};
use crate::{
    atomic_file,
    regular_file::{self, ReadError},
};

/// A file larger than this is not read: the longest preset of ours is a tenth of it.
const LARGEST_FILE: u64 = 128 << 10;

/// Most files of a folder that are listed.
const MOST_FILES: usize = 2_000;

/// The ending of every file.
const ENDING: &str = "json";

/// Something that is kept as a file under its name.
pub trait Kept: Sized {
    /// Its name.
    fn name(&self) -> &str;

    /// The same under another name.
    fn named(self, name: String) -> Self;

    /// Reads a file's content; `file` is its path, for messages.
    ///
    /// # Errors
    /// [`LibraryError::BadJson`] or [`LibraryError::Field`].
    fn parse(file: &str, bytes: &[u8]) -> Result<Self, LibraryError>;

    /// The file's content.
    fn to_json(&self) -> String;
}

/// One file of a store.
#[derive(Debug)]
pub struct Entry<T> {
    /// Its name, without the ending.
    pub name: String,
    /// Where it is.
    pub file: PathBuf,
    /// What is in it, or why that is of no use.
    pub content: Result<T, LibraryError>,
}

/// A folder of files of one kind. Every call looks at the disk: not for the audio thread.
#[derive(Debug, Clone)]
pub struct FileStore<T> {
    folder: Option<PathBuf>,
    kind: PhantomData<T>,
}

impl<T: Kept> FileStore<T> {
    /// The files in `folder`, which need not be there yet; with `None` there are none and none can be saved.
    pub fn at(folder: Option<PathBuf>) -> Self {
        Self {
            folder,
            kind: PhantomData,
        }
    }

    /// The folder.
    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// All files, by name; the broken ones, too. A folder that can't be looked into is empty.
    pub fn list(&self) -> Vec<Entry<T>> {
        let Some(folder) = &self.folder else {
            return Vec::new();
        };
        let mut entries: Vec<_> = fs::read_dir(folder)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| is_ours(path))
            .take(MOST_FILES)
            .map(|file| Entry {
                name: stem(&file),
                content: read(&file),
                file,
            })
            .collect();
        entries.sort_by_cached_key(|entry| (entry.name.to_lowercase(), entry.name.clone()));
        entries
    }

    /// A file, wherever it is.
    ///
    /// # Errors
    /// See [`LibraryError`].
    pub fn open(file: &Path) -> Result<T, LibraryError> {
        read(file)
    }

    /// The one of that name.
    ///
    /// # Errors
    /// See [`LibraryError`].
    pub fn load(&self, name: &str) -> Result<T, LibraryError> {
        read(&self.file(name)?)
    }

    /// Whether there is a file for that name.
    pub fn holds(&self, name: &str) -> bool {
        self.file(name).is_ok_and(|file| file.exists())
    }

    /// Saves `item` under its name, made fit for a file; returns the name that it got. What was there is kept unless
    /// `replace` says otherwise; what a later version has made is kept in any case. The file is there as a whole or not at
    /// all, whatever happens meanwhile.
    ///
    /// # Errors
    /// [`LibraryError::Taken`], [`LibraryError::Newer`], [`LibraryError::NoTitle`], [`LibraryError::NoFolder`] or
    /// [`LibraryError::Unwritable`].
    pub fn save(&self, item: T, replace: bool) -> Result<String, LibraryError> {
        let name = fit(item.name())?;
        let file = self.file(&name)?;
        if file.exists() && !replace {
            return Err(LibraryError::Taken { title: name });
        }
        // What this version can't read it can't know the worth of, either.
        if let Err(newer @ LibraryError::Newer { .. }) = read::<T>(&file) {
            return Err(newer);
        }
        atomic_file::write(&file, item.named(name.clone()).to_json().as_bytes())
            .map_err(|why| LibraryError::unwritable(&file, &why))?;
        Ok(name)
    }

    /// Gives a file another name; returns the one that it got. Never replaces another file.
    ///
    /// # Errors
    /// As [`FileStore::save`].
    pub fn rename(&self, file: &Path, to: &str) -> Result<String, LibraryError> {
        let name = fit(to)?;
        let target = self.file(&name)?;
        // Where big and small letters are the same, the file that is in the way may be this one.
        if target.exists() && !is_same(file, &target) {
            return Err(LibraryError::Taken { title: name });
        }
        fs::rename(file, &target).map_err(|why| LibraryError::unwritable(file, &why))?;
        Ok(name)
    }

    /// Deletes a file.
    ///
    /// # Errors
    /// [`LibraryError::Unwritable`].
    pub fn delete(&self, file: &Path) -> Result<(), LibraryError> {
        fs::remove_file(file).map_err(|why| LibraryError::unwritable(file, &why))
    }

    /// Where the one of that name is. A name that some user gave a file by hand is taken as it is.
    ///
    /// # Errors
    /// [`LibraryError::NoFolder`] or [`LibraryError::NoTitle`].
    pub fn file(&self, name: &str) -> Result<PathBuf, LibraryError> {
        let folder = self.folder.as_ref().ok_or(LibraryError::NoFolder)?;
        let by_hand = format!("{name}.{ENDING}");
        let is_name = Path::new(&by_hand).file_name() == Some(by_hand.as_ref());
        if is_name && !name.starts_with('.') && folder.join(&by_hand).is_file() {
            return Ok(folder.join(by_hand));
        }
        Ok(folder.join(format!("{}.{ENDING}", fit(name)?)))
    }
}

fn fit(name: &str) -> Result<String, LibraryError> {
    title(name).ok_or_else(|| LibraryError::NoTitle {
        text: name.trim().to_owned(),
    })
}

fn is_ours(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == ENDING)
        && !stem(path).starts_with('.')
        && path.is_file()
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn is_same(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

/// Reads a file; its name is the name of what is in it.
fn read<T: Kept>(file: &Path) -> Result<T, LibraryError> {
    let shown = file.display().to_string();
    let bytes = regular_file::read(file, LARGEST_FILE).map_err(|why| match why {
        ReadError::TooLarge { bytes } => LibraryError::TooLarge {
            file: shown.clone(),
            bytes,
            limit: LARGEST_FILE,
        },
        ReadError::Io(why) => LibraryError::Unreadable {
            file: shown.clone(),
            why: why.to_string(),
        },
    })?;
    Ok(T::parse(&shown, &bytes)?.named(stem(file)))
}

#[cfg(test)]
mod tests;
