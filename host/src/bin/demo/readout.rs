//! What the tagger said while the file was rendered.
//!
//! With `MOODRING_READOUT` set to a path, the plugin appends one line of JSON to that file for each answer.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use moodring::atomic_file;
use serde::{Deserialize, Serialize};

/// The kinds of tags, as columns of the table.
const KINDS: [&str; 3] = ["genre", "instrument", "mood"];
/// Seconds per row of the table.
const ROW_SECONDS: f64 = 3.0;
/// Tags per kind and row.
const TOP: usize = 3;

/// Every answer for one file; what `readout.json` holds.
#[derive(Debug, Serialize)]
pub struct Readout {
    /// The audio file.
    pub file: String,
    /// Samples per second and channel, in Hz.
    pub sample_rate: u32,
    /// The plugin's latency in samples.
    pub latency_samples: u32,
    /// Ordered by time.
    pub answers: Vec<Answer>,
}

/// The tags at one moment.
#[derive(Debug, Serialize, Deserialize)]
pub struct Answer {
    /// The end of the audio that it describes, in seconds from the start of the file.
    pub seconds: f64,
    /// `live` or `warming up`.
    pub state: String,
    /// From unpleasant to pleasant, averaged as in the editor: 0 is usual music; nothing of a tagger that doesn't know.
    pub valence: Option<f64>,
    /// From calm to excited, likewise.
    pub arousal: Option<f64>,
    /// Most probable first.
    pub tags: Vec<Tag>,
    /// The large words that changed with this answer.
    pub headline_changes: Vec<HeadlineChange>,
}

/// A large word that took another's place.
#[derive(Debug, Serialize, Deserialize)]
pub struct HeadlineChange {
    /// When, in seconds from the start of the file.
    pub seconds: f64,
    /// `genre`, `instrument` or `mood`.
    pub kind: String,
    /// The one before; `None` while nothing was likely.
    pub from: Option<String>,
    /// The one from then on.
    pub to: Option<String>,
}

/// One tag's probabilities.
#[derive(Debug, Serialize, Deserialize)]
pub struct Tag {
    /// Its name, as in the model's card.
    pub name: String,
    /// `genre`, `instrument` or `mood`.
    pub kind: String,
    /// 0..1, of this moment.
    pub probability: f64,
    /// 0..1, averaged as in the editor.
    pub average: f64,
}

impl Readout {
    /// Takes the lines that the plugin wrote to `path`, and removes that file.
    pub fn collect(
        file: &Path,
        sample_rate: u32,
        latency_samples: u32,
        path: &Path,
    ) -> Result<Self, String> {
        let lines = match fs::read_to_string(path) {
            Ok(lines) => lines,
            // Audio too short for an answer.
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) => return Err(format!("{}: can't be read ({error})", path.display())),
        };
        let mut answers = lines
            .lines()
            .enumerate()
            .map(|(index, line)| {
                serde_json::from_str::<Answer>(line).map_err(|error| {
                    format!(
                        "{}, line {}: {error}; plugin and demo are of different versions",
                        path.display(),
                        index + 1
                    )
                })
            })
            .collect::<Result<Vec<Answer>, String>>()?;
        answers.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
        for answer in &mut answers {
            answer.tags.sort_by(most_probable_first);
        }
        discard(path)?;
        Ok(Self {
            file: file.display().to_string(),
            sample_rate,
            latency_samples,
            answers,
        })
    }

    /// Writes `readout.json`.
    pub fn write(&self, path: &Path) -> Result<(), String> {
        serde_json::to_string_pretty(self)
            .map_err(|error| error.to_string())
            .and_then(|json| {
                atomic_file::write(path, (json + "\n").as_bytes())
                    .map_err(|error| error.to_string())
            })
            .map_err(|found| format!("{}: can't be written ({found})", path.display()))
    }

    /// Prints the most probable tags of each kind, every few seconds.
    pub fn print(&self) {
        if self.answers.is_empty() {
            println!("the tagger gave no answer: the audio is too short or silent\n");
            return;
        }
        let rows: Vec<Vec<String>> = self.rows();
        let mut table = vec![vec!["until".to_owned()]];
        table[0].extend(KINDS.map(str::to_owned));
        table.extend(rows);
        let widths: Vec<usize> = (0..=KINDS.len())
            .map(|column| {
                table
                    .iter()
                    .filter_map(|row| row.get(column))
                    .map(|cell| cell.chars().count())
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        for row in &table {
            let line: Vec<String> = row
                .iter()
                .zip(&widths)
                .map(|(cell, width)| format!("{cell:<width$}"))
                .collect();
            println!("{}", line.join("  ").trim_end());
        }
        println!();
        let changes = self
            .answers
            .iter()
            .flat_map(|answer| &answer.headline_changes);
        for change in changes {
            let name = |name: &Option<String>| name.clone().unwrap_or_else(|| "unsure".to_owned());
            let (from, to) = (name(&change.from), name(&change.to));
            println!("{:5.1} s  {}: {from} -> {to}", change.seconds, change.kind);
        }
        println!();
    }

    /// The most probable tags of a kind by their means over all answers that are live, in words.
    pub fn mean(&self, kind: &str, number: usize) -> String {
        let live = |answer: &&Answer| answer.state == "live";
        let count = self.answers.iter().filter(live).count();
        if count == 0 {
            return "no answer: the audio is too short or silent".to_owned();
        }
        let mut sums: BTreeMap<&str, f64> = BTreeMap::new();
        let tags = self
            .answers
            .iter()
            .filter(live)
            .flat_map(|answer| &answer.tags);
        for tag in tags.filter(|tag| tag.kind == kind) {
            *sums.entry(&tag.name).or_default() += tag.probability / count as f64;
        }
        let mut means: Vec<(&str, f64)> = sums.into_iter().collect();
        means.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        let words = means.iter().take(number);
        let words = words.map(|(name, mean)| format!("{name} {:.0} %", 100.0 * mean));
        words.collect::<Vec<_>>().join(", ")
    }

    /// One row for each stretch of [`ROW_SECONDS`] with an answer in it: its last one.
    fn rows(&self) -> Vec<Vec<String>> {
        let stretch = |answer: &Answer| ((answer.seconds / ROW_SECONDS).ceil() as i64).max(1);
        self.answers
            .chunk_by(|a, b| stretch(a) == stretch(b))
            .filter_map(<[Answer]>::last)
            .map(|answer| {
                let mark = if answer.state == "live" { "" } else { "*" };
                let mut row = vec![format!("{:.1} s{mark}", answer.seconds)];
                row.extend(KINDS.map(|kind| answer.top(kind)));
                row
            })
            .collect()
    }
}

impl Answer {
    /// The most probable tags of a kind, in words.
    fn top(&self, kind: &str) -> String {
        let mut tags: Vec<&Tag> = self.tags.iter().filter(|tag| tag.kind == kind).collect();
        tags.sort_by(|a, b| most_probable_first(a, b));
        let names: Vec<String> = tags
            .iter()
            .take(TOP)
            .map(|tag| format!("{} {:.0} %", tag.name, 100.0 * tag.probability))
            .collect();
        names.join(", ")
    }
}

fn most_probable_first(a: &Tag, b: &Tag) -> Ordering {
    b.probability.total_cmp(&a.probability)
}

/// Removes what an instance wrote, if it wrote anything.
pub fn discard(path: &Path) -> Result<(), String> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(format!("{}: can't be removed ({error})", path.display()))
        }
        _ => Ok(()),
    }
}
