//! Answers and summaries as they are written down.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::{metadata::Change, summary::Summary};
use crate::{
    cli::{
        CliError,
        hearing::Heard,
        output::{Format, row},
    },
    model::{Affect, TagInfo, TagKind},
    telemetry::Readout,
};

/// Writes down what was heard with a tagger's tags, in one format.
pub struct Records<'a> {
    pub format: Format,
    pub tags: &'a [TagInfo],
    /// Tags of each kind in a table.
    pub top: usize,
}

/// A file that has been heard.
pub struct Done<'a> {
    pub heard: &'a Heard,
    pub summary: &'a Summary,
    /// What is, or would be, written into its metadata.
    pub changes: &'a [Change],
    /// What of it was no sound, in one line.
    pub strays: Option<String>,
    /// What was wrong, in one line.
    pub wrong: Option<String>,
}

impl Records<'_> {
    /// The line above all others in a CSV file; empty in others.
    pub fn header(&self, every: bool) -> Result<String, CliError> {
        if self.format != Format::Csv {
            return Ok(String::new());
        }
        let first: &[&str] = match every {
            true => &["file", "seconds", "state", "valence", "arousal"],
            false => &[
                "file",
                "seconds",
                "answers",
                "genre",
                "instrument",
                "mood",
                "valence",
                "arousal",
                "note",
                "metadata",
            ],
        };
        let tags = self.tags.iter();
        let tags = tags.map(|tag| format!("{}: {}", tag.kind.id(), tag.name));
        row(first.iter().map(|name| (*name).to_owned()).chain(tags))
    }

    /// One answer on a file; the numbers are averaged as the plugin averages them.
    pub fn answer(&self, file: &str, readout: &Readout) -> Result<String, CliError> {
        Ok(match self.format {
            Format::Table => self.answer_line(readout),
            Format::Json | Format::Jsonl => json!({
                "file": file,
                "seconds": rounded(readout.seconds),
                "state": readout.state.id(),
                "valence": readout.affect.map(|affect| rounded(affect.valence)),
                "arousal": readout.affect.map(|affect| rounded(affect.arousal)),
                "headlines": self.headlines(TagKind::COLUMNS.map(|kind| readout.headlines.get(kind))),
                "tags": self.by_kind(&readout.average),
            })
            .to_string(),
            Format::Csv => {
                let first = [
                    file.to_owned(),
                    format!("{:.2}", readout.seconds),
                    readout.state.id().to_owned(),
                ];
                let affect = numbers(readout.affect);
                row(first.into_iter().chain(affect).chain(self.columns(&readout.average)))?
            }
        })
    }

    /// That a file gave no answer, among others' answers.
    pub fn no_answer(&self, file: &str, seconds: f64, why: &str) -> Result<String, CliError> {
        Ok(match self.format {
            Format::Table => format!("  no answer, {why}\n"),
            Format::Json | Format::Jsonl => {
                json!({"file": file, "seconds": rounded(seconds), "state": "no answer", "note": why})
                    .to_string()
            }
            Format::Csv => {
                let first = [
                    file.to_owned(),
                    format!("{seconds:.2}"),
                    "no answer".to_owned(),
                ];
                let affect = numbers(None);
                row(first.into_iter().chain(affect).chain(self.columns(&[])))?
            }
        })
    }

    /// That nothing could be read of a file, and why.
    pub fn error(&self, file: &str, why: &str, every: bool) -> Result<String, CliError> {
        Ok(match self.format {
            Format::Table => format!("  nothing could be read: {why}\n"),
            Format::Json | Format::Jsonl => json!({"file": file, "error": why}).to_string(),
            Format::Csv if every => {
                let first = [file, "", "error"].map(str::to_owned);
                let affect = numbers(None);
                row(first.into_iter().chain(affect).chain(self.columns(&[])))?
            }
            Format::Csv => {
                // Up to the note, and behind it.
                let first = [file, "", "0", "", "", "", "", "", why, ""].map(str::to_owned);
                row(first.into_iter().chain(self.columns(&[])))?
            }
        })
    }

    /// A file's summary.
    pub fn summary(&self, file: &str, done: &Done<'_>) -> Result<String, CliError> {
        Ok(match self.format {
            Format::Table => self.summary_lines(done),
            Format::Json | Format::Jsonl => self.summary_object(file, done).to_string(),
            Format::Csv => self.summary_row(file, done)?,
        })
    }

    fn answer_line(&self, readout: &Readout) -> String {
        let mut line = format!("{:7.1} s  {:10}", readout.seconds, readout.state.id());
        for kind in TagKind::told_of(self.tags) {
            // Writing to a string never fails.
            let _ = write!(line, "  {}:", kind.id());
            for (tag, probability) in self.best(kind, &readout.average) {
                let name = self.name(tag);
                let _ = write!(line, " {name} {:.0} %", 100.0 * probability);
            }
        }
        line + &affect_words(readout.affect) + "\n"
    }

    fn summary_lines(&self, done: &Done<'_>) -> String {
        let mut lines = String::new();
        match &done.heard.nothing {
            Some(why) => lines += &format!("  no answer, {why}\n"),
            None => {
                let headlines = done.summary.headlines.into_iter().flatten();
                let names: Vec<_> = headlines.map(|tag| self.name(tag)).collect();
                let names = match names.as_slice() {
                    [] => "unsure".to_owned(),
                    names => names.join(", "),
                };
                let affect = affect_words(done.summary.affect);
                lines += &format!("  {}  {names}{affect}\n", time(done.heard.seconds));
            }
        }
        if let Some(strays) = &done.strays {
            lines += &format!("  {strays}\n");
        }
        for kind in TagKind::told_of(self.tags) {
            let best = self.best(kind, &done.summary.probabilities);
            let words: Vec<_> = best
                .iter()
                .enumerate()
                .map(|(place, (tag, probability))| {
                    let words = format!("{} {:.0} %", self.name(*tag), 100.0 * probability);
                    match done.summary.strongest.get(*tag).copied().flatten() {
                        Some(at) if place == 0 => format!(
                            "{words} ({} to {}: {:.0} %)",
                            time(at.from),
                            time(at.to),
                            100.0 * at.probability
                        ),
                        _ => words,
                    }
                })
                .collect();
            if !words.is_empty() {
                lines += &format!("  {}: {}\n", kind.id(), words.join(", "));
            }
        }
        for change in done.changes {
            lines += &format!("  {change}\n");
        }
        lines
    }

    fn summary_object(&self, file: &str, done: &Done<'_>) -> Value {
        let Summary {
            answers,
            probabilities,
            affect,
            headlines,
            strongest,
        } = done.summary;
        let sections = TagKind::ALL.into_iter().filter_map(|kind| {
            let column = TagKind::COLUMNS.iter().position(|column| *column == kind);
            let headline = column.and_then(|column| headlines.get(column).copied().flatten());
            let likeliest = || {
                let best = self.best(kind, probabilities);
                best.first().map(|(tag, _)| *tag)
            };
            let tag = headline.or_else(likeliest)?;
            let at = strongest.get(tag).copied().flatten()?;
            Some(json!({
                "kind": kind.id(),
                "tag": self.name(tag),
                "from": rounded(at.from),
                "to": rounded(at.to),
                "probability": rounded(at.probability),
            }))
        });
        let metadata = done.changes.iter().map(Change::object);
        json!({
            "file": file,
            "seconds": rounded(done.heard.seconds),
            "answers": answers,
            "headlines": self.headlines(*headlines),
            "valence": affect.map(|affect| rounded(affect.valence)),
            "arousal": affect.map(|affect| rounded(affect.arousal)),
            "tags": self.by_kind(probabilities),
            "strongest": sections.collect::<Vec<_>>(),
            "note": self.note(done),
            "metadata": metadata.collect::<Vec<_>>(),
        })
    }

    fn summary_row(&self, file: &str, done: &Done<'_>) -> Result<String, CliError> {
        let headlines = done.summary.headlines.into_iter();
        let headlines = headlines.map(|tag| tag.map_or_else(String::new, |tag| self.name(tag)));
        let metadata: Vec<_> = done.changes.iter().map(Change::to_string).collect();
        let first = [
            file.to_owned(),
            format!("{:.2}", done.heard.seconds),
            done.summary.answers.to_string(),
        ];
        let note = [self.note(done).unwrap_or_default(), metadata.join("; ")];
        row(first
            .into_iter()
            .chain(headlines)
            .chain(numbers(done.summary.affect))
            .chain(note)
            .chain(self.columns(&done.summary.probabilities)))
    }

    /// Why there is no answer, and what was wrong with the file.
    fn note(&self, done: &Done<'_>) -> Option<String> {
        let nothing = done
            .heard
            .nothing
            .as_ref()
            .map(|why| format!("no answer, {why}"));
        let rest = done.strays.iter().chain(&done.wrong).cloned();
        let all: Vec<_> = nothing.into_iter().chain(rest).collect();
        (!all.is_empty()).then(|| all.join("; "))
    }

    fn name(&self, tag: usize) -> String {
        self.tags
            .get(tag)
            .map_or_else(String::new, |tag| tag.name.clone())
    }

    /// The likeliest tags of a kind, with their probabilities.
    fn best(&self, kind: TagKind, probabilities: &[f32]) -> Vec<(usize, f32)> {
        let values = self.tags.iter().zip(probabilities).enumerate();
        let own = values.filter(|(_, (tag, _))| tag.kind == kind);
        let mut best: Vec<_> = own.map(|(index, (_, value))| (index, *value)).collect();
        best.sort_by(|one, other| other.1.total_cmp(&one.1));
        best.truncate(self.top);
        best
    }

    fn headlines(&self, headlines: [Option<usize>; TagKind::COLUMNS.len()]) -> Map<String, Value> {
        let named = TagKind::COLUMNS.into_iter().zip(headlines);
        named
            .map(|(kind, tag)| (kind.id().to_owned(), json!(tag.map(|tag| self.name(tag)))))
            .collect()
    }

    /// `{"genre": {"rock": 0.5}}`.
    fn by_kind(&self, probabilities: &[f32]) -> Map<String, Value> {
        let kinds = TagKind::told_of(self.tags).map(|kind| {
            let values = self.tags.iter().zip(probabilities);
            let own = values.filter(|(tag, _)| tag.kind == kind);
            let named: Map<_, _> = own
                .map(|(tag, value)| (tag.name.clone(), json!(rounded(*value))))
                .collect();
            (kind.id().to_owned(), named.into())
        });
        kinds.collect()
    }

    /// A column for each tag, empty without an answer.
    fn columns(&self, probabilities: &[f32]) -> impl Iterator<Item = String> {
        (0..self.tags.len()).map(|tag| {
            let value = probabilities.get(tag);
            value.map_or_else(String::new, |value| format!("{value:.4}"))
        })
    }
}

fn numbers(affect: Option<Affect>) -> [String; 2] {
    affect.map_or_else(Default::default, |Affect { valence, arousal }| {
        [format!("{valence:.4}"), format!("{arousal:.4}")]
    })
}

fn affect_words(affect: Option<Affect>) -> String {
    affect.map_or_else(String::new, |Affect { valence, arousal }| {
        format!("  valence: {valence:.2} arousal: {arousal:.2}")
    })
}

/// As many digits as mean something.
fn rounded(value: impl Into<f64>) -> f64 {
    (value.into() * 1e4).round() / 1e4
}

/// `1:05`, or `1:02:05`.
fn time(seconds: f64) -> String {
    let whole = seconds.round().max(0.0) as u64;
    let (hours, minutes, seconds) = (whole / 3_600, whole / 60 % 60, whole % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}
