//! Descriptors as they are written down.

use serde_json::{Map, Value, json};

use super::{
    analysis::Described,
    columns::{Moment, columns, values},
};
use crate::{
    cli::{
        CliError,
        output::{Format, row},
    },
    dsp::descriptors::{CHROMA, FrameValues, Loudness, Timbre, note_name},
};

/// Semitones that a table names.
const STRONGEST: usize = 5;

/// Writes descriptors down in one format.
pub struct Records {
    pub format: Format,
    /// Whether there are constant-Q magnitudes and CENS.
    pub constant_q: bool,
}

/// A file that was measured.
pub struct Summary<'a> {
    pub file: &'a str,
    pub described: &'a Described,
    /// What of it was no sound, in one line.
    pub strays: Option<String>,
    /// What was wrong behind what was read of it, in one line.
    pub wrong: Option<String>,
}

impl Summary<'_> {
    /// All that is to be said of it beside what was measured, in one line.
    fn note(&self) -> Option<String> {
        let all: Vec<_> = self.strays.iter().chain(&self.wrong).cloned().collect();
        (!all.is_empty()).then(|| all.join("; "))
    }
}

impl Records {
    /// The line above all others in a CSV file; empty in others.
    pub fn header(&self, every: bool) -> Result<String, CliError> {
        if self.format != Format::Csv {
            return Ok(String::new());
        }
        let file = ["file", "seconds"].map(str::to_owned).into_iter();
        if every {
            let loudness = ["momentary", "short_term"].map(str::to_owned);
            return row(file.chain(loudness).chain(columns(self.constant_q)));
        }
        let loudness = loudness_of(&Loudness::default()).map(|(name, _)| name.to_owned());
        let timbre = timbre_of(&Timbre::default()).map(|(name, _)| name.to_owned());
        let whole = ["tempo", "beats", "key", "key_correlation", "tuning_cents"];
        let statistics = columns(self.constant_q)
            .into_iter()
            .flat_map(|name| [format!("{name}_mean"), format!("{name}_deviation")]);
        row(file
            .chain(loudness)
            .chain(whole.map(str::to_owned))
            .chain(timbre)
            .chain(statistics)
            .chain(["note".to_owned()]))
    }

    /// One frame of a file.
    pub fn frame(&self, file: &str, moment: &Moment) -> Result<String, CliError> {
        let (frame, loudness) = (&moment.values, &moment.loudness);
        Ok(match self.format {
            Format::Table => frame_line(frame, loudness),
            Format::Json | Format::Jsonl => {
                let mut object = Map::new();
                object.insert("file".to_owned(), json!(file));
                object.insert("seconds".to_owned(), number(frame.seconds));
                object.insert("momentary".to_owned(), number(loudness.momentary));
                object.insert("short_term".to_owned(), number(loudness.short_term));
                let named = columns(self.constant_q).into_iter().zip(values(moment));
                object.extend(named.map(|(name, value)| (name, optional(value))));
                Value::Object(object).to_string()
            }
            Format::Csv => {
                let first = [
                    file.to_owned(),
                    format!("{:.4}", frame.seconds),
                    text(Some(loudness.momentary)),
                    text(Some(loudness.short_term)),
                ];
                row(first.into_iter().chain(values(moment).map(text)))?
            }
        })
    }

    /// A file's summary.
    pub fn summary(&self, summary: &Summary<'_>) -> Result<String, CliError> {
        Ok(match self.format {
            Format::Table => {
                let note = summary.strays.iter().map(|note| format!("  {note}\n"));
                summary_lines(summary.described) + &note.collect::<String>()
            }
            Format::Json | Format::Jsonl => summary_object(summary).to_string(),
            Format::Csv => summary_row(summary)?,
        })
    }
}

