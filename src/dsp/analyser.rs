//! Band levels of sound that is only looked at.

use std::sync::Arc;

use realfft::{RealFftPlanner, RealToComplex, num_complex::Complex};

use super::{MelBank, hann};

/// Brings squared bins to levels per band: `10 log10(x + floor)`, where a full-scale sine is 0 dB.
///
/// What counts is the mean of the channels' powers, which no phase between them can cancel; of channels that are the same it
/// is the power of each.
pub struct Levels {
    bank: Arc<MelBank>,
    /// Brings a squared bin to the scale on which a full-scale sine is 1.
    power_scale: f32,
    floor: f32,
    /// The scaled powers of the frame at hand.
    power: Vec<f32>,
}

impl Levels {
    /// For spectra of frames of `window` samples under a periodic Hann window, which sums to half its length.
    pub fn new(bank: Arc<MelBank>, window: usize, floor: f32) -> Self {
        let full_scale = window as f32 / 4.0;
        Self {
            bank,
            power_scale: 1.0 / (full_scale * full_scale),
            floor,
            power: vec![0.0; window / 2 + 1],
        }
    }

    /// The scaled powers of the bins of the last frame, of the mean over the channels: a full-scale sine is 1 in its bin.
    pub fn power(&self) -> &[f32] {
        &self.power
    }

    /// The levels of a frame given as its channels' spectra, in dB, into `levels`.
    pub fn of(&mut self, spectra: &[Vec<Complex<f32>>], levels: &mut [f32]) {
        self.power.fill(0.0);
        for spectrum in spectra {
            for (power, bin) in self.power.iter_mut().zip(spectrum) {
                *power += bin.norm_sqr();
            }
        }
        let scale = self.power_scale / spectra.len().max(1) as f32;
        for power in &mut self.power {
            *power *= scale;
        }
        // The window spreads direct current over these two bins and no others; it is no sound.
        for power in self.power.iter_mut().take(2) {
            *power = 0.0;
        }
        self.bank.apply(&self.power, levels);
        for level in levels {
            *level = 10.0 * (*level + self.floor).log10();
        }
    }
}

/// Remembers the last window of a signal of two channels, and tells its levels when asked.
pub struct Analyser {
    levels: Levels,
    forward: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    /// The last `window` frames, a ring.
    input: Vec<[f32; 2]>,
    /// How many frames ago the channels differed, and no more than a window; if so long, one speaks for both.
    same: usize,
    /// Where the next sample goes: the oldest is there.
    position: usize,
    frame: Vec<f32>,
    spectra: [Vec<Complex<f32>>; 2],
    scratch: Vec<Complex<f32>>,
}

impl Analyser {
    /// Plans everything for frames of `window` samples.
    pub fn new(levels: Levels, window: usize) -> Self {
        let forward = RealFftPlanner::new().plan_fft_forward(window);
        Self {
            levels,
            window: hann(window),
            input: vec![[0.0; 2]; window],
            same: window,
            position: 0,
            frame: vec![0.0; window],
            spectra: [forward.make_output_vec(), forward.make_output_vec()],
            scratch: forward.make_scratch_vec(),
            forward,
        }
    }

    /// Forgets all sound.
    pub fn reset(&mut self) {
        self.input.fill([0.0; 2]);
        self.same = self.input.len();
        self.position = 0;
    }

    /// Takes in one sample of each channel; a signal of one channel has it twice.
    #[inline]
    pub fn push(&mut self, frame: [f32; 2]) {
        if let Some(place) = self.input.get_mut(self.position) {
            *place = frame;
        }
        self.same = if frame[0] == frame[1] {
            (self.same + 1).min(self.input.len())
        } else {
            0
        };
        self.position += 1;
        if self.position == self.input.len() {
            self.position = 0;
        }
    }

