//! The command line: `tag` and `morph` work on files; anything else opens the standalone window.
//!
//! Both commands run on one thread, with the same code as the plugin's threads: `morph` is the reference that a bounce in a
//! host must equal.

mod morph;
mod tag;

use std::{ffi::OsString, path::PathBuf};

use clap::{Parser, Subcommand};

use crate::{
    audio_file::AudioFileError,
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
    #[error("{0}")]
    Standalone(&'static str),
}

#[derive(Parser)]
#[command(
    name = "moodring",
    version,
    about = "Names what it hears and morphs its timbre. Without a command: the standalone window."
)]
struct Arguments {
    /// Use the models in this folder (tagger/card.json, timbre/card.json) in place of the embedded ones.
    #[arg(long, global = true, value_name = "DIR")]
    models: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Print the tags of sound files, answer by answer.
    Tag {
        /// Tags of each kind to print.
        #[arg(long, default_value_t = 3)]
        top: usize,
        /// wav, flac, mp3 or ogg files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Morph a sound file.
    Morph {
        /// Parameter settings, such as `Brightness=1.5`, `Target=Cello`, `Morph="80 %"`.
        #[arg(long = "set", value_name = "NAME=VALUE")]
        settings: Vec<String>,
        /// The wav file to write.
        #[arg(long, short)]
        output: PathBuf,
        /// A wav, flac, mp3 or ogg file.
        file: PathBuf,
    },
}

/// Runs the command that the arguments ask for.
///
/// # Errors
/// [`CliError`], to be printed on one line.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Result<(), CliError> {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let ours = arguments.iter().skip(1).any(|argument| {
        [
            "tag",
            "morph",
            "help",
            "--help",
            "-h",
            "--version",
            "-V",
            "--models",
        ]
        .iter()
        .any(|word| argument == word)
    });
    if !ours {
        return standalone();
    }
    let arguments = Arguments::parse_from(arguments);
    let source = arguments
        .models
        .map_or_else(ModelSource::from_environment, ModelSource::Folder);
    match arguments.command {
        Command::Tag { top, files } => tag::run(&source, top, &files),
        Command::Morph {
            settings,
            output,
            file,
        } => morph::run(&source, &settings, &file, &output),
    }
}

#[cfg(feature = "standalone")]
fn standalone() -> Result<(), CliError> {
    if nice_plug::prelude::nice_export_standalone::<crate::plugin::Moodring>() {
        Ok(())
    } else {
        Err(CliError::Standalone(
            "the standalone window could not be opened",
        ))
    }
}

#[cfg(not(feature = "standalone"))]
fn standalone() -> Result<(), CliError> {
    Err(CliError::Standalone(
        "this build has no window: use `tag` or `morph`, or build with `--features standalone`",
    ))
}
