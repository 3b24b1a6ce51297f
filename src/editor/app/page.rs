//! The pages of the editor, of which one is seen.

use serde::{Deserialize, Serialize};

/// What the room between header and footer shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Page {
    /// What is heard and what is done to it, both.
    #[default]
    Overview,
    /// What is heard, large, and what was heard before.
    Listen,
    /// What is done to the sound, with the map.
    Morph,
    /// What goes in, what comes out and the curve between.
    Spectrum,
    /// What is measured of what comes out.
    Measure,
}

impl Page {
    /// All pages, in the order of their tabs.
    pub const ALL: [Self; 5] = [
        Self::Overview,
        Self::Listen,
        Self::Morph,
        Self::Spectrum,
        Self::Measure,
    ];

    /// The words on the page's tab.
    pub fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Listen => "Listen",
            Self::Morph => "Morph",
            Self::Spectrum => "Spectrum",
            Self::Measure => "Measure",
        }
    }

    /// The help for the page's tab.
    pub fn words(self) -> &'static str {
        match self {
            Self::Overview => "What is heard and what is done to it, side by side",
            Self::Listen => {
                "What is heard, in large letters, and what was heard in the last minutes"
            }
            Self::Morph => "Where the sound is among the timbres, and where you take it",
            Self::Spectrum => "The spectrum of input and output, and the curve between them",
            Self::Measure => "Loudness, tempo, key and timbre of what comes out",
        }
    }
}
