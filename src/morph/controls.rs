//! The knobs, as one frame sees them.

use crate::{
    model::{LATENTS, TimbreCard},
    params::{MoodringParams, Target},
};

/// The parameters that shape the curve, read once a hop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Controls {
    /// Shift of each latent, in standard deviations.
    pub knobs: [f32; LATENTS],
    /// 0 to 1.
    pub resynthesis: f32,
    /// 0 to 1.
    pub morph: f32,
    /// Which named timbre.
    pub target: Target,
    /// 0 to 1.
    pub follow: f32,
    /// Time constant of the code's smoothing, in ms.
    pub smoothing_ms: f32,
}

impl Controls {
    /// Reads the parameters' present values. Wait-free.
    pub fn read(params: &MoodringParams) -> Self {
        Self {
            knobs: std::array::from_fn(|index| {
                params
                    .knobs
                    .get(index)
                    .map_or(0.0, |knob| knob.shift.value())
            }),
            resynthesis: params.resynthesis.value(),
            morph: params.morph.value(),
            target: params.target.value(),
            follow: params.follow.value(),
            smoothing_ms: params.smoothing.value(),
        }
    }

    /// The controls that change nothing.
    pub fn neutral() -> Self {
        Self {
            knobs: [0.0; LATENTS],
            resynthesis: 0.0,
            morph: 0.0,
            target: Target(0),
            follow: 1.0,
            smoothing_ms: 0.0,
        }
    }

    /// The target's code in the model in use: a model that lacks it morphs to its training data's mean.
    pub(super) fn target_code(&self, card: &TimbreCard) -> crate::model::Code {
        self.target.code(card).unwrap_or_else(|| {
            std::array::from_fn(|index| card.latents.get(index).map_or(0.0, |latent| latent.mean))
        })
    }
}