/// Loudness by name, with its unit in the name: LUFS, LU and dBTP.
fn loudness_of(loudness: &Loudness) -> [(&'static str, f64); 5] {
    [
        ("integrated_lufs", loudness.integrated),
        ("range_lu", loudness.range),
        ("highest_momentary_lufs", loudness.highest_momentary),
        ("highest_short_term_lufs", loudness.highest_short_term),
        ("true_peak_dbtp", loudness.true_peak),
    ]
}

fn timbre_of(timbre: &Timbre) -> [(&'static str, f64); 9] {
    [
        ("brightness", timbre.brightness),
        ("depth", timbre.depth),
        ("hardness", timbre.hardness),
        ("warmth", timbre.warmth),
        ("sharpness", timbre.sharpness),
        ("boominess", timbre.boominess),
        ("roughness", timbre.roughness),
        ("reverb", timbre.reverb),
        ("reverb_seconds", timbre.reverb_seconds),
    ]
}

fn frame_line(frame: &FrameValues, loudness: &Loudness) -> String {
    let pitch = frame.pitch.pitch();
    let pitch = pitch.map_or_else(|| "       -".to_owned(), |hz| format!("{hz:8.1}"));
    format!(
        "{:9.3} s  {:6.1} LUFS  RMS {:.4}  centroid {:7.1} Hz  flatness {:.4}  onset {:5.2} dB  pitch {pitch} Hz\n",
        frame.seconds,
        loudness.momentary,
        frame.rms,
        frame.shape.centroid,
        frame.shape.flatness,
        frame.onsets.mean,
    )
}

fn summary_lines(described: &Described) -> String {
    let loudness = &described.loudness;
    let unknown = || "unknown".to_owned();
    let tempo = described
        .tempo
        .map_or_else(unknown, |tempo| format!("{tempo:.1} BPM"));
    let key = described.key.map_or_else(unknown, |key| {
        format!("{key} (correlation {:.2})", key.correlation)
    });
    let tuning = described
        .tuning
        .map_or_else(unknown, |tuning| format!("{:+.0} cents", 100.0 * tuning));
    let mut lines = format!(
        "  {:.1} s  tempo: {tempo}, {} beats  key: {key}  tuning: {tuning}\n",
        described.seconds,
        described.beats.len(),
    );
    lines += &format!(
        "  loudness: {:.1} LUFS, range {:.1} LU, momentary up to {:.1}, short-term up to {:.1} LUFS, true peak {:.1} dBTP\n",
        loudness.integrated,
        loudness.range,
        loudness.highest_momentary,
        loudness.highest_short_term,
        loudness.true_peak,
    );
    if let Some(timbre) = &described.timbre {
        let words = timbre_of(timbre).map(|(name, value)| match name {
            "reverb" => format!("{name} {:.0} %", 100.0 * value),
            "reverb_seconds" => format!("{value:.2} s"),
            _ => format!("{name} {value:.0}"),
        });
        lines += &format!("  timbre: {}\n", words.join(", "));
    }
    let statistics = described.statistics.iter();
    let words = statistics.take_while(|(name, _)| !name.starts_with("contrast"));
    let words: Vec<_> = words
        .filter_map(|(name, statistic)| {
            let (mean, deviation) = (*statistic)?;
            Some(format!(
                "{} {} ± {}",
                name.replace('_', " "),
                significant(mean),
                significant(deviation)
            ))
        })
        .collect();
    if !words.is_empty() {
        lines += &format!("  frames: {}\n", words.join(", "));
    }
    lines + &tone_lines(described)
}

/// The mean of each note's CENS, and the strongest semitones; nothing where neither was measured.
fn tone_lines(described: &Described) -> String {
    let means = |start: &'static str| {
        let statistics = described.statistics.iter();
        let own = statistics.filter(move |(name, _)| name.starts_with(start));
        own.enumerate()
            .filter_map(|(place, (_, statistic))| Some((place, (*statistic)?.0)))
    };
    let notes = means("cens_").map(|(place, mean)| (note_name(place).to_owned(), mean));
    let semitones = means("cqt_").map(|(place, mean)| {
        let octave = 1 + place / CHROMA;
        (format!("{}{octave}", note_name(place)), mean)
    });
    let (notes, mut semitones): (Vec<_>, Vec<_>) = (notes.collect(), semitones.collect());
    if notes.is_empty() {
        return String::new();
    }
    semitones.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    semitones.truncate(STRONGEST);
    let words = |means: Vec<(String, f64)>| {
        let words = means
            .into_iter()
            .map(|(note, mean)| format!("{note} {}", significant(mean)));
        words.collect::<Vec<_>>().join(", ")
    };
    let (notes, semitones) = (words(notes), words(semitones));
    format!("  CENS: {notes}\n  constant Q, strongest: {semitones}\n")
}

fn summary_object(summary: &Summary<'_>) -> Value {
    let described = summary.described;
    let object = |pairs: &[(&str, f64)]| -> Map<String, Value> {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| ((*name).to_owned(), number(*value)))
            .collect()
    };
    let statistics = described.statistics.iter();
    let frames: Map<_, _> = statistics
        .map(|(name, statistic)| {
            let value = statistic.map(
                |(mean, deviation)| json!({"mean": number(mean), "deviation": number(deviation)}),
            );
            (name.clone(), json!(value))
        })
        .collect();
    let beats = described.beats.iter().map(|beat| number(*beat));
    json!({
        "file": summary.file,
        "seconds": number(described.seconds),
        "loudness": object(&loudness_of(&described.loudness)),
        "tempo": optional(described.tempo),
        "beats": beats.collect::<Vec<_>>(),
        "key": described.key.map(|key| json!({
            "tonic": key.tonic_name(),
            "mode": key.mode.name(),
            "correlation": number(key.correlation),
        })),
        "tuning_cents": optional(described.tuning.map(|tuning| 100.0 * tuning)),
        "timbre": described.timbre.map(|timbre| object(&timbre_of(&timbre))),
        "frame_count": described.frames,
        "frames": frames,
        "note": summary.note(),
    })
}

