//! `moodring models check`: what is wrong with the models of a folder, or what they cost.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    path::PathBuf,
    sync::atomic::AtomicBool,
};

use serde_json::{Value, json};

use super::CliError;
use crate::model::{ModelCosts, ModelKind, ModelSource, NetworkCost, OperatorTime, TaggerModel};

/// Answers of whose times the least is told of each operator.
const ANSWERS: usize = 10;

/// What `moodring models check` is told.
#[derive(Debug, clap::Args)]
pub struct CheckArguments {
    /// A folder with tagger/card.json, timbre/card.json, or both.
    folder: PathBuf,
    /// How it is said.
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
    /// Say behind it what each kind of operator takes of the tagger's time; in JSON, each node of the graph.
    #[arg(long)]
    operators: bool,
}

impl CheckArguments {
    /// Those for a folder's models, said in lines.
    pub fn of(folder: PathBuf) -> Self {
        Self {
            folder,
            format: Form::Text,
            operators: false,
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
    let CheckArguments {
        folder,
        format,
        operators,
    } = arguments;
    let source = ModelSource::Folder(folder.clone());
    let costs = ModelCosts::of(&source, &AtomicBool::new(false))?;
    let has_tagger = costs.iter().any(|costs| costs.kind == ModelKind::Tagger);
    let times = match *operators && has_tagger {
        true => TaggerModel::load(&source)?.operator_times(ANSWERS)?,
        false => Vec::new(),
    };
    let mut out = io::stdout().lock();
    match format {
        Form::Text => costs
            .iter()
            .map(|costs| format!("{}: {}", folder.display(), line(costs)))
            .chain(by_operator(&times))
            .try_for_each(|line| writeln!(out, "{line}")),
        Form::Json => {
            let of = |kind| costs.iter().find(|costs| costs.kind == kind).map(object);
            let mut told =
                json!({"tagger": of(ModelKind::Tagger), "timbre": of(ModelKind::Timbre)});
            if *operators && let Some(told) = told.as_object_mut() {
                told.insert(
                    "operators".to_owned(),
                    times.iter().map(time_object).collect(),
                );
            }
            writeln!(out, "{told}")
        }
    }
    .map_err(CliError::Output)
}

/// A line for each kind of operator, the one that takes most first.
fn by_operator(times: &[OperatorTime]) -> Vec<String> {
    let whole: f64 = times.iter().map(|time| time.seconds).sum();
    let mut kinds: BTreeMap<&str, (usize, f64)> = BTreeMap::new();
    for time in times {
        let (count, seconds) = kinds.entry(&time.operator).or_default();
        *count += 1;
        *seconds += time.seconds;
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by(|(_, (_, one)), (_, (_, other))| other.total_cmp(one));
    let line = |(operator, (count, seconds)): (&str, (usize, f64))| {
        let share = 100.0 * seconds / whole;
        format!(
            "  {operator} ({count}): {:.2} ms, {share:.1} %",
            1e3 * seconds
        )
    };
    kinds.into_iter().map(line).collect()
}

fn time_object(time: &OperatorTime) -> Value {
    json!({"node": time.node, "operator": time.operator, "ms": 1e3 * time.seconds})
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
