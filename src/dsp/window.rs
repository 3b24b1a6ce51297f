//! Windows.

use std::f64::consts::TAU;

/// The periodic Hann window of `len` samples: `0.5 - 0.5 cos(2 pi n / len)` (Harris 1978).
pub fn hann(len: usize) -> Vec<f32> {
    (0..len)
        .map(|n| (0.5 - 0.5 * (TAU * n as f64 / len as f64).cos()) as f32)
        .collect()
}
