//! Spectra that are looked at: fine in frequency, averaged over time, and those of the last seconds.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// Points of a spectrum: 48 an octave, evenly apart on the logarithmic scale of frequency.
pub const POINTS: usize = 480;

/// Frequency of the first point, in Hz.
pub const LOWEST_HZ: f32 = 20.0;

/// Frequency of the last point, in Hz.
pub const HIGHEST_HZ: f32 = 20_000.0;

/// Spectra a second.
pub const SPECTRUM_RATE: f32 = 30.0;

/// The level of nothing at all, in dB.
pub const SILENT_DB: f32 = -140.0;

/// Levels at the points, in dB; a full-scale sine is 0 at its frequency.
pub type Levels = [f32; POINTS];

/// The frequency of a point, in Hz.
pub fn point_hz(point: usize) -> f32 {
    let share = point as f32 / (POINTS - 1) as f32;
    LOWEST_HZ * (HIGHEST_HZ / LOWEST_HZ).powf(share)
}

/// How long a spectrum is averaged over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Speed {
    /// Hardly at all.
    Fast,
    /// Long enough to read.
    #[default]
    Medium,
    /// For the balance of a whole passage.
    Slow,
}

impl Speed {
    /// All of them; each is the index of its own average.
    pub const ALL: [Self; 3] = [Self::Fast, Self::Medium, Self::Slow];

    /// The name that users see.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fast => "Fast",
            Self::Medium => "Medium",
            Self::Slow => "Slow",
        }
    }

    /// The time constant of the average of powers, in seconds.
    pub fn seconds(self) -> f32 {
        match self {
            Self::Fast => 0.1,
            Self::Medium => 0.4,
            Self::Slow => 2.0,
        }
    }

    /// How much of a new value goes into the average, where one comes every `interval` seconds: 0 to 1.
    pub fn share(self, interval: f32) -> f32 {
        1.0 - (-interval / self.seconds()).exp()
    }
}

/// Input and output over the same time: the input as much later as the output is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spectrum {
    /// The mean power of the input's channels.
    pub input: Levels,
    /// The same of the output, behind Mix, Output, Delta and Bypass.
    pub output: Levels,
}

/// The newest spectrum at every [`Speed`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spectra {
    /// Indexed by [`Speed`].
    pub averages: [Spectrum; 3],
    /// Counts the spectra: two with the same number are the same.
    pub number: u64,
}

impl Spectra {
    /// The average of this speed.
    pub fn at(&self, speed: Speed) -> &Spectrum {
        &self.averages[speed as usize]
    }
}

/// Points that one row of the history stands for: it has the loudest of them.
pub const ROW_POINTS: usize = 4;

/// Rows of the history, from low to high.
pub const ROWS: usize = POINTS / ROW_POINTS;

/// Spectra that the history keeps: ten seconds.
pub const COLUMNS: usize = (10.0 * SPECTRUM_RATE) as usize;

/// The output at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Column {
    /// As in [`Spectra`]: a number that was left out is sound that nobody has looked at.
    pub number: u64,
    /// Levels in half decibels above -127.5 dB.
    levels: [u8; ROWS],
}

impl Column {
    /// The output's levels, in dB, before any averaging.
    pub fn new(number: u64, output: &Levels) -> Self {
        let mut levels = [0; ROWS];
        for (row, points) in levels.iter_mut().zip(output.chunks(ROW_POINTS)) {
            let most = points.iter().copied().fold(SILENT_DB, f32::max);
            *row = (2.0 * (most + 127.5)).round().clamp(0.0, 255.0) as u8;
        }
        Self { number, levels }
    }

    /// The levels from low to high, in dB.
    pub fn levels(&self) -> impl DoubleEndedIterator<Item = f32> + '_ {
        self.levels
            .iter()
            .map(|level| f32::from(*level) / 2.0 - 127.5)
    }
}

/// The output of the last seconds, oldest first. A worker adds to the instance's own, behind a lock; the editor's thread has a copy.
#[derive(Debug, Clone, Default)]
pub struct SpectrumHistory(VecDeque<Column>);

impl SpectrumHistory {
    /// Adds what has just been heard.
    pub fn add(&mut self, column: Column) {
        if self.0.len() == COLUMNS {
            self.0.pop_front();
        }
        self.0.push_back(column);
    }

    /// Adds what `other` has heard since this was last brought up to it.
    pub fn catch_up(&mut self, other: &Self) {
        let Some(newest) = self
            .newest()
            .filter(|newest| Some(*newest) <= other.newest())
        else {
            self.clone_from(other);
            return;
        };
        let known = other.0.partition_point(|column| column.number <= newest);
        for column in other.0.range(known..) {
            self.add(*column);
        }
    }

    /// The columns behind that of this number, oldest first.
    pub fn since(&self, number: Option<u64>) -> impl Iterator<Item = &Column> {
        let known = number.map_or(0, |number| {
            self.0.partition_point(|column| column.number <= number)
        });
        self.0.range(known..)
    }

    /// The newest column's number; `None` before the first.
    pub fn newest(&self) -> Option<u64> {
        self.0.back().map(|column| column.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(history: &SpectrumHistory) -> Vec<u64> {
        history.since(None).map(|column| column.number).collect()
    }

    #[test]
    fn points_are_from_20_hz_to_20_khz_evenly_on_the_logarithmic_scale() {
        assert_eq!(point_hz(0), 20.0);
        assert!((point_hz(POINTS - 1) / 20_000.0 - 1.0).abs() < 1e-4);
        let step = point_hz(1) / point_hz(0);
        for point in 1..POINTS {
            assert!((point_hz(point) / point_hz(point - 1) / step - 1.0).abs() < 1e-4);
        }
    }

    #[test]
    fn a_copy_is_brought_up_to_the_original_however_long_it_was_away() {
        let mut history = SpectrumHistory::default();
        let mut copy = SpectrumHistory::default();
        let mut number = 0;
        for more in [0, 1, 5, COLUMNS as u64, 2 * COLUMNS as u64, 0, 3] {
            for _ in 0..more {
                number += 1;
                history.add(Column::new(number, &[-20.0; POINTS]));
            }
            // A time that nobody looked at.
            number += 7;
            copy.catch_up(&history);
            assert_eq!(numbers(&copy), numbers(&history), "{more}");
            assert!(numbers(&copy).len() <= COLUMNS);
        }
        let newest = history.newest();
        assert_eq!(history.since(newest).count(), 0);
        assert_eq!(history.since(newest.map(|newest| newest - 1)).count(), 1);
        copy.catch_up(&SpectrumHistory::default());
        assert!(numbers(&copy).is_empty(), "another instance's");
    }

    #[test]
    fn a_row_has_the_loudest_of_its_points_to_half_a_decibel() {
        let mut levels = [SILENT_DB; POINTS];
        levels[5] = -20.3;
        levels[POINTS - 1] = 40.0;
        let column = Column::new(0, &levels);
        let rows: Vec<f32> = column.levels().collect();
        assert_eq!(rows.len(), ROWS);
        assert_eq!((rows[0], rows[1], rows[ROWS - 1]), (-127.5, -20.5, 0.0));
    }

    #[test]
    fn an_average_has_gone_two_thirds_of_its_way_after_its_time() {
        for speed in Speed::ALL {
            let interval = 1.0 / SPECTRUM_RATE;
            let mut average = 0.0;
            for _ in 0..(speed.seconds() / interval).round() as usize {
                average += speed.share(interval) * (1.0 - average);
            }
            assert!((average - 0.632).abs() < 0.01, "{speed:?}: {average}");
        }
    }
}
