//! What `moodring tag` takes.

use std::path::PathBuf;

use crate::cli::{models::Models, output::Format};

/// `moodring tag`.
#[derive(Debug, clap::Args)]
pub struct TagArguments {
    #[command(flatten)]
    pub models: Models,
    /// Every answer, one each half second, in place of a summary of each file, for which one a second is enough.
    #[arg(long)]
    pub every: bool,
    /// How to write it down.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// Tags of each kind in a table.
    #[arg(long, default_value_t = 3)]
    pub top: usize,
    /// Write into this file, which must not be there yet, in place of the standard output.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Go on with the output file of an interrupted run: what it names is not heard again.
    #[arg(long, requires = "output", conflicts_with = "every")]
    pub skip_done: bool,
    /// A record, too, of a file of which nothing can be read, with its error; `--skip-done` doesn't try it again then.
    #[arg(long)]
    pub errors: bool,
    /// Files heard at a time; as many as there are cores if not given.
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// Say which genre and mood would be written into the files' own metadata; with `--yes` they are. What a file says of itself already
    /// stays. The sound is never touched.
    #[arg(long)]
    pub write_tags: bool,
    /// Do write.
    #[arg(long, requires = "write_tags")]
    pub yes: bool,
    /// Write over the genre and the mood that a file has.
    #[arg(long, requires = "write_tags")]
    pub replace: bool,
    /// Sound files and folders, whose folders are searched, too; `-` is the standard input.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
}

impl TagArguments {
    /// Those files' summaries as a table, and nothing that isn't asked for.
    pub fn of(models: Models, files: Vec<PathBuf>) -> Self {
        Self {
            models,
            every: false,
            format: Format::Table,
            top: 3,
            output: None,
            skip_done: false,
            errors: false,
            jobs: None,
            write_tags: false,
            yes: false,
            replace: false,
            files,
        }
    }

    /// What is wrong with how they go together.
    pub fn complaint(&self) -> Option<&'static str> {
        if self.skip_done && !matches!(self.format, Format::Jsonl | Format::Csv) {
            return Some("--skip-done needs --format jsonl or csv: only these can be gone on with");
        }
        None
    }
}
