//! `moodring models check`: what is wrong with the models of a folder, or what they cost.

use std::{
    io::{self, Write},
    path::PathBuf,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::CliError;
use crate::model::{
    BANDS, ListenFrontEnd, ModelError, ModelSource, NetworkCost, TaggerModel, TimbreModel,
};

/// Answers of which the median time counts, at most, and how long they may take together.
const MOST_ANSWERS: usize = 31;
const MOST_TIME: Duration = Duration::from_secs(3);

/// The share of a core from which on a tagger is too much for playing live: Listen's thread serves every instance.
const TOO_MUCH: f64 = 0.5;

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
    let has = |model: &str| folder.join(model).join("card.json").exists();
    let tagger = has("tagger")
        .then(|| Costs::of_tagger(&source))
        .transpose()?;
    let timbre = has("timbre")
        .then(|| Costs::of_timbre(&source))
        .transpose()?;
    if tagger.is_none() && timbre.is_none() {
        // The folder's own complaint: there is nothing to read.
        source.tagger_card()?;
    }
    let mut out = io::stdout().lock();
    match format {
        Form::Text => [&tagger, &timbre]
            .into_iter()
            .flatten()
            .try_for_each(|costs| writeln!(out, "{}: {}", folder.display(), costs.line())),
        Form::Json => {
            let object = |costs: &Option<Costs>| costs.as_ref().map(Costs::object);
            let both = json!({"tagger": object(&tagger), "timbre": object(&timbre)});
            writeln!(out, "{both}")
        }
    }
    .map_err(CliError::Output)
}

/// What a model costs.
struct Costs {
    kind: &'static str,
    name: String,
    /// What it hears and says, in a few words.
    about: String,
    network: NetworkCost,
    /// One answer, in seconds.
    answer: f64,
    /// From one answer to the next, in seconds.
    pace: f64,
}

impl Costs {
    fn of_tagger(source: &ModelSource) -> Result<Self, ModelError> {
        let tagger = TaggerModel::load(source)?;
        let card = tagger.card();
        let front_end = &card.front_end;
        let input = vec![0.0; front_end.width() * front_end.frames()];
        let mut probabilities = vec![0.0; card.tags.len()];
        let answer = median(|| tagger.run(&input, &mut probabilities).map(drop))?;
        let heard = match front_end {
            ListenFrontEnd::LogMel(_) => format!("{} mel bands", front_end.width()),
            ListenFrontEnd::Waveform(_) => "the waveform".to_owned(),
        };
        Ok(Self {
            kind: "tagger",
            name: format!("{} {}", card.name, card.version),
            about: format!(
                "{} tags, hears {heard} of {} Hz, {:.1} s an answer, one every {} s",
                card.tags.len(),
                front_end.sample_rate(),
                front_end.seconds(),
                card.pace
            ),
            network: TaggerModel::cost(source)?,
            answer,
            pace: card.pace,
        })
    }

    fn of_timbre(source: &ModelSource) -> Result<Self, ModelError> {
        let timbre = TimbreModel::load(source)?;
        let levels = std::array::from_fn(|band| -20.0 - 40.0 * band as f32 / BANDS as f32);
        // As Morph asks: the code of a frame, its shape, and that of where the knobs are.
        let answer = median(|| {
            let latent = timbre.encode(&timbre.normalise(&levels))?;
            timbre.decode(&latent)?;
            timbre.decode(&latent).map(drop)
        })?;
        let card = timbre.card();
        let front_end = &card.front_end;
        Ok(Self {
            kind: "timbre model",
            name: card.full_name(),
            about: format!("{} named timbres, a curve every hop", card.anchors.len()),
            network: TimbreModel::cost(source)?,
            answer,
            pace: front_end.hop as f64 / f64::from(front_end.sample_rate),
        })
    }

    fn share(&self) -> f64 {
        self.answer / self.pace
    }

    fn line(&self) -> String {
        let Self {
            kind, name, about, ..
        } = self;
        let NetworkCost {
            parameters,
            multiply_adds,
            bytes,
        } = self.network;
        let share = 100.0 * self.share();
        let line = format!(
            "{kind} {name}: {about}; {:.0} k parameters, {:.1} MMAC, {:.2} ms an answer, {share:.1} % of a core, {:.1} MB",
            parameters as f64 / 1e3,
            multiply_adds as f64 / 1e6,
            1e3 * self.answer,
            bytes as f64 / 1e6,
        );
        match self.share() {
            share if share >= 1.0 => line + "; it can't keep up with the sound",
            share if share >= TOO_MUCH => line + "; that is much for playing live",
            _ => line,
        }
    }

    fn object(&self) -> Value {
        json!({
            "name": self.name,
            "parameters": self.network.parameters,
            "mmac": self.network.multiply_adds as f64 / 1e6,
            "bytes": self.network.bytes,
            "answer_ms": 1e3 * self.answer,
            "seconds_between_answers": self.pace,
            "share_of_core": self.share(),
        })
    }
}

/// Median time of what is done over and over, in seconds.
fn median(mut action: impl FnMut() -> Result<(), ModelError>) -> Result<f64, ModelError> {
    let begun = Instant::now();
    let mut times = Vec::with_capacity(MOST_ANSWERS);
    while times.is_empty() || (times.len() < MOST_ANSWERS && begun.elapsed() < MOST_TIME) {
        let started = Instant::now();
        action()?;
        times.push(started.elapsed().as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    Ok(times.get(times.len() / 2).copied().unwrap_or_default())
}
