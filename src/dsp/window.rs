//! Windows.

use std::f64::consts::{PI, TAU};

/// The periodic Hann window of `len` samples: `0.5 - 0.5 cos(2 pi n / len)` (Harris 1978).
pub fn hann(len: usize) -> Vec<f32> {
    (0..len)
        .map(|n| (0.5 - 0.5 * (TAU * n as f64 / len as f64).cos()) as f32)
        .collect()
}

/// Power of the Hann window's transform so many bins from its middle, over that in its middle: `sinc(x) / (1 - x^2)` (Harris 1978),
/// squared.
pub fn hann_power(away: f64) -> f64 {
    let edge = 1.0 - away * away;
    let amplitude = if away.abs() < 1e-6 {
        1.0
    } else if edge.abs() < 1e-6 {
        0.5
    } else {
        (PI * away).sin() / (PI * away * edge)
    };
    amplitude * amplitude
}

/// The symmetric Hann window of `len` samples, whose ends are 0, in the middle of `n_fft` (at least `len`): zeros around it.
pub fn hann_centred(len: usize, n_fft: usize) -> Vec<f32> {
    let mut window = vec![0.0; n_fft.max(len)];
    let inset = (window.len() - len) / 2;
    let steps = len.saturating_sub(1).max(1) as f64;
    for (n, value) in window.iter_mut().skip(inset).take(len).enumerate() {
        *value = (0.5 - 0.5 * (TAU * n as f64 / steps).cos()) as f32;
    }
    window
}
