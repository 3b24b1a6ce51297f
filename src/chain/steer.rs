//! The closed loop: what is heard is added to parameters of Morph, as a host's modulation is.

use nice_plug::prelude::Param as _;

use crate::{
    morph::MorphControls,
    params::{AFFECT_RANGE, MoodringParams, READINGS, STEERS, SteerSource, SteerTarget},
};

use super::sub_block::SUB_BLOCK;

/// Closer than this, as a share of the source's range, what steers has arrived.
const ARRIVED: f32 = 1e-5;

/// One way from what is heard to a parameter, as a block sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SteerControls {
    /// What steers.
    pub source: SteerSource,
    /// What is steered.
    pub target: SteerTarget,
    /// How far, as a share of the target's range: -1 to 1.
    pub amount: f32,
    /// Time constant, in ms.
    pub smoothing_ms: f32,
    /// Where the target is without it, normalized, with the host's own modulation.
    pub base: f32,
}

impl SteerControls {
    /// Reads the parameters' present values. Wait-free.
    pub fn read(params: &MoodringParams) -> [Self; STEERS] {
        params.steers.each_ref().map(|steer| {
            let target = steer.target.value();
            Self {
                source: steer.source.value(),
                target,
                amount: steer.amount.value(),
                smoothing_ms: steer.smoothing.value(),
                base: target.param(params).modulated_normalized_value(),
            }
        })
    }
}

/// Follows the answers, and puts them on the controls; owned by the audio thread. It takes a step every [`SUB_BLOCK`] samples of the
/// stream, so that what it does doesn't depend on the host's blocks.
pub struct Steer {
    /// In Hz.
    sample_rate: f32,
    /// The newest answer.
    readings: [Option<f32>; READINGS],
    /// What each way has come to, as a share of its source's range: -1 to 1.
    smoothed: [f32; STEERS],
}

impl Steer {
    /// Before any answer, at a rate in Hz.
    pub fn new(sample_rate: f32) -> Self {
        Self {
            sample_rate,
            readings: [None; READINGS],
            smoothed: [0.0; STEERS],
        }
    }

    /// Forgets all answers.
    pub fn reset(&mut self) {
        *self = Self::new(self.sample_rate);
    }

    /// Whether anything steers.
    pub fn is_on(controls: &[SteerControls; STEERS]) -> bool {
        controls.iter().any(|way| way.source != SteerSource::Off)
    }

    /// Takes in a new answer.
    pub fn hear(&mut self, readings: &[Option<f32>; READINGS]) {
        self.readings = *readings;
    }

    /// Goes on by [`SUB_BLOCK`] samples.
    pub fn step(&mut self, controls: &[SteerControls; STEERS]) {
        for (way, smoothed) in controls.iter().zip(&mut self.smoothed) {
            let heard = share(way.source, &self.readings);
            let samples = way.smoothing_ms * 1e-3 * self.sample_rate;
            let rest = if samples > 0.0 {
                (-(SUB_BLOCK as f32) / samples).exp()
            } else {
                0.0
            };
            *smoothed = heard + (*smoothed - heard) * rest;
            if (*smoothed - heard).abs() < ARRIVED {
                *smoothed = heard;
            }
        }
    }

    /// The controls with what is heard added to them. Two ways to one parameter add up.
    pub fn steered(
        &self,
        mut morph: MorphControls,
        controls: &[SteerControls; STEERS],
    ) -> MorphControls {
        for way in controls {
            if way.source == SteerSource::Off {
                continue;
            }
            let offset: f32 = controls
                .iter()
                .zip(&self.smoothed)
                .filter(|(other, _)| other.target == way.target && other.source != SteerSource::Off)
                .map(|(other, smoothed)| other.amount * smoothed)
                .sum();
            // At rest the control is what it was, to the bit.
            if offset != 0.0 {
                let normalized = (way.base + offset).clamp(0.0, 1.0);
                morph.set(way.target.steered(), way.target.plain(normalized));
            }
        }
        morph
    }
}

