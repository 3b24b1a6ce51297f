//! The command line: `tag`, `describe`, `report` and `morph` work on files; `models` looks at models; `window`, or nothing, opens the
//! standalone window.
//!
//! `tag` and `morph` run the same code as the plugin's threads: `morph`, on one thread, is the reference that a bounce in a
//! host must equal; `tag` hears several files at a time. Both read and write block by block: memory doesn't grow with the file.

mod check;
mod describe;
mod desk;
mod files;
mod hearing;
mod import;
mod models;
mod morph;
mod output;
mod progress;
mod report;
mod settings;
mod stop;
mod strays;
mod tag;

use std::{
    ffi::OsString,
    fmt::Display,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Parser, Subcommand};

use crate::{
    audio_file::{AudioFileError, FORMATS},
    dsp::descriptors::NoLoudness,
    foreign_text::unbroken,
    library::LibraryError,
    model::{ImportError, ModelError},
    params::{LatencyMode, MoodringParams},
};
use check::CheckArguments;
use describe::DescribeArguments;
use files::NoFolder;
use import::ImportArguments;
use models::Models;
use report::ReportArguments;
use tag::{MetadataError, TagArguments};

/// What can go wrong, in one line.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// A sound file.
    #[error(transparent)]
    Audio(#[from] AudioFileError),
    /// A model.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A network that gets no card.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// A preset.
    #[error(transparent)]
    Preset(#[from] LibraryError),
    /// A `NAME=VALUE` that no parameter understands.
    #[error("--set {setting}: {why}")]
    Setting {
        /// As it was given.
        setting: String,
        /// What is wrong with it.
        why: String,
    },
    /// A file that the plugin's buses can't take.
    #[error("{file}: {found} channels: mix it down to one or two")]
    Channels {
        /// The file.
        file: String,
        /// How many it has.
        found: usize,
    },
    /// A rate that nothing can be made of.
    #[error("{file}: {rate} Hz can't be resampled: {why}")]
    Rate {
        /// The file.
        file: String,
        /// Its rate.
        rate: u32,
        /// The library's reason.
        why: String,
    },
    /// A sound that has no loudness.
    #[error("{file}: {why}")]
    Loudness {
        /// The file.
        file: String,
        /// Why.
        why: NoLoudness,
    },
    /// Answers can't be printed.
    #[error("the output can't be written ({0})")]
    Output(io::Error),
    /// Ctrl-C can't be heard.
    #[error("signals: {0}")]
    Signals(io::Error),
    /// Options that don't go together.
    #[error("{0}")]
    Arguments(&'static str),
    /// The file for the answers can't be used.
    #[error("{file}: {why}")]
    Results {
        /// The file.
        file: String,
        /// What is wrong with it.
        why: String,
    },
    /// A folder that can't be looked at.
    #[error(transparent)]
    Folder(#[from] NoFolder),
    /// A file's own metadata was not written.
    #[error("{file}: {why}")]
    Metadata {
        /// The file, which is as it was.
        file: String,
        /// Why.
        why: MetadataError,
    },
    /// A fault of Moodring's or of a decoder's.
    #[error("{file}: it could not be heard, by a fault that is not the file's")]
    Panicked {
        /// The file.
        file: String,
    },
    /// There are no threads to be had.
    #[error("threads: {0}")]
    Threads(io::Error),
    /// The process was asked to end.
    #[error("interrupted: {state}")]
    Interrupted {
        /// How what was being written is now.
        state: String,
        /// By which signal.
        signal: i32,
    },
    /// Something was wrong, and has been told already.
    #[error("not everything could be done")]
    Told,
    /// The standalone window could not be opened or was not built in.
    #[error("window: {0}")]
    Window(&'static str),
}

#[derive(Parser)]
#[command(
    name = "moodring",
    version,
    about = "Names what it hears and morphs its timbre. Without a command: the window."
)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Name what is in sound files: a summary of each, or every answer; or write it into the files.
    #[command(after_help = formats())]
    Tag(TagArguments),
    /// Measure sound files: loudness, tempo, beats, key, timbre and what librosa measures of each frame; a summary of each, or every frame.
    #[command(after_help = formats())]
    Describe(DescribeArguments),
    /// Show a sound file as a web page that needs nothing else: its tags over time, how it feels, a spectrogram; or a library: a table
    /// and a map of its songs.
    #[command(after_help = formats())]
    Report(ReportArguments),
    /// Morph a sound file.
    #[command(after_help = formats())]
    Morph {
        #[command(flatten)]
        models: Models,
        /// A preset to begin with: one that Moodring comes with, such as `Darker`, or one of yours.
        #[arg(long, value_name = "NAME")]
        preset: Option<String>,
        /// Parameter settings, such as `Brightness=1.5`, `Target=Cello`, `Morph="80 %"`, `Smoothing="0.5 s"`. A comma or a point alone is the
        /// decimal mark. What is out of range, or in another unit, is refused with those that there are.
        #[arg(long = "set", value_name = "NAME=VALUE")]
        settings: Vec<String>,
        /// Render as the plugin does with its latency set to Live, in place of Studio.
        #[arg(long)]
        live: bool,
        /// The wav file to write, which is replaced once all is done; it may be the input. `-` is the standard output.
        #[arg(long, short)]
        output: PathBuf,
        /// A sound file; `-` is the standard input.
        file: PathBuf,
    },
    /// Look at models of your own, or make one of a network that others exported.
    #[command(subcommand)]
    Models(ModelsCommand),
    /// Open the plugin in a window of its own, with sound from JACK or the system; `window --help` lists its options.
    #[command(disable_help_flag = true)]
    Window {
        /// Audio backend, devices, rate and more.
        #[arg(
            value_name = "OPTIONS",
            trailing_var_arg = true,
            allow_hyphen_values = true
        )]
        options: Vec<String>,
    },
}