fn summary_row(summary: &Summary<'_>) -> Result<String, CliError> {
    let described = summary.described;
    let loudness = loudness_of(&described.loudness).map(|(_, value)| text(Some(value)));
    let whole = [
        text(described.tempo),
        described.beats.len().to_string(),
        described
            .key
            .map_or_else(String::new, |key| key.to_string()),
        text(described.key.map(|key| key.correlation)),
        text(described.tuning.map(|tuning| 100.0 * tuning)),
    ];
    let timbre = described.timbre;
    let names = timbre_of(&Timbre::default());
    let timbre = names.into_iter().map(|(name, _)| {
        let values = timbre.as_ref().map(timbre_of);
        let value = values.and_then(|values| values.into_iter().find(|(own, _)| *own == name));
        text(value.map(|(_, value)| value))
    });
    let statistics = described.statistics.iter().flat_map(|(_, statistic)| {
        [
            text(statistic.map(|(mean, _)| mean)),
            text(statistic.map(|(_, deviation)| deviation)),
        ]
    });
    let first = [summary.file.to_owned(), format!("{:.2}", described.seconds)];
    row(first
        .into_iter()
        .chain(loudness)
        .chain(whole)
        .chain(timbre)
        .chain(statistics)
        .chain([summary.note().unwrap_or_default()]))
}

/// A number in JSON with six digits that count; what is infinite is nothing.
fn number(value: f64) -> Value {
    match rounded(value) {
        Some(rounded) => json!(rounded),
        None => Value::Null,
    }
}

fn optional(value: Option<f64>) -> Value {
    value.map_or(Value::Null, number)
}

/// A number in CSV with six digits that count; empty where there is none.
fn text(value: Option<f64>) -> String {
    value
        .and_then(rounded)
        .map_or_else(String::new, |value| value.to_string())
}

/// Three digits that count, for people.
fn significant(value: f64) -> String {
    let digits = if value == 0.0 {
        0.0
    } else {
        (2.0 - value.abs().log10().floor()).clamp(0.0, 6.0)
    };
    format!("{value:.*}", digits as usize)
}

/// Six digits that count; `None` of what is infinite or no number.
fn rounded(value: f64) -> Option<f64> {
    let text = format!("{value:.5e}");
    text.parse::<f64>().ok().filter(|value| value.is_finite())
}
