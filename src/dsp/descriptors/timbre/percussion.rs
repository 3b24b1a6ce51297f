//! How much of a sound is percussive.

use std::{f64::consts::TAU, sync::Arc};

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex, num_complex::Complex};

/// The window, and from one to the next, in samples.
const WINDOW: usize = 2048;
const HOP: usize = 512;
const BINS: usize = WINDOW / 2 + 1;

/// Frames, and bins, that a median is of.
const MEDIAN: usize = 31;

/// Samples whose levels are compared, and from one to the next.
const LEVEL: usize = 1024;
const LEVEL_HOP: usize = 512;

/// The share of the level that is percussive, 0 to 1: what is steady over frequency against what is steady over time, parted by medians (D. FitzGerald, "Harmonic/percussive separation
/// using median filtering", DAFx 2010), as `librosa.decompose.hpss` does; `None` of silence.
pub fn percussive_share(samples: &[f64]) -> Option<f64> {
    let (spectra, window) = transform(samples);
    let frames = spectra.len();
    let magnitudes: Vec<Vec<f64>> = spectra
        .iter()
        .map(|spectrum| spectrum.iter().map(|bin| bin.norm_sqr().sqrt()).collect())
        .collect();
    let over_bins: Vec<_> = magnitudes.iter().map(|frame| medians(frame)).collect();
    let mut over_frames = vec![vec![0.0; BINS]; frames];
    let mut line = vec![0.0; frames];
    for bin in 0..BINS {
        for (slot, frame) in line.iter_mut().zip(&magnitudes) {
            *slot = frame.get(bin).copied().unwrap_or_default();
        }
        for (frame, median) in over_frames.iter_mut().zip(medians(&line)) {
            if let Some(slot) = frame.get_mut(bin) {
                *slot = median;
            }
        }
    }
    // What of each bin is percussive; half of it where both are nothing.
    let mask = |bin: &(&f64, &f64)| {
        let (percussive, harmonic) = (bin.0 * bin.0, bin.1 * bin.1);
        let both = percussive + harmonic;
        if both > 0.0 { percussive / both } else { 0.5 }
    };
    let masks: Vec<Vec<f64>> = over_bins
        .iter()
        .zip(&over_frames)
        .map(|(bins, frames)| bins.iter().zip(frames).map(|bin| mask(&bin)).collect())
        .collect();
    let percussive = levels(&back(&spectra, &masks, &window, |mask| mask));
    let harmonic = levels(&back(&spectra, &masks, &window, |mask| 1.0 - mask));
    let (percussive, harmonic) = (percussive.iter().sum::<f64>(), harmonic.iter().sum::<f64>());
    let both = percussive + harmonic;
    (both > 0.0).then(|| percussive / both)
}

/// The spectra of the frames around every [`HOP`]th sample, zeros beyond the ends, and their Hann window.
fn transform(samples: &[f64]) -> (Vec<Vec<Complex<f64>>>, Vec<f64>) {
    let forward: Arc<dyn RealToComplex<f64>> = RealFftPlanner::new().plan_fft_forward(WINDOW);
    let window: Vec<_> = (0..WINDOW)
        .map(|n| 0.5 - 0.5 * (TAU * n as f64 / WINDOW as f64).cos())
        .collect();
    let mut frame = forward.make_input_vec();
    let mut scratch = forward.make_scratch_vec();
    let spectra = (0..=samples.len() / HOP).map(|number| {
        for (n, (slot, window)) in frame.iter_mut().zip(&window).enumerate() {
            let at = (number * HOP + n).checked_sub(WINDOW / 2);
            let sample = at.and_then(|at| samples.get(at));
            *slot = sample.copied().unwrap_or_default() * window;
        }
        let mut spectrum = forward.make_output_vec();
        // The lengths are the plan's own, so that it can't fail.
        let _ = forward.process_with_scratch(&mut frame, &mut spectrum, &mut scratch);
        spectrum
    });
    (spectra.collect(), window)
}

