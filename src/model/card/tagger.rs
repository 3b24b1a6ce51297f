//! The tagger's card.

use serde::Deserialize;

use super::{
    answer::{AnswerReading, Calibration},
    check::{TAGGER_SCHEMA, check_header, elements, expect_name, expect_range, parse},
    circumplex::{Circumplex, RawCircumplex},
    entry::{FileEntry, TensorEntry},
    input::{InputOrder, RawInput},
    listen_front_end::ListenFrontEnd,
    normalisation::{Normalisation, RawNormalisation},
    tags::{TagInfo, check_names, check_parents},
};
use crate::model::ModelError;

/// What the tagger says of itself.
///
/// ```
/// use moodring::model::TaggerCard;
///
/// # fn main() -> Result<(), moodring::model::ModelError> {
/// # let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/models/tagger/card.json");
/// # let text = std::fs::read_to_string(shipped).unwrap_or_default();
/// let card = TaggerCard::parse("card.json", text.as_bytes())?;
/// assert!(card.tags.iter().any(|tag| tag.name == "rock"));
///
/// // A front-end that this version can't honour is refused by the field's name.
/// let other = text.replace("\"hann ", "\"kaiser ");
/// let why = TaggerCard::parse("card.json", other.as_bytes()).unwrap_err();
/// assert!(why.to_string().contains("frontend.window"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct TaggerCard {
    /// Its name, for people.
    pub name: String,
    /// Its version.
    pub version: String,
    /// How to turn sound into its input.
    pub front_end: ListenFrontEnd,
    /// What is done to the input as a whole.
    pub normalisation: Normalisation,
    /// How the input lies in memory.
    pub order: InputOrder,
    /// Time from one answer to the next, in seconds: half a second, or more where an answer looks at so much sound that it costs much.
    pub pace: f64,
    /// Its outputs, in order.
    pub tags: Vec<TagInfo>,
    /// How its outputs tell valence and arousal; `None` for a tagger that doesn't know.
    pub circumplex: Option<Circumplex>,
    /// How its outputs become probabilities.
    pub(in crate::model) answer: AnswerReading,
    pub(in crate::model) model: FileEntry,
    pub(in crate::model) input: TensorEntry,
    pub(in crate::model) output: TensorEntry,
    /// What the network makes of the sound before it names it, where it gives that as well.
    pub(in crate::model) embedding: Option<TensorEntry>,
    /// The file that says where songs are by that, where there is one.
    pub(in crate::model) map: Option<FileEntry>,
}

#[derive(Deserialize)]
struct RawTagger {
    name: String,
    version: String,
    files: RawTaggerFiles,
    input: RawInput,
    output: RawOutput,
    embedding: Option<TensorEntry>,
    normalisation: Option<RawNormalisation>,
    seconds_between_answers: Option<f64>,
    tags: Vec<TagInfo>,
    circumplex: Option<RawCircumplex>,
}

#[derive(Deserialize)]
struct RawTaggerFiles {
    model: FileEntry,
    map: Option<FileEntry>,
}

#[derive(Deserialize)]
struct RawOutput {
    name: String,
    shape: Vec<usize>,
    activation: Option<String>,
}

/// The tags' calibrations, of use from schema 2 on: in the first they tell what the network does itself.
#[derive(Deserialize)]
struct Calibrations {
    tags: Vec<Calibrated>,
}

#[derive(Deserialize)]
struct Calibrated {
    calibration: Option<Calibration>,
}

/// Seconds from one answer to the next, where a card doesn't say it: so large a share of what an answer looks at, half a second at least.
/// A network of 29 s costs as much as one of 3 s then.
const PACE: f64 = 0.1;
const LEAST_PACE: f64 = 0.5;
const MOST_PACE: f64 = 30.0;

/// The most numbers of an embedding.
const MOST_EMBEDDED: usize = 65_536;

impl TaggerCard {
    /// Reads the card.
    ///
    /// # Errors
    /// [`ModelError`] when it isn't a tagger's card of a schema up to this version's, or asks for what this version can't do.
    pub fn parse(file: &str, bytes: &[u8]) -> Result<Self, ModelError> {
        let schema = check_header(file, bytes, "tagger", TAGGER_SCHEMA)?;
        let raw: RawTagger = parse(file, bytes)?;
        expect_name(file, "name", &raw.name)?;
        expect_name(file, "version", &raw.version)?;
        let front_end = ListenFrontEnd::read(file, bytes)?;
        let tags = raw.tags;
        expect_range(file, "tags (their number)", tags.len(), 1, 1_000)?;
        check_names(file, &tags)?;
        check_parents(file, &tags)?;
        let circumplex = raw.circumplex.map(|raw| Circumplex::read(file, raw, &tags));
        let order = raw.input.order(file, &front_end)?;
        let calibration = if schema < TAGGER_SCHEMA {
            vec![None; tags.len()]
        } else {
            let Calibrations { tags } = parse(file, bytes)?;
            tags.into_iter().map(|tag| tag.calibration).collect()
        };
        let RawOutput {
            name,
            shape,
            activation,
        } = raw.output;
        let answer = AnswerReading::read(file, activation.as_deref(), &shape, calibration)?;
        if let Some(embedding) = &raw.embedding {
            let numbers = elements(&embedding.shape);
            expect_range(file, "embedding.shape", numbers, 1, MOST_EMBEDDED)?;
        } else if raw.files.map.is_some() {
            let expected = "the output that `files.map` is a map of";
            return Err(ModelError::field(file, "embedding", "missing", expected));
        }
        let normalisation = raw
            .normalisation
            .map(|raw| Normalisation::read(file, &raw, front_end.width()));
        Ok(Self {
            name: raw.name,
            version: raw.version,
            pace: pace(file, raw.seconds_between_answers, &front_end)?,
            front_end,
            normalisation: normalisation.transpose()?.unwrap_or_default(),
            order,
            tags,
            circumplex: circumplex.transpose()?,
            answer,
            model: raw.files.model,
            input: TensorEntry {
                name: raw.input.name,
                shape: raw.input.shape,
            },
            output: TensorEntry { name, shape },
            embedding: raw.embedding,
            map: raw.files.map,
        })
    }

    /// How many numbers its network makes of the sound before it names it; `None` where it doesn't give them.
    pub fn embedding_len(&self) -> Option<usize> {
        let embedding = self.embedding.as_ref();
        embedding.map(|embedding| embedding.shape.iter().product())
    }
}

/// The time from one answer to the next, in seconds: whole halves.
fn pace(file: &str, said: Option<f64>, front_end: &ListenFrontEnd) -> Result<f64, ModelError> {
    if let Some(said) = said {
        let field = "seconds_between_answers";
        expect_range(file, field, said, LEAST_PACE, MOST_PACE)?;
    }
    let seconds = said.unwrap_or(PACE * front_end.seconds());
    Ok((seconds / LEAST_PACE).ceil().max(1.0) * LEAST_PACE)
}
