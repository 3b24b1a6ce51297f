//! `cargo xtask soak`: hours of sound through the bundled plugin.

use std::process::Command;

use anyhow::Result;

use crate::bundle;
use crate::project::Project;
use crate::steps::Steps;

/// Bundles and builds, then becomes the soak, so that a signal meant for it gets there.
///
/// # Errors
/// If something doesn't build or the soak can't be started; where a program can't become another, if the soak fails.
pub fn run(project: &Project, hours: f64, seed: u64) -> Result<()> {
    let bundles = bundle::run(project)?;
    Steps::default().run(
        "soak, build",
        project.cargo("build").args([
            "--release",
            "--package",
            "moodring-host",
            "--bin",
            "moodring-soak",
        ]),
    )?;
    let folder = project.target.join("soak");
    std::fs::create_dir_all(&folder)?;
    let mut soak = Command::new(
        project
            .target
            .join("release")
            .join(format!("moodring-soak{}", std::env::consts::EXE_SUFFIX)),
    );
    soak.arg("--plugin")
        .arg(&bundles.clap)
        .arg("--report")
        .arg(folder.join("report.json"))
        .args(["--hours", &hours.to_string(), "--seed", &seed.to_string()])
        .env("MOODRING_STATUS", folder.join("status.jsonl"))
        // Its input is the project's own, whatever the user has set.
        .env_remove("MOODRING_MODELS")
        .env_remove("MOODRING_READOUT");
    become_it(&mut soak)
}

#[cfg(unix)]
fn become_it(soak: &mut Command) -> Result<()> {
    use std::os::unix::process::CommandExt;
    let why = soak.exec();
    Err(anyhow::Error::from(why).context(format!("{}", soak.get_program().display())))
}

#[cfg(not(unix))]
fn become_it(soak: &mut Command) -> Result<()> {
    Steps::default().run("soak", soak)
}
