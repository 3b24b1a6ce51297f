//! Windows.

use std::f64::consts::{PI, TAU};

/// A window of one raised cosine (Harris 1978): `a - (1 - a) cos(2 pi n / period)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CosineWindow {
    /// Hann's (a = 0.5), whose period is its length: as transforms want it.
    HannPeriodic,
    /// Hann's, whose two ends are 0.
    HannSymmetric,
    /// Hamming's (a = 0.54), whose period is its length.
    HammingPeriodic,
    /// Hamming's, whose two ends are the same.
    HammingSymmetric,
}

impl CosineWindow {
    /// The window of `len` samples.
    pub fn samples(self, len: usize) -> Vec<f32> {
        let (mean, period) = match self {
            Self::HannPeriodic => (0.5, len),
            Self::HannSymmetric => (0.5, len.saturating_sub(1)),
            Self::HammingPeriodic => (0.54, len),
            Self::HammingSymmetric => (0.54, len.saturating_sub(1)),
        };
        let period = period.max(1) as f64;
        (0..len)
            .map(|n| (mean - (1.0 - mean) * (TAU * n as f64 / period).cos()) as f32)
            .collect()
    }

    /// The window of `len` samples in the middle of `n_fft` (at least `len`): zeros around it.
    pub fn centred(self, len: usize, n_fft: usize) -> Vec<f32> {
        let mut window = vec![0.0; n_fft.max(len)];
        let inset = (window.len() - len) / 2;
        let inside = window.iter_mut().skip(inset);
        for (value, sample) in inside.zip(self.samples(len)) {
            *value = sample;
        }
        window
    }
}

/// The periodic Hann window of `len` samples.
pub fn hann(len: usize) -> Vec<f32> {
    CosineWindow::HannPeriodic.samples(len)
}

/// Power of the Hann window's transform so many bins from its middle, over that in its middle: `sinc(x) / (1 - x^2)` (Harris 1978),
/// squared.
pub fn hann_power(away: f64) -> f64 {
    hann_power_of(away, (PI * away).sin())
}

/// The same of every bin from one on that is so many bins from its middle. From bin to bin the sine only changes its sign.
pub fn hann_powers(first: f64) -> impl Iterator<Item = f64> {
    let sine = (PI * first).sin();
    (0..).map(move |bin| hann_power_of(first + f64::from(bin), sine))
}

/// [`hann_power`], where the sine of half a turn a bin is known up to its sign.
fn hann_power_of(away: f64, sine: f64) -> f64 {
    let edge = 1.0 - away * away;
    let amplitude = if away.abs() < 1e-6 {
        1.0
    } else if edge.abs() < 1e-6 {
        0.5
    } else {
        sine / (PI * away * edge)
    };
    amplitude * amplitude
}
