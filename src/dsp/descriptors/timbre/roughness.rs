//! Roughness: how much partials beat with each other.

use std::{f64::consts::TAU, sync::Arc};

use realfft::{RealFftPlanner, RealToComplex, num_complex::Complex};

use super::peaks;

/// Length of the transform.
const LENGTH: usize = 4096;
const BINS: usize = LENGTH / 2 + 1;

/// Silence before the sound, in samples.
const SILENCE: usize = 512;

/// A peak rises by so much out of what is around it, the highest of the whole sound being 1.
const CONTRAST: f64 = 0.01;

/// Measures roughness over a stretch of sound; nothing allocates after construction.
pub struct Roughness {
    rate: f64,
    /// Samples of a window of 50 ms.
    window: Vec<f64>,
    /// The newest samples, from the start of the next frame on.
    pending: Vec<f64>,
    /// Where that is, in samples.
    start: usize,
    /// Frames so far.
    frames: usize,
    /// Their magnitudes.
    spectra: Vec<[f32; BINS]>,
    highest: f32,
    forward: Arc<dyn RealToComplex<f64>>,
    frame: Vec<f64>,
    spectrum: Vec<Complex<f64>>,
    scratch: Vec<Complex<f64>>,
    /// A frame's magnitudes, as they are and over the highest of all.
    levels: [Vec<f64>; 2],
    places: Vec<usize>,
    peaks: Vec<Peak>,
}

/// One peak.
#[derive(Debug, Clone, Copy)]
struct Peak {
    level: f64,
    hz: f64,
    /// The level's natural logarithm.
    log: f64,
}

impl Roughness {
    /// At a rate in Hz, for a stretch of so many samples at most.
    pub fn new(rate: f64, longest: usize) -> Self {
        let len = ((0.05 * rate) as usize).clamp(2, LENGTH);
        let forward = RealFftPlanner::<f64>::new().plan_fft_forward(LENGTH);
        let mut pending = Vec::with_capacity(2 * LENGTH);
        pending.resize(SILENCE, 0.0);
        Self {
            rate,
            // A symmetric Hamming window without its ends.
            window: (1..=len)
                .map(|n| 0.54 - 0.46 * (TAU * n as f64 / (len + 1) as f64).cos())
                .collect(),
            pending,
            start: 0,
            frames: 0,
            spectra: vec![[0.0; BINS]; (longest + SILENCE) / (len / 2) + 1],
            highest: 0.0,
            frame: vec![0.0; LENGTH],
            spectrum: forward.make_output_vec(),
            scratch: forward.make_scratch_vec(),
            forward,
            levels: std::array::from_fn(|_| vec![0.0; BINS]),
            places: Vec::with_capacity(BINS / 2),
            peaks: Vec::with_capacity(BINS / 2),
        }
    }

    /// Forgets all sound.
    pub fn reset(&mut self) {
        self.pending.clear();
        self.pending.resize(SILENCE, 0.0);
        self.start = 0;
        self.frames = 0;
        self.highest = 0.0;
    }

    /// Takes in a sample.
    pub fn push(&mut self, sample: f64) {
        self.pending.push(sample);
        if self.pending.len() < self.window.len() {
            return;
        }
        self.frame.fill(0.0);
        let samples = self.pending.iter().zip(&self.window);
        for (slot, (sample, window)) in self.frame.iter_mut().zip(samples) {
            *slot = sample * window;
        }
        // The lengths are the plan's own, so that it can't fail.
        let _ = self.forward.process_with_scratch(
            &mut self.frame,
            &mut self.spectrum,
            &mut self.scratch,
        );
        if let Some(magnitudes) = self.spectra.get_mut(self.frames) {
            for (magnitude, bin) in magnitudes.iter_mut().zip(&self.spectrum) {
                *magnitude = bin.norm_sqr().sqrt() as f32;
                self.highest = self.highest.max(*magnitude);
            }
            self.frames += 1;
        }
        // Half a window on, where that is no whole number of samples every other time.
        let next = (self.frames as f64 * self.window.len() as f64 / 2.0) as usize;
        self.pending
            .drain(..(next - self.start).min(self.pending.len()));
        self.start = next;
    }

    /// The roughness of all that was taken in, `gain` times as large; `None` of less than a window, and of silence.
    ///
    /// P. Vassilakis, "SRA: a web-based research tool for spectral and roughness analysis of sound signals", SMC 2007, with the larger of two amplitudes
    /// where the paper has the smaller, and the regression of AudioCommons: `timbral_models` 0.4.
    pub fn value(&mut self, gain: f64) -> Option<f64> {
        if self.frames == 0 || self.highest <= 0.0 {
            return None;
        }
        let length = self.start + self.pending.len();
        // Its last frames are empty.
        let frames = (2 * length / self.window.len()).max(self.frames);
        let mut sum = 0.0;
        for frame in 0..self.frames {
            self.find_peaks(frame);
            sum += roughness(&self.peaks);
        }
        // Products of two amplitudes to the power of 0.1.
        let mean = gain.powf(0.2) * sum / frames as f64;
        Some(if mean < 0.01 {
            0.0
        } else {
            13.987_795_69 * mean.log10() + 48.976_065_715_458_86
        })
    }

    /// Brings `peaks` to those of a frame, the loudest first.
    fn find_peaks(&mut self, frame: usize) {
        let magnitudes = self.spectra.get(frame).into_iter().flatten();
        let [raw, levels] = &mut self.levels;
        for ((raw, level), magnitude) in raw.iter_mut().zip(levels.iter_mut()).zip(magnitudes) {
            *raw = f64::from(*magnitude);
            *level = f64::from(magnitude / self.highest);
        }
        peaks::find(levels, CONTRAST, &mut self.places);
        let raw_level = |place: usize| raw.get(place).copied().unwrap_or_default();
        self.places
            .sort_by(|one, other| raw_level(*other).total_cmp(&raw_level(*one)));
        let bin_hz = self.rate / LENGTH as f64;
        self.peaks.clear();
        self.peaks.extend(self.places.iter().map(|place| {
            let (level, place) = peaks::refine(raw, *place);
            Peak {
                level,
                hz: place * bin_hz,
                log: level.ln(),
            }
        }));
    }
}

/// The roughness of all pairs of peaks.
fn roughness(peaks: &[Peak]) -> f64 {
    let mut sum = 0.0;
    for (index, softer) in peaks.iter().enumerate() {
        for louder in peaks.iter().take(index) {
            let apart = (louder.hz - softer.hz).abs();
            let lower = louder.hz.min(softer.hz);
            // R. Plomp's and W. J. M. Levelt's curve of dissonance.
            let away = 0.24 / (0.0207 * lower + 18.96) * apart;
            // Further apart it is less than a millionth of what is near.
            if away > 5.0 {
                continue;
            }
            let dissonance = (-3.51 * away).exp() - (-5.75 * away).exp();
            let depth = (2.0 * louder.level / (louder.level + softer.level)).powf(3.11);
            let loudness = (0.1 * (louder.log + softer.log)).exp();
            sum += loudness * 0.5 * depth * dissonance;
        }
    }
    sum
}
