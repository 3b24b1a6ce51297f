//! The plugin as it ships, but aborting when `process()` allocates.
//!
//! nice-plug arms its allocator only in builds with debug assertions, and a debug build of the networks' library would
//! take minutes to make and run far too slowly for audio. So only the three crates that look are built with debug
//! assertions, in the release profile: everything that they don't depend on is shared with the shipped plugin.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result};

use crate::project::{PACKAGE, Project};

/// The crates whose debug assertions arm, permit and make the check.
const ARMED: [&str; 3] = ["nice-plug", "nice-plug-core", "nice-assert-no-alloc"];

/// The library as cargo names it; a Linux or Windows .clap is this file under another name.
const LIBRARY: &str = if cfg!(windows) {
    "moodring.dll"
} else if cfg!(target_os = "macos") {
    "libmoodring.dylib"
} else {
    "libmoodring.so"
};

/// Where the checking plugin lies, beside the bundles and never in their place.
pub fn path(project: &Project) -> PathBuf {
    project
        .target
        .join("bundled")
        .join("alloc-check")
        .join("Moodring.clap")
}

/// Cargo has one place for the library, whatever its features, so each build of the other kind compiles the plugin
/// again. Building only after a change spares a run on unchanged sources both.
pub fn is_current(project: &Project) -> bool {
    let Some(built) = modified(&path(project)) else {
        return false;
    };
    // Cargo's own list of what went into the library, models included. The lock file stands for the dependencies.
    let inputs = project.target.join("release").join("libmoodring.d");
    let Ok(list) = fs::read_to_string(inputs) else {
        return false;
    };
    let Some((_, files)) = list.split_once(": ") else {
        return false;
    };
    escaped_words(files)
        .iter()
        .map(PathBuf::from)
        .chain(["Cargo.toml", "Cargo.lock"].map(PathBuf::from))
        .all(|input| modified(&input).is_some_and(|changed| changed < built))
}

/// The build; [`keep`] is to follow before anything else is built.
pub fn build(project: &Project) -> Command {
    let mut cargo = project.cargo("build");
    cargo.args([
        "--release",
        "--package",
        PACKAGE,
        "--lib",
        "--features",
        "assert_process_allocs",
    ]);
    for package in ARMED {
        cargo.arg("--config").arg(format!(
            "profile.release.package.{package}.debug-assertions=true"
        ));
    }
    cargo
}

/// Takes the library away to its place before the shipping build overwrites it.
///
/// # Errors
/// If it can't be copied.
pub fn keep(project: &Project) -> Result<()> {
    let from = project.target.join("release").join(LIBRARY);
    let to = path(project);
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).with_context(|| format!("{}", folder.display()))?;
    }
    fs::copy(&from, &to)
        .with_context(|| format!("{} to {}", from.display(), to.display()))
        .map(drop)
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}

/// The words of a line of a make file, in which a space within a word has a backslash before it.
fn escaped_words(line: &str) -> Vec<String> {
    const SPACE: &str = "\u{0}";
    line.replace("\\ ", SPACE)
        .split_whitespace()
        .map(|word| word.replace(SPACE, " "))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::escaped_words;

    #[test]
    fn a_space_in_a_path_stays_in_it() {
        assert_eq!(
            escaped_words("/a/my\\ music/src/lib.rs /a/b.onnx\n"),
            ["/a/my music/src/lib.rs", "/a/b.onnx"]
        );
    }
}