/// Back from a part of each bin to samples.
fn back(
    spectra: &[Vec<Complex<f64>>],
    masks: &[Vec<f64>],
    window: &[f64],
    part: impl Fn(f64) -> f64,
) -> Vec<f64> {
    let inverse: Arc<dyn ComplexToReal<f64>> = RealFftPlanner::new().plan_fft_inverse(WINDOW);
    let mut spectrum = inverse.make_input_vec();
    let mut frame = inverse.make_output_vec();
    let mut scratch = inverse.make_scratch_vec();
    let length = WINDOW + HOP * spectra.len().saturating_sub(1);
    let (mut sum, mut weights) = (vec![0.0; length], vec![0.0; length]);
    for (number, (bins, mask)) in spectra.iter().zip(masks).enumerate() {
        for ((slot, bin), mask) in spectrum.iter_mut().zip(bins).zip(mask) {
            *slot = bin * part(*mask);
        }
        // The first and the last bin of a real frame are real, as they were; the lengths are the plan's own.
        let _ = inverse.process_with_scratch(&mut spectrum, &mut frame, &mut scratch);
        let places = sum.iter_mut().zip(&mut weights).skip(number * HOP);
        for ((sum, weight), (sample, window)) in places.zip(frame.iter().zip(window)) {
            *sum += sample * window / WINDOW as f64;
            *weight += window * window;
        }
    }
    let end = length - WINDOW / 2;
    let places = sum.iter().zip(&weights).take(end).skip(WINDOW / 2);
    places
        .map(|(sum, weight)| if *weight > 0.0 { sum / weight } else { 0.0 })
        .collect()
}

/// The root of the mean square of each [`LEVEL`] samples, and of what is left at the end.
fn levels(samples: &[f64]) -> Vec<f64> {
    let level = |piece: &[f64]| {
        let power: f64 = piece.iter().map(|sample| sample * sample).sum();
        (power / piece.len().max(1) as f64).sqrt()
    };
    let whole = samples.len().saturating_sub(LEVEL).div_ceil(LEVEL_HOP);
    let pieces = (0..=whole).map(|number| {
        let start = number * LEVEL_HOP;
        let end = if number < whole {
            start + LEVEL
        } else {
            samples.len()
        };
        level(samples.get(start..end).unwrap_or_default())
    });
    pieces.collect()
}

/// The median of the [`MEDIAN`] values around each, mirrored at the ends.
fn medians(values: &[f64]) -> Vec<f64> {
    let count = values.len() as isize;
    if count == 0 {
        return Vec::new();
    }
    let at = |place: isize| {
        let place = place.rem_euclid(2 * count);
        let mirrored = place.min(2 * count - 1 - place);
        values.get(mirrored as usize).copied().unwrap_or_default()
    };
    let half = (MEDIAN / 2) as isize;
    let mut sorted: Vec<f64> = (-half - 1..half).map(at).collect();
    sorted.sort_by(f64::total_cmp);
    let medians = (0..count).map(|place| {
        let place_of = |sorted: &[f64], value: f64| {
            sorted.partition_point(|other| other.total_cmp(&value).is_lt())
        };
        let leaving = place_of(&sorted, at(place - half - 1));
        sorted.remove(leaving.min(MEDIAN - 1));
        let coming = at(place + half);
        sorted.insert(place_of(&sorted, coming), coming);
        sorted.get(MEDIAN / 2).copied().unwrap_or_default()
    });
    medians.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_are_those_of_the_values_around() {
        let values: Vec<f64> = (0..50).map(|n| f64::from(n * 37 % 50)).collect();
        let found = medians(&values);
        for (place, median) in found.iter().enumerate() {
            let mut around: Vec<f64> = (0..MEDIAN)
                .map(|n| {
                    let at = place as isize + n as isize - 15;
                    let at = if at < 0 { -1 - at } else { at };
                    let at = if at > 49 { 99 - at } else { at };
                    values[at as usize]
                })
                .collect();
            around.sort_by(f64::total_cmp);
            assert_eq!(*median, around[15], "{place}");
        }
        assert!(medians(&[]).is_empty());
    }

    #[test]
    #[cfg_attr(miri, ignore = "transforms: hours")]
    fn clicks_are_percussive_and_tones_are_not() {
        let clicks: Vec<_> = (0..40_000)
            .map(|n| if n % 8_000 == 4_000 { 1.0 } else { 0.0 })
            .collect();
        let tone: Vec<_> = (0..40_000).map(|n| (f64::from(n) * 0.1).sin()).collect();
        assert!(percussive_share(&clicks).unwrap() > 0.8);
        assert!(percussive_share(&tone).unwrap() < 0.2);
        assert_eq!(percussive_share(&vec![0.0; 10_000]), None);
    }
}