/// What `moodring models` can do.
#[derive(Subcommand)]
enum ModelsCommand {
    /// Say in one line a model what is wrong with it, or what it costs: on this computer, on one core.
    Check(CheckArguments),
    /// Make a tagger of an ONNX file that others exported: write the card that it needs, and copy it beside that.
    Import(ImportArguments),
}

fn formats() -> String {
    format!(
        "Sound files are {FORMATS}, told by their content. Of one that is cut, damaged or joined from others all that can be read is; \
         what is left out is told, and the exit code is 1."
    )
}

/// Runs the command that the arguments ask for. What is wrong goes to the standard error, a line each; the exit code is 1 then.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let Err(why) = command(Arguments::parse_from(arguments)) else {
        return ExitCode::SUCCESS;
    };
    match &why {
        CliError::Told => {}
        // `| head` has seen enough.
        CliError::Output(why) if why.kind() == io::ErrorKind::BrokenPipe => {
            stop::end_by_broken_pipe();
        }
        CliError::Audio(AudioFileError::NobodyReads { .. }) => stop::end_by_broken_pipe(),
        CliError::Interrupted { signal, .. } => {
            tell(&why);
            stop::end_by(*signal);
        }
        _ => tell(&why),
    }
    ExitCode::FAILURE
}

/// Prints an error, or a note, which may name a path of any letters; a terminal that is gone is no reason for another.
fn tell(why: &dyn Display) {
    let _ = writeln!(io::stderr(), "moodring: {}", unbroken(&why.to_string()));
}

fn command(arguments: Arguments) -> Result<(), CliError> {
    match arguments.command {
        Some(Command::Tag(arguments)) => tag::run(&arguments),
        Some(Command::Describe(arguments)) => describe::run(&arguments),
        Some(Command::Report(arguments)) => report::run(&arguments),
        Some(Command::Morph {
            models,
            preset,
            settings,
            live,
            output,
            file,
        }) => {
            let params = MoodringParams::default();
            if live {
                params.latency.choose(LatencyMode::Live);
            }
            morph::set_up(&params, preset.as_deref(), &settings)?;
            morph::run(&models.source(), &params, &file, &output)
        }
        Some(Command::Models(ModelsCommand::Check(arguments))) => check::run(&arguments),
        Some(Command::Models(ModelsCommand::Import(arguments))) => import::run(arguments),
        Some(Command::Window { options }) => window(options),
        None => window(Vec::new()),
    }
}

#[cfg(feature = "standalone")]
fn window(options: Vec<String>) -> Result<(), CliError> {
    let arguments = std::iter::once("moodring window".to_owned()).chain(options);
    if nice_plug::prelude::nice_export_standalone_with_args::<crate::plugin::Moodring, _>(arguments)
    {
        Ok(())
    } else {
        Err(CliError::Window(
            "it could not be opened, for the reason above: `moodring window --help` lists backends and devices",
        ))
    }
}

#[cfg(not(feature = "standalone"))]
fn window(_options: Vec<String>) -> Result<(), CliError> {
    Err(CliError::Window(
        "not in this build: use `tag` or `morph`, or build with `--features standalone`",
    ))
}
