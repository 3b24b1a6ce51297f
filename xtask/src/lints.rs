//! Clippy beside the build instead of before it.
//!
//! `cargo clippy` checks every dependency once more, in a build of its own, which costs minutes on a fresh machine. But
//! cargo lets a program stand between it and rustc for the workspace's own crates (`RUSTC_WORKSPACE_WRAPPER`; the Cargo
//! Book, "Environment Variables"). Here that program is xtask itself: it lets clippy read a crate while rustc compiles it,
//! and the crate fails if either does. What is built is rustc's: clippy's driver optimises differently.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::project::Project;

/// Tells xtask that cargo calls it in rustc's place: the folder that clippy's own output goes to.
const SCRATCH: &str = "MOODRING_LINTS_SCRATCH";

/// The crate name in cargo's questions to rustc, which compile nothing.
const QUESTION: &str = "___";

/// Cargo calls with clippy beside rustc.
pub struct Lints {
    wrapper: PathBuf,
    scratch: PathBuf,
}

impl Lints {
    /// Puts a copy of this program aside: cargo may build xtask while it is in use.
    ///
    /// # Errors
    /// If it can't be copied.
    pub fn set_up(project: &Project) -> Result<Self> {
        let folder = project.target.join("tools").join("lints");
        fs::create_dir_all(&folder).with_context(|| format!("{}", folder.display()))?;
        let wrapper = folder.join(format!("xtask{}", std::env::consts::EXE_SUFFIX));
        let this = std::env::current_exe().context("the path of xtask")?;
        let _ = fs::remove_file(&wrapper);
        fs::copy(&this, &wrapper)
            .with_context(|| format!("{} to {}", this.display(), wrapper.display()))?;
        Ok(Self {
            wrapper,
            scratch: folder.join("scratch"),
        })
    }

    /// Lets a call of cargo lint what it builds. Every call that is to share what another has built needs this.
    pub fn watch<'a>(&self, cargo: &'a mut Command) -> &'a mut Command {
        cargo
            .env("RUSTC_WORKSPACE_WRAPPER", &self.wrapper)
            .env(SCRATCH, &self.scratch)
    }
}

/// If cargo calls this program in rustc's place, does rustc's work and gives its exit code.
pub fn in_rustcs_place() -> Option<ExitCode> {
    let scratch = PathBuf::from(std::env::var_os(SCRATCH)?);
    let mut arguments = std::env::args_os().skip(1);
    let rustc = arguments.next()?;
    // Set for all that cargo starts, so a test that starts xtask has the variable as well.
    if Path::new(&rustc).file_stem() != Some(OsStr::new("rustc")) {
        return None;
    }
    let arguments: Vec<OsString> = arguments.collect();
    Some(match compile(&rustc, &arguments, &scratch) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: lints: {error:#}");
            ExitCode::FAILURE
        }
    })
}

/// Whether rustc compiled the crate and clippy had nothing to say.
fn compile(rustc: &OsStr, arguments: &[OsString], scratch: &Path) -> Result<bool> {
    let lints = match crate_name(arguments) {
        Some(name) if name != QUESTION => {
            // A folder for each process: two targets of one name may be compiled at once.
            let folder = scratch.join(std::process::id().to_string());
            fs::create_dir_all(&folder).with_context(|| format!("{}", folder.display()))?;
            let clippy = Command::new(driver(rustc)?)
                .arg(rustc)
                .args(for_clippy(arguments, &folder))
                .args(["--deny", "warnings"])
                .spawn()
                .context(
                    "clippy-driver: can't be started; install it by `rustup component add clippy`",
                )?;
            Some((clippy, folder))
        }
        _ => None,
    };
    let compiled = Command::new(rustc)
        .args(arguments)
        .status()
        .with_context(|| format!("{}: can't be started", rustc.display()))?
        .success();
    let Some((mut clippy, folder)) = lints else {
        return Ok(compiled);
    };
    let clean = clippy.wait().context("clippy-driver")?.success();
    fs::remove_dir_all(&folder).with_context(|| format!("{}", folder.display()))?;
    Ok(compiled && clean)
}

/// Clippy's compiler driver, which lies beside the compiler itself.
fn driver(rustc: &OsStr) -> Result<PathBuf> {
    let answer = Command::new(rustc)
        .args(["--print", "sysroot"])
        .output()
        .with_context(|| format!("{}: can't be started", rustc.display()))?;
    let sysroot = String::from_utf8_lossy(&answer.stdout);
    Ok(Path::new(sysroot.trim())
        .join("bin")
        .join(format!("clippy-driver{}", std::env::consts::EXE_SUFFIX)))
}

fn crate_name(arguments: &[OsString]) -> Option<&OsStr> {
    let at = arguments.iter().position(|word| word == "--crate-name")?;
    arguments.get(at + 1).map(OsString::as_os_str)
}

/// The same compilation up to the crate's metadata, in another folder. Cargo must hear nothing of the files that come of it:
/// it would take them for rustc's.
fn for_clippy(arguments: &[OsString], folder: &Path) -> Vec<OsString> {
    let mut changed = Vec::with_capacity(arguments.len());
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match word.to_str() {
            Some("--out-dir") => {
                words.next();
                changed.extend([word.clone(), folder.into()]);
            }
            Some(text) if text.starts_with("--emit=") => changed.push("--emit=metadata".into()),
            Some(text) if text.starts_with("--json=") => {
                let kept: Vec<&str> = text
                    .trim_start_matches("--json=")
                    .split(',')
                    .filter(|kind| *kind != "artifacts")
                    .collect();
                changed.push(format!("--json={}", kept.join(",")).into());
            }
            _ => changed.push(word.clone()),
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn clippy_reads_the_same_crate_and_leaves_no_trace_in_the_build() {
        let asked = words(
            "--crate-name moodring src/lib.rs --json=diagnostic-rendered-ansi,artifacts,future-incompat \
             --emit=dep-info,metadata,link -C opt-level=3 --out-dir target/release/deps",
        );
        assert_eq!(crate_name(&asked), Some(OsStr::new("moodring")));
        assert_eq!(
            for_clippy(&asked, Path::new("elsewhere")),
            words(
                "--crate-name moodring src/lib.rs --json=diagnostic-rendered-ansi,future-incompat \
                 --emit=metadata -C opt-level=3 --out-dir elsewhere",
            )
        );
    }
}