/// What a source is at, as a share of its range: -1 to 1, or 0 to 1 of a tag. 0 for what isn't known.
fn share(source: SteerSource, readings: &[Option<f32>; READINGS]) -> f32 {
    let reading = source.reading().and_then(|index| readings.get(index));
    let value = reading.copied().flatten().unwrap_or(0.0);
    match source {
        SteerSource::Valence | SteerSource::Arousal => value / AFFECT_RANGE,
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nice_plug::prelude::{Enum, Param};

    const RATE: f32 = 48_000.0;

    fn way(source: SteerSource, amount: f32, smoothing_ms: f32) -> SteerControls {
        SteerControls {
            source,
            target: SteerTarget::MORPH,
            amount,
            smoothing_ms,
            base: 0.25,
        }
    }

    fn off() -> SteerControls {
        way(SteerSource::Off, 1.0, 0.0)
    }

    fn heard(valence: f32, tag: f32) -> [Option<f32>; READINGS] {
        let mut readings = [None; READINGS];
        readings[0] = Some(valence);
        readings[2] = Some(tag);
        readings
    }

    #[test]
    fn what_is_heard_is_added_within_the_range_and_two_ways_add_up() {
        let mut steer = Steer::new(RATE);
        steer.hear(&heard(-1.5, 0.5));
        for (ways, morph) in [
            ([way(SteerSource::Tag1, 1.0, 0.0), off()], 0.75),
            ([way(SteerSource::Tag1, -0.25, 0.0), off()], 0.125),
            ([way(SteerSource::Tag1, -1.0, 0.0), off()], 0.0),
            ([way(SteerSource::Valence, -0.5, 0.0), off()], 0.5),
            (
                [
                    way(SteerSource::Valence, -0.5, 0.0),
                    way(SteerSource::Tag1, -0.5, 0.0),
                ],
                0.25,
            ),
            ([way(SteerSource::Tag2, 1.0, 0.0), off()], 0.25),
            ([off(), off()], 0.25),
        ] {
            steer.step(&ways);
            let before = MorphControls {
                morph: 0.25,
                ..MorphControls::neutral()
            };
            let after = steer.steered(before, &ways);
            assert!((after.morph - morph).abs() < 1e-6, "{ways:?}: {after:?}");
            assert_eq!(
                MorphControls {
                    morph: 0.25,
                    ..after
                },
                before
            );
        }
    }

    #[test]
    fn it_goes_two_thirds_of_the_way_in_its_time_and_arrives() {
        let ways = [way(SteerSource::Tag1, 1.0, 200.0), off()];
        let mut steer = Steer::new(RATE);
        steer.hear(&heard(0.0, 1.0));
        let steps = (0.2 * RATE) as usize / SUB_BLOCK;
        for _ in 0..steps {
            steer.step(&ways);
        }
        assert!(
            (steer.smoothed[0] - 0.632).abs() < 0.001,
            "{:?}",
            steer.smoothed
        );
        for _ in 0..20 * steps {
            steer.step(&ways);
        }
        assert_eq!(steer.smoothed[0], 1.0);
        steer.reset();
        steer.step(&ways);
        assert_eq!(steer.smoothed[0], 0.0);
    }

    #[test]
    fn every_target_reaches_its_own_control() {
        let params = MoodringParams::default();
        let before = MorphControls::read(&params);
        let mut seen = Vec::new();
        for index in 0..SteerTarget::variants().len() {
            let target = SteerTarget::from_index(index);
            let base = target.param(&params).unmodulated_normalized_value();
            let amount = if base > 0.5 { -0.25 } else { 0.25 };
            let ways = [
                SteerControls {
                    target,
                    base,
                    ..way(SteerSource::Tag1, amount, 0.0)
                },
                off(),
            ];
            let mut steer = Steer::new(RATE);
            steer.hear(&heard(0.0, 1.0));
            steer.step(&ways);
            let after = steer.steered(before, &ways);
            assert_ne!(after, before, "{index}");
            assert!(!seen.contains(&after), "{index}");
            seen.push(after);
        }
    }
}
