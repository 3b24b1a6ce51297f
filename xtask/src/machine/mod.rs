//! What a step takes for granted, by name. A step that runs only where something happens to lie about from before fails on
//! a stranger's machine, so each says what it needs, and nothing else is set up for it.

pub mod deny;
pub mod null_device;
pub mod packages;
pub mod venv;

use std::process::Command;
use std::thread::JoinHandle;

use anyhow::{Context, Result, anyhow};

use crate::project::Project;

/// One thing that a step needs before it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Every crate that Cargo.lock and `proofs/Cargo.lock` name, those of other systems too, in cargo's own folder.
    Crates,
    /// Debian packages, where the system is Debian.
    Packages(&'static [&'static str]),
    /// The Python of `tests/requirements.txt`.
    HostsPython,
    /// The Python of `models/training/requirements.txt`, and torch.
    TrainingPython,
    /// The program that checks deny.toml.
    CargoDeny,
    /// The bundled plugin, made by an earlier step of the same run.
    Bundle,
}

/// The commands that fetch [`Need::Crates`].
pub fn fetch(project: &Project) -> [Command; 2] {
    ["Cargo.toml", "proofs/Cargo.toml"].map(|manifest| {
        let mut cargo = project.cargo("fetch");
        cargo.args(["--locked", "--manifest-path", manifest]);
        cargo
    })
}

/// System packages and Python environments on their way here, while cargo compiles: that is waiting for the network, mostly.
pub struct Machine(JoinHandle<Result<()>>);

impl Machine {
    /// Begins to set up what these needs ask of the machine.
    pub fn set_up(project: &Project, needs: &[Need]) -> Self {
        let (project, needs) = (project.clone(), needs.to_vec());
        Self(std::thread::spawn(move || {
            // All at once: each call of apt costs seconds.
            let mut wanted: Vec<&str> = needs
                .iter()
                .flat_map(|need| packages_of(*need))
                .copied()
                .collect();
            wanted.sort_unstable();
            wanted.dedup();
            packages::require(&wanted)?;
            for need in needs {
                match need {
                    Need::HostsPython => venv::python(&project).map(drop)?,
                    Need::TrainingPython => venv::training_python(&project).map(drop)?,
                    Need::CargoDeny => deny::program(&project).map(drop)?,
                    Need::Crates | Need::Packages(_) | Need::Bundle => {}
                }
            }
            Ok(())
        }))
    }

    /// Waits until all is there.
    ///
    /// # Errors
    /// If a package or an environment can't be installed.
    pub fn finish(self) -> Result<()> {
        self.0
            .join()
            .map_err(|_| anyhow!("setting up the machine panicked"))?
            .context("setting up the machine")
    }
}

/// The packages that a need comes to.
pub fn packages_of(need: Need) -> &'static [&'static str] {
    match need {
        Need::Packages(packages) => packages,
        Need::HostsPython => packages::PYTHON_HOSTS,
        Need::TrainingPython => packages::TRAINING,
        Need::Crates | Need::CargoDeny | Need::Bundle => &[],
    }
}