    /// The levels of the last window, in dB, into `levels`.
    pub fn levels(&mut self, levels: &mut [f32]) {
        let (newer, older) = self.input.split_at(self.position);
        let different = if self.same == self.input.len() { 1 } else { 2 };
        let spectra = self.spectra.get_mut(..different).unwrap_or_default();
        for (channel, spectrum) in spectra.iter_mut().enumerate() {
            let samples = older.iter().chain(newer).map(|frame| frame[channel]);
            for ((frame, sample), window) in self.frame.iter_mut().zip(samples).zip(&self.window) {
                *frame = sample * window;
            }
            // The lengths are the plan's own, so it can't fail.
            let _ = self
                .forward
                .process_with_scratch(&mut self.frame, spectrum, &mut self.scratch);
        }
        self.levels.of(spectra, levels);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg_attr(miri, ignore = "transforms: hours")]
    fn a_full_scale_sine_is_at_0_db_in_its_band_and_silence_at_the_floor() {
        const WINDOW: usize = 2048;
        let bank = MelBank::slaney_mean(48_000.0, WINDOW, 128, 30.0, 20_000.0);
        let centres = bank.centres().to_vec();
        let mut analyser = Analyser::new(Levels::new(Arc::new(bank), WINDOW, 1e-14), WINDOW);
        let mut levels = [0.0; 128];
        analyser.levels(&mut levels);
        assert!(levels.iter().all(|level| (level + 140.0).abs() < 0.01));

        let hz = 43.0 * 48_000.0 / WINDOW as f64;
        // More than a window and no multiple of it: the ring turns.
        for n in 0..5_000 {
            analyser.push([(std::f64::consts::TAU * hz * n as f64 / 48_000.0).sin() as f32; 2]);
        }
        analyser.levels(&mut levels);
        let loudest = (0..128)
            .max_by(|a, b| levels[*a].total_cmp(&levels[*b]))
            .unwrap();
        assert!((centres[loudest] - hz).abs() < 30.0, "{}", centres[loudest]);
        // A band is the mean of its bins, so a single line comes out a little lower.
        assert!(
            levels[loudest] < 0.1 && levels[loudest] > -8.0,
            "{}",
            levels[loudest]
        );
        analyser.reset();
        analyser.levels(&mut levels);
        assert!(levels.iter().all(|level| (level + 140.0).abs() < 0.01));
    }

    /// The levels of a noise-like signal with this gain on each channel, and this offset.
    fn levels_of(gains: [f32; 2], offset: f32) -> [f32; 128] {
        const WINDOW: usize = 2048;
        let bank = MelBank::slaney_mean(32_000.0, WINDOW, 128, 30.0, 16_000.0);
        let mut analyser = Analyser::new(Levels::new(Arc::new(bank), WINDOW, 1e-14), WINDOW);
        let mut state = 1u32;
        for _ in 0..5_000 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let sample = state as f32 / u32::MAX as f32 - 0.5;
            analyser.push(gains.map(|gain| gain * sample + offset));
        }
        let mut levels = [0.0; 128];
        analyser.levels(&mut levels);
        levels
    }

    #[test]
    #[cfg_attr(miri, ignore = "transforms: hours")]
    fn channels_that_would_cancel_are_as_loud_as_those_that_would_not() {
        let alone = levels_of([1.0, 1.0], 0.0);
        assert_eq!(levels_of([1.0, -1.0], 0.0), alone);
        for (one, both) in levels_of([1.0, 0.0], 0.0).iter().zip(alone) {
            assert!((one + 3.0103 - both).abs() < 1e-3, "half the power");
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "transforms: hours")]
    fn an_offset_has_no_level() {
        let without = levels_of([0.1, 0.1], 0.0);
        for (with, without) in levels_of([0.1, 0.1], 0.3).iter().zip(without) {
            assert!((with - without).abs() < 0.05, "{with} {without}");
        }
        let silence = levels_of([0.0, 0.0], 0.3);
        assert!(silence.iter().all(|level| *level < -120.0), "{silence:?}");
    }
}
