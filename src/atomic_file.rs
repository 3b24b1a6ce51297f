//! Files that are there as a whole or not at all: everything that Moodring writes anew is written beside its place, brought to
//! the disk and then put there at once.
//!
//! Until [`AtomicFile::finish`] the place has what it had, whatever happens: an error, a full disk, the end of the process. A draft
//! that isn't finished goes when it is dropped; only a process that is killed leaves one behind, under a hidden name. Who makes the
//! next one in that folder removes it.

use std::{
    fs::{self, File, Permissions},
    io::{self, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use crate::regular_file;

mod leftovers;

/// Most links that lead from one to the next; systems have limits of about as many.
const MOST_LINKS: usize = 40;

/// A file in the making. Writes and seeks are the draft's, and unbuffered.
#[derive(Debug)]
pub struct AtomicFile(Draft);

#[derive(Debug)]
enum Draft {
    /// Lies beside its place. A file that is replaced leaves its permissions.
    Beside {
        draft: NamedTempFile,
        place: PathBuf,
        permissions: Option<Permissions>,
    },
    /// For what isn't a file and so can't be replaced: a pipe, a terminal, a device. Such things can't seek, either, which is why
    /// they get the draft as a whole; it has no name.
    For { draft: File, stream: File },
}

impl AtomicFile {
    /// A draft for `path`. Where that is a link, what it leads to is replaced, and the link stays. What is no file, such as a pipe,
    /// gets it all at the end; this waits until somebody reads from a pipe.
    ///
    /// # Errors
    /// When `path` is a folder or write-protected, when its folder isn't there, or what else the system has against a file there.
    pub fn create(path: &Path) -> io::Result<Self> {
        match fs::metadata(path) {
            Ok(there) if !there.is_file() && !there.is_dir() => {
                Self::into_stream(File::options().write(true).open(path)?)
            }
            _ => Self::create_file(path),
        }
    }

    /// As [`AtomicFile::create`], but for files alone.
    fn create_file(path: &Path) -> io::Result<Self> {
        let permissions = match fs::metadata(path) {
            Ok(there) if !there.is_file() => return Err(regular_file::refusal(there.file_type())),
            Ok(there) if there.permissions().readonly() => {
                let why = "the file that is there is write-protected";
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
            }
            Ok(there) => Some(there.permissions()),
            Err(why) if why.kind() == io::ErrorKind::NotFound => None,
            Err(why) => return Err(why),
        };
        let place = followed(path)?;
        let folder = match place.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let draft = draft_in(folder)?;
        leftovers::remove(folder, draft.as_file());
        Ok(Self(Draft::Beside {
            draft,
            place,
            permissions,
        }))
    }

    /// A draft that goes into `stream` at the end.
    ///
    /// # Errors
    /// When there is no room for a draft in the system's folder for temporary files.
    pub fn into_stream(stream: File) -> io::Result<Self> {
        let draft = tempfile::tempfile()?;
        Ok(Self(Draft::For { draft, stream }))
    }

    /// Puts the file in its place, or all of it into its stream.
    ///
    /// # Errors
    /// What the system has against it; the place then has what it had.
    pub fn finish(self) -> io::Result<()> {
        match self.0 {
            Draft::Beside {
                draft,
                place,
                permissions,
            } => {
                if let Some(permissions) = permissions {
                    draft.as_file().set_permissions(permissions)?;
                }
                draft.as_file().sync_all()?;
                draft.persist(place).map_err(|failed| failed.error)?;
                Ok(())
            }
            Draft::For { draft, stream } => pour(draft, stream),
        }
    }

    /// As [`AtomicFile::finish`], but never replaces a file.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] when there is one by now, and as [`AtomicFile::finish`].
    pub fn finish_new(self) -> io::Result<()> {
        match self.0 {
            Draft::Beside { draft, place, .. } => {
                draft.as_file().sync_all()?;
                let placed = draft.persist_noclobber(place);
                placed.map_err(|failed| failed.error)?;
                Ok(())
            }
            Draft::For { draft, stream } => pour(draft, stream),
        }
    }

    /// The draft itself, to read and to write.
    pub fn as_file_mut(&mut self) -> &mut File {
        self.draft()
    }

    /// Where the draft is for the time being; it has no name if it is for a stream.
    pub fn path(&self) -> Option<&Path> {
        match &self.0 {
            Draft::Beside { draft, .. } => Some(draft.path()),
            Draft::For { .. } => None,
        }
    }

    fn draft(&mut self) -> &mut File {
        match &mut self.0 {
            Draft::Beside { draft, .. } => draft.as_file_mut(),
            Draft::For { draft, .. } => draft,
        }
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.draft().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.draft().flush()
    }
}

impl Seek for AtomicFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.draft().seek(to)
    }
}

