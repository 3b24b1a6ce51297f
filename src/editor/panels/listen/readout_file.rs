//! Writes the readout as text, and as files for whoever wants to know later what was played when.

use std::{
    fmt::Write as _,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use serde_json::json;

use super::rows::{percent, rows};
use crate::telemetry::{ListenState, Moment, Snapshot};
use crate::{
    atomic_file::AtomicFile,
    calendar::Utc,
    model::{Affect, TagKind},
    params::ViewSettings,
};

/// The most tags of a kind that the text names.
const MOST_NAMED: usize = 8;
/// The most files of the same second.
const MOST_FILES: u32 = 100;

/// The readout and what belongs to it, to be written down.
pub struct Report<'a> {
    /// What is shown.
    pub snapshot: &'a Snapshot,
    /// What is pinned and hidden.
    pub settings: ViewSettings,
    /// Length of the average, in seconds.
    pub averaging: f32,
    /// What of it is saved.
    pub range: Range,
}

/// Which of the answers that are kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Range {
    /// Those of the last so many seconds of sound, since playback began at most.
    Last(f64),
    /// All of them.
    All,
}

/// Why a readout was not saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    #[error("there is nothing to save yet: play something")]
    Nothing,
    #[error("this system names no folder for documents")]
    NoFolder,
    #[error("{}: {why}", file.display())]
    Io { file: PathBuf, why: io::Error },
}

impl Report<'_> {
    /// Writes the readout in a few lines, as it is shown: pinned tags first, then the likeliest above the threshold.
    pub fn text(&self) -> String {
        let readout = &self.snapshot.readout;
        let state = match readout.state {
            ListenState::Live => format!("of the last {:.1} s", self.snapshot.answer_seconds),
            state => state.id().to_owned(),
        };
        let mut text = format!(
            "Moodring at {:.1} s ({state}), averaged over {:.1} s\n",
            readout.seconds, self.averaging
        );
        for kind in TagKind::columns(&self.snapshot.tags) {
            let mut rows = rows(self.snapshot, kind, &self.settings);
            rows.retain(|row| row.pinned || row.average >= self.settings.threshold());
            rows.sort_by_key(|row| !row.pinned);
            let named: Vec<_> = rows
                .iter()
                .take(MOST_NAMED)
                .map(|row| format!("{} {}", row.tag.name, percent(row.average)))
                .collect();
            let named = if named.is_empty() {
                "–".to_owned()
            } else {
                named.join(", ")
            };
            text += &format!("{}: {named}\n", kind.title());
        }
        text
    }

    /// The answers of the range, oldest first.
    fn moments(&self) -> Vec<&Moment> {
        let mut newer = f64::INFINITY;
        let mut least = f64::NEG_INFINITY;
        let newest_first = self.snapshot.history.moments().rev();
        let inside = newest_first.take_while(|moment| match self.range {
            Range::All => true,
            Range::Last(seconds) => {
                if newer.is_infinite() {
                    least = moment.seconds - seconds;
                }
                // Later than what came after it: playback began anew in between.
                let inside = moment.seconds > least && moment.seconds <= newer;
                newer = moment.seconds;
                inside
            }
        });
        let mut moments: Vec<_> = inside.collect();
        moments.reverse();
        moments
    }

    /// Writes a table: a line for each answer; columns for valence, arousal and the host's song position, empty where nobody knows, and for each tag.
    fn csv(&self) -> String {
        let mut text = "answer,seconds,state,valence,arousal,song_seconds".to_owned();
        for tag in self.snapshot.tags.iter() {
            text.push(',');
            text += &quoted(&format!("{}: {}", tag.kind.id(), tag.name));
        }
        text.push('\n');
        for moment in self.moments() {
            // Writing to a string never fails.
            let _ = write!(
                text,
                "{},{:.2},{}",
                moment.index,
                moment.seconds,
                moment.state.id()
            );
            match moment.affect {
                Some(Affect { valence, arousal }) => {
                    let _ = write!(text, ",{valence:.4},{arousal:.4}");
                }
                None => text += ",,",
            }
            let _ = match moment.song_seconds {
                Some(seconds) => write!(text, ",{seconds:.3}"),
                None => write!(text, ","),
            };
            for value in &moment.average {
                let _ = write!(text, ",{value:.4}");
            }
            text.push('\n');
        }
        text
    }

    fn json(&self, saved: &str) -> String {
        let tags: Vec<_> = self
            .snapshot
            .tags
            .iter()
            .map(|tag| json!({"name": tag.name, "kind": tag.kind.id()}))
            .collect();
        let moments = self.moments();
        let answers: Vec<_> = moments
            .iter()
            .map(|moment| {
                json!({
                    "answer": moment.index,
                    "seconds": moment.seconds,
                    "song_seconds": moment.song_seconds,
                    "state": moment.state.id(),
                    "average": moment.average,
                    "valence": moment.affect.map(|affect| affect.valence),
                    "arousal": moment.affect.map(|affect| affect.arousal),
                })
            })
            .collect();
        let changes: Vec<_> = moments
            .iter()
            .flat_map(|moment| {
                moment
                    .headline_changes
                    .iter()
                    .map(move |change| (moment, change))
            })
            .map(|(moment, change)| {
                let mut written = change.to_json(&self.snapshot.tags);
                written["answer"] = json!(moment.index);
                written
            })
            .collect();
        json!({
            "plugin": concat!("Moodring ", env!("CARGO_PKG_VERSION")),
            "saved": saved,
            "tagger": self.snapshot.status.tagger,
            "averaging_seconds": self.averaging,
            "tags": tags,
            "summary": summary(&moments),
            "answers": answers,
            "headline_changes": changes,
        })
        .to_string()
    }
}

