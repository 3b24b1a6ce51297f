//! Beats, once all onsets are known.

use crate::dsp::descriptors::{DESCRIPTOR_HOP, DESCRIPTOR_RATE};

/// How much a step that is longer or shorter than a beat costs.
const TIGHTNESS: f64 = 100.0;

/// The frames of a sound's beats, by the strengths of all its onsets ([`Onsets::median`](super::Onsets)) and its tempo in beats a minute.
///
/// D. P. W. Ellis, "Beat tracking by dynamic programming", J. New Music Research 36(1), 2007: `librosa.beat.beat_track(y=y)`. It goes back from the last beat, so it is nothing
/// for a stream, and allocates.
pub fn beats(strengths: &[f64], tempo: f64) -> Vec<usize> {
    let beat = (60.0 * DESCRIPTOR_RATE / DESCRIPTOR_HOP as f64 / tempo).round_ties_even();
    if !(beat >= 1.0 && strengths.iter().any(|strength| *strength > 0.0)) {
        return Vec::new();
    }
    let scores = local_scores(strengths, beat);
    let (totals, links) = best_paths(&scores, beat);
    let mut path = Vec::new();
    let mut at = last_beat(&totals);
    while let Some(frame) = at {
        path.push(frame);
        at = links.get(frame).copied().flatten();
    }
    path.reverse();
    trim(&scores, path)
}

/// The strengths over their deviation, under a Gauss bell of a 32nd of a beat.
fn local_scores(strengths: &[f64], beat: f64) -> Vec<f64> {
    let count = strengths.len() as f64;
    let mean = strengths.iter().sum::<f64>() / count;
    let squares: f64 = strengths.iter().map(|x| (x - mean).powi(2)).sum();
    let deviation = (squares / (count - 1.0).max(1.0)).sqrt() + f64::MIN_POSITIVE;
    let half = beat as usize;
    let bell: Vec<_> = (0..=2 * half)
        .map(|n| (-0.5 * ((n as f64 - beat) * 32.0 / beat).powi(2)).exp())
        .collect();
    (0..strengths.len())
        .map(|frame| {
            let terms = bell.iter().enumerate().filter_map(|(n, weight)| {
                let from = (frame + half).checked_sub(n)?;
                Some(weight * strengths.get(from)?)
            });
            terms.sum::<f64>() / deviation
        })
        .collect()
}

/// Of each frame the score of the best path that ends in it, and the beat before it on that path.
fn best_paths(scores: &[f64], beat: f64) -> (Vec<f64>, Vec<Option<usize>>) {
    let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let (nearest, furthest) = ((beat / 2.0).round_ties_even() as usize, 2 * beat as usize);
    let mut totals: Vec<f64> = Vec::with_capacity(scores.len());
    let mut links = Vec::with_capacity(scores.len());
    let mut is_first = true;
    for (frame, score) in scores.iter().enumerate() {
        let mut best: Option<(f64, usize)> = None;
        for step in nearest.max(1)..=furthest {
            let Some((from, total)) = frame
                .checked_sub(step)
                .and_then(|from| Some((from, totals.get(from)?)))
            else {
                break;
            };
            let total = total - TIGHTNESS * ((step as f64).ln() - beat.ln()).powi(2);
            if best.is_none_or(|(most, _)| total > most) {
                best = Some((total, from));
            }
        }
        totals.push(score + best.map_or(0.0, |(total, _)| total));
        // No path begins before there is something to hear.
        is_first &= *score < 0.01 * most;
        links.push(best.map(|(_, from)| from).filter(|_| !is_first));
    }
    (totals, links)
}

/// The last local maximum that is at least half as good as they are in the median.
fn last_beat(totals: &[f64]) -> Option<usize> {
    let is_peak = |frame: usize| {
        let at = |frame: usize| totals.get(frame).copied();
        let Some((before, here)) = frame.checked_sub(1).and_then(at).zip(at(frame)) else {
            return false;
        };
        here > before && at(frame + 1).is_none_or(|after| here >= after)
    };
    let peaks: Vec<_> = (0..totals.len()).filter(|frame| is_peak(*frame)).collect();
    let mut values: Vec<_> = peaks.iter().filter_map(|peak| totals.get(*peak)).collect();
    values.sort_by(|one, other| one.total_cmp(other));
    let (lower, upper) = (
        values.get(values.len().saturating_sub(1) / 2)?,
        values.get(values.len() / 2)?,
    );
    let threshold = 0.5 * f64::midpoint(**lower, **upper);
    let good = |peak: &&usize| totals.get(**peak).is_some_and(|total| *total >= threshold);
    peaks.iter().rev().find(good).copied()
}

/// The beats between the first and the last frame whose score is more than half the RMS of the beats' own.
fn trim(scores: &[f64], path: Vec<usize>) -> Vec<usize> {
    let on_beats: Vec<_> = path.iter().filter_map(|beat| scores.get(*beat)).collect();
    // A symmetric Hann window of five, whose ends are 0, goes on for two places behind the last beat.
    let at = |beat: Option<usize>| {
        beat.and_then(|beat| on_beats.get(beat))
            .map_or(0.0, |x| **x)
    };
    let smooth = (0..=on_beats.len())
        .map(|beat| 0.5 * at(beat.checked_sub(1)) + at(Some(beat)) + 0.5 * at(Some(beat + 1)));
    let squares: f64 = smooth.map(|score| score * score).sum();
    let threshold = 0.5 * (squares / (on_beats.len() + 2) as f64).sqrt();
    let is_strong = |score: &f64| *score > threshold;
    let first = scores.iter().position(is_strong).unwrap_or(scores.len());
    let last = scores.iter().rposition(is_strong).unwrap_or_default();
    let kept = path
        .into_iter()
        .filter(|beat| (first..=last).contains(beat));
    kept.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clicks_are_beats() {
        let strengths: Vec<f64> = (0..900)
            .map(|frame| if frame % 22 == 7 { 5.0 } else { 0.1 })
            .collect();
        let found = beats(&strengths, 117.0);
        // The last ones have nothing behind them to go by.
        let on_clicks = found.iter().filter(|beat| **beat % 22 == 7).count();
        assert!(on_clicks >= 38 && found.len() <= 42, "{found:?}");
    }

    #[test]
    fn silence_has_no_beats() {
        assert!(beats(&[], 120.0).is_empty());
        assert!(beats(&[0.0; 500], 120.0).is_empty());
        assert!(beats(&[1.0], 120.0).len() <= 1);
    }
}
