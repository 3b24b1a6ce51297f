//! Specific loudness: how loud a sound is in each place of the inner ear.

use super::third_octaves::{BANDS, BandPowers};

/// Places: from 0.1 to 24 Bark, a tenth each.
pub const PLACES: usize = 240;

/// Loudness at each place, in sone a Bark.
pub type SpecificLoudness = [f64; PLACES];

/// Decibels of a full-scale mean square of 1.
const FULL_SCALE_DB: f64 = 100.0;

/// Critical bands.
const CRITICAL: usize = 20;

/// Third-octave bands below 280 Hz, which make the three lowest critical ones.
const LOW: usize = 11;

// The tables of E. Zwicker, H. Fastl, U. Widmann, K. Kurakata, S. Kuwano and S. Namba, "Program for calculating loudness according to DIN 45631 (ISO 532B)", J. Acoust. Soc. Jpn. (E) 12, 1991.

/// Levels at which the ear hears the low bands better and better.
const RAP: [f64; 8] = [45.0, 55.0, 65.0, 71.0, 80.0, 90.0, 100.0, 120.0];

/// How much less it hears the low bands, `[range of levels][band]`, in dB.
const DLL: [[f64; LOW]; 8] = [
    [
        -32.0, -24.0, -16.0, -10.0, -5.0, 0.0, -7.0, -3.0, 0.0, -2.0, 0.0,
    ],
    [
        -29.0, -22.0, -15.0, -10.0, -4.0, 0.0, -7.0, -2.0, 0.0, -2.0, 0.0,
    ],
    [
        -27.0, -19.0, -14.0, -9.0, -4.0, 0.0, -6.0, -2.0, 0.0, -2.0, 0.0,
    ],
    [
        -25.0, -17.0, -12.0, -9.0, -3.0, 0.0, -5.0, -2.0, 0.0, -2.0, 0.0,
    ],
    [
        -23.0, -16.0, -11.0, -7.0, -3.0, 0.0, -4.0, -1.0, 0.0, -1.0, 0.0,
    ],
    [
        -20.0, -14.0, -10.0, -6.0, -3.0, 0.0, -4.0, -1.0, 0.0, -1.0, 0.0,
    ],
    [
        -18.0, -12.0, -9.0, -6.0, -2.0, 0.0, -3.0, -1.0, 0.0, -1.0, 0.0,
    ],
    [
        -15.0, -10.0, -8.0, -4.0, -2.0, 0.0, -3.0, -1.0, 0.0, -1.0, 0.0,
    ],
];

/// Levels of the critical bands at the threshold in quiet, in dB.
const LTQ: [f64; CRITICAL] = [
    30.0, 18.0, 12.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0,
    3.0, 3.0,
];

/// What the way to the inner ear takes off, in dB.
const A0: [f64; CRITICAL] = [
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -0.5, -1.6, -3.2, -5.4, -5.6, -4.0, -1.5,
    2.0, 5.0, 12.0,
];

/// What third-octave bands have more than critical ones, in dB.
const DCB: [f64; CRITICAL] = [
    -0.25, -0.6, -0.8, -0.8, -0.5, 0.0, 0.5, 1.1, 1.5, 1.7, 1.8, 1.8, 1.7, 1.6, 1.4, 1.2, 0.8, 0.5,
    0.0, -0.5,
];

/// Upper ends of the critical bands, and of what is above them, in Bark.
const ZUP: [f64; CRITICAL + 1] = [
    0.9, 1.8, 2.8, 3.5, 4.4, 5.4, 6.6, 7.9, 9.2, 10.6, 12.3, 13.8, 15.2, 16.7, 18.1, 19.3, 20.6,
    21.8, 22.7, 23.6, 24.0,
];

/// Specific loudnesses between which masking falls with the slopes of [`USL`].
const RNS: [f64; 18] = [
    21.5, 18.0, 15.1, 11.5, 9.0, 6.1, 4.4, 3.1, 2.13, 1.36, 0.82, 0.42, 0.30, 0.22, 0.15, 0.10,
    0.035, 0.0,
];

