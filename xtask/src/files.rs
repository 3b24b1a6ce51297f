//! Bundles are files on some systems and folders on others: what is done to both alike.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, Result};

/// Copies a file, or a folder with all that is in it.
///
/// # Errors
/// Names the path that can't be read or written.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    if !from.is_dir() {
        return fs::copy(from, to)
            .with_context(|| format!("{} to {}", from.display(), to.display()))
            .map(drop);
    }
    fs::create_dir(to).with_context(|| format!("{}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("{}", from.display()))? {
        let entry = entry.with_context(|| format!("{}", from.display()))?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

/// Removes a file, or a folder with all that is in it, if it is there.
///
/// # Errors
/// Names the path if it can't be removed.
pub fn remove(path: &Path) -> Result<()> {
    let removed = if path.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    };
    match removed {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{}", path.display()))
        }
        _ => Ok(()),
    }
}
