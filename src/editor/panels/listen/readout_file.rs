//! Writes the readout as text, and as files for whoever wants to know later what was played when.

use std::{
    fmt::Write as _,
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use serde_json::json;

use super::rows::{percent, rows};
use crate::telemetry::{ListenState, Snapshot};
use crate::{
    atomic_file::AtomicFile,
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
        for kind in TagKind::COLUMNS {
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

    /// Writes a table: a line for each answer; columns for valence and arousal, empty where nobody knows, and for each tag.
    fn csv(&self) -> String {
        let mut text = "answer,seconds,state,valence,arousal".to_owned();
        for tag in self.snapshot.tags.iter() {
            text.push(',');
            text += &quoted(&format!("{}: {}", tag.kind.id(), tag.name));
        }
        text.push('\n');
        for moment in self.snapshot.history.moments() {
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
        let answers: Vec<_> = self
            .snapshot
            .history
            .moments()
            .map(|moment| {
                json!({
                    "answer": moment.index,
                    "seconds": moment.seconds,
                    "state": moment.state.id(),
                    "average": moment.average,
                    "valence": moment.affect.map(|affect| affect.valence),
                    "arousal": moment.affect.map(|affect| affect.arousal),
                })
            })
            .collect();
        let name = |tag: Option<usize>| {
            tag.and_then(|tag| self.snapshot.tags.get(tag))
                .map(|tag| &tag.name)
        };
        let moments = self.snapshot.history.moments();
        let changes: Vec<_> = moments
            .flat_map(|moment| {
                moment
                    .headline_changes
                    .iter()
                    .map(move |change| (moment, change))
            })
            .map(|(moment, change)| {
                json!({
                    "answer": moment.index,
                    "seconds": change.seconds,
                    "kind": change.kind.id(),
                    "from": name(change.from),
                    "to": name(change.to),
                })
            })
            .collect();
        json!({
            "plugin": concat!("Moodring ", env!("CARGO_PKG_VERSION")),
            "saved": saved,
            "tagger": self.snapshot.status.tagger,
            "averaging_seconds": self.averaging,
            "tags": tags,
            "answers": answers,
            "headline_changes": changes,
        })
        .to_string()
    }
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
    if report.snapshot.history.moments().len() == 0 {
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

/// Date and time of day in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Utc {
    year: i64,
    month: i64,
    day: i64,
    /// Seconds since midnight.
    second: u64,
}

impl Utc {
    fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        Self::at(since.unwrap_or_default().as_secs())
    }

    /// From seconds since 1970, by H. Hinnant, "chrono-compatible low-level date algorithms" (2013).
    fn at(seconds: u64) -> Self {
        let days = (seconds / 86_400) as i64 + 719_468;
        let era = days / 146_097;
        let day_of_era = days % 146_097;
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        // Years begin in March here.
        let month_of_year = (5 * day_of_year + 2) / 153;
        let month = (month_of_year + 2) % 12 + 1;
        Self {
            year: era * 400 + year_of_era + i64::from(month <= 2),
            month,
            day: day_of_year - (153 * month_of_year + 2) / 5 + 1,
            second: seconds % 86_400,
        }
    }

    fn parts(self) -> (String, [u64; 3]) {
        let date = format!("{:04}-{:02}-{:02}", self.year, self.month, self.day);
        let second = self.second;
        (date, [second / 3_600, second / 60 % 60, second % 60])
    }

    fn for_names(self) -> String {
        let (date, [hour, minute, second]) = self.parts();
        format!("{date}-{hour:02}{minute:02}{second:02}Z")
    }

    fn for_files(self) -> String {
        let (date, [hour, minute, second]) = self.parts();
        format!("{date}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_735_689_599, "2024-12-31T23:59:59Z"),
            (1_795_257_487, "2026-11-21T10:38:07Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(Utc::at(seconds).for_files(), text);
        }
    }

    #[test]
    fn a_field_with_a_comma_or_a_quote_stays_one_field() {
        assert_eq!(quoted("genre: jazz"), "genre: jazz");
        assert_eq!(quoted("a, \"b\""), "\"a, \"\"b\"\"\"");
    }
}
