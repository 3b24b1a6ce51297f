//! Reading what users keep: regular files, and links to them.
//!
//! Who opens a pipe waits until somebody writes into it, and a device may never end. Anything can lie where a preset is looked
//! for, so that a file is looked at once it is open: between a look and an opening it could be exchanged.

use std::{
    fs::{self, File, FileType},
    io::{self, Read},
    path::Path,
};

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It isn't there, isn't a file, or can't be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It is larger than it may be.
    #[error("{bytes} bytes")]
    TooLarge {
        /// Its size.
        bytes: u64,
    },
}

/// Reads a file of at most `limit` bytes. Never waits for another process.
///
/// # Errors
/// [`ReadError`]; nothing larger than `limit` is read into memory.
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    let file = open(path)?;
    let bytes = file.metadata()?.len();
    if bytes > limit {
        return Err(ReadError::TooLarge { bytes });
    }
    // It may grow meanwhile, and the system's own files say that they are empty.
    let mut content = Vec::new();
    file.take(limit + 1).read_to_end(&mut content)?;
    let bytes = content.len() as u64;
    if bytes > limit {
        return Err(ReadError::TooLarge { bytes });
    }
    Ok(content)
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY);
    }
    let file = options.open(path).map_err(|why| {
        // Sockets can't even be opened, and on some systems folders can't.
        let there = fs::metadata(path).ok();
        let kind = there.map(|there| there.file_type());
        kind.filter(|kind| !kind.is_file()).map_or(why, refusal)
    })?;
    let kind = file.metadata()?.file_type();
    if kind.is_file() {
        Ok(file)
    } else {
        Err(refusal(kind))
    }
}

/// Says what something is that isn't a regular file.
pub fn refusal(kind: FileType) -> io::Error {
    if kind.is_dir() {
        return io::Error::new(io::ErrorKind::IsADirectory, "it is a folder, not a file");
    }
    io::Error::other(format!("it is {}, not a file", special(kind)))
}

#[cfg(unix)]
fn special(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    if kind.is_fifo() {
        "a named pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn special(_kind: FileType) -> &'static str {
    "a device"
}
