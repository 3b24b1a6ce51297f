//! The logarithmic frequency axis that the spectrum and the spectrogram share, and what frequencies are called.

use crate::telemetry::{HIGHEST_HZ, LOWEST_HZ};

/// Frequencies that may have a line, in Hz; those at decades come first where there is no room for all.
const LINES: [f32; 10] = [
    100.0, 1_000.0, 10_000.0, 50.0, 200.0, 500.0, 2_000.0, 5_000.0, 20_000.0, 20.0,
];

/// The notes of an octave, from C up.
const NOTES: [&str; 12] = [
    "C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B",
];

/// Where a frequency in Hz is on the axis: 0 at the low end, 1 at the high one.
pub fn share(hz: f32) -> f32 {
    (hz / LOWEST_HZ).ln() / (HIGHEST_HZ / LOWEST_HZ).ln()
}

/// The frequency at a share of the axis, in Hz.
pub fn at(share: f32) -> f32 {
    LOWEST_HZ * (HIGHEST_HZ / LOWEST_HZ).powf(share.clamp(0.0, 1.0))
}

/// The round frequencies on an axis of `length` whose names need `room` each, as shares and names.
pub fn lines(length: f32, room: f32) -> Vec<(f32, String)> {
    let mut lines: Vec<(f32, String)> = Vec::new();
    for hz in LINES {
        let share = share(hz);
        let far = |other: &(f32, String)| (other.0 - share).abs() * length >= room;
        if lines.iter().all(far) {
            lines.push((share, name(hz)));
        }
    }
    lines
}

/// The band whose centre is nearest to a frequency, on the logarithmic scale.
pub fn nearest_band(band_hz: &[f32], hz: f32) -> Option<usize> {
    let apart = |band: &usize| {
        let centre = band_hz.get(*band).copied().unwrap_or(f32::MAX);
        (centre / hz).ln().abs()
    };
    (0..band_hz.len()).min_by(|a, b| apart(a).total_cmp(&apart(b)))
}

/// Writes a round frequency on an axis: `500`, `2k`.
fn name(hz: f32) -> String {
    if hz < 1_000.0 {
        format!("{hz:.0}")
    } else {
        format!("{:.0}k", hz / 1_000.0)
    }
}

/// Writes a frequency in words: `41.2 Hz`, `440 Hz`, `1.25 kHz`.
pub fn words(hz: f32) -> String {
    if hz < 100.0 {
        format!("{hz:.1} Hz")
    } else if hz < 1_000.0 {
        format!("{hz:.0} Hz")
    } else {
        format!("{:.2} kHz", hz / 1_000.0)
    }
}

/// The nearest note of the equal temperament with A4 at 440 Hz, and how far off a frequency is in cents: `A4 +3 ct`.
pub fn note(hz: f32) -> String {
    let number = 69.0 + 12.0 * (hz / 440.0).log2();
    let nearest = number.round();
    let cents = 100.0 * (number - nearest);
    let name = NOTES
        .get((nearest as i32).rem_euclid(12) as usize)
        .unwrap_or(&"");
    let octave = (nearest as i32).div_euclid(12) - 1;
    format!("{name}{octave} {cents:+.0} ct")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_is_logarithmic_and_goes_both_ways() {
        assert_eq!(share(20.0), 0.0);
        assert!((share(20_000.0) - 1.0).abs() < 1e-6);
        assert!((share(632.455_5) - 0.5).abs() < 1e-5);
        for hz in [30.0, 440.0, 9_000.0] {
            assert!((at(share(hz)) / hz - 1.0).abs() < 1e-4);
        }
    }

    #[test]
    fn lines_keep_apart_and_decades_come_first() {
        let few: Vec<_> = lines(100.0, 30.0).into_iter().map(|line| line.1).collect();
        assert_eq!(few, ["100", "1k", "10k"]);
        assert_eq!(lines(1_000.0, 30.0).len(), LINES.len());
    }

    #[test]
    fn a_frequency_has_a_band_words_and_a_note() {
        let bands = [50.0, 100.0, 400.0, 1_600.0, 12_800.0];
        assert_eq!(nearest_band(&bands, 130.0), Some(1));
        assert_eq!(nearest_band(&bands, 300.0), Some(2));
        assert_eq!(nearest_band(&[], 300.0), None);
        assert_eq!(words(41.2), "41.2 Hz");
        assert_eq!(words(440.0), "440 Hz");
        assert_eq!(words(1_250.0), "1.25 kHz");
        assert_eq!(note(440.0), "A4 +0 ct");
        assert_eq!(note(20.0), "D#0 +49 ct");
        assert_eq!(note(261.0), "C4 -4 ct");
        assert_eq!(note(1_000.0), "B5 +21 ct");
    }
}
