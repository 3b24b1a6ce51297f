//! Mel levels and the cepstrum of them.

use std::f64::consts::PI;

use crate::dsp::{
    MelBank,
    descriptors::{DESCRIPTOR_RATE, DESCRIPTOR_WINDOW, Frame},
};

/// How many coefficients there are.
pub const MFCCS: usize = 20;

/// Mel bands.
const BANDS: usize = 128;

/// The least power before the logarithm, and how far below the loudest band a level is held, in dB.
const LEAST_POWER: f32 = 1e-10;
const RANGE: f32 = 80.0;

/// Mel levels and mel-frequency cepstral coefficients, frame by frame: S. Davis and P. Mermelstein, "Comparison of parametric representations
/// for monosyllabic word recognition", IEEE Trans. ASSP 28(4), 1980. Nothing allocates after construction.
///
/// `librosa.feature.mfcc(y=y, n_mfcc=20)`: 128 bands of Slaney's scale and norm, decibels, the orthonormal second cosine transform. librosa holds levels
/// at 80 dB below the loudest of the whole sound; a stream holds them at 80 dB below the loudest so far, and so is equal to it from the loudest frame on.
pub struct MelCepstrum {
    bank: MelBank,
    /// `[coefficient][band]`.
    cosines: Vec<[f64; BANDS]>,
    power: Vec<f32>,
    levels: MelLevels,
    /// The loudest level so far.
    loudest: f32,
}

/// The levels of a frame's mel bands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MelLevels {
    /// In dB.
    pub levels: [f32; MelLevels::BANDS],
    /// What is below this counts as this, in dB.
    pub floor: f32,
}

impl MelLevels {
    /// How many bands there are.
    pub const BANDS: usize = BANDS;
}

impl MelCepstrum {
    /// A stream at its beginning.
    pub fn new() -> Self {
        let cosines = (0..MFCCS).map(|coefficient| {
            let share = if coefficient == 0 { 1.0 } else { 2.0 };
            let scale = (share / BANDS as f64).sqrt();
            std::array::from_fn(|band| {
                let turn = PI * coefficient as f64 * (2 * band + 1) as f64 / (2 * BANDS) as f64;
                scale * turn.cos()
            })
        });
        Self {
            bank: MelBank::slaney_area(DESCRIPTOR_RATE, DESCRIPTOR_WINDOW, BANDS),
            cosines: cosines.collect(),
            power: vec![0.0; Frame::BINS],
            levels: MelLevels {
                levels: [0.0; BANDS],
                floor: 0.0,
            },
            loudest: f32::NEG_INFINITY,
        }
    }

    /// Back to the beginning of a stream.
    pub fn reset(&mut self) {
        self.loudest = f32::NEG_INFINITY;
    }

    /// The levels of the next frame's bands.
    pub fn levels(&mut self, frame: &Frame<'_>) -> &MelLevels {
        for (power, magnitude) in self.power.iter_mut().zip(frame.magnitudes) {
            *power = (magnitude * magnitude) as f32;
        }
        let MelLevels { levels, floor } = &mut self.levels;
        self.bank.apply(&self.power, levels);
        for level in levels {
            *level = 10.0 * level.max(LEAST_POWER).log10();
            self.loudest = self.loudest.max(*level);
        }
        *floor = self.loudest - RANGE;
        &self.levels
    }

    /// The coefficients of the frame whose levels were asked for last.
    pub fn coefficients(&self) -> [f64; MFCCS] {
        let mut coefficients = [0.0; MFCCS];
        for (coefficient, cosines) in coefficients.iter_mut().zip(&self.cosines) {
            let levels = self.levels.levels.iter();
            let levels = levels.map(|level| f64::from(level.max(self.levels.floor)));
            let terms = cosines.iter().zip(levels);
            *coefficient = terms.map(|(cosine, level)| cosine * level).sum();
        }
        coefficients
    }
}

impl Default for MelCepstrum {
    fn default() -> Self {
        Self::new()
    }
}
