//! `cargo xtask models`: the pipeline that makes what models/ ships.

use std::env::consts::EXE_EXTENSION;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};

use crate::project::{self, Project};
use crate::steps::Steps;
use crate::{packages, venv};

/// A step of the pipeline, in the order in which they are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Step {
    /// Fetch packages, render music, analyse both
    Corpus,
    /// Train; goes on from the last checkpoint
    Train,
    /// Print the tables of figures, write the plots
    Evaluate,
    /// Write the networks and their cards to models/
    Export,
}

/// A model that the pipeline makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Model {
    /// What names genre, instrument and mood
    Tagger,
    /// What moves timbre
    Timbre,
}

/// What `cargo xtask models` takes.
#[derive(Debug, Args)]
pub struct Arguments {
    /// What to do
    step: Step,
    /// For which model; for both without
    model: Option<Model>,
    /// A run of minutes that proves the path, in a folder of its own
    #[arg(long)]
    small: bool,
    /// Folder of the teachers' ONNX files [default: ../shared/models/teachers]
    #[arg(long)]
    teachers: Option<PathBuf>,
    /// Folder of a listener that judges morphs: `evaluate timbre` prints what it hears in the shipped model's, nothing else
    #[arg(long)]
    judge: Option<PathBuf>,
    /// Where `export` writes [default: models; with --small, under target/models]
    #[arg(long)]
    out: Option<PathBuf>,
}

impl Arguments {
    /// The same with the user's paths made absolute, to be called before the working directory changes.
    ///
    /// # Errors
    /// If there is no working directory.
    pub fn absolute(mut self) -> Result<Self> {
        for path in [&mut self.teachers, &mut self.judge, &mut self.out]
            .into_iter()
            .flatten()
        {
            *path = std::path::absolute(&*path)?;
        }
        Ok(self)
    }
}

fn name<T: ValueEnum>(value: T) -> String {
    value
        .to_possible_value()
        .map(|value| value.get_name().to_owned())
        .unwrap_or_default()
}

/// Takes one step of the pipeline.
///
/// # Errors
/// If Python or a system package can't be set up, or the step fails.
pub fn run(project: &Project, arguments: &Arguments) -> Result<()> {
    if arguments.step == Step::Corpus && !arguments.small {
        packages::require_npm()?;
    }
    let mut command = pipeline(project, arguments.step)?;
    if let Some(model) = arguments.model {
        command.arg(name(model));
    }
    if arguments.small {
        command.arg("--small");
    }
    for (option, path) in [
        ("--teachers", &arguments.teachers),
        ("--judge", &arguments.judge),
        ("--out", &arguments.out),
    ] {
        if let Some(path) = path {
            command.arg(option).arg(path);
        }
    }
    Steps::default().run(&format!("models: {}", name(arguments.step)), &mut command)
}

/// The pipeline's command for a step; the environment is set up first if need be.
///
/// # Errors
/// If Python or a system package can't be set up.
fn pipeline(project: &Project, step: Step) -> Result<Command> {
    packages::require(packages::TRAINING)?;
    let mut command = Command::new(venv::training_python(project)?);
    command
        .args(["-B", "-m", "moodring_training"])
        .arg(name(step))
        .arg("--data")
        .arg(project.target.join("models"))
        .arg("--moodring")
        .arg(
            project
                .target
                .join("release")
                .join(project::PACKAGE)
                .with_extension(EXE_EXTENSION),
        )
        .env("PYTHONPATH", "models/training");
    Ok(command)
}

/// Every step of a small run, for both models, from nothing but the packages; then the plugin's code loads what came of it.
///
/// # Errors
/// As [`run`], or if the models don't load.
pub fn test(project: &Project, steps: &mut Steps) -> Result<()> {
    let folder = project.target.join("models").join("small");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("{}", folder.display()))?;
    }
    for step in [Step::Corpus, Step::Train, Step::Evaluate, Step::Export] {
        let mut command = pipeline(project, step)?;
        command.arg("--small");
        steps.run(&format!("small models: {}", name(step)), &mut command)?;
    }
    steps.run(
        "small models: load",
        project
            .cargo("test")
            // As the Rust tests are built, so that nothing is built again.
            .args(["--release", "--workspace", "--exclude", "xtask"])
            .args(["--test", "models", "--", "--ignored"])
            .env("MOODRING_SMALL_MODELS", folder.join("export")),
    )
}
