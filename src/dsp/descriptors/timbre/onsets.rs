//! Where the notes of a stretch begin.

use crate::dsp::{
    MelBank,
    descriptors::{Frame, FrameStream},
};

/// From one onset strength to the next, in samples, and the window.
pub const HOP: usize = 512;
const WINDOW: usize = 2048;

/// Mel bands.
const BANDS: usize = 128;

/// What `librosa.onset.onset_strength` has, whose peaks are at least so high where a note begins, in dB.
const STRONG: f64 = 3.0;

/// The envelope of a signal that rises at once, holds for 10 ms and falls from full to nothing within `decay` seconds.
pub fn envelope(samples: &[f64], rate: f64, decay: f64) -> Vec<f64> {
    let most = samples.iter().fold(0.0f64, |most, x| most.max(x.abs()));
    let (fall, hold) = (most / (decay * rate), 0.01 * rate);
    let (mut held, mut level) = (0.0, 0.0);
    let follow = |sample: &f64| {
        let sample = sample.abs();
        if sample >= level {
            (level, held) = (sample, 0.0);
        } else if held < hold {
            held += 1.0;
        } else {
            level = (level - fall).max(sample);
        }
        level
    };
    samples.iter().map(follow).collect()
}

/// Onset strength every [`HOP`] samples, in dB: `librosa.onset.onset_strength(y=samples, sr=rate)`.
pub fn strength(samples: &[f64], rate: f64) -> Vec<f64> {
    let bank = MelBank::slaney_area(rate, WINDOW, BANDS);
    let mut stream = FrameStream::new();
    let mut power = vec![0.0; WINDOW / 2 + 1];
    let mut levels: Vec<[f32; BANDS]> = Vec::new();
    let mut keep = |frame: &Frame<'_>| {
        for (power, magnitude) in power.iter_mut().zip(frame.magnitudes) {
            *power = (magnitude * magnitude) as f32;
        }
        let mut bands = [0.0; BANDS];
        bank.apply(&power, &mut bands);
        levels.push(bands.map(|band| 10.0 * band.max(1e-10).log10()));
    };
    let single: Vec<_> = samples.iter().map(|sample| *sample as f32).collect();
    stream.push(&single, &mut keep);
    stream.finish(&mut keep);
    let most = levels.iter().flatten().copied().fold(f32::MIN, f32::max);
    for level in levels.iter_mut().flatten() {
        *level = level.max(most - 80.0);
    }
    let rises = levels.windows(2).map(|pair| {
        let [before, now] = pair else {
            return 0.0;
        };
        let rises = now.iter().zip(before).map(|(now, before)| now - before);
        rises.map(|rise| f64::from(rise.max(0.0))).sum::<f64>() / BANDS as f64
    });
    // One frame for the difference and two for half a window.
    let told = [0.0; 3].into_iter().chain(rises);
    told.take(levels.len()).collect()
}

/// Where notes begin, in samples, at least one: peaks of the strength (`librosa.onset.onset_detect` with `backtrack=True`), from there back to where the envelope begins to rise, without those that rise little. What would begin in the
/// first `nearest` samples begins at 0. Of `timbral_models` 0.4.
pub fn find(strength: &[f64], envelope: &[f64], rate: f64, nearest: usize) -> Vec<usize> {
    let range = range_of(envelope);
    let mut found: Vec<usize> = Vec::new();
    for peak in detect(strength, rate) {
        let sample = peak * HOP;
        if sample == 0 {
            found.push(0);
        } else if found.is_empty() || sample + HOP - 1 < envelope.len() {
            found.push(back(envelope, sample, rate, 0.1 * range, nearest));
        }
    }
    // 0 stands for one that was not found, but at the beginning.
    let mut kept: Vec<usize> = Vec::new();
    for (index, onset) in found.iter().enumerate() {
        if (*onset > 0 || index == 0) && !kept.contains(onset) {
            kept.push(*onset);
        }
    }
    if kept.len() > 1 {
        drop_weak(&mut kept, envelope, 0.1 * range);
    }
    let apart = (0.1 * rate) as usize;
    loop {
        let before = kept.len();
        let mut last = None;
        // Each that is too near to the one before it, whether that goes, too, or not.
        kept.retain(|onset| {
            let near = last.is_some_and(|last: usize| onset.abs_diff(last) < apart);
            last = Some(*onset);
            !near
        });
        if kept.len() == before {
            break;
        }
    }
    let mut strong = Vec::new();
    let mut end = strength.len();
    for (index, onset) in kept.iter().enumerate().rev() {
        let from = (onset / HOP).min(strength.len());
        let is_last = index + 1 == kept.len();
        let until = if is_last { strength.len() } else { end };
        let most = strength.get(from..until).unwrap_or_default();
        if most.iter().copied().fold(0.0, f64::max) >= STRONG {
            strong.push(*onset);
            end = from;
        }
    }
    strong.sort_unstable();
    if strong.is_empty() {
        strong.push(0);
    }
    strong
}

