//! `cargo xtask install`: the bundles into the folders where this user's hosts look.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::bundle;
use crate::files::{copy, remove};
use crate::project::Project;

/// Bundles, then copies.
///
/// # Errors
/// If the plugin doesn't build or a folder can't be written.
pub fn run(project: &Project) -> Result<()> {
    let bundles = bundle::run(project)?;
    let (clap_folder, vst3_folder) = user_folders()?;
    for (bundle, folder) in [(bundles.clap, clap_folder), (bundles.vst3, vst3_folder)] {
        let installed = replace(&bundle, &folder)?;
        println!("installed {}", installed.display());
    }
    Ok(())
}

/// The user's own folders for CLAP and for VST3, which both standards fix.
fn user_folders() -> Result<(PathBuf, PathBuf)> {
    if cfg!(windows) {
        let common = folder_named("LOCALAPPDATA")?
            .join("Programs")
            .join("Common");
        Ok((common.join("CLAP"), common.join("VST3")))
    } else if cfg!(target_os = "macos") {
        let plug_ins = folder_named("HOME")?.join("Library/Audio/Plug-Ins");
        Ok((plug_ins.join("CLAP"), plug_ins.join("VST3")))
    } else {
        let home = folder_named("HOME")?;
        Ok((home.join(".clap"), home.join(".vst3")))
    }
}

fn folder_named(variable: &str) -> Result<PathBuf> {
    std::env::var_os(variable)
        .map(PathBuf::from)
        .with_context(|| format!("{variable}: not set, so the plugin folders are not known"))
}

/// Puts a copy of a bundle into a folder in the place of an older one.
///
/// The copy is made beside it and then renamed: a host that has the old file open keeps the old one, and no host finds
/// half a plugin. A folder can't be renamed over another, so an old one is first renamed out of the way.
fn replace(bundle: &Path, folder: &Path) -> Result<PathBuf> {
    let name = bundle
        .file_name()
        .with_context(|| format!("{}: has no name", bundle.display()))?
        .to_string_lossy();
    let place = folder.join(&*name);
    let new = folder.join(format!(".{name}.new"));
    let old = folder.join(format!(".{name}.old"));

    fs::create_dir_all(folder).with_context(|| format!("{}", folder.display()))?;
    remove(&new)?;
    remove(&old)?;
    copy(bundle, &new)?;
    if place.is_dir() {
        fs::rename(&place, &old).with_context(|| format!("{}", place.display()))?;
    }
    fs::rename(&new, &place).with_context(|| format!("{}", place.display()))?;
    remove(&old)?;
    Ok(place)
}

#[cfg(test)]
mod tests {
    use super::replace;
    use std::fs;
    use std::path::PathBuf;

    /// An empty folder of this test's own.
    fn scratch(name: &str) -> PathBuf {
        let folder =
            std::env::temp_dir().join(format!("moodring-install-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn an_older_file_is_replaced_and_nothing_is_left_beside_it() {
        let folder = scratch("file");
        let bundle = folder.join("Moodring.clap");
        let place = folder.join("installed");
        for content in ["old", "new"] {
            fs::write(&bundle, content).unwrap();
            replace(&bundle, &place).unwrap();
        }
        assert_eq!(fs::read(place.join("Moodring.clap")).unwrap(), b"new");
        assert_eq!(fs::read_dir(&place).unwrap().count(), 1);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn an_older_folder_is_replaced_whole() {
        let folder = scratch("folder");
        let bundle = folder.join("Moodring.vst3");
        let place = folder.join("installed");
        fs::create_dir(&bundle).unwrap();
        fs::write(bundle.join("stale"), "").unwrap();
        replace(&bundle, &place).unwrap();
        fs::remove_file(bundle.join("stale")).unwrap();
        fs::create_dir(bundle.join("Contents")).unwrap();
        replace(&bundle, &place).unwrap();

        let installed = place.join("Moodring.vst3");
        assert!(installed.join("Contents").is_dir());
        assert!(!installed.join("stale").exists());
        assert_eq!(fs::read_dir(&place).unwrap().count(), 1);
        fs::remove_dir_all(folder).unwrap();
    }
}
