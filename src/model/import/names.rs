//! What a network's outputs are called, and of which kind each is.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Import, ImportError, exported::Exported};
use crate::{
    json_text,
    model::{ModelSource, TagKind},
};

/// Keys of an ONNX file's metadata under which names are kept, as a JSON list.
const KEYS: [&str; 3] = ["tags", "classes", "labels"];

/// Columns of a CSV file that have names: AudioSet's own lists have the first.
const COLUMNS: [&str; 4] = ["display_name", "name", "label", "tag"];

/// What stands between a kind, or a genre, and a name in the lists of MTG-Jamendo and Essentia.
const BETWEEN: &str = "---";

/// What kinds are called in MTG-Jamendo's lists.
const KINDS: [(&str, TagKind); 4] = [
    ("genre", TagKind::Genre),
    ("instrument", TagKind::Instrument),
    ("mood/theme", TagKind::Mood),
    ("mood", TagKind::Mood),
];

/// The names of a network's outputs, in their order, where they are from, and what Essentia's metadata say beside them.
pub(super) struct Names {
    names: Vec<String>,
    origin: String,
    algorithm: Option<String>,
}

/// Essentia's metadata, or a list of names with a heading.
#[derive(Deserialize)]
struct Metadata {
    classes: Option<Vec<String>>,
    #[serde(default)]
    inference: Inference,
}

#[derive(Default, Deserialize)]
struct Inference {
    algorithm: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum List {
    Plain(Vec<String>),
    Metadata(Metadata),
}

impl Names {
    /// The names: those that the user gives, or else those beside the network, or in it.
    ///
    /// # Errors
    /// [`ImportError::Nameless`], and what is wrong with a list.
    pub fn find(import: &Import, exported: &Exported) -> Result<Self, ImportError> {
        let beside = import.network.with_extension("json");
        let metadata = match beside.is_file() {
            true => Some(Self::of_file(&beside)?),
            false => None,
        };
        if let Some(file) = &import.labels {
            let algorithm = metadata.and_then(|metadata| metadata.algorithm);
            let given = Self::of_file(file)?;
            return Ok(Self {
                algorithm: given.algorithm.clone().or(algorithm),
                ..given
            });
        }
        if let Some(metadata) = metadata.filter(|metadata| !metadata.names.is_empty()) {
            return Ok(metadata);
        }
        let noted = KEYS.iter().find_map(|key| {
            let names: Vec<String> = serde_json::from_str(exported.notes.get(*key)?).ok()?;
            Some(Self {
                names,
                origin: format!("its metadata `{key}`"),
                algorithm: None,
            })
        });
        noted.ok_or_else(|| ImportError::Nameless {
            network: import.network.clone(),
        })
    }

    fn of_file(file: &Path) -> Result<Self, ImportError> {
        let bytes = super::read(file)?;
        let wrong = |why: String| ImportError::Names {
            file: PathBuf::from(file),
            why,
        };
        let text = json_text::decode(&bytes).map_err(wrong)?;
        let (names, algorithm) = if text.trim_start().starts_with(['[', '{']) {
            match json_text::parse(&bytes).map_err(wrong)? {
                List::Plain(names) => (names, None),
                List::Metadata(metadata) => (
                    metadata.classes.unwrap_or_default(),
                    metadata.inference.algorithm,
                ),
            }
        } else {
            let column = column(&text).map_err(|why| wrong(why.to_string()))?;
            let lines = || text.lines().map(|line| line.trim().to_owned());
            let names = column.unwrap_or_else(|| lines().filter(|line| !line.is_empty()).collect());
            (names, None)
        };
        Ok(Self {
            names,
            origin: file.display().to_string(),
            algorithm,
        })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Where they are from, for messages.
    pub fn origin(&self) -> String {
        self.origin.clone()
    }

    /// What computes the network's input in Essentia, where metadata say that.
    pub fn algorithm(&self) -> Option<&str> {
        self.algorithm.as_deref()
    }

    /// The card's tags: a name and a kind each.
    pub fn tags(&self) -> Vec<Value> {
        let mut tags: Vec<(TagKind, String, &str)> = self
            .names
            .iter()
            .map(|full| {
                let (kind, name) = kind_and_name(full);
                (kind, name.to_owned(), full.as_str())
            })
            .collect();
        // Discogs has an "Experimental" for Rock and another for Electronic.
        let twice = |tags: &[(TagKind, String, &str)]| -> Vec<bool> {
            let mut counts = HashMap::new();
            for (kind, name, _) in tags {
                *counts.entry((*kind, name.clone())).or_insert(0) += 1;
            }
            let count = |(kind, name, _): &(TagKind, String, &str)| {
                counts.get(&(*kind, name.clone())).copied().unwrap_or(0)
            };
            tags.iter().map(|tag| count(tag) > 1).collect()
        };
        for (is_twice, (_, name, full)) in twice(&tags).into_iter().zip(&mut tags) {
            if is_twice {
                *name = full.replace(BETWEEN, ": ");
            }
        }
        for (index, is_twice) in twice(&tags).into_iter().enumerate() {
            if is_twice && let Some((_, name, _)) = tags.get_mut(index) {
                *name = format!("{name} ({})", index + 1);
            }
        }
        tags.into_iter()
            .map(|(kind, name, _)| json!({"name": name, "kind": kind}))
            .collect()
    }
}

/// A CSV file's column of names; `None` where its first line heads none.
fn column(text: &str) -> Result<Option<Vec<String>>, csv::Error> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let place = {
        let headings = reader.headers()?;
        COLUMNS.iter().find_map(|name| {
            let mut headings = headings.iter();
            headings.position(|heading| heading.trim() == *name)
        })
    };
    let Some(place) = place else { return Ok(None) };
    let names = reader.records().map(|record| {
        let record = record?;
        Ok(record.get(place).unwrap_or_default().trim().to_owned())
    });
    names.collect::<Result<_, _>>().map(Some)
}

/// What a name in a list says: its kind, if that stands in front, and otherwise the kind that the tagger that ships has it under.
fn kind_and_name(full: &str) -> (TagKind, &str) {
    match full.split_once(BETWEEN) {
        Some((front, name)) => {
            let kind = KINDS.iter().find(|(word, _)| *word == front);
            // In front of a style Discogs has its genre.
            (kind.map_or(TagKind::Genre, |(_, kind)| *kind), name)
        }
        None => {
            let known = KNOWN.get(&full.trim().to_lowercase());
            (known.copied().unwrap_or(TagKind::Other), full.trim())
        }
    }
}

/// The kinds of the shipped tagger's tags, by their names and by what others call the same; in small letters.
static KNOWN: LazyLock<HashMap<String, TagKind>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct Card {
        tags: Vec<Tag>,
    }
    #[derive(Deserialize)]
    struct Tag {
        name: String,
        kind: TagKind,
        #[serde(default)]
        sources: Vec<String>,
    }
    let card = ModelSource::Embedded.read("tagger", "card.json").ok();
    let card: Option<Card> = card.and_then(|(_, bytes)| json_text::parse(&bytes).ok());
    let tags = card.map(|card| card.tags).unwrap_or_default();
    let mut known = HashMap::new();
    for tag in tags {
        let others = tag.sources.iter().filter_map(|source| {
            let (_, name) = source.split_once(':')?;
            Some(name.to_lowercase())
        });
        for name in others.collect::<Vec<_>>() {
            known.entry(name).or_insert(tag.kind);
        }
        known.insert(tag.name.to_lowercase(), tag.kind);
    }
    known
});
