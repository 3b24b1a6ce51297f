//! What models cost on this computer: reckoned from their graphs, and measured.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use super::{
    BANDS, ListenFrontEnd, ModelError, ModelSource, NetworkCost, TaggerModel, TimbreModel,
};

/// Answers of which the median time counts, at most, and how long they may take together.
const MOST_ANSWERS: usize = 31;
const MOST_TIME: Duration = Duration::from_secs(3);

/// The share of a core from which on a tagger is too much for playing live: Listen's thread serves every instance.
const TOO_MUCH: f64 = 0.5;

/// Which of the two models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelKind {
    /// What names the sound.
    Tagger,
    /// What changes it.
    Timbre,
}

impl ModelKind {
    /// The words for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tagger => "tagger",
            Self::Timbre => "timbre model",
        }
    }
}

/// What a model costs.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelCosts {
    /// Which of the two.
    pub kind: ModelKind,
    /// Its name and version.
    pub name: String,
    /// What it hears and says, in a few words.
    pub about: String,
    /// What its graph tells.
    pub network: NetworkCost,
    /// One answer, in seconds: the median of several.
    pub answer: f64,
    /// From one answer to the next, in seconds.
    pub pace: f64,
}

impl ModelCosts {
    /// What the models of a source cost, the tagger first; of a folder, those that are in it. Loads them and runs them for some seconds;
    /// ends early, with fewer answers, once it is `given_up`.
    ///
    /// # Errors
    /// The first thing that is wrong with them; that there is none, too.
    pub fn of(source: &ModelSource, given_up: &AtomicBool) -> Result<Vec<Self>, ModelError> {
        let has = |model: &str| !source.leaves(model) && source.has(model, "card.json");
        let mut costs = Vec::new();
        if has("tagger") {
            costs.push(Self::of_tagger(source, given_up)?);
        }
        if has("timbre") {
            costs.push(Self::of_timbre(source, given_up)?);
        }
        if let (true, ModelSource::Folder(folder)) = (costs.is_empty(), source) {
            return Err(ModelError::NoModel {
                folder: folder.display().to_string(),
            });
        }
        Ok(costs)
    }

    fn of_tagger(source: &ModelSource, given_up: &AtomicBool) -> Result<Self, ModelError> {
        let tagger = TaggerModel::load(source)?;
        let card = tagger.card();
        let front_end = &card.front_end;
        let input = vec![0.0; front_end.width() * front_end.frames()];
        let mut probabilities = vec![0.0; card.tags.len()];
        let answer = median(given_up, || {
            tagger.run(&input, &mut probabilities).map(drop)
        })?;
        let heard = match front_end {
            ListenFrontEnd::LogMel(_) => format!("{} mel bands", front_end.width()),
            ListenFrontEnd::Waveform(_) => "the waveform".to_owned(),
        };
        Ok(Self {
            kind: ModelKind::Tagger,
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

    fn of_timbre(source: &ModelSource, given_up: &AtomicBool) -> Result<Self, ModelError> {
        let timbre = TimbreModel::load(source)?;
        let levels = std::array::from_fn(|band| -20.0 - 40.0 * band as f32 / BANDS as f32);
        // As Morph asks: the code of a frame, its shape, and that of where the knobs are.
        let answer = median(given_up, || {
            let latent = timbre.encode(&timbre.normalise(&levels))?;
            timbre.decode(&latent)?;
            timbre.decode(&latent).map(drop)
        })?;
        let card = timbre.card();
        let front_end = &card.front_end;
        Ok(Self {
            kind: ModelKind::Timbre,
            name: card.full_name(),
            about: format!("{} named timbres, a curve every hop", card.anchors.len()),
            network: TimbreModel::cost(source)?,
            answer,
            pace: front_end.hop as f64 / f64::from(front_end.sample_rate),
        })
    }

    /// The share of a core that it takes.
    pub fn share(&self) -> f64 {
        self.answer / self.pace
    }

    /// What speaks against playing with it, if anything does.
    pub fn warning(&self) -> Option<&'static str> {
        match self.share() {
            share if share >= 1.0 => Some("it can't keep up with the sound"),
            share if share >= TOO_MUCH => Some("that is much for playing live"),
            _ => None,
        }
    }
}

/// Median time of what is done over and over, in seconds.
fn median(
    given_up: &AtomicBool,
    mut action: impl FnMut() -> Result<(), ModelError>,
) -> Result<f64, ModelError> {
    let begun = Instant::now();
    let mut times = Vec::with_capacity(MOST_ANSWERS);
    let more = |times: &[f64]| {
        times.len() < MOST_ANSWERS
            && begun.elapsed() < MOST_TIME
            && !given_up.load(Ordering::Relaxed)
    };
    while times.is_empty() || more(&times) {
        let started = Instant::now();
        action()?;
        times.push(started.elapsed().as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    Ok(times.get(times.len() / 2).copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_that_can_t_keep_up_is_warned_of() {
        let costs = |answer: f64| ModelCosts {
            kind: ModelKind::Tagger,
            name: "A tagger 1".to_owned(),
            about: String::new(),
            network: NetworkCost::default(),
            answer,
            pace: 0.5,
        };
        assert_eq!(costs(0.1).warning(), None);
        assert_eq!(costs(0.3).warning(), Some("that is much for playing live"));
        assert_eq!(
            costs(0.5).warning(),
            Some("it can't keep up with the sound")
        );
    }

    #[test]
    fn both_models_that_ship_are_measured_and_giving_up_ends_it_soon() {
        let given_up = AtomicBool::new(true);
        let costs = ModelCosts::of(&ModelSource::Embedded, &given_up).unwrap();
        let kinds: Vec<_> = costs.iter().map(|costs| costs.kind).collect();
        assert_eq!(kinds, [ModelKind::Tagger, ModelKind::Timbre]);
        for costs in &costs {
            assert!(
                costs.answer > 0.0 && costs.network.multiply_adds > 0,
                "{costs:?}"
            );
        }
    }
}
