//! Warmth: how much of a sound is just above its lowest tone, and how smoothly it thins out upwards.

use super::{
    onsets, peaks,
    spectrogram::{Spectrogram, tukey},
};

/// Length of the transform.
const LENGTH: usize = 8192;

/// What [`Onset`](onsets) times are no nearer to the beginning than, in samples.
const NEAREST: usize = 4096;

/// Below this a fundamental has low company, in Hz.
const LOW_HZ: f64 = 260.0;

/// What is felt as warm goes up to so many times the fundamental, or to so many Hz.
const WARM: f64 = 3.5;
const WARMEST_HZ: f64 = 12_000.0;

/// The warmth of a stretch whose places from 1 to 4 Bark and from 8 to 24 Bark are so loud.
///
/// The regression of `timbral_models` 0.4; `strength` and `envelope` are those of [`onsets`].
pub fn warmth(
    samples: &[f64],
    rate: f64,
    strength: &[f64],
    envelope: &[f64],
    [warm, high]: [f64; 2],
) -> Option<f64> {
    let mut starts = onsets::find(strength, envelope, rate, NEAREST);
    if starts.len() == 1 {
        starts = vec![0];
    }
    let ends = starts.iter().skip(1).copied().chain([samples.len()]);
    let mut spectrogram = Spectrogram::new(LENGTH);
    let (mut centroids, mut fits, mut low, mut levels) = (0.0, 0.0, 0.0, 0.0);
    let mut count = 0.0;
    for (start, end) in starts.iter().zip(ends) {
        let segment = samples.get(*start..end).unwrap_or_default();
        let Some(note) = measure(segment, rate, &mut spectrogram) else {
            continue;
        };
        let power: f64 = segment.iter().map(|sample| sample * sample).sum();
        let level = (power / segment.len() as f64).sqrt();
        centroids += note.centroid;
        fits += note.fit;
        low += note.low * level;
        levels += level;
        count += 1.0;
    }
    let value = -4.464_258_317_026_696 * (centroids / count).log10()
        - 0.088_193_208_507_785_56 * high
        + 0.291_565_399_735_755_46 * warm
        + 17.274_733_561_081_554 * fits / count
        + 8.403_340_066_029_507 * low / levels
        + 45.212_121_250_855_79;
    value.is_finite().then_some(value)
}

/// What is measured of a note.
struct Note {
    /// In Hz.
    centroid: f64,
    /// How well a straight line fits the spectrum above what is warm, both logarithmic: R².
    fit: f64,
    /// The share of the power from the fundamental up to [`LOW_HZ`].
    low: f64,
}

fn measure(segment: &[f64], rate: f64, spectrogram: &mut Spectrogram) -> Option<Note> {
    let mut powers = vec![0.0; LENGTH / 2 + 1];
    let length = segment.len().min(LENGTH);
    let window = tukey(length);
    // An eighth of the window overlaps.
    let step = (length - length / 8).max(1);
    for start in (0..=segment.len() - length).step_by(step) {
        let piece = segment.get(start..start + length).unwrap_or_default();
        for (sum, power) in powers.iter_mut().zip(spectrogram.powers(piece, &window)) {
            *sum += power;
        }
    }
    let most = powers.iter().copied().fold(0.0, f64::max);
    if most <= 0.0 {
        return None;
    }
    for power in &mut powers {
        *power /= most;
    }
    let bin_hz = rate / LENGTH as f64;
    let mut found = Vec::new();
    peaks::find(&powers, 0.2, &mut found);
    let lowest = *found.first()?;
    let refined = found.iter().map(|peak| peaks::refine(&powers, *peak).1);
    let fundamental = refined.fold(f64::INFINITY, f64::min) * bin_hz;
    let above = |hz: f64| (hz / bin_hz).floor() as usize + 1;
    let sum: f64 = powers.iter().sum();
    let low = if fundamental < LOW_HZ {
        let company = powers.get(lowest..above(LOW_HZ)).unwrap_or_default();
        company.iter().sum::<f64>() / sum
    } else {
        0.0
    };
    let places = powers.iter().enumerate();
    let weighted = places
        .clone()
        .map(|(bin, power)| bin as f64 * bin_hz * power);
    let first = above((WARM * fundamental).min(WARMEST_HZ));
    let points = places.skip(first).filter(|(_, power)| **power > 0.0);
    let points = points.map(|(bin, power)| ((bin as f64 * bin_hz).log10(), power.log10()));
    Some(Note {
        centroid: weighted.sum::<f64>() / sum,
        fit: straightness(points),
        low,
    })
}

/// The share of the variance that a straight line explains, R².
fn straightness(points: impl Iterator<Item = (f64, f64)> + Clone) -> f64 {
    let (mut count, mut x_sum, mut y_sum) = (0.0, 0.0, 0.0);
    for (x, y) in points.clone() {
        count += 1.0;
        x_sum += x;
        y_sum += y;
    }
    let (x_mean, y_mean) = (x_sum / count, y_sum / count);
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in points {
        xx += (x - x_mean).powi(2);
        xy += (x - x_mean) * (y - y_mean);
        yy += (y - y_mean).powi(2);
    }
    xy * xy / (xx * yy)
}
