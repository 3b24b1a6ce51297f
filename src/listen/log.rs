//! The readout as a file that grows: for the demo, and for anyone who wants to know what was played when.

use std::{fs::OpenOptions, io::Write, path::PathBuf};

use serde_json::{Map, Value, json};

use crate::{
    model::{TagInfo, TagKind},
    telemetry::Readout,
};

/// Names a file to which each answer is appended as one line of JSON.
pub const READOUT_VARIABLE: &str = "MOODRING_READOUT";

/// Appends answers to the file that [`READOUT_VARIABLE`] names, if it names one.
pub(super) struct ReadoutLog {
    path: PathBuf,
}

impl ReadoutLog {
    pub(super) fn from_environment() -> Option<Self> {
        std::env::var_os(READOUT_VARIABLE)
            .filter(|path| !path.is_empty())
            .map(|path| Self { path: path.into() })
    }

    /// Appends one answer, with the headlines and those of them that it changed. The file is opened for each, so that it may be moved away
    /// at any time.
    pub(super) fn append(&self, readout: &Readout, tags: &[TagInfo]) -> std::io::Result<()> {
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.path)?;
        writeln!(file, "{}", line(readout, tags))
    }
}

/// An answer as it is written down.
fn line(readout: &Readout, tags: &[TagInfo]) -> Value {
    let values = readout.probabilities.iter().zip(&readout.average);
    let listed: Vec<_> = tags
        .iter()
        .zip(values)
        .map(|(tag, (probability, average))| {
            json!({
                "name": tag.name,
                "kind": tag.kind.id(),
                "probability": probability,
                "average": average,
            })
        })
        .collect();
    let name = |tag: Option<usize>| tag.and_then(|tag| tags.get(tag)).map(|tag| &tag.name);
    let headlines: Map<_, _> = TagKind::COLUMNS
        .into_iter()
        .map(|kind| {
            let named = json!(name(readout.headlines.get(kind)));
            (kind.id().to_owned(), named)
        })
        .collect();
    let changes: Vec<_> = readout
        .headline_changes
        .iter()
        .map(|change| {
            json!({
                "seconds": change.seconds,
                "kind": change.kind.id(),
                "from": name(change.from),
                "to": name(change.to),
            })
        })
        .collect();
    json!({
        "seconds": readout.seconds,
        "state": readout.state.id(),
        "valence": readout.affect.map(|affect| affect.valence),
        "arousal": readout.affect.map(|affect| affect.arousal),
        "tags": listed,
        "headlines": headlines,
        "headline_changes": changes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::{HeadlineChange, Headlines, ListenState};

    #[test]
    fn a_line_has_the_headlines_and_which_of_them_are_new() {
        let tags = ["jazz", "rock"].map(|name| TagInfo {
            name: name.to_owned(),
            kind: TagKind::Genre,
            parent: None,
        });
        let mut headlines = Headlines::default();
        headlines.set(TagKind::Genre, Some(1));
        let readout = Readout {
            state: ListenState::Live,
            seconds: 4.5,
            probabilities: vec![0.25, 0.75],
            average: vec![0.5, 0.5],
            headlines,
            headline_changes: vec![HeadlineChange {
                seconds: 4.5,
                kind: TagKind::Genre,
                from: None,
                to: Some(1),
            }],
            ..Readout::default()
        };
        let line = line(&readout, &tags);
        assert_eq!(line["tags"][1]["probability"], 0.75);
        assert_eq!(line["headlines"]["genre"], "rock");
        assert_eq!(line["headlines"]["mood"], Value::Null);
        let change = json!({"seconds": 4.5, "kind": "genre", "from": null, "to": "rock"});
        assert_eq!(line["headline_changes"], json!([change]));
    }
}
