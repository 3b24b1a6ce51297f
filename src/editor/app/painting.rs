//! How the window's pixels come about, and how often there may be others.

use std::time::Duration;

/// Who computes the pixels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Painting {
    /// A graphics card.
    #[default]
    Card,
    /// The processor, and of a picture only what has changed: see [`partial_paint`](super::partial_paint).
    Parts,
    /// The processor, and all of every picture: some ten milliseconds of its time.
    Whole,
}

impl Painting {
    /// Whether the processor computes the pixels.
    pub fn is_by_software(self) -> bool {
        self != Self::Card
    }

    /// The least time between two pictures that are drawn for what moves all the time: meters, spectra and places on the map. Until a picture is
    /// asked for and drawn as much again may pass.
    pub fn motion(self) -> Duration {
        Duration::from_millis(match self {
            Self::Card => 30,
            Self::Parts => 115,
            Self::Whole => 1_000,
        })
    }

    /// For how many spectra one that is measured stands: many where each costs a third of the page's pixels.
    pub fn spectra_together(self) -> u32 {
        if self.is_by_software() { 8 } else { 1 }
    }

    /// How many new columns the spectrogram waits for: each time all of it moves.
    pub fn columns_together(self) -> u64 {
        if self.is_by_software() { 30 } else { 1 }
    }
}
