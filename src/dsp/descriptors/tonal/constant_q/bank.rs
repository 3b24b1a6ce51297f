//! The filters of one octave, applied to every octave of a stream.

use std::{f64::consts::TAU, sync::Arc};

use realfft::{RealFftPlanner, RealToComplex, num_complex::Complex};

use super::octaves::{OCTAVES, REACH};
use crate::dsp::descriptors::{DESCRIPTOR_HOP, DESCRIPTOR_RATE};

/// C1 in equal temperament with A at 440 Hz.
const LOWEST_HZ: f64 = 32.703_195_662_574_83;

/// This share of what a filter's bins add up to is left out, the smallest bins first: librosa's `sparsity=0.01`.
const SPARSITY: f64 = 0.01;

/// Magnitudes of a number of frequencies an octave, from C1 on, of the octaves that [`Octaves`](super::octaves::Octaves) hands out; nothing allocates
/// after construction.
///
/// A filter has as many samples at its octave's rate as the same note's in every other octave, so that those of the highest serve all.
pub struct Bank {
    /// Of an octave, from low to high.
    filters: Vec<Filter>,
    forward: Arc<dyn RealToComplex<f64>>,
    windows: [Window; OCTAVES],
    frame: Vec<f64>,
    spectrum: Vec<Complex<f64>>,
    scratch: Vec<Complex<f64>>,
    /// The magnitudes of the frames that are begun, round and round: a frame is complete when its lowest octave is.
    rows: Vec<Vec<f64>>,
}

/// A filter as the weights of a spectrum's bins.
struct Filter {
    /// Bin and weight.
    weights: Vec<(usize, Complex<f64>)>,
    /// Brings the sum to the scale of librosa's `scale=True`.
    scale: f64,
}

/// The samples of an octave that its next frame wants.
struct Window {
    /// From the frame's first sample on, those before the beginning being 0.
    pending: Vec<f64>,
    /// Frames so far.
    given: usize,
    /// From one frame to the next, in samples.
    hop: usize,
    /// Samples to come that no frame wants: the highest octave's frames are shorter than the way to the next.
    unwanted: usize,
}

impl Bank {
    /// For so many frequencies an octave.
    pub fn new(an_octave: usize) -> Self {
        let an_octave = an_octave.max(1);
        let step = 1.0 / an_octave as f64;
        // Half the distance from one neighbour of a frequency to the other, over the frequency.
        let width = ((2.0 * step).exp2() - 1.0) / ((2.0 * step).exp2() + 1.0);
        let highest = LOWEST_HZ * ((OCTAVES - 1) as f64).exp2();
        let hz = |number: usize| highest * (number as f64 * step).exp2();
        let length = |number: usize| DESCRIPTOR_RATE / (width * hz(number));
        let size = (length(0).ceil() as usize).next_power_of_two();
        let forward = RealFftPlanner::<f64>::new().plan_fft_forward(size);
        let filters =
            (0..an_octave).map(|number| Filter::new(hz(number), length(number), &*forward));
        // How many frames the highest octave may be ahead of the lowest, which waits for its filter and all halvings.
        let ahead = ((size / 2 + REACH) << (OCTAVES - 1)) / DESCRIPTOR_HOP + 4;
        Self {
            filters: filters.collect(),
            windows: std::array::from_fn(|octave| Window::new(size, DESCRIPTOR_HOP >> octave)),
            frame: vec![0.0; size],
            spectrum: forward.make_output_vec(),
            scratch: forward.make_scratch_vec(),
            rows: vec![vec![0.0; OCTAVES * an_octave]; ahead],
            forward,
        }
    }

    /// Back to the beginning of a stream.
    pub fn reset(&mut self) {
        let size = self.frame.len();
        for window in &mut self.windows {
            window.reset(size);
        }
    }

    /// Takes in the next samples of an octave, and hands out the magnitudes of each frame that they complete, from C1 on.
    pub fn push(&mut self, octave: usize, samples: &[f64], out: impl FnMut(&[f64])) {
        if let Some(window) = self.windows.get_mut(octave) {
            window.take(samples.iter().copied());
            self.measure(octave, usize::MAX, out);
        }
    }

    /// Hands out the frames around the stream's end, which are `frames` in all.
    pub fn finish(&mut self, frames: usize, mut out: impl FnMut(&[f64])) {
        let half = self.frame.len() / 2;
        for octave in 0..OCTAVES {
            if let Some(window) = self.windows.get_mut(octave) {
                window.take(std::iter::repeat_n(0.0, half));
            }
            self.measure(octave, frames, &mut out);
        }
        self.reset();
    }

