//! The tempo, by the autocorrelation of onsets.

use std::{f64::consts::TAU, sync::Arc};

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex, num_complex::Complex};

use crate::dsp::descriptors::{DESCRIPTOR_HOP, DESCRIPTOR_RATE};

/// Frames of the window: 8 s.
const WINDOW: usize = 344;

/// Length of the transform, which holds the window's autocorrelation.
const LENGTH: usize = 1024;

/// The likeliest tempo and the highest one, in beats a minute.
const LIKELIEST: f64 = 120.0;
const HIGHEST: f64 = 320.0;

/// Tracks the tempo of a stream of onset strengths; nothing allocates after construction.
///
/// The mean autocorrelation of the onset strength under windows of 8 s (P. Grosche, M. Müller and F. Kurth, "Cyclic tempogram", ICASSP 2010), at the lag that is strongest where
/// tempi around 120 are likelier by a normal distribution over octaves: `librosa.feature.tempo(y=y)`, if nothing is forgotten.
pub struct TempoTracker {
    forward: Arc<dyn RealToComplex<f64>>,
    inverse: Arc<dyn ComplexToReal<f64>>,
    window: Vec<f64>,
    /// The last onset strengths, a ring whose oldest is at `position`.
    ring: Vec<f64>,
    position: usize,
    /// Strengths so far.
    taken: usize,
    newest: f64,
    frame: Vec<f64>,
    spectrum: Vec<Complex<f64>>,
    scratch: Vec<Complex<f64>>,
    inverse_scratch: Vec<Complex<f64>>,
    /// The mean autocorrelation, lag by lag, each frame's strongest being 1.
    mean: Vec<f64>,
    /// Frames in it, at most `memory`.
    count: usize,
    memory: usize,
}

impl TempoTracker {
    /// A tracker that remembers so many frames, `usize::MAX` for all: the mean goes over to one that forgets.
    pub fn new(memory: usize) -> Self {
        let mut planner = RealFftPlanner::<f64>::new();
        let forward = planner.plan_fft_forward(LENGTH);
        let inverse = planner.plan_fft_inverse(LENGTH);
        let step = TAU / WINDOW as f64;
        Self {
            window: (0..WINDOW)
                .map(|n| 0.5 - 0.5 * (step * n as f64).cos())
                .collect(),
            ring: vec![0.0; WINDOW],
            position: 0,
            taken: 0,
            newest: 0.0,
            frame: vec![0.0; LENGTH],
            spectrum: forward.make_output_vec(),
            scratch: forward.make_scratch_vec(),
            inverse_scratch: inverse.make_scratch_vec(),
            mean: vec![0.0; WINDOW],
            count: 0,
            memory: memory.max(1),
            forward,
            inverse,
        }
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        self.ring.fill(0.0);
        self.position = 0;
        self.taken = 0;
        self.newest = 0.0;
        self.mean.fill(0.0);
        self.count = 0;
    }

    /// Takes in the next frame's onset strength.
    pub fn hear(&mut self, strength: f64) {
        self.newest = strength;
        self.taken += 1;
        self.push(strength);
        // The window around the first frame is full half a window later; before that there are zeros.
        if self.taken >= WINDOW / 2 {
            self.add();
        }
    }

    /// The stream has ended: the windows around its last frames fade out.
    pub fn finish(&mut self) {
        let last = self.newest;
        let (half, frames) = (WINDOW / 2, self.taken);
        // A window ends half its length behind its frame.
        let mut made = (self.taken + 1).saturating_sub(half);
        for step in (0..half).rev() {
            self.push(last * step as f64 / half as f64);
            self.taken += 1;
            if self.taken >= half && made < frames {
                self.add();
                made += 1;
            }
        }
    }

    /// The tempo in beats a minute; `None` before there is any beat.
    pub fn tempo(&self) -> Option<f64> {
        let frames_a_minute = 60.0 * DESCRIPTOR_RATE / DESCRIPTOR_HOP as f64;
        let mut best: Option<(f64, f64)> = None;
        for (lag, strength) in self.mean.iter().enumerate().skip(1) {
            let tempo = frames_a_minute / lag as f64;
            if tempo >= HIGHEST {
                continue;
            }
            let prior = -0.5 * (tempo / LIKELIEST).log2().powi(2);
            let score = (1e6 * strength).ln_1p() + prior;
            if best.is_none_or(|(_, most)| score > most) {
                best = Some((tempo, score));
            }
        }
        // Without any onset all lags are alike.
        let heard = self.mean.first().is_some_and(|power| *power > 0.0);
        best.filter(|_| heard).map(|(tempo, _)| tempo)
    }

    fn push(&mut self, strength: f64) {
        if let Some(slot) = self.ring.get_mut(self.position) {
            *slot = strength;
        }
        self.position = (self.position + 1) % WINDOW;
    }

    /// Adds the autocorrelation of the window in hand to the mean.
    fn add(&mut self) {
        self.frame.fill(0.0);
        let (newer, older) = self.ring.split_at(self.position);
        let samples = older.iter().chain(newer).zip(&self.window);
        for (slot, (sample, window)) in self.frame.iter_mut().zip(samples) {
            *slot = sample * window;
        }
        // The lengths are the plans' own, so that neither can fail.
        let _ = self.forward.process_with_scratch(
            &mut self.frame,
            &mut self.spectrum,
            &mut self.scratch,
        );
        for bin in &mut self.spectrum {
            *bin = Complex::new(bin.norm_sqr(), 0.0);
        }
        let _ = self.inverse.process_with_scratch(
            &mut self.spectrum,
            &mut self.frame,
            &mut self.inverse_scratch,
        );
        self.count = (self.count + 1).min(self.memory);
        let share = 1.0 / self.count as f64;
        let most = self.frame.iter().take(WINDOW).copied().fold(0.0, f64::max);
        let scale = if most > 1e-12 { 1.0 / most } else { 0.0 };
        for (mean, correlation) in self.mean.iter_mut().zip(&self.frame) {
            *mean += share * (scale * correlation - *mean);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tempo of clicks so many frames apart.
    fn tempo_of(frames: usize, memory: usize) -> Option<f64> {
        let mut tracker = TempoTracker::new(memory);
        for frame in 0..1_000 {
            tracker.hear(if frame % frames == 0 { 1.0 } else { 0.0 });
        }
        tracker.finish();
        tracker.tempo()
    }

    #[test]
    #[cfg_attr(miri, ignore = "transforms: hours")]
    fn clicks_have_their_tempo_or_its_octave() {
        for frames in [16, 20, 22, 26, 31] {
            let expected = 60.0 * DESCRIPTOR_RATE / DESCRIPTOR_HOP as f64 / frames as f64;
            for memory in [usize::MAX, 400] {
                let found = tempo_of(frames, memory).unwrap();
                let octaves = (found / expected).log2();
                assert!(
                    (octaves - octaves.round()).abs() < 0.01,
                    "{frames}: {found}"
                );
            }
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "transforms: hours")]
    fn silence_has_none() {
        let mut tracker = TempoTracker::new(usize::MAX);
        assert_eq!(tracker.tempo(), None);
        for _ in 0..1_000 {
            tracker.hear(0.0);
        }
        tracker.finish();
        assert_eq!(tracker.tempo(), None);
    }
}
