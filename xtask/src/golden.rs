//! `cargo xtask golden`: the reference features, once more.

use std::process::Command;

use anyhow::Result;

use crate::machine::venv;
use crate::project::Project;
use crate::steps::Steps;

/// Writes tests/golden again.
///
/// # Errors
/// If Python can't be set up or the script fails.
pub fn run(project: &Project) -> Result<()> {
    let python = venv::python(project)?;
    for (name, script) in [
        ("golden features", "tests/golden/make_golden.py"),
        ("users' taggers", "tests/golden/make_taggers.py"),
    ] {
        Steps::default().run(name, Command::new(&python).args(["-B", script]))?;
    }
    Ok(())
}