/// How steeply masking falls towards higher places, in sone a Bark^2, `[range of loudness][critical band]`.
const USL: [[f64; 8]; 18] = [
    [13.0, 8.2, 6.3, 5.5, 5.5, 5.5, 5.5, 5.5],
    [9.0, 7.5, 6.0, 5.1, 4.5, 4.5, 4.5, 4.5],
    [7.8, 6.7, 5.6, 4.9, 4.4, 3.9, 3.9, 3.9],
    [6.2, 5.4, 4.6, 4.0, 3.5, 3.2, 3.2, 3.2],
    [4.5, 3.8, 3.6, 3.2, 2.9, 2.7, 2.7, 2.7],
    [3.7, 3.0, 2.8, 2.35, 2.2, 2.2, 2.2, 2.2],
    [2.9, 2.3, 2.1, 1.9, 1.8, 1.7, 1.7, 1.7],
    [2.4, 1.7, 1.5, 1.35, 1.3, 1.3, 1.3, 1.3],
    [1.95, 1.45, 1.3, 1.15, 1.1, 1.1, 1.1, 1.1],
    [1.5, 1.2, 0.94, 0.86, 0.82, 0.82, 0.82, 0.82],
    [0.72, 0.67, 0.64, 0.63, 0.62, 0.62, 0.62, 0.62],
    [0.59, 0.53, 0.51, 0.50, 0.42, 0.42, 0.42, 0.42],
    [0.40, 0.33, 0.26, 0.24, 0.24, 0.22, 0.22, 0.22],
    [0.27, 0.21, 0.20, 0.18, 0.17, 0.17, 0.17, 0.17],
    [0.16, 0.15, 0.14, 0.12, 0.11, 0.11, 0.11, 0.11],
    [0.12, 0.11, 0.10, 0.08, 0.08, 0.08, 0.08, 0.08],
    [0.09, 0.08, 0.07, 0.06, 0.06, 0.06, 0.06, 0.05],
    [0.06, 0.05, 0.03, 0.02, 0.02, 0.02, 0.02, 0.02],
];

/// The specific loudness of a block in a free field, by Zwicker's method (DIN 45631, ISO 532B), of the powers of its third-octave bands times `gain`, a full-scale mean
/// square being 100 dB: what `timbral_models` 0.4 has.
pub fn specific_loudness(powers: &BandPowers, gain: f64) -> SpecificLoudness {
    let levels = powers.map(|power| FULL_SCALE_DB + 10.0 * (gain * power).log10());
    spread(&main_loudness(&levels))
}

/// The loudness of each critical band, and nothing above them.
fn main_loudness(levels: &[f64; BANDS]) -> [f64; CRITICAL + 1] {
    let low = |band: usize| {
        let level = levels.get(band).copied().unwrap_or(f64::NEG_INFINITY);
        let less = |range: usize| {
            let ranges = DLL.get(range).and_then(|bands| bands.get(band));
            ranges.copied().unwrap_or_default()
        };
        let ranges = RAP.iter().enumerate().take(RAP.len() - 1);
        let range = ranges
            .take_while(|(range, edge)| level > *edge - less(*range))
            .count();
        10f64.powf((level + less(range)) / 10.0)
    };
    let critical = |bands: std::ops::Range<usize>| 10.0 * bands.map(low).sum::<f64>().log10();
    let lowest = [critical(0..6), critical(6..9), critical(9..LOW)].map(|level| level.max(0.0));
    let mut loudness = [0.0; CRITICAL + 1];
    let upper = levels.iter().skip(LOW).copied();
    let critical_levels = lowest.into_iter().chain(upper);
    let tables = LTQ.iter().zip(&A0).zip(&DCB);
    for ((loudness, level), ((quiet, way), wider)) in
        loudness.iter_mut().zip(critical_levels).zip(tables)
    {
        if level > *quiet {
            /// The threshold's share of the noise that masks it.
            const S: f64 = 0.25;
            let above = level - way - wider - quiet;
            let growth = (1.0 - S + S * 10f64.powf(0.1 * above)).powf(0.25) - 1.0;
            *loudness = (0.0635 * 10f64.powf(0.025 * quiet) * growth).max(0.0);
        }
    }
    if let Some(first) = loudness.first_mut() {
        *first *= (0.4 + 0.32 * first.powf(0.2)).min(1.0);
    }
    loudness
}

