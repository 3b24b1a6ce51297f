//! Opening what a path names: a file, or a pipe, whose content is kept in a temporary file while it is read.

use std::{
    fs::{File, FileType},
    io,
    path::Path,
    sync::Arc,
};

use super::AudioFileError;

/// The name that stands for the standard input, and for the standard output.
pub(super) const STANDARD: &str = "-";

/// Opens `path`, so that it can seek: sound is looked at from both ends.
pub(super) fn open(path: &Path) -> Result<Arc<File>, AudioFileError> {
    let failed = |source| AudioFileError::Open {
        path: path.to_owned(),
        source,
    };
    if path.as_os_str() == STANDARD {
        return kept(path, &mut io::stdin().lock());
    }
    let kind = std::fs::metadata(path).map_err(failed)?.file_type();
    if kind.is_dir() {
        return Err(failed(io::ErrorKind::IsADirectory.into()));
    }
    if is_device(kind) {
        return Err(failed(io::Error::other(
            "neither a file nor a pipe: a device never ends",
        )));
    }
    let mut file = File::open(path).map_err(failed)?;
    if kind.is_file() {
        return Ok(Arc::new(file));
    }
    kept(path, &mut file)
}

#[cfg(unix)]
fn is_device(kind: FileType) -> bool {
    use std::os::unix::fs::FileTypeExt;
    kind.is_char_device() || kind.is_block_device()
}

#[cfg(not(unix))]
fn is_device(_kind: FileType) -> bool {
    false
}

/// Takes all that comes, into a file without a name: it goes with the process, however that ends.
fn kept(path: &Path, stream: &mut impl io::Read) -> Result<Arc<File>, AudioFileError> {
    let mut keep = || {
        let mut file = tempfile::tempfile()?;
        io::copy(stream, &mut file)?;
        Ok(Arc::new(file))
    };
    keep().map_err(|source| AudioFileError::Spool {
        path: path.to_owned(),
        source,
    })
}
