//! The peaks of a curve, as O. Lartillot's and P. Toiviainen's MIRtoolbox picks them.

/// Finds the peaks of `levels`, whose highest is about 1, from the lowest place on: those of at least `contrast` that are parted from others by a notch of as much.
/// (`mirpeaks`, MIRtoolbox 1.7, "Contrast".)
pub fn find(levels: &[f64], contrast: f64, peaks: &mut Vec<usize>) {
    /// Beyond the ends everything is lower.
    const OUTSIDE: f64 = -2.0;
    peaks.clear();
    let level = |place: usize| levels.get(place).copied().unwrap_or(OUTSIDE);
    // The peak in hand, its height, the lowest before it and the lowest since.
    let mut in_hand: Option<usize> = None;
    let (mut height, mut before, mut since) = (0.0f64, OUTSIDE, 2.0f64);
    let mut last = 0;
    for place in 0..levels.len() {
        let here = level(place);
        let left = place.checked_sub(1).map_or(OUTSIDE, level);
        if !(here >= contrast && here > left && level(place + 1) <= here) {
            continue;
        }
        let Some(peak) = in_hand else {
            (in_hand, height, last) = (Some(place), here, place);
            continue;
        };
        // As there, the place right before the next peak is not looked at.
        let between = last..place.saturating_sub(1).max(last + 1);
        since = between.map(level).fold(since, f64::min);
        last = place;
        if height - since < contrast {
            // No notch between: the higher of the two stands for both.
            before = before.min(since);
            if here > height {
                (in_hand, height, since) = (Some(place), here, 2.0);
            }
            continue;
        }
        if height - before < contrast {
            before = before.min(since);
        } else {
            peaks.push(peak);
            before = since;
        }
        (in_hand, height, since) = (Some(place), here, 2.0);
    }
    peaks.extend(in_hand.filter(|_| height - before >= contrast));
}

/// The height and the place of a peak, by a parabola through it and what is beside it; at the ends its own.
pub fn refine(levels: &[f64], peak: usize) -> (f64, f64) {
    let at = |place: usize| levels.get(place).copied();
    let middle = at(peak).unwrap_or_default();
    let beside = peak.checked_sub(1).and_then(at).zip(at(peak + 1));
    let Some((left, right)) = beside else {
        return (middle, peak as f64);
    };
    let aside = (right - left) / (2.0 * (2.0 * middle - right - left));
    if !aside.is_finite() {
        return (middle, peak as f64);
    }
    (middle - 0.25 * (left - right) * aside, peak as f64 + aside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peaks_are_parted_by_notches() {
        let mut peaks = Vec::new();
        let levels = [
            0.0, 0.5, 0.0, 0.0, 0.0, 1.0, 0.99, 1.0, 0.5, 0.2, 0.2, 0.3, 0.29, 0.0,
        ];
        find(&levels, 0.05, &mut peaks);
        assert_eq!(peaks, [1, 5, 11]);
        find(&[], 0.05, &mut peaks);
        assert!(peaks.is_empty());
        find(&[0.01, 0.02, 0.01], 0.05, &mut peaks);
        assert!(peaks.is_empty());
        let (height, place) = refine(&[0.0, 3.0, 4.0, 3.0], 2);
        assert_eq!((height, place), (4.0, 2.0));
    }
}
