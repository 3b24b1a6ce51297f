//! `cargo xtask bundle`: the plugin as files that hosts load.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::files::remove;
use crate::project::{PACKAGE, Project};

/// The bundled plugin, a path for each format.
pub struct Bundles {
    /// A file on Linux and Windows, a folder on macOS.
    pub clap: PathBuf,
    /// A folder.
    pub vst3: PathBuf,
}

impl Bundles {
    /// Where this project's are.
    pub fn of(project: &Project) -> Self {
        let bundled = project.target.join("bundled");
        Self {
            clap: bundled.join("Moodring.clap"),
            vst3: bundled.join("Moodring.vst3"),
        }
    }

    /// Prints where they are and how large.
    pub fn print(&self) {
        for path in [&self.clap, &self.vst3] {
            let megabytes = size(path) as f64 / 1e6;
            println!("{megabytes:>6.1} MB  {}", path.display());
        }
    }
}

/// Builds and bundles the release plugin.
///
/// # Errors
/// If it doesn't compile or a bundle can't be written.
pub fn run(project: &Project) -> Result<Bundles> {
    run_beside(project, &[])
}

/// The same, with what is built beside the plugin by the same call: one after the other leaves a processor idle at the end of
/// each.
///
/// # Errors
/// As [`run`].
pub fn run_beside(project: &Project, packages: &[&str]) -> Result<Bundles> {
    let mut cargo = build(project);
    for package in packages {
        cargo.args(["--package", package]);
    }
    let status = cargo.status().context("cargo: can't be started")?;
    if !status.success() {
        bail!("the plugin: can't be built");
    }
    write(project)
}

/// The build of the plugin.
pub fn build(project: &Project) -> Command {
    let mut cargo = project.cargo("build");
    cargo.args(["--locked", "--release", "--package", PACKAGE]);
    cargo
}

/// Bundles what [`build`] has built.
///
/// # Errors
/// If a bundle can't be written.
pub fn write(project: &Project) -> Result<Bundles> {
    let bundles = Bundles::of(project);
    // The bundler writes over a file that a host may have mapped, and leaves alone what the library exports no longer.
    for path in [&bundles.clap, &bundles.vst3] {
        remove(path)?;
    }
    nice_plug_xtask::bundle(&project.target, PACKAGE, &["--release".to_owned()], false)?;
    for path in [&bundles.clap, &bundles.vst3] {
        // The bundler is content if the library exports nothing.
        fs::metadata(path).with_context(|| {
            format!(
                "{}: not bundled; does src/lib.rs export this format?",
                path.display()
            )
        })?;
    }
    Ok(bundles)
}

/// The bytes in a file, or in all files below a folder.
fn size(path: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(path) else {
        return fs::metadata(path).map_or(0, |file| file.len());
    };
    entries.flatten().map(|entry| size(&entry.path())).sum()
}
