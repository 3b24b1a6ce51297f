//! The project's own commands: `cargo xtask --help`.
//!
//! Each does all of its own set-up on a Debian machine with nothing but Rust and Python on it, and asks for the rest:
//! system packages in [`packages`], Python's in [`venv`]. What runs, and what came of it, is [`steps`]' business.

mod alloc_check;
mod bench;
mod bundle;
mod demo;
mod files;
mod golden;
mod install;
mod models;
mod packages;
mod project;
mod steps;
mod test;
mod venv;

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
        /// wav, flac, mp3 or ogg files; without any, the excerpt that ships in tests/music
        files: Vec<PathBuf>,
    },
    /// Format, lints, Rust tests, allocation check, and the VST3 in hosts that nobody here wrote
    Test {
        /// Leave out the allocation check and the Python hosts
        #[arg(long)]
        quick: bool,
        /// Run only the Rust tests whose names contain one of these, and nothing else
        filters: Vec<String>,
    },
    /// Write the reference features in tests/golden again, with libraries that are not this project's
    Golden,
    /// Bundle, then measure it
    Bench,
    /// The pipeline that makes the models: fetch, train, evaluate, export
    Models(models::Arguments),
}

fn main() -> ExitCode {
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
    let project = Project::find()?;
    match command {
        Command::Bundle => bundle::run(&project).map(|bundles| bundles.print()),
        Command::Install => install::run(&project),
        Command::Demo { files } => demo::run(&project, files),
        Command::Test { quick, filters } => test::run(&project, quick, &filters),
        Command::Golden => golden::run(&project),
        Command::Bench => bench::run(&project),
        Command::Models(arguments) => models::run(&project, &arguments),
    }
}
