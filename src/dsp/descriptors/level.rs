//! How loud a frame is, and how often it crosses zero.

use super::Frame;

/// The root of the mean square of a frame's samples; full scale is 1. `librosa.feature.rms(y=y)`.
pub fn rms(frame: &Frame<'_>) -> f64 {
    let sum: f64 = frame.samples.iter().map(|sample| sample * sample).sum();
    (sum / frame.samples.len().max(1) as f64).sqrt()
}

/// The share of a frame's samples at which the sign changes, 0 to 1. `librosa.feature.zero_crossing_rate(y)`: 0 and what is within 1e-10 of
/// it count as positive, and the first and the last sample go on beyond the ends.
pub fn zero_crossing_rate(frame: &Frame<'_>) -> f64 {
    /// Smaller magnitudes are 0.
    const ZERO: f64 = 1e-10;
    let is_negative = |sample: &f64| *sample < -ZERO;
    let real = frame.samples.get(frame.real.clone()).unwrap_or_default();
    let crossings = real
        .windows(2)
        .filter(|pair| matches!(pair, [one, other] if is_negative(one) != is_negative(other)))
        .count();
    crossings as f64 / frame.samples.len().max(1) as f64
}
