//! What a fine power spectrum says of pitches: what speaks for each, and what those that sound explain of it.

mod high;
mod register;

use super::{
    fine_spectrum::{FINE_BINS, FINER},
    maxima::Maxima,
};

/// MIDI pitches that may sound in a chord: from E2 on, below which semitones lie closer than a fine spectrum's bins.
pub const LOWEST_PITCH: u8 = 40;
/// How many there are, up to C7.
pub const PITCHES: usize = 57;

/// Numbers that speak for a pitch, see [`PitchEvidence`].
pub const EVIDENCE: usize = MULTIPLES.len() + 2 * SIDES + 1;

/// Where power is looked for, in multiples of the pitch: at those of which it may be a partial itself, and at its own.
const MULTIPLES: [f32; 13] = [
    1.0 / 3.0,
    0.5,
    2.0 / 3.0,
    1.0,
    1.5,
    2.0,
    3.0,
    4.0,
    5.0,
    6.0,
    7.0,
    8.0,
    10.0,
];
/// So many of its own multiples have sides: what lies a semitone below and above.
const SIDES: usize = 3;

/// How far a multiple reaches, and the sides, in semitones.
const REACH: (f32, f32) = (-0.4, 0.4);
const BELOW: (f32, f32) = (-1.3, -0.6);
const ABOVE: (f32, f32) = (0.6, 1.3);

/// Levels further below the strongest, in dB, are as that.
const RANGE_DB: f32 = 60.0;

/// Below this bin there is no sound, and above it no room.
const LOWEST_BIN: f32 = 3.0;
const HIGHEST_BIN: f32 = 940.0;

/// The middle of the pitches, and half their range.
const MIDDLE_PITCH: f32 = 68.0;
const HALF_RANGE: f32 = 28.0;

/// A peak is no partial if it is so far below the strongest, or below one within [`IMAGE_BINS`], as powers: there a fine spectrum has images.
const FAINTEST: f32 = 1e-5;
const FAINTEST_IMAGE: f32 = 5e-4;
const IMAGE_BINS: usize = 22;

/// Partials that a pitch explains, and how far each may lie from its multiple, as a share of it and of the pitch.
const PARTIALS: usize = 16;
const MISTUNED: f32 = 0.028;
const STRAY: f32 = 0.3;

/// A partial has at most so many times the mean power of its neighbours; the rest is another note's.
const SMOOTHNESS: f32 = 2.0;

/// Lowest partials that a pitch is tuned by.
const TUNING: usize = 5;

/// Partials that a pitch has, and that notes which only share its period don't have: those of the triads are the fourth, the fifth and the sixth.
const OWN_PARTIALS: [usize; 4] = [1, 2, 3, 7];
/// Those that no such note has among its own, though it were the second or the third: whatever these notes have is a multiple of 2, 3 or 5.
const LONE_PARTIALS: [usize; 3] = [7, 11, 13];

/// How far the power of a peak reaches, in bins, and the lowest bin that counts, in Hz.
const LOBE: usize = 2;
const LOWEST_HZ: f32 = 58.0;

/// Below this power there is silence.
const SILENT: f32 = 1e-9;

/// Of a power, before its logarithm is taken.
const TINY: f32 = 1e-20;

/// The frequency of a MIDI pitch, in Hz.
pub fn hertz(pitch: f32) -> f32 {
    440.0 * ((pitch - 69.0) / 12.0).exp2()
}

/// A pitch among others.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct HeardPitch {
    /// In Hz.
    pub hz: f32,
    /// Its partials' share of the power of all peaks.
    pub share: f32,
}

#[derive(Debug, Clone, Copy)]
struct Peak {
    hz: f32,
    power: f32,
    /// What no pitch has explained yet.
    left: f32,
}

/// Bins from the first to the last, both included.
#[derive(Debug, Clone, Copy)]
struct Stretch(usize, usize);

/// Reads fine power spectra; nothing allocates after construction.
pub struct ChordSpectrum {
    bin_hz: f32,
    /// Where each number of each pitch's evidence is looked for, but the last.
    stretches: Vec<[Option<Stretch>; EVIDENCE - 1]>,
    levels: Vec<f32>,
    loudest: Maxima,
    evidence: Vec<f32>,
    peaks: Vec<Peak>,
}

impl ChordSpectrum {
    /// For [`FineSpectrum`](super::FineSpectrum)s of frames of four times `hop_seconds`. Allocates.
    pub fn new(hop_seconds: f32) -> Self {
        let bin_hz = 1.0 / (4.0 * FINER as f32 * hop_seconds);
        Self {
            bin_hz,
            stretches: (0..PITCHES).map(|pitch| stretches(pitch, bin_hz)).collect(),
            levels: vec![0.0; FINE_BINS],
            loudest: Maxima::new(FINE_BINS),
            evidence: vec![0.0; PITCHES * EVIDENCE],
            peaks: Vec::with_capacity(FINE_BINS / 3 + 1),
        }
    }

