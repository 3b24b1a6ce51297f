//! Drafts that processes have left behind which were killed.
//!
//! Who writes a draft has it locked, and the system takes the lock back when the process ends, however that comes. Between making
//! and locking it a draft is as good as left behind, which is why young ones are left alone.

use std::{
    fs::{self, File, Metadata},
    io,
    path::Path,
    time::{Duration, SystemTime},
};

/// What a draft's name begins with, [`RANDOM`] letters and digits before it ends with [`SUFFIX`].
pub(super) const PREFIX: &str = ".moodring-";
pub(super) const RANDOM: usize = 6;
pub(super) const SUFFIX: &str = ".draft";

/// Nobody takes so long from making a draft to locking it.
const YOUNG: Duration = Duration::from_secs(3_600);

/// Removes the drafts in `folder` that belong to whoever made the draft `own`, and that nobody writes. What can't be looked at or
/// removed stays: it is in nobody's way.
pub(super) fn remove(folder: &Path, own: &File) {
    let (Ok(own), Ok(entries)) = (own.metadata(), fs::read_dir(folder)) else {
        return;
    };
    for entry in entries.flatten() {
        if entry.file_name().to_str().is_some_and(is_draft) {
            let _ = remove_left(&entry.path(), &own);
        }
    }
}

fn is_draft(name: &str) -> bool {
    let random = name
        .strip_prefix(PREFIX)
        .and_then(|rest| rest.strip_suffix(SUFFIX));
    random.is_some_and(|random| {
        random.len() == RANDOM && random.bytes().all(|letter| letter.is_ascii_alphanumeric())
    })
}

fn remove_left(path: &Path, own: &Metadata) -> io::Result<()> {
    let there = fs::symlink_metadata(path)?;
    if there.is_file() && has_same_owner(&there, own) && is_old(&there) {
        let draft = File::options().write(true).open(path)?;
        // Should it take its place meanwhile, there is nothing more of this name.
        draft.try_lock()?;
        fs::remove_file(path)?;
    }
    Ok(())
}

fn is_old(file: &Metadata) -> bool {
    let age = file
        .modified()
        .map(|then| SystemTime::now().duration_since(then));
    matches!(age, Ok(Ok(age)) if age > YOUNG)
}

#[cfg(unix)]
fn has_same_owner(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    one.uid() == other.uid()
}

#[cfg(not(unix))]
fn has_same_owner(_one: &Metadata, _other: &Metadata) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_as_drafts_have_them_are_drafts() {
        assert!(is_draft(".moodring-aB3dE6.draft"));
        for other in [
            ".moodring-notes.draft",
            ".moodring-abcdefg.draft",
            ".moodring-ab-def.draft",
            ".moodring-abcdef.draft.bak",
            "moodring-abcdef.draft",
            "abcdef.draft",
        ] {
            assert!(!is_draft(other), "{other}");
        }
    }
}