/// Adds to the loudness of the critical bands what each masks above itself.
fn spread(bands: &[f64; CRITICAL + 1]) -> SpecificLoudness {
    let mut places = [0.0; PLACES];
    // Where it has come to, in Bark, how loud it is there, the range of loudness whose slope it falls by, and the next place, in tenths of a Bark.
    let (mut from, mut now, mut range, mut next) = (0.0, 0.0, RNS.len() - 1, 1usize);
    for (band, (loudness, end)) in bands.iter().zip(ZUP).enumerate() {
        let slope = |range: usize| {
            // Before the second band nothing falls.
            let column = band.saturating_sub(1).min(7);
            let slopes = USL.get(range).and_then(|slopes| slopes.get(column));
            slopes.copied().unwrap_or(1.0)
        };
        loop {
            if now < *loudness {
                range = RNS.iter().take_while(|edge| **edge > *loudness).count();
            }
            let range_edge = RNS.get(range).copied().unwrap_or_default();
            let (to, then, falls_by) = if now <= *loudness {
                (end, *loudness, None)
            } else {
                let then = range_edge.max(*loudness);
                let step = ((now - then) / slope(range) * 10.0).round_ties_even() * 0.1;
                let step = if step == 0.0 { 0.1 } else { step };
                let to = from + step;
                if to > end {
                    (end, now - (end - from) * slope(range), Some(slope(range)))
                } else {
                    (to, then, Some(slope(range)))
                }
            };
            let last = (to * 10.0).round() as usize;
            for place in next..=last {
                let away = place as f64 * 0.1 - from;
                let value = falls_by.map_or(then, |slope| now - away * slope);
                if let Some(slot) = places.get_mut(place - 1) {
                    *slot = value;
                }
            }
            next = last.max(1);
            if then == range_edge {
                range = (range + 1).min(RNS.len() - 1);
            }
            now = then;
            from = (to * 10.0).round() * 0.1;
            if from >= end {
                break;
            }
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sone of a tone of 1 kHz at a level in dB that leaks as the method's filters let it.
    fn sones(db: f64) -> f64 {
        let mut powers = [0.0; BANDS];
        for (band, power) in powers.iter_mut().enumerate() {
            // 16 is the band of 1 kHz.
            let away = (band as f64 - 16.0).abs();
            *power = 10f64.powf((db - FULL_SCALE_DB - 20.0 * away) / 10.0);
        }
        specific_loudness(&powers, 1.0).iter().sum::<f64>() * 0.1
    }

    #[test]
    fn a_tone_of_1_khz_at_40_db_is_1_sone_and_10_db_more_are_twice_as_loud() {
        let sone = sones(40.0);
        assert!((0.85..1.15).contains(&sone), "{sone}");
        for db in [50.0, 60.0, 70.0, 80.0] {
            let ratio = sones(db + 10.0) / sones(db);
            assert!((1.8..2.2).contains(&ratio), "{db}: {ratio}");
        }
    }

    #[test]
    fn silence_has_none() {
        assert_eq!(specific_loudness(&[0.0; BANDS], 1.0), [0.0; PLACES]);
    }

    #[test]
    fn it_ends_whatever_comes() {
        for power in [1e-30, 1.0, 1e12, f64::INFINITY, f64::NAN] {
            for band in 0..BANDS {
                let mut powers = [1e-9; BANDS];
                powers[band] = power;
                let _ = specific_loudness(&powers, 1.0);
            }
        }
    }
}