    /// What speaks for each pitch, `[pitch][number]`: the loudest level around multiples of it, 1 at the strongest bin and 0 from [`RANGE_DB`] below it on; the same
    /// on the sides of the lowest; and how high it is, -1 to 1. `None` in silence.
    pub fn evidence(&mut self, power: &[f32]) -> Option<&[f32]> {
        let strongest = power.iter().copied().fold(0.0, f32::max);
        if !(strongest.is_finite() && strongest > SILENT) {
            return None;
        }
        for (level, power) in self.levels.iter_mut().zip(power) {
            let db = 10.0 * (power / strongest + 1e-12).log10();
            *level = (1.0 + db / RANGE_DB).max(0.0);
        }
        self.loudest.fill(&self.levels);
        let rows = self
            .evidence
            .chunks_exact_mut(EVIDENCE)
            .zip(&self.stretches);
        for (pitch, (row, stretches)) in rows.enumerate() {
            for (number, stretch) in row.iter_mut().zip(stretches) {
                *number = stretch.map_or(0.0, |Stretch(first, last)| {
                    self.loudest.between(first, last)
                });
            }
            if let Some(last) = row.last_mut() {
                *last = (f32::from(LOWEST_PITCH) + pitch as f32 - MIDDLE_PITCH) / HALF_RANGE;
            }
        }
        Some(&self.evidence)
    }

    /// Shares a spectrum's peaks out among the first `known` of `pitches`, which are tuned by them, the first of them first; the others become notes higher
    /// than the ear knows, as far as there are any. Returns how many there are then, and the share of the spectrum's power that lies in their partials, 0 to 1.
    ///
    /// How much of a partial that notes share is whose follows from its neighbours: A. Klapuri, "Multiple fundamental frequency estimation
    /// based on harmonicity and spectral smoothness", IEEE Trans. Speech and Audio Processing 11(6), 2003.
    pub fn explain(
        &mut self,
        power: &[f32],
        pitches: &mut [HeardPitch],
        known: usize,
    ) -> (usize, f32) {
        self.find_peaks(power);
        let whole: f32 = self.peaks.iter().map(|peak| peak.power).sum();
        let mut count = 0;
        while let Some((before, [pitch, ..])) = pitches.split_at_mut_checked(count) {
            if count >= known {
                // Where nothing is known it is no chord.
                let high = self.high_note(before, whole).filter(|_| count > 0);
                let Some(high) = high else {
                    break;
                };
                *pitch = high;
            }
            self.take(pitch);
            pitch.share /= whole.max(TINY);
            count += 1;
        }
        self.take_register(pitches.get(..count).unwrap_or_default());
        (count, self.explained(power))
    }

    /// Of the spectrum that was explained last: how loud the lowest partials of a pitch in Hz are that nothing explains, the loudest of them, in dB
    /// below the strongest peak. Where notes only share that period, there are none.
    pub fn unexplained_db(&self, hz: f32) -> f32 {
        self.loudest_left_db(hz, &OWN_PARTIALS)
    }

    /// The same of the first partial alone. A piano has a knock there, too.
    pub fn first_db(&self, hz: f32) -> f32 {
        self.loudest_left_db(hz, &[1])
    }

    /// The same of partials that no note has among its own which is the second, third or fifth of the pitch, or a multiple of these.
    pub fn lone_db(&self, hz: f32) -> f32 {
        self.loudest_left_db(hz, &LONE_PARTIALS)
    }

    fn loudest_left_db(&self, hz: f32, numbers: &[usize]) -> f32 {
        let strongest = self
            .peaks
            .iter()
            .map(|peak| peak.power)
            .fold(TINY, f32::max);
        let partials = partials(&self.peaks, hz);
        let own = numbers.iter().filter_map(|number| {
            let partial = partials.get(number - 1).copied().flatten()?;
            self.peaks.get(partial).map(|peak| peak.left)
        });
        10.0 * (own.fold(TINY, f32::max) / strongest).log10()
    }

