//! Fine spectra of sound that is only looked at.

use std::{ops::Range, sync::Arc};

use realfft::{RealFftPlanner, RealToComplex, num_complex::Complex};

use crate::{
    dsp::hann,
    telemetry::{LOWEST_HZ, Levels, POINTS, SILENT_DB, point_hz},
};

/// Samples of the window at 48 kHz, 171 ms: it tells tones apart that are 12 Hz from each other, and has half of that between two bins.
const WINDOW: f64 = 8_192.0;

/// Where a point's level comes from.
#[derive(Debug, Clone, PartialEq)]
enum Source {
    /// From between bins that are further apart than points: the bin below, and how far the point is on its way to the next.
    Between(usize, f32),
    /// The strongest of several bins.
    Strongest(Range<usize>),
    /// Beyond half of the rate.
    Nowhere,
}

/// Brings the last window of a signal of two channels to powers at the points of [`Levels`]; a full-scale sine is 1.
pub(super) struct FineSpectrum {
    forward: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    /// The last frames, a ring whose oldest is at `position`.
    input: Vec<[f32; 2]>,
    position: usize,
    frame: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    /// The mean of the channels' powers at each bin.
    power: Vec<f32>,
    sources: Vec<Source>,
}

impl FineSpectrum {
    /// Plans everything for a rate in Hz.
    pub(super) fn new(sample_rate: f64) -> Self {
        let octaves = (sample_rate / 48_000.0).log2().round().clamp(-4.0, 4.0);
        let len = (WINDOW * octaves.exp2()) as usize;
        let forward = RealFftPlanner::new().plan_fft_forward(len);
        let bin_hz = sample_rate / len as f64;
        Self {
            window: hann(len),
            input: vec![[0.0; 2]; len],
            position: 0,
            frame: vec![0.0; len],
            spectrum: forward.make_output_vec(),
            scratch: forward.make_scratch_vec(),
            power: vec![0.0; len / 2 + 1],
            sources: sources(bin_hz as f32, len / 2),
            forward,
        }
    }

    /// Forgets all sound.
    pub(super) fn reset(&mut self) {
        self.input.fill([0.0; 2]);
        self.position = 0;
    }

    /// Takes in one sample of each channel.
    pub(super) fn push(&mut self, frame: [f32; 2]) {
        if let Some(slot) = self.input.get_mut(self.position) {
            *slot = frame;
        }
        self.position = (self.position + 1) % self.input.len();
    }

    /// The powers of the last window at the points.
    pub(super) fn powers(&mut self, powers: &mut Levels) {
        self.power.fill(0.0);
        // A Hann window sums to half its length; the mean of two channels is half their sum.
        let full_scale = self.window.len() as f32 / 4.0;
        let scale = 0.5 / (full_scale * full_scale);
        let (newer, older) = self.input.split_at(self.position);
        for channel in 0..2 {
            // From the oldest on, in two straight pieces.
            let (first, last) = self.frame.split_at_mut(older.len());
            let (rising, falling) = self.window.split_at(older.len());
            for (slots, frames, window) in [(first, older, rising), (last, newer, falling)] {
                for ((slot, frame), window) in slots.iter_mut().zip(frames).zip(window) {
                    *slot = frame[channel] * window;
                }
            }
            // The lengths are the plan's own, so that it can't fail.
            let _ = self.forward.process_with_scratch(
                &mut self.frame,
                &mut self.spectrum,
                &mut self.scratch,
            );
            for (power, bin) in self.power.iter_mut().zip(&self.spectrum) {
                *power += scale * bin.norm_sqr();
            }
        }
        // The window spreads direct current over these two bins and no others; it is no sound.
        for power in self.power.iter_mut().take(2) {
            *power = 0.0;
        }
        for (power, source) in powers.iter_mut().zip(&self.sources) {
            *power = self.power_of(source);
        }
    }

    fn power_of(&self, source: &Source) -> f32 {
        let bin = |index: usize| self.power.get(index).copied().unwrap_or(0.0);
        match source {
            Source::Between(below, way) => {
                let db = |index: usize| decibels(bin(index));
                let levels = [
                    db(below.saturating_sub(1)),
                    db(*below),
                    db(below + 1),
                    db(below + 2),
                ];
                10_f32.powf(between(levels, *way) / 10.0)
            }
            Source::Strongest(bins) => bins.clone().map(bin).fold(0.0, f32::max),
            Source::Nowhere => 0.0,
        }
    }
}

/// A power as a level in dB, not below [`SILENT_DB`].
pub(super) fn decibels(power: f32) -> f32 {
    (10.0 * power.log10()).max(SILENT_DB)
}

