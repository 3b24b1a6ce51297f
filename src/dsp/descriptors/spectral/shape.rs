//! The spectrum as a distribution: where its middle is, how wide and how flat it is, and how it changes.

use crate::dsp::descriptors::Frame;

/// The share of the magnitudes below the rolloff.
const ROLLOFF: f64 = 0.85;

/// The least power in the flatness.
const LEAST_POWER: f64 = 1e-10;

/// A frame's spectrum in five numbers; of silence all are 0 but the flatness, which is 1.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct SpectralShape {
    /// The mean frequency, weighted by magnitude, in Hz. `librosa.feature.spectral_centroid(y=y)`.
    pub centroid: f64,
    /// The deviation from it, weighted by magnitude, in Hz. `librosa.feature.spectral_bandwidth(y=y)`.
    pub bandwidth: f64,
    /// Below this frequency are 85 % of the magnitudes, in Hz. `librosa.feature.spectral_rolloff(y=y)`.
    pub rolloff: f64,
    /// The geometric mean of the powers over the arithmetic one: 1 for white noise, 0 for a tone. `librosa.feature.spectral_flatness(y=y)`.
    pub flatness: f64,
    /// The distance (2-norm) from the magnitudes of the frame before; 0 in the first. G. Tzanetakis and P. Cook, "Musical genre classification of
    /// audio signals", IEEE Trans. Speech and Audio Processing 10(5), 2002, without its normalisation, on `numpy.abs(librosa.stft(y))`.
    pub flux: f64,
}

/// Measures shapes frame by frame; nothing allocates after construction.
pub struct ShapeMeter {
    /// The magnitudes of the last frame.
    before: Vec<f64>,
    /// Whether there was one.
    has_before: bool,
}

impl ShapeMeter {
    /// Before the first frame.
    pub fn new() -> Self {
        Self {
            before: vec![0.0; Frame::BINS],
            has_before: false,
        }
    }

    /// Forgets the last frame.
    pub fn reset(&mut self) {
        self.has_before = false;
    }

    /// Measures the next frame.
    pub fn measure(&mut self, frame: &Frame<'_>) -> SpectralShape {
        let bins = frame.magnitudes.iter().enumerate();
        let bins = bins.map(|(bin, magnitude)| (bin as f64 * Frame::BIN_HZ, *magnitude));
        let (mut sum, mut weighted) = (0.0, 0.0);
        let (mut logs, mut powers) = (0.0, 0.0);
        for (hz, magnitude) in bins.clone() {
            sum += magnitude;
            weighted += hz * magnitude;
            let power = (magnitude * magnitude).max(LEAST_POWER);
            logs += power.ln();
            powers += power;
        }
        let count = frame.magnitudes.len().max(1) as f64;
        let mut shape = SpectralShape {
            flatness: (logs / count).exp() / (powers / count),
            flux: self.flux(frame.magnitudes),
            ..SpectralShape::default()
        };
        if sum > 0.0 {
            shape.centroid = weighted / sum;
            let spread = bins
                .clone()
                .map(|(hz, magnitude)| magnitude * (hz - shape.centroid).powi(2));
            shape.bandwidth = (spread.sum::<f64>() / sum).sqrt();
            let mut below = 0.0;
            let mut reached = bins.skip_while(|(_, magnitude)| {
                below += magnitude;
                below < ROLLOFF * sum
            });
            shape.rolloff = reached.next().map_or(0.0, |(hz, _)| hz);
        }
        shape
    }

    fn flux(&mut self, magnitudes: &[f64]) -> f64 {
        let differences = magnitudes.iter().zip(&self.before);
        let sum: f64 = differences
            .map(|(now, before)| (now - before).powi(2))
            .sum();
        self.before.copy_from_slice(magnitudes);
        if std::mem::replace(&mut self.has_before, true) {
            sum.sqrt()
        } else {
            0.0
        }
    }
}

impl Default for ShapeMeter {
    fn default() -> Self {
        Self::new()
    }
}