/// What the answers come to: means over those that are no silence.
fn summary(moments: &[&Moment]) -> serde_json::Value {
    let heard = moments
        .iter()
        .filter(|moment| moment.state != ListenState::Silence);
    let heard: Vec<_> = heard.collect();
    let count = heard.len() as f32;
    let tags = heard.iter().map(|moment| moment.average.len()).min();
    let mean = |value: &dyn Fn(&Moment) -> Option<f32>| {
        let values: Option<Vec<f32>> = heard.iter().map(|moment| value(moment)).collect();
        let values = values.filter(|values| !values.is_empty())?;
        Some(values.iter().sum::<f32>() / count)
    };
    let average: Vec<_> = (0..tags.unwrap_or(0))
        .map(|tag| mean(&|moment| moment.average.get(tag).copied()))
        .collect();
    json!({
        "answers": heard.len(),
        "average": average,
        "valence": mean(&|moment| Some(moment.affect?.valence)),
        "arousal": mean(&|moment| Some(moment.affect?.arousal)),
    })
}

/// Quotes a field of a CSV file (RFC 4180), if it has to be.
fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

/// Writes `readout-<date>-<time>.csv` and `.json` into `folder`, which is made if need be: both, or neither. Nothing is ever
/// overwritten. Returns the path of the first.
pub fn save(folder: Option<&Path>, report: &Report<'_>) -> Result<PathBuf, SaveError> {
    if report.moments().is_empty() {
        return Err(SaveError::Nothing);
    }
    let folder = folder.ok_or(SaveError::NoFolder)?;
    let failed = |file: &Path| {
        let file = file.to_owned();
        move |why| SaveError::Io { file, why }
    };
    std::fs::create_dir_all(folder).map_err(failed(folder))?;
    let now = Utc::now();
    let (table, answers) = (report.csv(), report.json(&now.for_files()));
    for number in 1..=MOST_FILES {
        let name = match number {
            1 => format!("readout-{}.csv", now.for_names()),
            _ => format!("readout-{}-{number}.csv", now.for_names()),
        };
        let file = folder.join(name);
        let other = file.with_extension("json");
        if file.exists() || other.exists() {
            continue;
        }
        let table = drafted(&file, &table).map_err(failed(&file))?;
        let answers = drafted(&other, &answers).map_err(failed(&other))?;
        match table.finish_new() {
            // Another instance has been faster.
            Err(why) if why.kind() == io::ErrorKind::AlreadyExists => continue,
            placed => placed.map_err(failed(&file))?,
        }
        if let Err(why) = answers.finish_new() {
            // The reason is worth more than why half of it can't be removed.
            let _ = std::fs::remove_file(&file);
            return Err(SaveError::Io { file: other, why });
        }
        return Ok(file);
    }
    Err(failed(folder)(io::ErrorKind::AlreadyExists.into()))
}

/// Writes all of a file that is not in its place yet.
fn drafted(file: &Path, text: &str) -> io::Result<AtomicFile> {
    let mut draft = AtomicFile::create(file)?;
    draft.write_all(text.as_bytes())?;
    Ok(draft)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_with_a_comma_or_a_quote_stays_one_field() {
        assert_eq!(quoted("genre: jazz"), "genre: jazz");
        assert_eq!(quoted("a, \"b\""), "\"a, \"\"b\"\"\"");
    }
}