/// A curve through levels of four bins in dB, `way` of the way from the second to the third: E. Catmull's and R. Rom's spline (1974), no steeper at a
/// bin than a sine that is seen through a Hann window makes it. So a sine between two bins is read to 0.5 dB, and none is seen where there is none.
fn between([before, from, to, after]: [f32; 4], way: f32) -> f32 {
    /// In dB a bin.
    const STEEPEST: f32 = 7.0;
    let slope = [to - before, after - from].map(|two| (0.5 * two).clamp(-STEEPEST, STEEPEST));
    let rise = to - from;
    from + way
        * (slope[0]
            + way
                * (3.0 * rise - 2.0 * slope[0] - slope[1]
                    + way * (slope[0] + slope[1] - 2.0 * rise)))
}

/// Where each point's level comes from, where bins are `bin_hz` apart and `last` is the highest.
fn sources(bin_hz: f32, last: usize) -> Vec<Source> {
    let half_step = (point_hz(1) / LOWEST_HZ).sqrt();
    (0..POINTS)
        .map(|point| {
            let hz = point_hz(point);
            let at = hz / bin_hz;
            if at > last as f32 {
                return Source::Nowhere;
            }
            let (low, high) = (at / half_step, at * half_step);
            if high - low < 1.0 {
                Source::Between(at as usize, at.fract())
            } else {
                Source::Strongest(low.ceil() as usize..(high as usize).min(last) + 1)
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: f64 = 48_000.0;

    /// The levels in dB of a sine of amplitude 1 on one of the channels, or on both.
    fn levels(rate: f64, hz: f64, gains: [f32; 2]) -> Levels {
        let mut spectrum = FineSpectrum::new(rate);
        for n in 0..2 * spectrum.window.len() {
            let sample = (std::f64::consts::TAU * hz * n as f64 / rate).sin() as f32;
            spectrum.push(gains.map(|gain| 0.3 + gain * sample));
        }
        let mut powers = [0.0; POINTS];
        spectrum.powers(&mut powers);
        powers.map(decibels)
    }

    fn loudest(levels: &Levels) -> (f32, f32) {
        let (point, level) = levels
            .iter()
            .enumerate()
            .max_by(|a, b| a.1.total_cmp(b.1))
            .unwrap();
        (point_hz(point), *level)
    }

    #[test]
    #[cfg_attr(miri, ignore = "transforms: hours")]
    fn a_sine_is_read_where_it_is_and_at_its_level_from_the_lowest_to_the_highest() {
        for rate in [44_100.0, RATE, 192_000.0] {
            for hz in [25.0, 41.2, 43.65, 110.0, 440.0, 1_234.5, 9_000.0, 19_000.0] {
                let (found, level) = loudest(&levels(rate, hz, [1.0, 1.0]));
                let off = 12.0 * (found / hz as f32).log2();
                let allowed = if hz < 60.0 { 0.6 } else { 0.26 };
                assert!(off.abs() < allowed, "{rate}, {hz}: {off} semitones");
                assert!((-1.6..0.5).contains(&level), "{rate}, {hz}: {level} dB");
            }
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "transforms: hours")]
    fn two_tones_an_octave_apart_in_the_lows_are_two() {
        let of = |hz| levels(RATE, hz, [1.0, 1.0]);
        let point = |hz: f32| {
            (0..POINTS)
                .min_by_key(|point| ((point_hz(*point) - hz).abs() * 1e3) as u32)
                .unwrap()
        };
        let (low, high) = (of(30.0), of(60.0));
        assert!(low[point(60.0)] < -40.0 && high[point(30.0)] < -40.0);
        assert!(low[point(30.0)] > -1.6 && high[point(60.0)] > -1.6);
    }

    #[test]
    #[cfg_attr(miri, ignore = "transforms: hours")]
    fn one_channel_of_two_has_half_the_power_and_an_offset_none() {
        let (_, both) = loudest(&levels(RATE, 1_000.0, [1.0, -1.0]));
        let (_, one) = loudest(&levels(RATE, 1_000.0, [1.0, 0.0]));
        assert!((both - one - 3.01).abs() < 0.01, "{both} {one}");
        let (_, nothing) = loudest(&levels(RATE, 1_000.0, [0.0, 0.0]));
        assert!(nothing < -100.0, "{nothing}");
    }

    #[test]
    #[cfg_attr(miri, ignore = "transforms: hours")]
    fn beyond_half_of_the_rate_there_is_nothing() {
        let levels = levels(16_000.0, 1_000.0, [1.0, 1.0]);
        assert_eq!(levels[POINTS - 1], SILENT_DB);
    }
}
