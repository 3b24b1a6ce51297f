//! The project's own commands: `cargo xtask --help`.
//!
//! Each does all of its own set-up on a Debian machine with nothing but Rust and Python on it, and asks for the rest by name
//! ([`machine`]): system packages in [`machine::packages`], Python's in [`machine::venv`]. What runs, and what came of it, is [`steps`]' business.

mod bench;
mod bundle;
mod cluster;
mod demo;
mod files;
mod golden;
mod install;
mod lints;
mod machine;
mod models;
mod project;
mod soak;
mod steps;
mod test;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::project::Project;

/// Moodring's own commands. Each sets up what it needs.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the plugin and write Moodring.clap and Moodring.vst3 to target/bundled
    Bundle,
    /// Bundle, then copy both into the user's CLAP and VST3 folders
    Install,
    /// Bundle, then play music through the plugin in a host and write what it heard and made to target/demo
    Demo {
        /// sound files; without any, the excerpt that ships in tests/music
        files: Vec<PathBuf>,
    },
    /// Format, lints, licences, Rust tests, the VST3 in hosts that nobody here wrote, and the models' pipeline, small
    Test {
        /// Leave out what takes Python: the hosts and the models' pipeline
        #[arg(long)]
        quick: bool,
        /// Run only the Rust tests whose names contain one of these, and nothing else
        filters: Vec<String>,
    },
    /// Bundle, then render hours of varied sound through the plugin and watch it; Ctrl-C stops it, the same command goes on
    Soak {
        /// How much sound, in hours
        #[arg(long)]
        hours: f64,
        /// What sound, blocks and automation are drawn from: the same seed gives the same output
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Write the reference features in tests/golden again, with libraries that are not this project's
    Golden,
    /// Bundle, then measure it
    Bench {
        /// Measure playback under load instead: 1 to 64 instances in real time, with and without a busy machine
        #[arg(long)]
        load: bool,
        /// Measure the open editor instead, page by page, in a window that is drawn by software
        #[arg(long, conflicts_with = "load")]
        editor: bool,
        /// Length of each of the load's 384 measurements, in seconds
        #[arg(long, default_value_t = 3.0, requires = "load")]
        seconds: f64,
        /// Length of all of them together, in minutes, instead; each is half a second at least
        #[arg(long, requires = "load", conflicts_with = "seconds")]
        minutes: Option<f64>,
    },
    /// Tag a small library with Ray and Spark, on two workers of this machine: their tests, and files an hour
    Cluster,
    /// The pipeline that makes the models: fetch, train, evaluate, export
    Models(models::Arguments),
}

fn main() -> ExitCode {
    if let Some(outcome) = lints::in_rustcs_place() {
        return outcome;
    }
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    // Before the working directory changes: the user's paths are relative to the present one.
    let command = match command {
        Command::Demo { files } => Command::Demo {
            files: demo::absolute(files)?,
        },
        Command::Models(arguments) => Command::Models(arguments.absolute()?),
        other => other,
    };
    machine::null_device::ensure()?;
    let project = Project::find()?;
    match command {
        Command::Bundle => bundle::run(&project).map(|bundles| bundles.print()),
        Command::Install => install::run(&project),
        Command::Demo { files } => demo::run(&project, files),
        Command::Test { quick, filters } => test::run(&project, quick, &filters),
        Command::Soak { hours, seed } => soak::run(&project, hours, seed),
        Command::Golden => golden::run(&project),
        Command::Bench {
            load,
            editor,
            seconds,
            minutes,
        } => {
            let what = match (load, editor) {
                (true, _) => bench::What::Load(
                    minutes.map_or(bench::Length::Each(seconds), bench::Length::All),
                ),
                (false, true) => bench::What::Editor,
                (false, false) => bench::What::Plugin,
            };
            bench::run(&project, what)
        }
        Command::Cluster => cluster::run(&project),
        Command::Models(arguments) => models::run(&project, &arguments),
    }
}
