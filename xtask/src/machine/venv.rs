//! The Python environments: target/venv for the tests, target/venv-models for the models' training, target/venv-tools for
//! programs that PyPI has built, target/venv-cluster for Ray and Spark, each as a requirements file says.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::machine::packages;
use crate::project::Project;

/// The tests' Python.
///
/// # Errors
/// If there is no Python, or if the requirements can't be installed.
pub fn python(project: &Project) -> Result<PathBuf> {
    environment(
        &hosts(project),
        "tests/requirements.txt",
        &[],
        system_python,
    )
}

/// The training's Python, which also sees Debian's own modules: torch is one.
///
/// # Errors
/// If there is no Python, or if the requirements can't be installed.
pub fn training_python(project: &Project) -> Result<PathBuf> {
    environment(
        &training(project),
        "models/training/requirements.txt",
        &["--system-site-packages"],
        // By its path: torch is there for Debian's Python alone, and another may come first.
        || Ok("/usr/bin/python3"),
    )
}

/// The environment of the programs that PyPI has built.
///
/// # Errors
/// If there is no Python, or if the requirements can't be installed.
pub fn tools(project: &Project) -> Result<PathBuf> {
    environment(
        &project.target.join("venv-tools"),
        "xtask/requirements.txt",
        &[],
        system_python,
    )
}

/// The Python that tags a library with Ray and Spark.
///
/// # Errors
/// If there is no Python, or if the requirements can't be installed.
pub fn cluster_python(project: &Project) -> Result<PathBuf> {
    environment(
        &project.target.join("venv-cluster"),
        "examples/cluster/requirements.txt",
        &[],
        system_python,
    )
}

/// Where [`tools`] puts a program.
pub fn tool_path(project: &Project, name: &str) -> PathBuf {
    program(&project.target.join("venv-tools"), name)
}

/// Where [`python`] is.
pub fn python_path(project: &Project) -> PathBuf {
    program(&hosts(project), "python")
}

/// Where [`training_python`] is.
pub fn training_python_path(project: &Project) -> PathBuf {
    program(&training(project), "python")
}

fn hosts(project: &Project) -> PathBuf {
    project.target.join("venv")
}

fn training(project: &Project) -> PathBuf {
    project.target.join("venv-models")
}

/// A program of an environment.
fn program(folder: &Path, name: &str) -> PathBuf {
    if cfg!(windows) {
        folder.join("Scripts").join(format!("{name}.exe"))
    } else {
        folder.join("bin").join(name)
    }
}

/// Makes an environment, or brings it up to date if its requirements have changed since.
/// Returns its Python.
fn environment(
    folder: &Path,
    requirements_file: &str,
    options: &[&str],
    maker: impl FnOnce() -> Result<&'static str>,
) -> Result<PathBuf> {
    let requirements = fs::read(requirements_file).context(requirements_file.to_owned())?;
    let digest: String = Sha256::digest(&requirements)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let python = program(folder, "python");

    // Written last, so that it vouches for an installation that came to its end.
    let stamp = folder.join("requirements.sha256");
    if python.exists() && fs::read_to_string(&stamp).is_ok_and(|installed| installed == digest) {
        return Ok(python);
    }

    println!("setting up {}", folder.display());
    // --clear: what is left of an older environment must not take part.
    call(
        Command::new(maker()?)
            .args(["-m", "venv", "--clear"])
            .args(options)
            .arg(folder),
    )?;
    call(
        Command::new(&python)
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                // Most modules are never imported; those that are, Python compiles then.
                "--no-compile",
                "-r",
            ])
            .arg(requirements_file),
    )?;
    fs::write(&stamp, digest).with_context(|| format!("{}", stamp.display()))?;
    Ok(python)
}

/// A Python that can make environments. Asked rather than looked up in dpkg: it need not be Debian's.
fn system_python() -> Result<&'static str> {
    let name = if cfg!(windows) { "python" } else { "python3" };
    let can_make_one = || {
        Command::new(name)
            .args(["-c", "import ensurepip, venv"])
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    };
    if !can_make_one() {
        packages::require(packages::PYTHON)?;
        if !can_make_one() {
            bail!("{name}: can't import venv and ensurepip; install Python 3.11 with both");
        }
    }
    Ok(name)
}

fn call(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("{}: can't be started", command.get_program().display()))?;
    if !status.success() {
        bail!("{command:?}: failed");
    }
    Ok(())
}
