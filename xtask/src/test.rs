//! `cargo xtask test`: everything that this project promises, checked.

use std::process::Command;

use anyhow::Result;

use crate::project::Project;
use crate::steps::Steps;
use crate::{alloc_check, bundle, deny, models, packages, venv};

/// Sets up, then runs the steps in an order in which nothing is built twice and what fails fast comes first.
///
/// # Errors
/// If something can't be set up, or the first step's that fails.
pub fn run(project: &Project, quick: bool, filters: &[String]) -> Result<()> {
    let mut steps = Steps::default();
    let everything = filters.is_empty();
    let python_hosts = everything && !quick;

    steps.time("system packages", || {
        packages::require(packages::EDITOR)?;
        if python_hosts {
            packages::require(packages::PYTHON_HOSTS)?;
        }
        Ok(())
    })?;
    if everything {
        steps.run("format", project.cargo("fmt").args(["--all", "--check"]))?;
        steps.run(
            "lints",
            project
                .cargo("clippy")
                .args(["--release", "--workspace", "--all-targets"])
                .args(["--", "--deny", "warnings"]),
        )?;
        let cargo_deny = steps.time("cargo-deny", || deny::program(project))?;
        steps.run("licences, bans, sources", &mut deny::check(&cargo_deny))?;
        steps.run(
            "xtask's own tests",
            project
                .cargo("test")
                .args(["--release", "--package", "xtask"]),
        )?;
    }
    // Before the bundle: both builds write the same library, and the one that ships must be the one that stays.
    if !quick && !alloc_check::is_current(project) {
        steps.run("allocation check, build", &mut alloc_check::build(project))?;
        alloc_check::keep(project)?;
    }
    let bundles = steps.time("bundle", || bundle::run(project))?;
    bundles.print();

    let mut rust = project.cargo("test");
    // Without xtask: its dependencies' features would make this a different tract from the bundle's.
    rust.args(["--release", "--workspace", "--exclude", "xtask"])
        .env("MOODRING_BUNDLED", &bundles.clap);
    if quick {
        rust.env_remove("MOODRING_ALLOC_CHECK");
    } else {
        rust.env("MOODRING_ALLOC_CHECK", alloc_check::path(project));
    }
    steps.run("Rust tests", rust.arg("--").args(filters))?;

    if python_hosts {
        let python = steps.time("Python environment", || venv::python(project))?;
        steps.run(
            "VST3 in Python hosts",
            Command::new(python)
                .args(["-B", "-m", "pytest", "-q", "-p", "no:cacheprovider"])
                .arg("tests/vst3")
                .env("MOODRING_VST3", &bundles.vst3)
                // Without a name JUCE takes the first display that is there, which another program may just be closing;
                // Xlib then ends the process. Nobody has this one.
                .env("DISPLAY", ":4999"),
        )?;
        models::test(project, &mut steps)?;
    }
    steps.print();
    Ok(())
}
