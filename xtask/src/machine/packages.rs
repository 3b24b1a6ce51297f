//! Debian packages: which are needed, which are missing, and how they get here.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// What the editor opens at run time, which no linker tells, and the virtual screen it is shown on where there is none.
pub const EDITOR: &[&str] = &[
    "libegl1",
    "libgl1",
    "libgl1-mesa-dri",
    "libx11-6",
    "libx11-xcb1",
    "libxcursor1",
    "libxkbcommon-x11-0",
    "xdotool",
    "xvfb",
];

/// What the Python hosts link to.
pub const PYTHON_HOSTS: &[&str] = &["libatomic1", "libgl1"];

/// The browser that reports are opened in, and the program by which a test steers it.
pub const BROWSER: &[&str] = &["chromium", "chromium-driver"];

/// A DAW that records the MIDI that a plugin sends, and has a command line.
pub const MIDI_HOST: &[&str] = &["ardour"];

/// What Spark runs on.
pub const JAVA: &[&str] = &["default-jre-headless"];

/// What measures loudness independently of us.
pub const LOUDNESS: &[&str] = &["ffmpeg"];

/// Python's own way to make a virtual environment, which Debian ships apart.
pub const PYTHON: &[&str] = &["python3", "python3-venv"];

/// What the models are made with: torch as Debian builds it, because PyPI's brings gigabytes of CUDA with it, and what compiles
/// pyworld, which PyPI has as source alone.
pub const TRAINING: &[&str] = &[
    "espeak-ng",
    "ffmpeg",
    "fluidsynth",
    "g++",
    "python3-dev",
    "python3-torch",
    "python3-venv",
    "timidity",
];

/// What fetches the part of the whole corpus that Debian doesn't have, by the command that it gives.
const NPM: &str = "npm";

/// Sees to it that there is an `npm`: Debian's, unless one is there already.
///
/// # Errors
/// As [`require`].
pub fn require_npm() -> Result<()> {
    let there = Command::new(NPM)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if there { Ok(()) } else { require(&[NPM]) }
}

/// Installs those packages that are missing.
///
/// Does nothing on systems without `dpkg`: the lists are Debian's, and a user of another system has the libraries or
/// sees from the message of the program that wants them which one to get.
///
/// # Errors
/// If there is something to install and this user may not: the message is the command line to run.
pub fn require(packages: &[&str]) -> Result<()> {
    let missing = missing(packages);
    if missing.is_empty() {
        return Ok(());
    }
    let Some(become_root) = way_to_root() else {
        bail!(
            "system packages are missing; install them, then run this again:\n  \
             sudo apt-get update && sudo apt-get install --yes --no-install-recommends {}",
            missing.join(" ")
        );
    };
    println!("installing {}", missing.join(" "));
    apt_get(become_root, &["update", "--quiet"])?;
    let mut install = vec!["install", "--quiet", "--yes", "--no-install-recommends"];
    install.extend(missing);
    apt_get(become_root, &install)
}

fn missing<'a>(packages: &[&'a str]) -> Vec<&'a str> {
    packages
        .iter()
        .copied()
        .filter(|package| {
            Command::new("dpkg-query")
                .args(["--show", "--showformat=${db:Status-Status}", package])
                .stderr(Stdio::null())
                .output()
                .is_ok_and(|answer| answer.stdout != b"installed")
        })
        .collect()
}

/// The words to put before a command so that it runs as root, if there is a way that asks for no password.
pub fn way_to_root() -> Option<&'static [&'static str]> {
    let is_root = Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|answer| answer.stdout.trim_ascii() == b"0");
    if is_root {
        return Some(&[]);
    }
    let sudo = Command::new("sudo")
        .args(["--non-interactive", "true"])
        .stderr(Stdio::null())
        .status();
    sudo.is_ok_and(|status| status.success())
        .then_some(&["sudo", "--non-interactive"])
}

fn apt_get(become_root: &[&str], arguments: &[&str]) -> Result<()> {
    let mut words = become_root.to_vec();
    // By env, because sudo does not pass variables on.
    words.extend(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    words.extend(arguments);
    let status = Command::new(words[0])
        .args(&words[1..])
        .status()
        .with_context(|| format!("{}: can't be started", words.join(" ")))?;
    if !status.success() {
        bail!("{}: failed", words.join(" "));
    }
    Ok(())
}
