//! `moodring models import`: a card for a network that others exported.

use std::path::PathBuf;

use super::{
    CliError,
    check::{self, CheckArguments},
};
use crate::model::{Exporter, Import};

/// What `moodring models import` is told.
#[derive(Debug, clap::Args)]
pub struct ImportArguments {
    /// An ONNX file. Essentia's metadata are found beside it: `msd-musicnn-1.json` beside `msd-musicnn-1.onnx`.
    network: PathBuf,
    /// The folder that receives tagger/card.json and tagger/model.onnx, in place of none.
    #[arg(long, short, value_name = "DIR")]
    output: PathBuf,
    /// Who exported it; told from its input where this is left out.
    #[arg(long, value_enum, value_name = "EXPORTER")]
    from: Option<Exporter>,
    /// What its outputs are called: a name a line, a CSV file with a column display_name, or a JSON list. Needed where the file doesn't say it.
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// What the model is called; the file's own name where this is left out.
    #[arg(long)]
    name: Option<String>,
}

/// Writes the card and a copy of the network, and says what it costs.
///
/// # Errors
/// [`CliError::Import`], and those of `models check`.
pub fn run(arguments: ImportArguments) -> Result<(), CliError> {
    let ImportArguments {
        network,
        output,
        from,
        labels,
        name,
    } = arguments;
    let import = Import {
        network,
        exporter: from,
        labels,
        name,
    };
    import.run(&output)?;
    check::run(&CheckArguments::of(output))
}
