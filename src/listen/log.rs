//! The readout as a file that grows: for the demo, and for anyone who wants to know what was played when.

use std::{fs::OpenOptions, io::Write, path::PathBuf};

use serde_json::json;

use crate::{model::TagInfo, telemetry::Readout};

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

    /// Appends one answer. The file is opened for each, so that it may be moved away at any time.
    pub(super) fn append(&self, readout: &Readout, tags: &[TagInfo]) -> std::io::Result<()> {
        let values = readout.probabilities.iter().zip(&readout.average);
        let tags: Vec<_> = tags
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
        let line = json!({
            "seconds": readout.seconds,
            "state": readout.state.id(),
            "valence": readout.affect.map(|affect| affect.valence),
            "arousal": readout.affect.map(|affect| affect.arousal),
            "tags": tags,
        });
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.path)?;
        writeln!(file, "{line}")
    }
}
