//! `cargo xtask models`: the pipeline that makes what models/ ships.

use std::env::consts::EXE_EXTENSION;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};

use crate::machine::{packages, venv};
use crate::project::{self, Project};
use crate::steps::Steps;

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
    /// Correct the instruments of the tagger that ships with rendered solos, without training it anew
    Correct,
    /// Measure the colours of the players that ship anew, and leave the players as they are
    Colours,
    /// Place songs on a plane by what the shipped tagger makes of them, and write its map beside its card
    Map,
    /// Train, write and compare small networks of ten published architectures: all of it in one step, to target/models/zoo
    Zoo,
    /// Compare wavelet scattering with mel on solo instruments of makers that nobody learnt from: all of it in one step, nothing is written but tables
    Scattering,
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
    /// Folder of mn04 and AudioSet's labels [default: ../shared/judge]
    #[arg(long)]
    listener: Option<PathBuf>,
    /// Folder of labelled songs that the tagger is judged by [default: ../shared/music]
    #[arg(long)]
    music: Option<PathBuf>,
    /// Folder of a listener that judges morphs: `evaluate timbre` prints what it hears in the shipped model's, nothing else
    #[arg(long)]
    judge: Option<PathBuf>,
    /// Where `export`, `correct`, `colours`, `map` and `zoo` write [default: models, and target/models/zoo; with --small, under target/models]
    #[arg(long)]
    out: Option<PathBuf>,
}

impl Arguments {
    /// The same with the user's paths made absolute, to be called before the working directory changes.
    ///
    /// # Errors
    /// If there is no working directory.
    pub fn absolute(mut self) -> Result<Self> {
        let paths = [
            &mut self.teachers,
            &mut self.listener,
            &mut self.music,
            &mut self.judge,
            &mut self.out,
        ];
        for path in paths.into_iter().flatten() {
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
    if matches!(
        arguments.step,
        Step::Corpus | Step::Correct | Step::Colours | Step::Scattering
    ) && !arguments.small
    {
        packages::require_npm()?;
    }
    packages::require(packages::TRAINING)?;
    venv::training_python(project)?;
    let mut command = pipeline(project, arguments.step);
    if let Some(model) = arguments.model {
        command.arg(name(model));
    }
    if arguments.small {
        command.arg("--small");
    }
    for (option, path) in [
        ("--teachers", &arguments.teachers),
        ("--listener", &arguments.listener),
        ("--music", &arguments.music),
        ("--judge", &arguments.judge),
        ("--out", &arguments.out),
    ] {
        if let Some(path) = path {
            command.arg(option).arg(path);
        }
    }
    Steps::default().run(&format!("models: {}", name(arguments.step)), &mut command)
}

/// The pipeline's command for a step.
fn pipeline(project: &Project, step: Step) -> Command {
    let mut command = Command::new(venv::training_python_path(project));
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
    command
}

/// The same for a small run, for both models, in a folder of its own.
pub fn small(project: &Project, step: Step) -> Command {
    let mut command = pipeline(project, step);
    command.arg("--small");
    command
}

/// Ruff's lints of the pipeline and of its tests, as models/training/ruff.toml has them.
pub fn lints(project: &Project) -> Command {
    ruff(project, &["check"])
}

/// Ruff's formatter, which only says what it would change.
pub fn format(project: &Project) -> Command {
    ruff(project, &["format", "--check"])
}

fn ruff(project: &Project, action: &[&str]) -> Command {
    let mut python = Command::new(venv::training_python_path(project));
    python.args(["-B", "-m", "ruff"]).args(action).args([
        "--no-cache",
        "--quiet",
        "models/training",
    ]);
    python
}

/// The pipeline's own tests.
pub fn unit_tests(project: &Project) -> Command {
    let mut python = Command::new(venv::training_python_path(project));
    python
        .args(["-B", "-m", "pytest", "-q", "-p", "no:cacheprovider"])
        .arg("models/training/tests");
    python
}

/// Where a small run puts the models that it makes.
pub fn small_export(project: &Project) -> PathBuf {
    small_folder(project).join("export")
}

/// Where a small run puts a tagger with a map.
pub fn small_map(project: &Project) -> PathBuf {
    small_folder(project).join("map")
}

/// Where a small run puts the zoo.
pub fn small_zoo(project: &Project) -> PathBuf {
    small_folder(project).join("zoo").join("export")
}

/// Removes what an earlier small run has left, so that the next begins with nothing but the packages.
///
/// # Errors
/// If it can't be removed.
pub fn forget_small(project: &Project) -> Result<()> {
    let folder = small_folder(project);
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("{}", folder.display()))?;
    }
    Ok(())
}

fn small_folder(project: &Project) -> PathBuf {
    project.target.join("models").join("small")
}
