//! The tagger's card.

use serde::Deserialize;

use super::{
    check::{check_header, expect_range, expect_shape, parse},
    circumplex::{Circumplex, RawCircumplex},
    entry::{FileEntry, TensorEntry},
    listen_front_end::{ListenFrontEnd, RawFrontEnd},
    tags::{TagInfo, check_parents},
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
    /// Its outputs, in order.
    pub tags: Vec<TagInfo>,
    /// How its outputs tell valence and arousal; `None` for a tagger that doesn't know.
    pub circumplex: Option<Circumplex>,
    pub(in crate::model) model: FileEntry,
    pub(in crate::model) input: TensorEntry,
    pub(in crate::model) output: TensorEntry,
}

#[derive(Deserialize)]
struct RawTagger {
    name: String,
    version: String,
    files: RawTaggerFiles,
    input: TensorEntry,
    output: TensorEntry,
    frontend: RawFrontEnd,
    tags: Vec<TagInfo>,
    circumplex: Option<RawCircumplex>,
}

#[derive(Deserialize)]
struct RawTaggerFiles {
    model: FileEntry,
}

impl TaggerCard {
    /// Reads the card.
    ///
    /// # Errors
    /// [`ModelError`] when it isn't a tagger's card of this schema, or asks for a front-end that this version can't honour.
    pub fn parse(file: &str, bytes: &[u8]) -> Result<Self, ModelError> {
        check_header(file, bytes, "tagger")?;
        let raw: RawTagger = parse(file, bytes)?;
        let front_end = ListenFrontEnd::read(file, &raw.frontend)?;
        let tags = raw.tags;
        expect_range(file, "tags (their number)", tags.len(), 1, 1_000)?;
        check_parents(file, &tags)?;
        let circumplex = raw.circumplex.map(|raw| Circumplex::read(file, raw, &tags));
        expect_shape(
            file,
            "input.shape",
            &raw.input.shape,
            &[1, 1, front_end.bands, front_end.frames],
        )?;
        expect_shape(file, "output.shape", &raw.output.shape, &[1, tags.len()])?;
        Ok(Self {
            name: raw.name,
            version: raw.version,
            front_end,
            tags,
            circumplex: circumplex.transpose()?,
            model: raw.files.model,
            input: raw.input,
            output: raw.output,
        })
    }
}
