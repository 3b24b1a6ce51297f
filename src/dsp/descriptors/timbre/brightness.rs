//! Brightness: how much of a sound is high.

use super::{
    biquad::Biquad,
    spectrogram::{Spectrogram, hamming},
};

/// The window, and from one to the next, in samples.
const WINDOW: usize = 2048;
const HOP: usize = 512;

/// Times that each filter is passed through: 36 dB an octave.
const PASSES: usize = 3;

/// Corners of the filters, in Hz: below hearing, below the centroid, and where what is bright begins.
const CORNERS: [f64; 3] = [20.0, 100.0, 2_000.0];

/// What a sound is measured through: whole, from 100 Hz on, from 2 kHz on.
const SIGNALS: usize = 3;

/// Measures brightness; nothing allocates after construction.
pub struct Brightness {
    rate: f64,
    filters: [[Biquad; PASSES]; SIGNALS],
    /// The newest window of each signal, and how much of it there is.
    signals: [Vec<f64>; SIGNALS],
    filled: usize,
    spectrogram: Spectrogram,
    window: Vec<f64>,
    /// Powers of the signals, and that of the second times its frequencies.
    powers: [f64; SIGNALS],
    weighted: f64,
}

impl Brightness {
    /// At a rate in Hz.
    pub fn new(rate: f64) -> Self {
        Self {
            rate,
            filters: CORNERS.map(|hz| [Biquad::high_pass(hz, rate); PASSES]),
            signals: std::array::from_fn(|_| vec![0.0; WINDOW]),
            filled: 0,
            spectrogram: Spectrogram::new(WINDOW),
            window: hamming(WINDOW),
            powers: [0.0; SIGNALS],
            weighted: 0.0,
        }
    }

    /// Forgets all sound.
    pub fn reset(&mut self) {
        for section in self.filters.iter_mut().flatten() {
            section.reset();
        }
        self.filled = 0;
        self.powers = [0.0; SIGNALS];
        self.weighted = 0.0;
    }

    /// Takes in a sample.
    pub fn push(&mut self, sample: f64) {
        let through = |filter: &mut [Biquad; PASSES], sample: f64| {
            filter
                .iter_mut()
                .fold(sample, |x, section| section.filter(x))
        };
        let [whole, middle, high] = &mut self.filters;
        let sample = through(whole, sample);
        let signals = [sample, through(middle, sample), through(high, sample)];
        for (signal, sample) in self.signals.iter_mut().zip(signals) {
            if let Some(slot) = signal.get_mut(self.filled) {
                *slot = sample;
            }
        }
        self.filled += 1;
        if self.filled == WINDOW {
            self.measure();
            for signal in &mut self.signals {
                signal.copy_within(HOP.., 0);
            }
            self.filled = WINDOW - HOP;
        }
    }

    fn measure(&mut self) {
        let bin_hz = self.rate / WINDOW as f64;
        for (index, (signal, power)) in self.signals.iter().zip(&mut self.powers).enumerate() {
            let powers = self.spectrogram.powers(signal, &self.window);
            for (bin, value) in powers.iter().enumerate() {
                *power += value;
                if index == 1 {
                    self.weighted += value * bin as f64 * bin_hz;
                }
            }
        }
    }

    /// The brightness of all that was taken in, by the regression of `timbral_models` 0.4; `None` of less than a window, and of silence.
    pub fn value(&self) -> Option<f64> {
        let [whole, middle, high] = self.powers;
        let (ratio, centroid) = (high / whole, self.weighted / middle);
        let value = 4.613_128_018_020_465 * ratio.log10()
            + 17.378_889_309_312_974 * centroid.log10()
            + 17.434_733_750_553_022;
        value.is_finite().then_some(value)
    }
}
