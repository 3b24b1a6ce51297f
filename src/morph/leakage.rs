//! Leakage: what the analysis window spreads of a partial over other bands, and whose gain that gets.

use crate::{
    dsp::{FilterPhase, crossfade, hann_power},
    model::{BANDS, MelDb, TimbreFrontEnd},
};

use super::frame_bank::FrameBank;

/// How far from a partial its leakage is looked for, in bins: Hann's side lobes are 118 dB down there.
const REACH: usize = 64;

/// What a band must hold to have a gain of its own, and how far from its partial's gain leakage may be.
struct Bounds {
    /// A band this far above the leakage of louder ones, in dB, holds no more than that; from the second on it is its own, and in between its share is linear.
    own_from: [f32; 2],
    /// In dB.
    deviation: f32,
    /// Least power in any band over that in the band where a partial is: what is below that is no sound but what the arithmetic leaves.
    least_spread: f32,
}

impl Bounds {
    /// For filters of this phase.
    fn of(phase: FilterPhase) -> Self {
        match phase {
            // The lines that this deviation leaves are below -50 dB, and where in truth there was sound it is moved as far as can be.
            FilterPhase::Zero => Self {
                own_from: [0.0, 6.0],
                deviation: 4.0,
                least_spread: 0.0,
            },
            // The gain of every band turns the phase of all others. What the lobes of several partials are together moves from frame to frame, by up to twice their
            // amplitude: nothing below that may have a gain of its own, or partials tremble.
            FilterPhase::Minimum => Self {
                own_from: [6.0, 18.0],
                deviation: 0.0,
                least_spread: 1e-9,
            },
        }
    }
}

/// How the analysis window spreads single partials over the bands, for one length of the hop.
pub struct Leakage {
    /// Power in a band over the power in the band where the partial is, indexed by `[partial's band_idx][band_idx]`.
    spread: Vec<[f32; BANDS]>,
}

impl Leakage {
    /// For frames as [`FrameBank`] has them. Allocates.
    pub fn new(front_end: &TimbreFrontEnd, hop_seconds: f32) -> Self {
        let FrameBank { bank, bins, bin_hz } = FrameBank::new(front_end, hop_seconds);
        let centres = bank.centres();
        let spread = (0..BANDS)
            .map(|band| {
                let centre = centres.get(band).copied().unwrap_or_default() / bin_hz;
                let next = centres.get(band + 1).map_or(centre + 1.0, |hz| hz / bin_hz);
                let aside = ((next - centre) / 2.0).min(0.5);
                let mut largest = [0.0f32; BANDS];
                for place in [centre - aside, centre, centre + aside] {
                    let mut bands = [0.0; BANDS];
                    bank.apply(&partial(place, bins), &mut bands);
                    let own = bands.get(band).copied().unwrap_or_default();
                    for (largest, power) in largest.iter_mut().zip(bands) {
                        *largest = largest.max(power / own);
                    }
                }
                largest
            })
            .collect();
        Self { spread }
    }

    /// Gives every band of `gains` (in units of `unit_db`) that may hold no more than leakage, by the frame's `levels` (dB),
    /// about the gain of the louder bands that it leaks from; in filters of the least phase just that.
    ///
    /// A partial whose lobes get one gain comes out as itself, louder or softer. With gains of their own the lobes no longer
    /// cancel between overlapping frames, and leave lines at multiples of the hop rate beside the partial.
    pub fn assign_to_partials(
        &self,
        levels: &MelDb,
        gains: &mut [f32; BANDS],
        unit_db: f32,
        phase: FilterPhase,
    ) {
        let Bounds {
            own_from: [from, to],
            deviation,
            least_spread,
        } = Bounds::of(phase);
        let deviation = deviation / unit_db;
        let mut order: [usize; BANDS] = std::array::from_fn(|band| band);
        order.sort_unstable_by(|a, b| levels[*b].total_cmp(&levels[*a]));
        // What the louder bands leak into each, and the same times their gains. Leakage doesn't leak again.
        let (mut leaked, mut weighted) = ([0.0f32; BANDS], [0.0f32; BANDS]);
        for &band in &order {
            let level = levels[band];
            let above = level - 10.0 * leaked[band].max(f32::MIN_POSITIVE).log10();
            let share = ((above - from) / (to - from)).clamp(0.0, 1.0);
            if share < 1.0 {
                let partial = weighted[band] / leaked[band];
                let step = (gains[band] - partial).clamp(-deviation, deviation);
                gains[band] = crossfade(partial + step, gains[band], share);
            }
            if share > 0.0 {
                let own = [share * 10f32.powf(level / 10.0), gains[band]];
                leak(
                    own,
                    &self.spread[band],
                    least_spread,
                    [&mut leaked, &mut weighted],
                );
            }
        }
    }
}

