//! `/dev/null`, where cargo and everything that it starts leave what nobody wants to read.
//!
//! On a machine where some program has put a plain file in its place, that file keeps what one program throws away and
//! hands it to the next as its input. Cargo then can't even ask rustc for its version: rustc compiles the leavings of
//! a build script. Seen on a machine that ran this project's tests.

use std::fs::OpenOptions;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::machine::packages;

const PATH: &str = "/dev/null";

/// The device, made again beside its place and moved there, so that there is always something to open. Its numbers are
/// Linux's own.
const REPAIR: &str =
    "mknod --mode 666 /dev/null.moodring c 1 3 && mv --force /dev/null.moodring /dev/null";

/// Puts the device back if a plain file has taken its place; where this user may not, empties the file.
///
/// # Errors
/// If neither can be done: the message is the command line to run.
pub fn ensure() -> Result<()> {
    if !cfg!(target_os = "linux") || !is_plain_file(Path::new(PATH)) {
        return Ok(());
    }
    let repaired = packages::way_to_root().is_some_and(|become_root| {
        let mut words = become_root.to_vec();
        words.extend(["sh", "-c", REPAIR]);
        Command::new(words[0])
            .args(&words[1..])
            .status()
            .is_ok_and(|status| status.success())
    });
    if repaired {
        println!("{PATH} was a plain file; it is the device again");
        return Ok(());
    }
    empty(Path::new(PATH)).with_context(|| {
        format!("{PATH} is a plain file; put the device back, then run this again:\n  sudo sh -c '{REPAIR}'")
    })?;
    println!("{PATH} is a plain file, and can't be made a device here; emptied it");
    Ok(())
}

fn is_plain_file(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.is_file())
}

fn empty(path: &Path) -> std::io::Result<()> {
    OpenOptions::new()
        .write(true)
        .truncate(true)
        .open(path)
        .map(drop)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{PATH, empty, ensure, is_plain_file};

    #[test]
    fn a_plain_file_is_told_from_the_device_and_emptied() {
        let path = std::env::temp_dir().join(format!("moodring-null-{}", std::process::id()));
        std::fs::write(&path, "left by another program").expect("written");
        assert!(is_plain_file(&path));
        assert!(!is_plain_file(Path::new("/dev/zero")));
        empty(&path).expect("emptied");
        assert_eq!(std::fs::read(&path).expect("read"), b"");
        std::fs::remove_file(&path).expect("removed");
    }

    #[test]
    fn nothing_can_be_read_from_it_afterwards() {
        ensure().expect("repaired");
        assert_eq!(std::fs::read(PATH).expect("read"), b"");
    }
}
