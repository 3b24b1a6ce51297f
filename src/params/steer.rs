//! The closed loop: what is heard steers a parameter of Morph.

use std::sync::{Arc, LazyLock};

use nice_plug::prelude::*;

use super::{KNOB_RANGE, MoodringParams, number::number, smoothing_range};
use crate::model::{LATENTS, ModelSource};

/// How many parameters can be steered at a time.
pub const STEERS: usize = 2;

/// The longest smoothing of what steers, in ms.
const LONGEST_SMOOTHING: f32 = 10_000.0;

/// One way from what is heard to a parameter.
#[derive(Params)]
pub struct SteerParams {
    /// What steers.
    #[id = "steersrc"]
    pub source: EnumParam<SteerSource>,
    /// What is steered.
    #[id = "steerdst"]
    pub target: EnumParam<SteerTarget>,
    /// How far, as a share of the target's range, where the source is at its end: -1 to 1.
    #[id = "steeramt"]
    pub amount: FloatParam,
    /// Time constant in which the target follows the answers, in ms.
    #[id = "steersmo"]
    pub smoothing: FloatParam,
}

impl SteerParams {
    /// The way of this number, counted from 1. It is off.
    pub(super) fn new(number: usize) -> Self {
        let name = |what: &str| format!("Steer {number} {what}");
        Self {
            source: EnumParam::new(name("Source"), SteerSource::Off),
            target: EnumParam::new(name("Target"), SteerTarget::MORPH),
            amount: FloatParam::new(
                name("Amount"),
                0.5,
                FloatRange::Linear {
                    min: -1.0,
                    max: 1.0,
                },
            )
            .with_unit(" %")
            .with_value_to_string(Arc::new(|value| {
                let percent = (100.0 * value).round();
                // "-0" would be a strange thing to read.
                let percent = if percent == 0.0 { 0.0 } else { percent };
                format!("{percent:+.0}")
            }))
            .with_string_to_value(Arc::new(|text| number_of(text, "%"))),
            smoothing: FloatParam::new(
                name("Smoothing"),
                500.0,
                FloatRange::Skewed {
                    min: 0.0,
                    max: LONGEST_SMOOTHING,
                    factor: FloatRange::skew_factor(-1.5),
                },
            )
            .with_unit(" ms")
            .with_value_to_string(formatters::v2s_f32_rounded(0))
            .with_string_to_value(Arc::new(|text| number_of(text, "ms"))),
        }
    }
}

fn number_of(text: &str, unit: &str) -> Option<f32> {
    number(text, unit).ok()
}

/// What steers: off at first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum SteerSource {
    /// Nothing.
    #[id = "off"]
    Off,
    /// Valence: at 3 standard deviations it is at its end, to either side.
    #[id = "valence"]
    Valence,
    /// Arousal, likewise.
    #[id = "arousal"]
    Arousal,
    /// The first of the tags that are chosen among the outputs, and so on: its probability.
    #[id = "tag1"]
    #[name = "Tag 1"]
    Tag1,
    #[allow(missing_docs, reason = "as the first")]
    #[id = "tag2"]
    #[name = "Tag 2"]
    Tag2,
    #[allow(missing_docs, reason = "as the first")]
    #[id = "tag3"]
    #[name = "Tag 3"]
    Tag3,
    #[allow(missing_docs, reason = "as the first")]
    #[id = "tag4"]
    #[name = "Tag 4"]
    Tag4,
    #[allow(missing_docs, reason = "as the first")]
    #[id = "tag5"]
    #[name = "Tag 5"]
    Tag5,
    #[allow(missing_docs, reason = "as the first")]
    #[id = "tag6"]
    #[name = "Tag 6"]
    Tag6,
    #[allow(missing_docs, reason = "as the first")]
    #[id = "tag7"]
    #[name = "Tag 7"]
    Tag7,
    #[allow(missing_docs, reason = "as the first")]
    #[id = "tag8"]
    #[name = "Tag 8"]
    Tag8,
}

impl SteerSource {
    /// Its place among the [`Reading`](super::Reading)s; `None` for nothing.
    pub fn reading(self) -> Option<usize> {
        self.to_index().checked_sub(1)
    }
}

/// What is steered: a parameter of Morph that has a range, by its place in [`TARGETS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SteerTarget(usize);

/// The parameters behind the latent knobs that can be steered: permanent id, and name.
const OTHERS: [(&str, &str); 8] = [
    ("resynth", "Resynthesis"),
    ("articul", "Articulation"),
    ("morph", "Morph"),
    ("mapx", "Map X"),
    ("mapy", "Map Y"),
    ("atob", "A to B"),
    ("follow", "Follow"),
    ("smooth", "Smoothing"),
];