/// Writes `bytes` as the whole content of the file `path`; the folder is made if need be. Never waits for another process.
///
/// # Errors
/// What the system has against it, or that something else than a file is there; what was there is then there still.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = AtomicFile::create_file(path)?;
    file.write_all(bytes)?;
    file.finish()
}

fn draft_in(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder
        .prefix(leftovers::PREFIX)
        .rand_bytes(leftovers::RANDOM)
        .suffix(leftovers::SUFFIX);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any new file has them, within the process's mask; a temporary file would be the user's alone.
        builder.permissions(Permissions::from_mode(0o666));
    }
    // The library's message names the draft, of which the user knows nothing.
    let draft = builder
        .tempfile_in(folder)
        .map_err(|why| io::Error::from(why.kind()))?;
    // Says that somebody writes it, for as long as it is open. Where there are no locks, nobody removes anything.
    let _ = draft.as_file().try_lock();
    Ok(draft)
}

fn pour(mut draft: File, mut stream: File) -> io::Result<()> {
    draft.rewind()?;
    io::copy(&mut draft, &mut stream)?;
    stream.flush()
}

/// Where `path` leads, through links that need not lead to anything yet.
fn followed(path: &Path) -> io::Result<PathBuf> {
    let mut place = path.to_owned();
    for _ in 0..MOST_LINKS {
        match fs::symlink_metadata(&place) {
            Ok(there) if there.is_symlink() => {
                let to = fs::read_link(&place)?;
                place = place
                    .parent()
                    .map_or_else(|| to.clone(), |folder| folder.join(&to));
            }
            _ => return Ok(place),
        }
    }
    Err(io::Error::other("too many links, each to the next"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn what_was_there_stays_until_the_new_file_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("song.wav");
        fs::write(&place, "old").unwrap();
        let mut file = AtomicFile::create(&place).unwrap();
        file.write_all(b"ne").unwrap();
        assert_eq!(fs::read(&place).unwrap(), b"old");
        drop(file);
        assert_eq!(names(folder.path()), ["song.wav"], "the draft is gone");

        let mut file = AtomicFile::create(&place).unwrap();
        file.write_all(b"new").unwrap();
        file.finish().unwrap();
        assert_eq!(fs::read(&place).unwrap(), b"new");
        assert_eq!(names(folder.path()), ["song.wav"]);
    }

    #[test]
    fn a_new_file_never_replaces_one_that_has_come_meanwhile() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("readout.csv");
        let file = AtomicFile::create(&place).unwrap();
        fs::write(&place, "mine").unwrap();
        let why = file.finish_new().unwrap_err();
        assert_eq!(why.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&place).unwrap(), b"mine");
        assert_eq!(names(folder.path()), ["readout.csv"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_and_permissions_stay_as_they_were() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        fs::write(at("plain"), "").unwrap();
        write(&at("new"), b"new").unwrap();
        assert_eq!(mode(&at("new")), mode(&at("plain")), "as any new file");

        fs::create_dir(at("deep")).unwrap();
        fs::write(at("deep/real"), "old").unwrap();
        fs::set_permissions(at("deep/real"), Permissions::from_mode(0o640)).unwrap();
        symlink("deep/real", at("link")).unwrap();
        symlink("link", at("link to link")).unwrap();
        write(&at("link to link"), b"new").unwrap();
        assert_eq!(fs::read(at("deep/real")).unwrap(), b"new");
        assert_eq!(mode(&at("deep/real")), 0o640);
        assert!(at("link").is_symlink() && at("link to link").is_symlink());

        symlink("deep/later", at("dangling")).unwrap();
        write(&at("dangling"), b"new").unwrap();
        assert_eq!(fs::read(at("deep/later")).unwrap(), b"new");
        symlink("round", at("round")).unwrap();
        assert!(write(&at("round"), b"new").is_err());

        fs::set_permissions(at("plain"), Permissions::from_mode(0o444)).unwrap();
        let why = write(&at("plain"), b"new").unwrap_err();
        assert!(why.to_string().contains("write-protected"), "{why}");
        assert!(write(&at("deep"), b"new").is_err(), "a folder");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn devices_are_written_into_and_not_replaced() {
        let into = |path: &str| {
            let mut file = AtomicFile::create(Path::new(path)).unwrap();
            file.write_all(b"new").unwrap();
            file.finish()
        };
        into("/dev/null").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
        let why = into("/dev/full").unwrap_err();
        assert_eq!(why.kind(), io::ErrorKind::StorageFull, "{why}");
    }
}
