//! The Python environment of the tests: target/venv, as tests/requirements.txt says.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::packages;
use crate::project::Project;

const REQUIREMENTS: &str = "tests/requirements.txt";

/// Makes the environment, or brings it up to date if the requirements have changed since.
/// Returns its Python.
///
/// # Errors
/// If there is no Python, or if the requirements can't be installed.
pub fn python(project: &Project) -> Result<PathBuf> {
    let requirements = fs::read(REQUIREMENTS).context(REQUIREMENTS)?;
    let digest: String = Sha256::digest(&requirements)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let folder = project.target.join("venv");
    let python = if cfg!(windows) {
        folder.join("Scripts").join("python.exe")
    } else {
        folder.join("bin").join("python")
    };

    // Written last, so that it vouches for an installation that came to its end.
    let stamp = folder.join("requirements.sha256");
    if python.exists() && fs::read_to_string(&stamp).is_ok_and(|installed| installed == digest) {
        return Ok(python);
    }

    println!("setting up {}", folder.display());
    let system_python = system_python()?;
    // --clear: what is left of an older environment must not take part in the tests.
    call(
        Command::new(system_python)
            .args(["-m", "venv", "--clear"])
            .arg(&folder),
    )?;
    call(
        Command::new(&python)
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "-r",
            ])
            .arg(Path::new(REQUIREMENTS)),
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
