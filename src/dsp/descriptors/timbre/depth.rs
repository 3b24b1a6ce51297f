//! Depth: how low a sound is, and how long it lasts.

use super::{
    biquad::Biquad,
    onsets, peaks,
    spectrogram::{Spectrogram, hamming},
};

/// The window, and from one to the next, in samples.
const WINDOW: usize = 4096;
const HOP: usize = 1024;

/// Times that each filter is passed through: 36 dB an octave.
const PASSES: usize = 3;

/// Corners of the filters, in Hz: below hearing, and above what is low by the centroid and by its share.
const HEARD_HZ: f64 = 20.0;
const CENTROID_HZ: f64 = 2_000.0;
const SHARE_HZ: f64 = 500.0;

/// A frame below this power is silent, where the stretch's peak is 1.
const SILENT: f64 = 1e-3;

/// Samples of a step of the level, and where it has decayed: -40 dB.
const STEP: usize = 256;
const DECAYED: f64 = 0.01;

/// What onsets are no nearer to the beginning than, in samples.
const NEAREST: usize = 512;

/// The depth of a stretch: the regression of `timbral_models` 0.4.
pub fn depth(samples: &[f64], rate: f64) -> Option<f64> {
    let mut heard = filtered(samples, Biquad::high_pass(HEARD_HZ, rate));
    let mut centred = filtered(&heard, Biquad::low_pass(CENTROID_HZ, rate));
    let mut low = filtered(&heard, Biquad::low_pass(SHARE_HZ, rate));
    let peak = heard.iter().fold(0.0f64, |most, x| most.max(x.abs()));
    for sample in [&mut heard, &mut centred, &mut low].into_iter().flatten() {
        *sample /= peak;
    }
    let window = hamming(WINDOW);
    let scale = window.iter().sum::<f64>().powi(2);
    let bin_hz = rate / WINDOW as f64;
    let mut spectrogram = Spectrogram::new(WINDOW);
    let mut total = vec![0.0; WINDOW / 2 + 1];
    let (mut power_sum, mut centroids, mut shares) = (0.0, 0.0, 0.0);
    let starts = (0..(heard.len() + HOP).saturating_sub(WINDOW)).step_by(HOP);
    for start in starts {
        let mut of = |signal: &[f64]| {
            let piece = signal.get(start..start + WINDOW)?;
            let powers = spectrogram.powers(piece, &window);
            Some(powers.iter().map(|power| power / scale).collect::<Vec<_>>())
        };
        let (Some(whole), Some(centred), Some(low)) = (of(&heard), of(&centred), of(&low)) else {
            break;
        };
        let power: f64 = whole.iter().sum();
        for (total, power) in total.iter_mut().zip(&whole) {
            *total += power;
        }
        power_sum += power;
        if power > SILENT {
            let lower: f64 = centred.iter().sum();
            let bins = centred.iter().enumerate();
            let weighted: f64 = bins.map(|(bin, power)| bin as f64 * bin_hz * power).sum();
            centroids += power * weighted / lower;
            shares += low.iter().sum::<f64>();
        }
    }
    let centroid = (centroids / power_sum).min(CENTROID_HZ);
    let share = shares / power_sum;
    let duration = duration(&heard, rate).log10();
    let weight = share.powi(10) / (share.powi(10) + 0.2);
    let value = -0.004_370_356_584_787_447 * centroid
        + 32.837_432_024_621_31 * share
        + 4.750_862_716_905_235 * duration
        - 14.217_438_690_256_062 * lowest_peak(&mut total, bin_hz)?
        + 3.878_233_986_281_392 * share * duration
        - 0.854_482_609_173_551_6 * weight * duration
        + 66.695_343_934_443_91;
    value.is_finite().then_some(value)
}

fn filtered(samples: &[f64], filter: Biquad) -> Vec<f64> {
    let mut passes = [filter; PASSES];
    let through = |sample: &f64| passes.iter_mut().fold(*sample, |x, pass| pass.filter(x));
    samples.iter().map(through).collect()
}

/// The logarithm of the lowest peak's frequency in Hz.
fn lowest_peak(powers: &mut [f64], bin_hz: f64) -> Option<f64> {
    let least = powers.iter().copied().fold(f64::INFINITY, f64::min);
    let most = powers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    for power in powers.iter_mut() {
        *power = (*power - least) / (most - least);
    }
    let mut found = Vec::new();
    peaks::find(powers, 0.01, &mut found);
    let places = found.iter().map(|peak| peaks::refine(powers, *peak).1);
    let lowest = places.fold(f64::INFINITY, f64::min) * bin_hz;
    Some(lowest.log10()).filter(|log| log.is_finite())
}

/// The mean time from where a note is loudest to where it has decayed, or to the next, in seconds.
fn duration(samples: &[f64], rate: f64) -> f64 {
    let envelope = onsets::envelope(samples, rate, 0.2);
    let strength = onsets::strength(samples, rate);
    let starts = onsets::find(&strength, &envelope, rate, NEAREST);
    let mut levels: Vec<_> = samples
        .chunks(STEP)
        .map(|step| (step.iter().map(|x| x * x).sum::<f64>() / step.len() as f64).sqrt())
        .collect();
    let most = levels.iter().copied().fold(0.0, f64::max);
    for level in &mut levels {
        *level /= most;
    }
    let steps: Vec<_> = starts.iter().map(|start| start / STEP).collect();
    let ends = steps.iter().skip(1).copied().chain([levels.len()]);
    let durations = steps.iter().zip(ends).map(|(start, end)| {
        let note = levels.get(*start..end).unwrap_or_default();
        let mut loudest = (0, f64::NEG_INFINITY);
        for (step, level) in note.iter().enumerate() {
            if *level > loudest.1 {
                loudest = (step, *level);
            }
        }
        let after = note.get(loudest.0..).unwrap_or_default();
        let decayed = after.iter().position(|level| *level < DECAYED);
        decayed.unwrap_or(after.len()) as f64 * STEP as f64 / rate
    });
    durations.sum::<f64>() / steps.len().max(1) as f64
}
