//! How a tagger wants its sound: log-mel levels, or the waveform.

use std::collections::BTreeMap;

use serde::{Deserialize, de::IgnoredAny};

use super::{
    check::{TAGGER_SCHEMA, check_seconds, check_sound, expect_one_of, parse},
    log_mel_front_end::LogMelFrontEnd,
};
use crate::model::ModelError;

/// The two kinds of front-end, as cards name them.
const LOG_MEL: &str = "log-mel";
const WAVEFORM: &str = "waveform";

/// How a tagger wants its sound, which is one channel at a fixed rate, direct current blocked before.
#[derive(Debug, Clone, PartialEq)]
pub enum ListenFrontEnd {
    /// As levels of mel bands, frame by frame.
    LogMel(LogMelFrontEnd),
    /// As it is.
    Waveform(WaveformFrontEnd),
}

/// The front-end of taggers that hear the samples themselves, full scale 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaveformFrontEnd {
    /// Rate that the tagger listens at, in Hz.
    pub sample_rate: u32,
    /// Samples that one answer looks at.
    pub samples: usize,
}

/// What is read before the rest, to know what the rest is.
#[derive(Deserialize)]
struct Kind {
    schema: u32,
    frontend: KindOfFrontEnd,
}

#[derive(Deserialize)]
struct KindOfFrontEnd {
    kind: Option<String>,
    #[serde(flatten)]
    others: BTreeMap<String, IgnoredAny>,
}

#[derive(Deserialize)]
struct Section<T> {
    frontend: T,
}

/// The fields that both kinds have, and what every card may say beside them.
const COMMON: [&str; 3] = ["sample_rate", "channels", "dc"];

/// The section `frontend` of a card whose kind is `waveform`.
#[derive(Deserialize)]
struct RawWaveform {
    sample_rate: u32,
    channels: String,
    dc: Option<String>,
    samples: usize,
}

impl ListenFrontEnd {
    /// The section `frontend` of a card. `file` is for messages.
    ///
    /// # Errors
    /// [`ModelError`] for what this version can't compute, and, from schema 2 on, for a field that it doesn't know.
    pub(super) fn read(file: &str, bytes: &[u8]) -> Result<Self, ModelError> {
        let Kind { schema, frontend } = parse(file, bytes)?;
        let kind = frontend.kind.as_deref().unwrap_or(LOG_MEL);
        expect_one_of(file, "frontend.kind", kind, &[LOG_MEL, WAVEFORM])?;
        let own = match kind {
            WAVEFORM => &["samples"][..],
            _ => LogMelFrontEnd::FIELDS,
        };
        // The first schema's cards had notes among them.
        let unknown = frontend.others.keys().find(|name| {
            schema >= TAGGER_SCHEMA
                && !COMMON.contains(&name.as_str())
                && !own.contains(&name.as_str())
        });
        if let Some(name) = unknown {
            let known: Vec<_> = COMMON.iter().chain(own).copied().collect();
            return Err(ModelError::field(
                file,
                &format!("frontend.{name}"),
                "none of this kind of front-end",
                known.join(", "),
            ));
        }
        match kind {
            WAVEFORM => {
                let raw: Section<RawWaveform> = parse(file, bytes)?;
                WaveformFrontEnd::read(file, &raw.frontend).map(Self::Waveform)
            }
            _ => {
                let raw: Section<_> = parse(file, bytes)?;
                LogMelFrontEnd::read(file, &raw.frontend).map(Self::LogMel)
            }
        }
    }

    /// Rate that the tagger listens at, in Hz.
    pub fn sample_rate(&self) -> u32 {
        match self {
            Self::LogMel(front_end) => front_end.sample_rate,
            Self::Waveform(front_end) => front_end.sample_rate,
        }
    }

    /// Numbers in a frame: the bands, or 1 for a sample.
    pub fn width(&self) -> usize {
        match self {
            Self::LogMel(front_end) => front_end.bands.bands,
            Self::Waveform(_) => 1,
        }
    }

    /// Frames, or samples, that one answer looks at.
    pub fn frames(&self) -> usize {
        match self {
            Self::LogMel(front_end) => front_end.frames,
            Self::Waveform(front_end) => front_end.samples,
        }
    }

    /// The sound that one answer looks at, in seconds.
    pub fn seconds(&self) -> f64 {
        let hop = match self {
            Self::LogMel(front_end) => front_end.hop,
            Self::Waveform(_) => 1,
        };
        (self.frames() * hop) as f64 / f64::from(self.sample_rate())
    }

    /// The log-mel levels' front-end; `None` for a waveform's.
    pub fn log_mel(&self) -> Option<&LogMelFrontEnd> {
        match self {
            Self::LogMel(front_end) => Some(front_end),
            Self::Waveform(_) => None,
        }
    }
}

impl WaveformFrontEnd {
    fn read(file: &str, raw: &RawWaveform) -> Result<Self, ModelError> {
        check_sound(file, &raw.channels, raw.dc.as_deref(), raw.sample_rate)?;
        let found = (raw.samples, "samples");
        check_seconds(file, "frontend.samples", found, 1, raw.sample_rate)?;
        Ok(Self {
            sample_rate: raw.sample_rate,
            samples: raw.samples,
        })
    }
}