    /// Measures an octave's frames, `most` of the stream's at most.
    fn measure(&mut self, octave: usize, most: usize, mut out: impl FnMut(&[f64])) {
        let (size, count) = (self.frame.len(), self.filters.len());
        let rows = self.rows.len();
        let Some(window) = self.windows.get_mut(octave) else {
            return;
        };
        // What the samples lost in power at half the rate.
        let gain = (0.5 * octave as f64).exp2();
        let mut start = 0;
        while window.given < most
            && let Some(samples) = window.pending.get(start..start + size)
        {
            self.frame.copy_from_slice(samples);
            // The lengths are the plan's own, so that it can't fail.
            let _ = self.forward.process_with_scratch(
                &mut self.frame,
                &mut self.spectrum,
                &mut self.scratch,
            );
            if let Some(row) = self.rows.get_mut(window.given % rows) {
                let first = (OCTAVES - 1 - octave) * count;
                for (magnitude, filter) in row.iter_mut().skip(first).zip(&self.filters) {
                    *magnitude = gain * filter.magnitude(&self.spectrum);
                }
                if octave == OCTAVES - 1 {
                    out(row);
                }
            }
            window.given += 1;
            start += window.hop;
        }
        window.drop_first(start);
    }
}

impl Filter {
    /// A complex sinusoid under a periodic Hann window of `length` samples at [`DESCRIPTOR_RATE`], in the middle of what is transformed.
    fn new(hz: f64, length: f64, forward: &dyn RealToComplex<f64>) -> Self {
        let size = forward.len();
        let (first, end) = ((-length / 2.0).floor(), (length / 2.0).floor());
        let count = (end - first) as usize;
        let window = |place: usize| 0.5 - 0.5 * (TAU * place as f64 / count.max(1) as f64).cos();
        let sum: f64 = (0..count).map(window).sum();
        let before = size.saturating_sub(count) / 2;
        let step = TAU * hz / DESCRIPTOR_RATE;
        // As a filter that only lets what is above 0 Hz through, in two transforms of real samples.
        let part = |of: fn(f64) -> f64| {
            let mut samples = forward.make_input_vec();
            for (place, sample) in samples.iter_mut().skip(before).take(count).enumerate() {
                *sample = window(place) / sum * of(step * (first + place as f64));
            }
            let mut bins = forward.make_output_vec();
            // The lengths are the plan's own, so that it can't fail.
            let _ = forward.process(&mut samples, &mut bins);
            bins
        };
        let bins = part(f64::cos).into_iter().zip(part(f64::sin));
        let scale = length / size as f64;
        let bins: Vec<Complex<f64>> = bins
            .map(|(cosine, sine)| scale * Complex::new(cosine.re - sine.im, cosine.im + sine.re))
            .collect();
        let least = least_kept(&bins);
        let kept = bins.into_iter().enumerate();
        Self {
            weights: kept.filter(|(_, weight)| weight.norm() >= least).collect(),
            scale: 1.0 / length.sqrt(),
        }
    }

    fn magnitude(&self, spectrum: &[Complex<f64>]) -> f64 {
        let mut sum = Complex::new(0.0, 0.0);
        for (bin, weight) in &self.weights {
            sum += weight * spectrum.get(*bin).copied().unwrap_or_default();
        }
        self.scale * sum.norm()
    }
}

/// The smallest magnitude of the bins that aren't left out.
fn least_kept(bins: &[Complex<f64>]) -> f64 {
    let mut magnitudes: Vec<f64> = bins.iter().map(|bin| bin.norm()).collect();
    magnitudes.sort_by(f64::total_cmp);
    let left_out = SPARSITY * magnitudes.iter().sum::<f64>();
    let mut sum = 0.0;
    let mut kept = magnitudes.into_iter().skip_while(|magnitude| {
        sum += magnitude;
        sum < left_out
    });
    kept.next().unwrap_or_default()
}

impl Window {
    fn new(size: usize, hop: usize) -> Self {
        let mut new = Self {
            pending: Vec::with_capacity(2 * size + 4 * DESCRIPTOR_HOP),
            given: 0,
            hop,
            unwanted: 0,
        };
        new.reset(size);
        new
    }

    fn reset(&mut self, size: usize) {
        self.pending.clear();
        self.pending.resize(size / 2, 0.0);
        self.given = 0;
        self.unwanted = 0;
    }

    fn take(&mut self, samples: impl Iterator<Item = f64>) {
        self.pending.extend(samples);
        self.drop_first(0);
    }

    /// Drops so many samples more, as far as they are there, and the others once they come.
    fn drop_first(&mut self, count: usize) {
        self.unwanted += count;
        let there = self.unwanted.min(self.pending.len());
        self.pending.drain(..there);
        self.unwanted -= there;
    }
}
