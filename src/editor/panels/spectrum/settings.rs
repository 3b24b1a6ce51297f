//! How the spectrum is drawn; kept with the user's preferences.

use serde::{Deserialize, Serialize};

use crate::telemetry::Speed;

/// How the spectrum is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SpectrumSettings {
    /// How long it is averaged over.
    pub speed: Speed,
    /// The levels that are seen.
    pub range: LevelRange,
    /// How far it is turned, so that what falls towards the treble is level.
    pub tilt: Tilt,
    /// Whether what goes in is drawn.
    pub input: bool,
    /// Whether what comes out is drawn.
    pub output: bool,
    /// Whether the gain between them is drawn.
    pub curve: bool,
    /// Whether the output's highest levels are drawn.
    pub peaks: bool,
}

impl Default for SpectrumSettings {
    fn default() -> Self {
        Self {
            speed: Speed::default(),
            range: LevelRange::default(),
            tilt: Tilt::default(),
            input: true,
            output: true,
            curve: true,
            peaks: true,
        }
    }
}

/// The levels that are seen: so many decibels down from full scale.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum LevelRange {
    /// What is loud.
    #[serde(rename = "60")]
    Db60,
    /// Most of what is heard.
    #[default]
    #[serde(rename = "90")]
    Db90,
    /// Everything.
    #[serde(rename = "120")]
    Db120,
}

impl LevelRange {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Db60, Self::Db90, Self::Db120];

    /// From the highest level to the lowest, in dB.
    pub fn db(self) -> f32 {
        match self {
            Self::Db60 => 60.0,
            Self::Db90 => 90.0,
            Self::Db120 => 120.0,
        }
    }

    /// From one line to the next, in dB.
    pub fn division(self) -> f32 {
        self.db() / 6.0
    }

    /// The name that users see.
    pub fn name(self) -> &'static str {
        match self {
            Self::Db60 => "60 dB",
            Self::Db90 => "90 dB",
            Self::Db120 => "120 dB",
        }
    }
}

/// How far the spectrum is turned around 1 kHz.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tilt {
    /// Not at all: the levels as they are measured.
    #[serde(rename = "0")]
    Flat,
    /// Pink noise is level.
    #[serde(rename = "3")]
    Pink,
    /// Most music is about level.
    #[default]
    #[serde(rename = "4.5")]
    Music,
}

impl Tilt {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Flat, Self::Pink, Self::Music];

    /// What is added at a frequency in Hz, in dB.
    pub fn at(self, hz: f32) -> f32 {
        let slope = match self {
            Self::Flat => 0.0,
            Self::Pink => 3.0,
            Self::Music => 4.5,
        };
        slope * (hz / 1_000.0).log2()
    }

    /// The name that users see.
    pub fn name(self) -> &'static str {
        match self {
            Self::Flat => "0 dB/oct",
            Self::Pink => "3 dB/oct",
            Self::Music => "4.5 dB/oct",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tilt_turns_around_1_khz() {
        assert_eq!(Tilt::Music.at(1_000.0), 0.0);
        assert_eq!(Tilt::Music.at(2_000.0), 4.5);
        assert_eq!(Tilt::Pink.at(250.0), -6.0);
        assert_eq!(Tilt::Flat.at(20.0), 0.0);
    }

    #[test]
    fn what_a_file_leaves_out_is_as_usual() {
        let usual: SpectrumSettings = serde_json::from_str("{}").unwrap();
        assert_eq!(usual, SpectrumSettings::default());
        let text = r#"{"speed":"slow","range":"120","tilt":"0","peaks":false}"#;
        let read: SpectrumSettings = serde_json::from_str(text).unwrap();
        let expected = SpectrumSettings {
            speed: Speed::Slow,
            range: LevelRange::Db120,
            tilt: Tilt::Flat,
            peaks: false,
            ..usual
        };
        assert_eq!(read, expected);
    }
}