/// Adds what leaks of a band, whose power and gain are given, into all bands: the power, and the same times the gain. It spreads as far as `spread` says, and no less than
/// `least`.
// By itself, with plain loops over plain arrays: so a processor computes several bands at a time.
#[inline(never)]
fn leak(
    [power, gain]: [f32; 2],
    spread: &[f32; BANDS],
    least: f32,
    [leaked, weighted]: [&mut [f32; BANDS]; 2],
) {
    for ((leaked, weighted), spread) in leaked.iter_mut().zip(weighted).zip(spread) {
        let power = power * if *spread > least { *spread } else { least };
        *leaked += power;
        *weighted += power * gain;
    }
}

/// Powers of the bins around a partial at `place`, in bins, with those of the mirror image below 0.
fn partial(place: f64, bins: usize) -> Vec<f32> {
    let mut powers = vec![0.0; bins];
    let first = (place as usize).saturating_sub(REACH);
    for (bin, power) in powers.iter_mut().enumerate().skip(first).take(2 * REACH) {
        *power = (hann_power(bin as f64 - place) + hann_power(bin as f64 + place)) as f32;
    }
    powers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{dsp::MelBank, model::ModelSource};

    const HOP: f32 = 512.0 / 48_000.0;

    fn leakage() -> (Leakage, MelBank) {
        let front_end = &ModelSource::embedded_timbre_card().unwrap().front_end;
        let (f_min, f_max) = (f64::from(front_end.f_min), f64::from(front_end.f_max));
        let bank = MelBank::slaney_mean(48_000.0, 2048, BANDS, f_min, f_max);
        (Leakage::new(front_end, HOP), bank)
    }

    /// Levels of partials, given as (Hz, dB), over a floor.
    fn levels(bank: &MelBank, partials: &[(f64, f32)]) -> MelDb {
        let mut powers = vec![1e-14; 1025];
        for (hz, db) in partials {
            let partial = partial(hz * 2048.0 / 48_000.0, 1025);
            for (sum, power) in powers.iter_mut().zip(partial) {
                *sum += power * 10f32.powf(db / 10.0);
            }
        }
        let mut levels = [0.0; BANDS];
        bank.apply(&powers, &mut levels);
        levels.map(|power| 10.0 * power.log10())
    }

    /// The band with the largest level around a frequency.
    fn band_at(bank: &MelBank, hz: f64) -> usize {
        let away = |band: &usize| (bank.centres()[*band] - hz).abs();
        (0..BANDS)
            .min_by(|a, b| away(a).total_cmp(&away(b)))
            .unwrap()
    }

    const PHASES: [FilterPhase; 2] = [FilterPhase::Zero, FilterPhase::Minimum];

    #[test]
    fn partials_apart_and_broad_spectra_keep_their_own_gains() {
        let (leakage, bank) = leakage();
        let two = levels(&bank, &[(440.0, -6.0), (880.0, -26.0)]);
        for phase in PHASES {
            let mut gains: [f32; BANDS] = std::array::from_fn(|band| band as f32);
            leakage.assign_to_partials(&two, &mut gains, 1.0, phase);
            for hz in [440.0, 880.0] {
                let band = band_at(&bank, hz);
                assert!(
                    (gains[band] - band as f32).abs() < 1.01,
                    "{hz} Hz: {}",
                    gains[band]
                );
            }
            let even = [-40.0; BANDS];
            let mut gains = [0.0; BANDS];
            leakage.assign_to_partials(&even, &mut gains, 1.0, phase);
            assert_eq!(gains, [0.0; BANDS], "a flat curve stays exactly flat");
        }
    }

    #[test]
    fn in_filters_of_the_least_phase_what_a_partial_leaks_has_the_partials_gain() {
        let (leakage, bank) = leakage();
        let one = levels(&bank, &[(440.0, -6.0)]);
        let mut gains: [f32; BANDS] = std::array::from_fn(|band| band as f32);
        leakage.assign_to_partials(&one, &mut gains, 1.0, FilterPhase::Minimum);
        let partial = band_at(&bank, 440.0) as f32;
        for (band, gain) in gains.iter().enumerate() {
            assert!((gain - partial).abs() < 1.01, "{band}: {gain}");
        }
        // What is 60 dB below it is louder than what it leaks there, and has its own gain.
        let two = levels(&bank, &[(440.0, -6.0), (3_000.0, -66.0)]);
        let mut gains: [f32; BANDS] = std::array::from_fn(|band| band as f32);
        leakage.assign_to_partials(&two, &mut gains, 1.0, FilterPhase::Minimum);
        let other = band_at(&bank, 3_000.0);
        assert!(
            (gains[other] - other as f32).abs() < 1.01,
            "{}",
            gains[other]
        );
    }
}