    /// Fills in the peaks, from low to high.
    fn find_peaks(&mut self, power: &[f32]) {
        self.peaks.clear();
        let strongest = power.iter().copied().fold(0.0, f32::max);
        if !(strongest.is_finite() && strongest > SILENT) {
            return;
        }
        self.loudest.fill(power);
        let first = (LOWEST_HZ / self.bin_hz) as usize;
        for (bin, around) in power.windows(5).enumerate().skip(first.saturating_sub(2)) {
            let &[far_below, below, middle, above, far_above] = around else {
                break;
            };
            let bin = bin + 2;
            let is_peak =
                middle > below && middle >= above && middle > far_below && middle > far_above;
            if !is_peak || middle < FAINTEST * strongest {
                continue;
            }
            let last = (bin + IMAGE_BINS).min(power.len()) - 1;
            let loudest = self.loudest.between(bin.saturating_sub(IMAGE_BINS), last);
            if middle < FAINTEST_IMAGE * loudest || self.peaks.len() == self.peaks.capacity() {
                continue;
            }
            // A parabola through the logarithms is next to the truth under such a window. Of the first frame of a sound four bins are equal but for
            // rounding: there is none through them, and one that isn't a number would make the whole none.
            let [below, middle, above] = [below, middle, above].map(|power| (power + TINY).ln());
            let bend = below - 2.0 * middle + above;
            let aside = if bend < 0.0 {
                (0.5 * (below - above) / bend).clamp(-0.5, 0.5)
            } else {
                0.0
            };
            let power = (middle - 0.25 * (below - above) * aside).exp();
            self.peaks.push(Peak {
                hz: (bin as f32 + aside) * self.bin_hz,
                power,
                left: power,
            });
        }
    }

    /// Takes away what a pitch explains of its partials: the power of that becomes its share.
    fn take(&mut self, pitch: &mut HeardPitch) {
        let partials = partials(&self.peaks, pitch.hz);
        let power = partials.map(|partial| {
            let peak = partial.and_then(|partial| self.peaks.get(partial));
            peak.map_or(0.0, |peak| peak.left)
        });
        let (mut sum, mut weights) = (0.0, 0.0);
        pitch.share = 0.0;
        for (index, partial) in partials.into_iter().enumerate() {
            let own = power.get(index).copied().unwrap_or_default();
            let Some(peak) = partial.and_then(|partial| self.peaks.get_mut(partial)) else {
                continue;
            };
            let beside = |index: usize| power.get(index).copied().unwrap_or_default();
            let taken = match index.checked_sub(1) {
                Some(before) => own.min(SMOOTHNESS * 0.5 * (beside(before) + beside(index + 1))),
                None => own,
            };
            peak.left -= taken;
            pitch.share += taken;
            if index < TUNING {
                sum += taken * peak.hz / (index + 1) as f32;
                weights += taken;
            }
        }
        if weights > 0.0 {
            pitch.hz = sum / weights;
        }
    }

    /// The share of a spectrum's power that lies around peaks of which little is left.
    fn explained(&self, power: &[f32]) -> f32 {
        let first = (LOWEST_HZ / self.bin_hz) as usize;
        let whole: f32 = power.iter().skip(first).sum();
        let around = |peak: &Peak| -> f32 {
            let bin = (peak.hz / self.bin_hz).round() as usize;
            let last = (bin + LOBE).min(power.len().saturating_sub(1));
            let lobe = power.get(bin.saturating_sub(LOBE)..=last);
            (1.0 - peak.left / peak.power) * lobe.unwrap_or_default().iter().sum::<f32>()
        };
        let explained: f32 = self.peaks.iter().map(around).sum();
        if whole > 0.0 {
            (explained / whole).min(1.0)
        } else {
            0.0
        }
    }
}

/// Where a pitch's evidence is looked for.
fn stretches(pitch: usize, bin_hz: f32) -> [Option<Stretch>; EVIDENCE - 1] {
    let place = hertz(f32::from(LOWEST_PITCH) + pitch as f32) / bin_hz;
    let own = MULTIPLES.iter().map(|multiple| (*multiple, REACH));
    let sides = (1..=SIDES).flat_map(|number| {
        let number = number as f32;
        [(number, BELOW), (number, ABOVE)]
    });
    let mut stretches = [None; EVIDENCE - 1];
    for (stretch, (multiple, (from, to))) in stretches.iter_mut().zip(own.chain(sides)) {
        let middle = multiple * place;
        if !(LOWEST_BIN..HIGHEST_BIN).contains(&middle) {
            continue;
        }
        let (from, to) = (middle * (from / 12.0).exp2(), middle * (to / 12.0).exp2());
        let (first, last) = (from.ceil() as usize, to.floor() as usize);
        *stretch = Some(if first <= last {
            Stretch(first, last.min(FINE_BINS - 1))
        } else {
            let nearest = (0.5 * (from + to)).round() as usize;
            Stretch(nearest, nearest)
        });
    }
    stretches
}

/// Which of the peaks, from low to high, are partials of a pitch.
fn partials(peaks: &[Peak], hz: f32) -> [Option<usize>; PARTIALS] {
    std::array::from_fn(|index| {
        let place = (index + 1) as f32 * hz;
        let next = peaks.partition_point(|peak| peak.hz < place);
        let away = |peak: &usize| {
            peaks
                .get(*peak)
                .map_or(f32::MAX, |peak| (peak.hz - place).abs())
        };
        let below = next.saturating_sub(1);
        let nearest = if away(&next) < away(&below) {
            next
        } else {
            below
        };
        Some(nearest).filter(|peak| away(peak) < (MISTUNED * place).min(STRAY * hz))
    })
}

#[cfg(test)]
mod tests;
