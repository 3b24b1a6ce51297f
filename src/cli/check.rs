//! `moodring models check`: what is wrong with the models of a folder, or what they cost.

use std::{
    io::{self, Write},
    path::PathBuf,
    sync::atomic::AtomicBool,
};

use serde_json::{Value, json};

use super::CliError;
use crate::model::{ModelCosts, ModelKind, ModelSource, NetworkCost};

/// What `moodring models check` is told.
#[derive(Debug, clap::Args)]
pub struct CheckArguments {
    /// A folder with tagger/card.json, timbre/card.json, or both.
    folder: PathBuf,
    /// How it is said.
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
}

impl CheckArguments {
    /// Those for a folder's models, said in lines.
    pub fn of(folder: PathBuf) -> Self {
        Self {
            folder,
            format: Form::Text,
        }
    }
}

/// How it is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Form {
    /// A line for each model.
    Text,
    /// An object.
    Json,
}

/// Checks a folder's models.
///
/// # Errors
/// The first thing that is wrong, and [`CliError::Output`].
pub fn run(arguments: &CheckArguments) -> Result<(), CliError> {
    let CheckArguments { folder, format } = arguments;
    let source = ModelSource::Folder(folder.clone());
    let costs = ModelCosts::of(&source, &AtomicBool::new(false))?;
    let mut out = io::stdout().lock();
    match format {
        Form::Text => costs
            .iter()
            .try_for_each(|costs| writeln!(out, "{}: {}", folder.display(), line(costs))),
        Form::Json => {
            let of = |kind| costs.iter().find(|costs| costs.kind == kind).map(object);
            let both = json!({"tagger": of(ModelKind::Tagger), "timbre": of(ModelKind::Timbre)});
            writeln!(out, "{both}")
        }
    }
    .map_err(CliError::Output)
}

fn line(costs: &ModelCosts) -> String {
    let ModelCosts {
        kind, name, about, ..
    } = costs;
    let NetworkCost {
        parameters,
        multiply_adds,
        bytes,
    } = costs.network;
    let line = format!(
        "{} {name}: {about}; {:.0} k parameters, {:.1} MMAC, {:.2} ms an answer, {:.1} % of a core, {:.1} MB",
        kind.name(),
        parameters as f64 / 1e3,
        multiply_adds as f64 / 1e6,
        1e3 * costs.answer,
        100.0 * costs.share(),
        bytes as f64 / 1e6,
    );
    match costs.warning() {
        Some(warning) => format!("{line}; {warning}"),
        None => line,
    }
}

fn object(costs: &ModelCosts) -> Value {
    json!({
        "name": costs.name,
        "parameters": costs.network.parameters,
        "mmac": costs.network.multiply_adds as f64 / 1e6,
        "bytes": costs.network.bytes,
        "answer_ms": 1e3 * costs.answer,
        "seconds_between_answers": costs.pace,
        "share_of_core": costs.share(),
    })
}
