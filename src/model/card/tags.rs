//! What a tagger names: its outputs, their kinds, and which is a kind of which.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::check::expect_name;
use crate::model::ModelError;

/// What a tag describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TagKind {
    /// A style of music.
    Genre,
    /// Something that sounds.
    Instrument,
    /// How it feels, or what it is for.
    Mood,
    /// Tempo, beat and loudness. They are always there, and so tell little: they have no column.
    Feel,
    /// Whatever else a tagger names: the kinds of others' cards, of sounds, say, or of eras. Their column is there where such tags are.
    #[serde(other)]
    Other,
}

impl TagKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::Genre,
        Self::Instrument,
        Self::Mood,
        Self::Feel,
        Self::Other,
    ];

    /// The kinds that always have a column in the editor, in the order in which the columns stand.
    pub const COLUMNS: [Self; 3] = [Self::Genre, Self::Instrument, Self::Mood];

    /// The kinds that are told of where a tagger has these tags: the last only if there are such.
    pub fn told_of(tags: &[TagInfo]) -> impl Iterator<Item = Self> {
        let others = tags.iter().any(|tag| tag.kind == Self::Other);
        let kinds = Self::ALL.into_iter();
        kinds.filter(move |kind| others || *kind != Self::Other)
    }

    /// The kinds that have a column where a tagger has these tags.
    pub fn columns(tags: &[TagInfo]) -> impl Iterator<Item = Self> {
        Self::told_of(tags).filter(|kind| *kind != Self::Feel)
    }

    /// The heading of its column.
    pub fn title(self) -> &'static str {
        match self {
            Self::Genre => "Genre",
            Self::Instrument => "Instrument",
            Self::Mood => "Mood",
            Self::Feel => "Feel",
            Self::Other => "Other",
        }
    }

    /// The word that stands for it in the readout's files.
    pub fn id(self) -> &'static str {
        match self {
            Self::Genre => "genre",
            Self::Instrument => "instrument",
            Self::Mood => "mood",
            Self::Feel => "feel",
            Self::Other => "other",
        }
    }
}

/// One output of the tagger.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct TagInfo {
    /// The word that is shown.
    pub name: String,
    /// What it describes.
    pub kind: TagKind,
    /// The name of the tag of the same kind that this one is a kind of: of `piano` it is `keyboard`. A parent may have one too.
    #[serde(default)]
    pub parent: Option<String>,
}

/// Refuses names that can't be shown, and two tags of one kind and name: projects, pins and outputs know a tag by the two.
pub(super) fn check_names(file: &str, tags: &[TagInfo]) -> Result<(), ModelError> {
    let mut known = HashMap::new();
    for (index, tag) in tags.iter().enumerate() {
        let field = format!("tags[{index}].name");
        expect_name(file, &field, &tag.name)?;
        if let Some(first) = known.insert((tag.kind, tag.name.as_str()), index) {
            return Err(ModelError::field(
                file,
                &field,
                format!("`{}`, as tags[{first}].name is", tag.name),
                format!(
                    "another name than every other tag of kind `{}`",
                    tag.kind.id()
                ),
            ));
        }
    }
    Ok(())
}

/// Refuses parents that are not among the tags of the same kind, or that are kinds of their own children.
pub(super) fn check_parents(file: &str, tags: &[TagInfo]) -> Result<(), ModelError> {
    let named: HashMap<_, _> = tags
        .iter()
        .map(|tag| ((tag.kind, tag.name.as_str()), tag))
        .collect();
    for (index, tag) in tags.iter().enumerate() {
        let wrong = |parent: &str, expected: &str| {
            let field = format!("tags[{index}].parent");
            ModelError::field(file, &field, format!("`{parent}`"), expected)
        };
        let mut parent = tag.parent.as_deref();
        // More steps than there are tags only lead round a circle, which is told where it is closed.
        for _ in 0..tags.len() {
            let Some(name) = parent else { break };
            if name == tag.name {
                return Err(wrong(name, "a tag that is not a kind of this one"));
            }
            let Some(ancestor) = named.get(&(tag.kind, name)) else {
                let expected = format!("one of the card's tags of kind `{}`", tag.kind.id());
                return Err(wrong(name, &expected));
            };
            parent = ancestor.parent.as_deref();
        }
    }
    Ok(())
}