/// Peaks of the strength over its highest: no lower than the 2 frames before and the next, and 7 % above the mean of a tenth of a second on either side; each gone back from to the last minimum before it.
fn detect(strength: &[f64], rate: f64) -> Vec<usize> {
    let frames = |seconds: f64| (seconds * rate / HOP as f64) as usize;
    let (before_most, around, wait) = (frames(0.03), frames(0.1), frames(0.03));
    let least = strength.iter().copied().fold(f64::INFINITY, f64::min);
    let most = strength.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let range = most - least;
    // Nothing, or nothing that could be a peak.
    if range.is_nan() || range <= 0.0 {
        return Vec::new();
    }
    let levels: Vec<_> = strength
        .iter()
        .map(|level| (level - least) / range)
        .collect();
    let mut peaks = Vec::new();
    let mut frame = 0;
    while frame < levels.len() {
        let here = levels.get(frame).copied().unwrap_or_default();
        let window = |from: usize, until: usize| {
            levels
                .get(from..until.min(levels.len()))
                .unwrap_or_default()
        };
        let near = window(frame.saturating_sub(before_most), frame + 1);
        let wide = window(frame.saturating_sub(around), frame + around + 1);
        let is_highest = near.iter().all(|level| *level <= here);
        let mean = wide.iter().sum::<f64>() / wide.len().max(1) as f64;
        if is_highest && here >= mean + 0.07 {
            peaks.push(frame);
            frame += wait + 1;
        } else {
            frame += 1;
        }
    }
    let minima: Vec<_> = levels
        .windows(3)
        .enumerate()
        .filter(
            |(_, around)| matches!(around, [before, here, after] if here <= before && here < after),
        )
        .map(|(place, _)| place + 1)
        .collect();
    let back = |peak: usize| {
        let before = minima.partition_point(|minimum| *minimum <= peak);
        let minimum = before.checked_sub(1).and_then(|at| minima.get(at));
        minimum.copied().unwrap_or_default()
    };
    peaks.into_iter().map(back).collect()
}

/// Goes back from a sample to where the envelope begins to rise: to the least of the 20 ms before as long as that is no higher, and beyond what is flatter than `least_rise` within 0.3 s.
fn back(envelope: &[f64], sample: usize, rate: f64, least_rise: f64, nearest: usize) -> usize {
    let (step, far) = ((0.02 * rate) as usize, (0.3 * rate) as usize);
    let mut at = sample.min(envelope.len().saturating_sub(1));
    loop {
        let here = envelope.get(at).copied().unwrap_or_default();
        let window = |length: usize, end: usize| {
            let from = at.checked_sub(length + 1).filter(|from| *from > 0);
            from.map_or_else(
                || envelope.get(..end).unwrap_or_default(),
                |from| envelope.get(from..at).unwrap_or_default(),
            )
        };
        let near = window(step, at.saturating_sub(1));
        let mut least: Option<(usize, f64)> = None;
        for (place, level) in near.iter().enumerate() {
            if least.is_none_or(|(_, lowest)| *level < lowest) {
                least = Some((place, *level));
            }
        }
        let Some((place, lowest)) = least else {
            return 0;
        };
        if lowest <= here {
            let next = (place + at).saturating_sub(step + 1);
            if next <= nearest {
                return 0;
            }
            at = next;
            continue;
        }
        let wide = window(far, at);
        let Some(last) = wide.iter().rposition(|level| *level < here) else {
            return at;
        };
        let since = wide.get(last..).unwrap_or_default();
        if range_of(since) >= least_rise {
            return at;
        }
        let next = at - wide.len() + last;
        if next < nearest {
            return 0;
        }
        at = next;
    }
}

/// Drops the onsets after which the envelope doesn't rise by `least` up to the next.
fn drop_weak(onsets: &mut Vec<usize>, envelope: &[f64], least: f64) {
    for index in (0..onsets.len()).rev() {
        let from = onsets.get(index).copied().unwrap_or_default();
        let until = if onsets.last() == Some(&from) {
            envelope.len()
        } else {
            onsets.get(index + 1).copied().unwrap_or(envelope.len())
        };
        let segment = envelope.get(from..until).unwrap_or_default();
        let mut peak = (0, f64::NEG_INFINITY);
        for (place, level) in segment.iter().enumerate() {
            if *level > peak.1 {
                peak = (place, *level);
            }
        }
        let before = segment.get(..peak.0).unwrap_or_default();
        let lowest = before.iter().copied().fold(f64::INFINITY, f64::min);
        if !(peak.0 > 0 && peak.1 - lowest >= least) {
            onsets.remove(index);
        }
    }
}

fn range_of(levels: &[f64]) -> f64 {
    let most = levels.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let least = levels.iter().copied().fold(f64::INFINITY, f64::min);
    if most >= least { most - least } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: f64 = 44_100.0;

    #[test]
    #[cfg_attr(miri, ignore = "transforms: hours")]
    fn notes_begin_where_they_are_struck() {
        let struck = [15_000, 40_000, 70_000];
        let mut samples = vec![0.0; 100_000];
        for (note, start) in struck.into_iter().enumerate() {
            for (n, sample) in samples.iter_mut().skip(start).enumerate() {
                let t = n as f64 / RATE;
                let tone = (std::f64::consts::TAU * (300.0 + 150.0 * note as f64) * t).sin();
                *sample += 0.5 * tone * (-8.0 * t).exp();
            }
        }
        let envelope = envelope(&samples, RATE, 0.1);
        let found = find(&strength(&samples, RATE), &envelope, RATE, 512);
        assert_eq!(found.len(), 3, "{found:?}");
        // Silence is flat: the first note is gone back from to the beginning.
        assert_eq!(found[0], 0);
        for (found, struck) in found.iter().zip(struck).skip(1) {
            assert!(found.abs_diff(struck) < 1_500, "{found} {struck}");
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "transforms: hours")]
    fn what_does_not_begin_begins_at_0() {
        let samples = vec![0.0; 30_000];
        let envelope = envelope(&samples, RATE, 0.1);
        assert_eq!(find(&strength(&samples, RATE), &envelope, RATE, 512), [0]);
        assert_eq!(find(&[], &[], RATE, 512), [0]);
    }
}
