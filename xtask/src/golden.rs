//! `cargo xtask golden`: the reference features, once more.

use std::process::Command;

use anyhow::Result;

use crate::machine::{packages, venv};
use crate::project::Project;
use crate::steps::Steps;

/// Writes tests/golden again.
///
/// # Errors
/// If ffmpeg is missing, Python can't be set up or the script fails.
pub fn run(project: &Project) -> Result<()> {
    packages::require(packages::LOUDNESS)?;
    let python = venv::python(project)?;
    let mut steps = Steps::default();
    let pip = ["-m", "pip", "install", "--quiet", "--no-deps", "-r"];
    steps.run(
        "timbre models",
        Command::new(&python)
            .args(pip)
            .arg("tests/golden/requirements.txt"),
    )?;
    for (name, script) in [
        ("golden features", "tests/golden/make_golden.py"),
        ("users' taggers", "tests/golden/make_taggers.py"),
    ] {
        steps.run(name, Command::new(&python).args(["-B", script]))?;
    }
    Ok(())
}
