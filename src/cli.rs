//! The command line: `tag` and `morph` work on files; `window`, or nothing, opens the standalone window.
//!
//! `tag` and `morph` run on one thread, with the same code as the plugin's threads: `morph` is the reference that a bounce in a
//! host must equal.

mod morph;
mod tag;

use std::{ffi::OsString, path::PathBuf};

use clap::{Parser, Subcommand};

use crate::{
    audio_file::AudioFileError,
    library::LibraryError,
    model::{ModelError, ModelSource},
};

/// What can go wrong, in one line.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// A sound file.
    #[error(transparent)]
    Audio(#[from] AudioFileError),
    /// A model.
    #[error(transparent)]
    Model(#[from] ModelError),
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
    #[error("{file}: {rate} Hz can't be resampled for the tagger: {why}")]
    Rate {
        /// The file.
        file: String,
        /// Its rate.
        rate: u32,
        /// The library's reason.
        why: String,
    },
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
    /// Print the tags of sound files, answer by answer.
    Tag {
        #[command(flatten)]
        models: Models,
        /// Tags of each kind to print.
        #[arg(long, default_value_t = 3)]
        top: usize,
        /// wav, flac, mp3 or ogg files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Morph a sound file.
    Morph {
        #[command(flatten)]
        models: Models,
        /// A preset to begin with: one that Moodring comes with, such as `Darker`, or one of yours.
        #[arg(long, value_name = "NAME")]
        preset: Option<String>,
        /// Parameter settings, such as `Brightness=1.5`, `Target=Cello`, `Morph="80 %"`.
        #[arg(long = "set", value_name = "NAME=VALUE")]
        settings: Vec<String>,
        /// The wav file to write.
        #[arg(long, short)]
        output: PathBuf,
        /// A wav, flac, mp3 or ogg file.
        file: PathBuf,
    },
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

#[derive(clap::Args)]
struct Models {
    /// Use the models in this folder (tagger/card.json, timbre/card.json) in place of the embedded ones.
    #[arg(long, value_name = "DIR")]
    models: Option<PathBuf>,
}

impl Models {
    fn source(self) -> ModelSource {
        self.models
            .map_or_else(ModelSource::from_environment, ModelSource::Folder)
    }
}

/// Runs the command that the arguments ask for.
///
/// # Errors
/// [`CliError`], to be printed on one line.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Result<(), CliError> {
    match Arguments::parse_from(arguments).command {
        Some(Command::Tag { models, top, files }) => tag::run(&models.source(), top, &files),
        Some(Command::Morph {
            models,
            preset,
            settings,
            output,
            file,
        }) => morph::run(
            &models.source(),
            preset.as_deref(),
            &settings,
            &file,
            &output,
        ),
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
