//! `moodring report`: what is in a file, or in a library, as one page that needs nothing else.
//!
//! - `song`: one file, moment by moment, with its `spectrogram`
//! - `library`: many, a line each

mod library;
mod song;
mod spectrogram;

use std::{
    fs::File,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use serde_json::Value;

use self::library::Library;
use super::{CliError, models::Models};
use crate::{atomic_file, model::TaggerModel};

/// The pages, with [`PLACE`] where the data belong, [`STYLE_PLACE`] where [`STYLE`] does, and [`SCRIPT_PLACE`] where [`SCRIPT`] does.
const SONG: &str = include_str!("report/song.html");
const LIBRARY: &str = include_str!("report/library.html");
const PLACE: &str = "{{data}}";
const STYLE: &str = include_str!("report/style.css");
const STYLE_PLACE: &str = "{{style}}";
const SCRIPT: &str = include_str!("report/page.js");
const SCRIPT_PLACE: &str = "{{script}}";

/// `moodring report`.
#[derive(Debug, clap::Args)]
pub struct ReportArguments {
    #[command(flatten)]
    pub models: Models,
    /// The page to write, which is replaced once all is done.
    #[arg(long, short, value_name = "FILE.html")]
    pub output: PathBuf,
    /// Files heard at a time, of a library; as many as there are cores if not given.
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// A sound file, `-` being the standard input; or a library: several of them, folders, or what `moodring tag --format jsonl -o`
    /// has written.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
}

/// Writes the page. What can't be read is told, and what can be is shown.
pub(super) fn run(arguments: &ReportArguments) -> Result<(), CliError> {
    refuse_to_replace(&arguments.output)?;
    if let [file] = arguments.files.as_slice()
        && !file.is_dir()
        && !is_listing(file)
    {
        let tagger = TaggerModel::load(&arguments.models.source())?;
        let (data, ended) = song::data(&tagger, file)?;
        write(&arguments.output, SONG, &data)?;
        return Ok(ended?);
    }
    let (listings, sounds): (Vec<_>, Vec<_>) = arguments
        .files
        .iter()
        .cloned()
        .partition(|file| is_listing(file));
    let mut library = Library::default();
    for listing in &listings {
        library.read(listing)?;
    }
    let heard = match sounds.is_empty() {
        true => Ok(()),
        false => library.hear(&arguments.models, arguments.jobs, &sounds),
    };
    if !matches!(heard, Ok(()) | Err(CliError::Told)) {
        return heard;
    }
    write(&arguments.output, LIBRARY, &library.data(&arguments.files))?;
    heard
}

/// Only a page is replaced by one: anything else that has the name may be what is to be reported on.
///
/// # Errors
/// [`CliError::Results`].
fn refuse_to_replace(output: &Path) -> Result<(), CliError> {
    let known = [SONG, LIBRARY].map(|page| page.split("{{").next().unwrap_or(page).as_bytes());
    let mut there = Vec::new();
    let longest = known.map(<[u8]>::len).into_iter().max().unwrap_or(0) as u64;
    let is_page = !output.is_file()
        || File::open(output)
            .and_then(|file| file.take(longest).read_to_end(&mut there))
            .is_ok_and(|_| known.iter().any(|page| there.starts_with(page)));
    if is_page {
        return Ok(());
    }
    Err(CliError::Results {
        file: output.display().to_string(),
        why: "it is there already, and no page of `moodring report`: name another file".to_owned(),
    })
}

/// Whether it is what `moodring tag --format jsonl` writes, by its first byte, which no sound file begins with.
fn is_listing(path: &Path) -> bool {
    let mut first = [0];
    let is_file = path.metadata().is_ok_and(|there| there.is_file());
    is_file
        && File::open(path).is_ok_and(|mut file| file.read_exact(&mut first).is_ok())
        && first == *b"{"
}

fn write(output: &Path, page: &str, data: &Value) -> Result<(), CliError> {
    // Nothing that a name has can end the page's own script.
    let data = data.to_string().replace('<', "\\u003c");
    let page = page
        .replace(STYLE_PLACE, STYLE)
        .replace(SCRIPT_PLACE, SCRIPT)
        .replace(PLACE, &data);
    if output.as_os_str() == "-" {
        return io::stdout()
            .write_all(page.as_bytes())
            .map_err(CliError::Output);
    }
    atomic_file::write(output, page.as_bytes()).map_err(|why| CliError::Results {
        file: output.display().to_string(),
        why: why.to_string(),
    })?;
    writeln!(io::stdout(), "{}", output.display()).map_err(CliError::Output)
}
