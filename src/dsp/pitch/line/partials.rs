//! What a frame's power spectrum says of the partials that a pitch would have.

use std::f32::consts::PI;

/// What it costs that the first partial is missing, and from here to there it counts as such, in dB below the strongest: while a note begins
/// softly, a period of several of its own is as strong.
const MISSING_COST: f32 = 0.2;
const MISSING_DB: (f32, f32) = (-34.0, -44.0);

/// What it costs that of the partials up to the tenth, but for the first, only multiples of one of these numbers are there, and from here to there the others count as missing, in dB
/// below the strongest: as a string is plucked, its body sounds below the note, where a part of the pitch has its first partial.
const STRIDES: std::ops::RangeInclusive<usize> = 2..=5;
const HIGHEST_PARTIAL: usize = 10;
const SKIPPED_COST: f32 = 0.2;
const SKIPPED_DB: (f32, f32) = (-10.0, -20.0);

/// Of the second partial's power at the first one's place, by how much more than the window's share is not believed.
const LEAKAGE: f32 = 3.0;

/// What it costs a pitch that is `high` that something sounds below it, and from here to there it counts as such, in dB below its first partial.
const BELOW_COST: f32 = 0.6;
const BELOW_DB: (f32, f32) = (-15.0, -5.0);
/// So much of the way to a pitch is below it, from where a piano's hammers knock no more on, in Hz.
const BELOW: f32 = 0.8;
const KNOCK_HZ: f32 = 350.0;

/// A tone's share of the power, within so many bins around the strongest, and how far below it other sound is no note beside it, in dB.
const TONE: f32 = 0.5;
const TONE_BINS: usize = 2;
const BESIDE_DB: f32 = -25.0;

/// Where the lowest bins hold so little of the power, all of it is above them.
const NEXT_TO_NOTHING: f32 = 0.01;

/// Below this power there is silence.
const SILENT: f32 = 1e-12;

/// A frame's lowest bins.
pub(super) struct Partials<'a> {
    power: &'a [f32],
    bin_hz: f32,
    /// The loudest of them, and its power.
    loudest: usize,
    strongest: f32,
}

/// What speaks against a pitch.
pub(super) struct Weighed {
    /// Power of its first partial over the strongest one's, in dB.
    pub fundamental_db: f32,
    /// What is taken off its strength.
    pub cost: f32,
}

impl<'a> Partials<'a> {
    /// Those of a power spectrum whose bins are so far apart, in Hz.
    pub fn of(power: &'a [f32], bin_hz: f32) -> Self {
        let (loudest, strongest) = power
            .iter()
            .enumerate()
            .fold(
                (0, 0.0),
                |most, (bin, power)| {
                    if *power > most.1 { (bin, *power) } else { most }
                },
            );
        Self {
            power,
            bin_hz,
            loudest,
            strongest,
        }
    }

    /// Whether a tone above this pitch in Hz is nearly all that sounds, and no partial of one below. `whole`: the power of all bins, higher ones too.
    pub fn tone_above(&self, hz: f32, whole: f32) -> bool {
        let sum = self.power.iter().sum::<f32>();
        if whole > SILENT && sum < NEXT_TO_NOTHING * whole {
            return true;
        }
        let highest = (hz / self.bin_hz) as usize;
        if self.loudest <= highest || self.strongest < SILENT {
            return false;
        }
        let below = self.power.iter().take(highest.saturating_sub(TONE_BINS));
        if ratio_db(below.copied().fold(0.0, f32::max), self.strongest) > BESIDE_DB {
            return false;
        }
        let around = self
            .power
            .iter()
            .skip(self.loudest.saturating_sub(TONE_BINS));
        let tone: f32 = around.take(2 * TONE_BINS + 1).sum();
        tone > TONE * sum
    }

    /// What speaks against a pitch in Hz. `high`: a note of that pitch has nothing below it.
    pub fn weigh(&self, hz: f32, high: bool) -> Weighed {
        let fundamental_db = self.below_strongest_db(self.fundamental(hz));
        let others_db = self.below_strongest_db(self.others(hz));
        let below = if high {
            BELOW_COST * ramp(self.below_db(hz), BELOW_DB)
        } else {
            0.0
        };
        Weighed {
            fundamental_db,
            cost: MISSING_COST * ramp(fundamental_db, MISSING_DB)
                + SKIPPED_COST * ramp(others_db, SKIPPED_DB)
                + below,
        }
    }

    /// The power at a place between bins: that of the nearest.
    fn at(&self, place: f32) -> f32 {
        let bin = self.power.get(place.round() as usize);
        bin.copied().unwrap_or_default()
    }

    fn below_strongest_db(&self, power: f32) -> f32 {
        ratio_db(power, self.strongest)
    }

    /// The power of the partials of a pitch but for the first and the multiples of a number, for the number that leaves the least: next to none where it is a
    /// part of the pitch that sounds.
    fn others(&self, hz: f32) -> f32 {
        let partial = |number: usize| self.at(number as f32 * hz / self.bin_hz);
        let partials: [f32; HIGHEST_PARTIAL] = std::array::from_fn(|index| partial(index + 1));
        STRIDES
            .map(|stride| {
                let others = (1..).zip(partials).skip(1);
                others
                    .filter(|(number, _)| number % stride != 0)
                    .map(|(_, power)| power)
                    .sum::<f32>()
            })
            .fold(f32::MAX, f32::min)
    }

    /// The power of the first partial of a pitch.
    fn fundamental(&self, hz: f32) -> f32 {
        let place = hz / self.bin_hz;
        // What the window spreads there of the second partial, in whatever phase, is no first one.
        let away = 2.0 * place - place.round();
        let angle = PI * away;
        let lobe = angle.sin() / angle / (1.0 - away * away);
        (self.at(place) - LEAKAGE * self.at(2.0 * place) * lobe * lobe).max(0.0)
    }

    /// The strongest that sounds below a pitch, over its first partial, in dB.
    fn below_db(&self, hz: f32) -> f32 {
        let place = hz / self.bin_hz;
        let first = (KNOCK_HZ / self.bin_hz).ceil() as usize;
        let below = self.power.iter().take((BELOW * place) as usize).skip(first);
        ratio_db(below.copied().fold(0.0, f32::max), self.at(place))
    }
}

/// A power over another, in dB.
fn ratio_db(power: f32, other: f32) -> f32 {
    10.0 * ((power + 1e-20) / (other + 1e-20)).log10()
}

/// From 0 to 1 between two values, the first of which may be the larger.
fn ramp(value: f32, (from, to): (f32, f32)) -> f32 {
    ((value - from) / (to - from)).clamp(0.0, 1.0)
}
