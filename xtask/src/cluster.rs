//! `cargo xtask cluster`: a library through Ray and Spark, on two workers of this machine.

use std::process::Command;

use anyhow::Result;

use crate::machine::{packages, venv};
use crate::project::{PACKAGE, Project};
use crate::steps::Steps;

/// The scripts, their tests, and what they need.
const FOLDER: &str = "examples/cluster";

/// Builds the command line, tests the examples in `examples/cluster` with it, and measures them.
///
/// # Errors
/// If something can't be set up, a test fails, or an engine gives other rows than one process.
pub fn run(project: &Project) -> Result<()> {
    packages::require(packages::JAVA)?;
    let python = venv::cluster_python(project)?;
    let mut steps = Steps::default();
    let mut build = project.cargo("build");
    build.args(["--release", "--locked", "--package", PACKAGE, "--bins"]);
    steps.run("command line", &mut build)?;
    let script = |arguments: &[&str]| {
        let mut script = Command::new(&python);
        script
            .arg("-B")
            .args(arguments)
            .env("MOODRING_COMMAND", project.program(PACKAGE));
        script
    };
    steps.run(
        "Ray and Spark: tests",
        &mut script(&["-m", "pytest", "-q", "-p", "no:cacheprovider", FOLDER]),
    )?;
    let measure = format!("{FOLDER}/measure.py");
    steps.run("Ray and Spark: files an hour", &mut script(&[&measure]))?;
    steps.print();
    Ok(())
}
