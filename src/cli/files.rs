//! Which files are to be heard: those that are named, and the sound files in folders that are.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    slice,
};

use walkdir::{DirEntry, WalkDir};

/// The endings, in lower case, by which a file in a folder is taken for a sound file. What is named by itself is told by its content.
const ENDINGS: [&str; 19] = [
    "aac", "aif", "aifc", "aiff", "alac", "bw64", "bwf", "caf", "flac", "m4a", "m4b", "mp2", "mp3",
    "mp4", "oga", "ogg", "opus", "rf64", "wav",
];

/// The files, one by one, those of a folder in the order of their names; the folders are read as they are come to.
pub struct Files<'a> {
    named: slice::Iter<'a, PathBuf>,
    folder: Option<walkdir::IntoIter>,
}

/// Why a folder, or what is in it, can't be looked at.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct NoFolder(#[from] walkdir::Error);

impl<'a> Files<'a> {
    /// The files among `named`, and in the folders among them.
    pub fn new(named: &'a [PathBuf]) -> Self {
        Self {
            named: named.iter(),
            folder: None,
        }
    }

    /// Whether there may be more than one.
    pub fn are_several(named: &[PathBuf]) -> bool {
        named.len() > 1 || named.iter().any(|file| file.is_dir())
    }
}

impl Iterator for Files<'_> {
    type Item = Result<PathBuf, NoFolder>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Some(folder) = &mut self.folder else {
                let named = self.named.next()?;
                if !named.is_dir() {
                    return Some(Ok(named.clone()));
                }
                let walk = WalkDir::new(named).follow_links(true).sort_by_file_name();
                self.folder = Some(walk.into_iter());
                continue;
            };
            match folder.next() {
                Some(Ok(entry)) if is_hidden(&entry) => {
                    if entry.file_type().is_dir() {
                        folder.skip_current_dir();
                    }
                }
                Some(Ok(entry)) if entry.file_type().is_file() && has_ending(entry.path()) => {
                    return Some(Ok(entry.into_path()));
                }
                Some(Ok(_)) => {}
                Some(Err(why)) => return Some(Err(why.into())),
                None => self.folder = None,
            }
        }
    }
}

/// Whether it is hidden among other files: macOS keeps `._song.mp3` beside `song.mp3`, and bins begin with a point.
fn is_hidden(entry: &DirEntry) -> bool {
    entry.depth() > 0 && entry.file_name().as_encoded_bytes().starts_with(b".")
}

fn has_ending(file: &Path) -> bool {
    let ending = file.extension().map(OsStr::to_ascii_lowercase);
    ending.is_some_and(|ending| ENDINGS.iter().any(|known| ending == *known))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn folders_give_their_sound_files_in_order_and_named_files_are_given_as_they_are() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        fs::create_dir_all(at("b/deep")).unwrap();
        fs::create_dir(at(".bin")).unwrap();
        for name in [
            "a.FLAC",
            "b/deep/x.mp3",
            "b/cover.jpg",
            ".bin/y.mp3",
            "._a.flac",
            "c.wav",
        ] {
            fs::write(at(name), "").unwrap();
        }
        let named = [root.path().to_owned(), at("b/cover.jpg"), at("none")];
        let found: Vec<_> = Files::new(&named).map(Result::unwrap).collect();
        let expected = ["a.FLAC", "b/deep/x.mp3", "c.wav", "b/cover.jpg", "none"];
        assert_eq!(found, expected.map(at));
        assert!(Files::are_several(&named[..1]) && !Files::are_several(&named[1..2]));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_in_a_circle_is_told_and_the_rest_is_found() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("b")).unwrap();
        std::os::unix::fs::symlink("..", root.path().join("b/round")).unwrap();
        fs::write(root.path().join("c.wav"), "").unwrap();
        let found: Vec<_> = Files::new(&[root.path().to_owned()]).collect();
        assert_eq!(found.iter().filter(|file| file.is_err()).count(), 1);
        assert_eq!(found.iter().filter(|file| file.is_ok()).count(), 1);
    }
}
