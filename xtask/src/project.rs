//! Where things are, and how cargo is called.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

/// The package that is the plugin.
pub const PACKAGE: &str = "moodring";

/// The folders that the commands work with.
#[derive(Clone)]
pub struct Project {
    /// The workspace's root; also the working directory, once [`Project::find`] has returned.
    pub root: PathBuf,
    /// What cargo and the commands write: `target`, or what `CARGO_TARGET_DIR` names.
    pub target: PathBuf,
}

impl Project {
    /// Finds the folders and goes to the root.
    ///
    /// # Errors
    /// If the root can't be entered.
    pub fn find() -> Result<Self> {
        // Cargo's variable, not the constant: the folder may have been moved since this was compiled.
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let start = std::env::current_dir().context("the working directory")?;
        let root = manifest
            .parent()
            .context("CARGO_MANIFEST_DIR: has no parent; run this as `cargo xtask`")?
            .to_path_buf();
        std::env::set_current_dir(&root).with_context(|| format!("{}", root.display()))?;
        let target = std::env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| root.join("target"), |target| start.join(target));
        Ok(Self { root, target })
    }

    /// Where cargo puts a program that it builds in release.
    pub fn program(&self, name: &str) -> PathBuf {
        let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        self.target.join("release").join(name)
    }

    /// `cargo <command>` with this project's target folder.
    pub fn cargo(&self, command: &str) -> Command {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.arg(command).env("CARGO_TARGET_DIR", &self.target);
        cargo
    }
}