/// Names and ids of the targets, kept for the life of the process as the framework wants them: the latent knobs, then [`OTHERS`].
static TARGETS: LazyLock<(Vec<&'static str>, Vec<&'static str>)> = LazyLock::new(|| {
    let card = ModelSource::embedded_timbre_card();
    let leaked = |text: String| -> &'static str { text.leak() };
    let knobs = (0..LATENTS).map(|index| {
        let latent = card.and_then(|card| card.latents.get(index));
        let name = latent.map_or_else(
            || format!("Latent {}", index + 1),
            |latent| latent.name.clone(),
        );
        (leaked(name), leaked(format!("latent_{}", index + 1)))
    });
    knobs
        .chain(OTHERS.into_iter().map(|(id, name)| (name, id)))
        .unzip()
});

impl Enum for SteerTarget {
    fn variants() -> &'static [&'static str] {
        &TARGETS.0
    }

    fn ids() -> Option<&'static [&'static str]> {
        Some(&TARGETS.1)
    }

    fn to_index(self) -> usize {
        self.0
    }

    fn from_index(index: usize) -> Self {
        if index < LATENTS + OTHERS.len() {
            Self(index)
        } else {
            Self::MORPH
        }
    }
}

/// A parameter that can be steered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Steered {
    /// A latent knob.
    Knob(usize),
    #[allow(missing_docs, reason = "as the parameter")]
    Resynthesis,
    #[allow(missing_docs, reason = "as the parameter")]
    Articulation,
    #[allow(missing_docs, reason = "as the parameter")]
    Morph,
    #[allow(missing_docs, reason = "as the parameter")]
    MapX,
    #[allow(missing_docs, reason = "as the parameter")]
    MapY,
    #[allow(missing_docs, reason = "as the parameter")]
    Blend,
    #[allow(missing_docs, reason = "as the parameter")]
    Follow,
    #[allow(missing_docs, reason = "as the parameter")]
    Smoothing,
}

impl SteerTarget {
    /// The parameter Morph, to begin with.
    pub const MORPH: Self = Self(LATENTS + 2);

    /// The parameter that it is.
    pub fn steered(self) -> Steered {
        match self.0.checked_sub(LATENTS) {
            None => Steered::Knob(self.0),
            Some(0) => Steered::Resynthesis,
            Some(1) => Steered::Articulation,
            Some(3) => Steered::MapX,
            Some(4) => Steered::MapY,
            Some(5) => Steered::Blend,
            Some(6) => Steered::Follow,
            Some(7) => Steered::Smoothing,
            Some(_) => Steered::Morph,
        }
    }

    /// The same among an instance's parameters.
    pub fn param(self, params: &MoodringParams) -> &FloatParam {
        match self.steered() {
            Steered::Knob(index) => params
                .knobs
                .get(index)
                .map_or(&params.morph, |knob| &knob.shift),
            Steered::Resynthesis => &params.resynthesis,
            Steered::Articulation => &params.articulation,
            Steered::Morph => &params.morph,
            Steered::MapX => &params.map_x,
            Steered::MapY => &params.map_y,
            Steered::Blend => &params.captures_blend,
            Steered::Follow => &params.follow,
            Steered::Smoothing => &params.smoothing,
        }
    }

    /// The plain value of the parameter at a normalized one, 0 to 1, in the parameter's own unit.
    pub fn plain(self, normalized: f32) -> f32 {
        match self.steered() {
            Steered::Knob(_) => (2.0 * normalized - 1.0) * KNOB_RANGE,
            Steered::MapX | Steered::MapY => 2.0 * normalized - 1.0,
            Steered::Smoothing => smoothing_range().unnormalize(normalized),
            Steered::Resynthesis
            | Steered::Articulation
            | Steered::Morph
            | Steered::Blend
            | Steered::Follow => normalized,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_the_parameters_that_they_are_named_for() {
        let params = MoodringParams::default();
        let map = params.param_map();
        for (index, id) in SteerTarget::ids().unwrap().iter().enumerate() {
            let target = SteerTarget::from_index(index);
            let param = target.param(&params);
            let found = map.iter().find(|(known, ..)| known == id);
            let (_, pointer, _) = found.unwrap_or_else(|| panic!("no parameter {id}"));
            assert_eq!(*pointer, param.as_ptr(), "{id}");
            assert_eq!(SteerTarget::variants()[index], param.name(), "{id}");
            for normalized in [0.0, 0.1, 0.5, 0.77, 1.0] {
                let (own, theirs) = (target.plain(normalized), param.preview_plain(normalized));
                assert!(
                    (own - theirs).abs() <= 1e-5 * theirs.abs().max(1.0),
                    "{id} at {normalized}: {own} for {theirs}"
                );
            }
        }
        assert_eq!(SteerTarget::MORPH.param(&params).name(), "Morph");
        assert_eq!(SteerTarget::from_index(999), SteerTarget::MORPH);
    }
}
