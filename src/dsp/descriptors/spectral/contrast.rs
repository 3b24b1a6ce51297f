//! How far the peaks of a spectrum rise out of its valleys, octave by octave.

use std::ops::Range;

use crate::dsp::descriptors::Frame;

/// Bands: what is below 200 Hz, and six octaves from there on, the last with all that is above.
pub const CONTRAST_BANDS: usize = 7;

/// Upper edge of the first band, in Hz.
const LOWEST_HZ: f64 = 200.0;

/// The share of a band's bins that is its peak, and its valley.
const QUANTILE: f64 = 0.02;

/// The least magnitude before the logarithm.
const LEAST: f64 = 1e-10;

/// Spectral contrast: D.-N. Jiang, L. Lu, H.-J. Zhang, J.-H. Tao and L.-H. Cai, "Music type classification by spectral contrast feature",
/// ICME 2002. `librosa.feature.spectral_contrast(y=y)`, which takes the decibels of magnitudes as if they were powers, less its limit
/// of 80 dB below the loudest frame of the whole sound, which a stream can't know. Nothing allocates after construction.
pub struct Contrast {
    /// Of each band its bins, and how many of them are peak and valley.
    bands: Vec<(Range<usize>, usize)>,
    sorted: Vec<f64>,
}

impl Contrast {
    /// The bands.
    pub fn new() -> Self {
        let bands = (0..CONTRAST_BANDS).map(|band| {
            let edge = |octave: usize| LOWEST_HZ * 2f64.powi(octave as i32);
            let low = band.checked_sub(1).map_or(0.0, edge);
            let first = (low / Frame::BIN_HZ).ceil() as usize;
            let end = (edge(band) / Frame::BIN_HZ).floor() as usize + 1;
            // A band shares a bin with the one below, and leaves its last one to the one above.
            let first = if band > 0 { first - 1 } else { first };
            let is_last = band + 1 == CONTRAST_BANDS;
            let end = if is_last { Frame::BINS } else { end };
            let count = (QUANTILE * (end - first) as f64).round_ties_even();
            let end = if is_last { end } else { end - 1 };
            (first..end, (count as usize).max(1))
        });
        Self {
            bands: bands.collect(),
            sorted: Vec::with_capacity(Frame::BINS),
        }
    }

    /// The contrast of each band, in librosa's decibels.
    pub fn measure(&mut self, frame: &Frame<'_>) -> [f64; CONTRAST_BANDS] {
        let mut contrasts = [0.0; CONTRAST_BANDS];
        for (contrast, (bins, count)) in contrasts.iter_mut().zip(&self.bands) {
            let band = frame.magnitudes.get(bins.clone()).unwrap_or_default();
            self.sorted.clear();
            self.sorted.extend_from_slice(band);
            self.sorted.sort_unstable_by(f64::total_cmp);
            let mean = |values: &mut dyn Iterator<Item = &f64>| {
                (values.sum::<f64>() / *count as f64).max(LEAST)
            };
            let valley = mean(&mut self.sorted.iter().take(*count));
            let peak = mean(&mut self.sorted.iter().rev().take(*count));
            *contrast = 10.0 * (peak / valley).log10();
        }
        contrasts
    }
}

impl Default for Contrast {
    fn default() -> Self {
        Self::new()
    }
}
