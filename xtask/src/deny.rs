//! The supply chain: cargo-deny in target/tools, and deny.toml checked with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::project::Project;

/// The version that deny.toml is written for.
const VERSION: &str = "0.20.2";

/// cargo-deny of that version, built if it isn't there.
///
/// It runs for seconds and takes minutes to optimise, so it isn't optimised.
///
/// # Errors
/// If it can't be built.
pub fn program(project: &Project) -> Result<PathBuf> {
    let folder = project.target.join("tools");
    let program = folder
        .join("bin")
        .join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX));
    let installed = Command::new(&program)
        .arg("--version")
        .output()
        .is_ok_and(|answer| {
            String::from_utf8_lossy(&answer.stdout).trim() == format!("cargo-deny {VERSION}")
        });
    if installed {
        return Ok(program);
    }
    println!("building cargo-deny {VERSION} into {}", folder.display());
    // A folder of its own to build in: nothing in it is shared with the plugin, and nothing of it is needed afterwards.
    let scratch = folder.join("build");
    let mut install = project.cargo("install");
    install
        .args(["--quiet", "--locked", "--force", "--no-default-features"])
        .args(["--version", VERSION, "cargo-deny", "--root"])
        .arg(&folder)
        .env("CARGO_TARGET_DIR", &scratch)
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .env("CARGO_PROFILE_RELEASE_DEBUG", "false")
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    let status = install.status().context("cargo: can't be started")?;
    if !status.success() {
        bail!("cargo-deny {VERSION}: can't be built");
    }
    fs::remove_dir_all(&scratch).with_context(|| format!("{}", scratch.display()))?;
    Ok(program)
}

/// The check of deny.toml without the network. Advisories are left out: their database comes from there.
pub fn check(program: &Path) -> Command {
    let mut deny = Command::new(program);
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
