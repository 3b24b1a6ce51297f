//! The logarithmic frequency axis that the spectrum and the spectrogram share.

use std::ops::RangeInclusive;

/// Frequencies that may have a line, in Hz; those at decades come first where there is no room for all.
const LINES: [f32; 10] = [
    100.0, 1_000.0, 10_000.0, 50.0, 200.0, 500.0, 2_000.0, 5_000.0, 20_000.0, 20.0,
];

/// The axis: from the lowest band's centre to the highest one's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Axis {
    lowest: f32,
    highest: f32,
}

impl Axis {
    /// The axis for bands with these centres, in Hz; `None` if they make no axis.
    pub fn new(band_hz: &[f32]) -> Option<Self> {
        let (lowest, highest) = (*band_hz.first()?, *band_hz.last()?);
        (lowest > 0.0 && highest > lowest && highest.is_finite())
            .then_some(Self { lowest, highest })
    }

    /// Where a frequency is: 0 at the low end, 1 at the high one.
    pub fn share(&self, hz: f32) -> f32 {
        (hz / self.lowest).ln() / (self.highest / self.lowest).ln()
    }

    /// The frequency at a share of the axis, in Hz.
    pub fn hz(&self, share: f32) -> f32 {
        self.lowest * (self.highest / self.lowest).powf(share.clamp(0.0, 1.0))
    }

    /// The round frequencies on an axis of `length` whose names need `room` each, as shares and names.
    pub fn lines(&self, length: f32, room: f32) -> Vec<(f32, String)> {
        let mut lines: Vec<(f32, String)> = Vec::new();
        for hz in LINES {
            let share = self.share(hz);
            let far = |other: &(f32, String)| (other.0 - share).abs() * length >= room;
            if (0.0..=1.0).contains(&share) && lines.iter().all(far) {
                lines.push((share, name(hz)));
            }
        }
        lines
    }
}

/// The band whose centre is nearest to a frequency, on the logarithmic scale.
pub fn nearest_band(band_hz: &[f32], hz: f32) -> Option<usize> {
    let apart = |band: &usize| {
        let centre = band_hz.get(*band).copied().unwrap_or(f32::MAX);
        (centre / hz).ln().abs()
    };
    (0..band_hz.len()).min_by(|a, b| apart(a).total_cmp(&apart(b)))
}

/// Where a frequency is among the bands, as a band's index with a fraction.
pub fn position(band_hz: &[f32], hz: f32) -> f32 {
    let above = band_hz.partition_point(|centre| *centre < hz);
    let range: RangeInclusive<usize> = above.saturating_sub(1)..=above;
    match band_hz.get(range) {
        Some([below, over]) if above > 0 => {
            (above - 1) as f32 + ((hz - below) / (over - below)).clamp(0.0, 1.0)
        }
        _ => above.min(band_hz.len().saturating_sub(1)) as f32,
    }
}

/// Writes a round frequency on an axis: `500`, `2k`.
fn name(hz: f32) -> String {
    if hz < 1_000.0 {
        format!("{hz:.0}")
    } else {
        format!("{:.0}k", hz / 1_000.0)
    }
}

/// Writes a frequency in words: `440 Hz`, `1.25 kHz`.
pub fn words(hz: f32) -> String {
    if hz < 1_000.0 {
        format!("{hz:.0} Hz")
    } else {
        format!("{:.2} kHz", hz / 1_000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BANDS: [f32; 5] = [50.0, 100.0, 400.0, 1_600.0, 12_800.0];

    #[test]
    fn the_axis_is_logarithmic_and_goes_both_ways() {
        let axis = Axis::new(&BANDS).unwrap();
        assert_eq!(axis.share(50.0), 0.0);
        assert_eq!(axis.share(12_800.0), 1.0);
        assert!((axis.share(800.0) - 0.5).abs() < 1e-6);
        for hz in [60.0, 440.0, 9_000.0] {
            assert!((axis.hz(axis.share(hz)) / hz - 1.0).abs() < 1e-4);
        }
        assert_eq!(Axis::new(&[]), None);
        assert_eq!(Axis::new(&[0.0, 1.0]), None);
    }

    #[test]
    fn lines_keep_apart_and_decades_come_first() {
        let axis = Axis::new(&BANDS).unwrap();
        let few: Vec<_> = axis
            .lines(100.0, 30.0)
            .into_iter()
            .map(|line| line.1)
            .collect();
        assert_eq!(few, ["100", "1k", "10k"]);
        let all = axis.lines(1_000.0, 30.0);
        assert_eq!(all.len(), 8, "50 to 10k: {all:?}");
    }

    #[test]
    fn a_frequency_finds_its_band_and_its_place_between_two() {
        assert_eq!(nearest_band(&BANDS, 130.0), Some(1));
        assert_eq!(nearest_band(&BANDS, 300.0), Some(2));
        assert_eq!(nearest_band(&[], 300.0), None);
        assert_eq!(position(&BANDS, 20.0), 0.0);
        assert_eq!(position(&BANDS, 250.0), 1.5);
        assert_eq!(position(&BANDS, 1_600.0), 3.0);
        assert_eq!(position(&BANDS, 20_000.0), 4.0);
        assert_eq!(words(440.0), "440 Hz");
        assert_eq!(words(1_250.0), "1.25 kHz");
    }
}
