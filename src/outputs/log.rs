//! The readout as a file that grows: for the demo, and for anyone who wants to know what was played when.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use serde_json::{Map, Value, json};

use crate::{
    calendar::Utc,
    model::{TagInfo, TagKind},
    telemetry::Readout,
};

/// Names a file to which each answer is appended as one line of JSON.
pub const READOUT_VARIABLE: &str = "MOODRING_READOUT";

/// The most logs of the same second.
const MOST_FILES: u32 = 100;

/// Appends answers to a file.
pub(super) struct ReadoutLog {
    path: PathBuf,
    /// What the user knows it by.
    name: String,
}

impl ReadoutLog {
    /// The file that [`READOUT_VARIABLE`] names, if it names one.
    pub fn from_environment() -> Option<Self> {
        let path = std::env::var_os(READOUT_VARIABLE).filter(|path| !path.is_empty())?;
        Some(Self {
            path: path.into(),
            name: READOUT_VARIABLE.to_owned(),
        })
    }

    /// A new file `session-<date>-<time>.jsonl` in `folder`, which is made if need be.
    ///
    /// # Errors
    /// What the system has against it, in one line.
    pub fn of_a_session(folder: Option<&Path>) -> Result<Self, String> {
        let folder = folder.ok_or("session log: this system names no folder for documents")?;
        let wrong = |why: io::Error| format!("session log: {}: {why}", folder.display());
        fs::create_dir_all(folder).map_err(wrong)?;
        let now = Utc::now().for_names();
        for number in 1..=MOST_FILES {
            let name = match number {
                1 => format!("session-{now}.jsonl"),
                _ => format!("session-{now}-{number}.jsonl"),
            };
            let path = folder.join(name);
            match File::create_new(&path) {
                Ok(_) => {
                    let name = format!("session log: {}", path.display());
                    return Ok(Self { path, name });
                }
                // Another instance has been faster.
                Err(why) if why.kind() == io::ErrorKind::AlreadyExists => {}
                Err(why) => return Err(wrong(why)),
            }
        }
        Err(wrong(io::ErrorKind::AlreadyExists.into()))
    }

    /// Appends one answer. The file is opened for each, so that it may be moved away at any time.
    ///
    /// # Errors
    /// What the system has against it, in one line.
    pub fn append(&self, line: &Value) -> Result<(), String> {
        let open = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.path);
        open.and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()))
            .map_err(|why| format!("{}: {why}", self.name))
    }
}

/// An answer as it is written down, with the headlines and those of them that it changed.
pub(super) fn line(readout: &Readout, tags: &[TagInfo]) -> Value {
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
        .map(|change| change.to_json(tags))
        .collect();
    json!({
        "seconds": readout.seconds,
        "song_seconds": readout.song.map(|song| song.seconds),
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
