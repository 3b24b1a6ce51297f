//! One song as a page.

use std::path::Path;

use serde_json::{Value, json};

use super::spectrogram::Spectrogram;
use crate::{
    audio_file::AudioFileError,
    cli::{
        CliError,
        hearing::{self, Hearer, Pace},
    },
    model::{Affect, TagInfo, TagKind, TaggerModel},
    telemetry::Readout,
};

/// The most moments of a timeline; a longer file has fewer of them a minute.
const MOST_MOMENTS: usize = 2_000;

/// The most tags of each kind in the timeline.
const MOST_TAGS: usize = 5;

/// What the page shows of a file, and what was wrong with it behind what could be read.
///
/// # Errors
/// When nothing can be read, and when the network fails.
pub fn data(
    tagger: &TaggerModel,
    file: &Path,
) -> Result<(Value, Result<(), AudioFileError>), CliError> {
    let mut story = Story {
        moments: Vec::new(),
        every: 1,
        answers: 0,
        spectrogram: Spectrogram::default(),
    };
    let heard = hearing::hear(tagger, file, Pace::Plugin, &mut story)?;
    let name = file.file_name().unwrap_or_default();
    let data = json!({
        "file": name.to_string_lossy(),
        "seconds": heard.seconds,
        "tagger": format!("{} {}", tagger.card().name, tagger.card().version),
        "moodring": env!("CARGO_PKG_VERSION"),
        "note": note(&heard),
        "times": story.times(),
        "lanes": story.lanes(&tagger.card().tags),
        "headlines": story.headlines(&tagger.card().tags),
        "affect": story.affect(),
        "spectrogram": story.spectrogram.object(),
    });
    Ok((data, heard.ended))
}

fn note(heard: &hearing::Heard) -> Option<String> {
    let nothing = heard
        .nothing
        .as_ref()
        .map(|why| format!("No answer, {why}"));
    let wrong = heard.ended.as_ref().err().map(ToString::to_string);
    let both: Vec<_> = nothing.into_iter().chain(wrong).collect();
    (!both.is_empty()).then(|| both.join("; "))
}

/// What there is to tell, in the order in which it was heard.
struct Story {
    moments: Vec<Moment>,
    /// One answer of so many is kept.
    every: u64,
    answers: u64,
    spectrogram: Spectrogram,
}

struct Moment {
    seconds: f64,
    average: Vec<f32>,
    affect: Option<Affect>,
    headlines: [Option<usize>; TagKind::COLUMNS.len()],
}

impl Hearer for Story {
    fn block(&mut self, samples: &[Vec<f32>], rate: u32) -> Result<(), CliError> {
        self.spectrogram.hear(samples, rate);
        Ok(())
    }

    fn answer(&mut self, readout: &Readout) -> Result<(), CliError> {
        if readout.average.is_empty() {
            return Ok(());
        }
        self.answers += 1;
        if !self.answers.is_multiple_of(self.every) {
            return Ok(());
        }
        self.moments.push(Moment {
            seconds: readout.seconds,
            average: readout.average.clone(),
            affect: readout.affect,
            headlines: TagKind::COLUMNS.map(|kind| readout.headlines.get(kind)),
        });
        if self.moments.len() >= MOST_MOMENTS {
            let mut index = 0;
            self.moments.retain(|_| {
                index += 1;
                index % 2 == 0
            });
            self.every *= 2;
        }
        Ok(())
    }
}

impl Story {
    fn times(&self) -> Vec<f64> {
        self.moments.iter().map(|moment| moment.seconds).collect()
    }

    fn affect(&self) -> Option<Vec<[f32; 2]>> {
        let affects = self.moments.iter().map(|moment| {
            let Affect { valence, arousal } = moment.affect?;
            Some([rounded(valence), rounded(arousal)])
        });
        affects.collect()
    }

    /// Of each column's kind what is named in large letters, moment by moment.
    fn headlines(&self, tags: &[TagInfo]) -> Value {
        let kinds = TagKind::COLUMNS
            .into_iter()
            .enumerate()
            .map(|(column, kind)| {
                let names = self.moments.iter().map(|moment| {
                    let tag = moment.headlines.get(column).copied().flatten();
                    tag.and_then(|tag| tags.get(tag)).map(|tag| &tag.name)
                });
                json!({"kind": kind.id(), "names": names.collect::<Vec<_>>()})
            });
        kinds.collect()
    }

    /// The tags of each kind that are likeliest on the whole, with their probabilities moment by moment.
    fn lanes(&self, tags: &[TagInfo]) -> Value {
        let count = self.moments.len().max(1) as f32;
        let mean = |tag: usize| {
            let values = self
                .moments
                .iter()
                .filter_map(|moment| moment.average.get(tag));
            values.sum::<f32>() / count
        };
        let mut lanes = Vec::new();
        for kind in TagKind::ALL {
            let own = tags.iter().enumerate().filter(|(_, tag)| tag.kind == kind);
            let mut best: Vec<_> = own.map(|(index, tag)| (index, tag, mean(index))).collect();
            best.sort_by(|one, other| other.2.total_cmp(&one.2));
            for (index, tag, mean) in best.into_iter().take(MOST_TAGS) {
                let values = self.moments.iter().map(|moment| {
                    let value = moment.average.get(index).copied();
                    rounded(value.unwrap_or_default())
                });
                lanes.push(json!({
                    "kind": kind.id(),
                    "tag": tag.name,
                    "mean": rounded(mean),
                    "values": values.collect::<Vec<_>>(),
                }));
            }
        }
        lanes.into()
    }
}

fn rounded(value: f32) -> f32 {
    (value * 1e3).round() / 1e3
}
