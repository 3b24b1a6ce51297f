//! The knobs, as one frame sees them.

use crate::{
    model::LATENTS,
    params::{MoodringParams, MorphSource, Steered, Target},
};

/// The parameters that shape the curve, read once a hop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MorphControls {
    /// Shift of each latent, in standard deviations.
    pub knobs: [f32; LATENTS],
    /// 0 to 1.
    pub resynthesis: f32,
    /// 0 to 1.
    pub articulation: f32,
    /// 0 to 1.
    pub morph: f32,
    /// What Morph leads to.
    pub morph_source: MorphSource,
    /// Which named timbre.
    pub target: Target,
    /// Which place on the map, -1 to 1 each.
    pub at: [f32; 2],
    /// Which place between the captured timbres, 0 to 1.
    pub blend: f32,
    /// How often the captured timbres had changed: [`Captures::changes`](crate::params::Captures::changes).
    pub captures: u32,
    /// 0 to 1.
    pub follow: f32,
    /// Time constant of the latent's smoothing, in ms.
    pub smoothing_ms: f32,
}

impl MorphControls {
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
            articulation: params.articulation.value(),
            morph: params.morph.value(),
            morph_source: params.morph_source.value(),
            target: params.target.value(),
            at: [params.map_x.value(), params.map_y.value()],
            blend: params.captures_blend.value(),
            captures: params.captures.changes(),
            follow: params.follow.value(),
            smoothing_ms: params.smoothing.value(),
        }
    }

    /// Whether something may be drawn beside the source, or will be once Morph and Resynthesis have come up.
    pub fn may_draw(&self) -> bool {
        self.morph_source == MorphSource::Named && self.morph > 0.0 && self.resynthesis > 0.0
    }

    /// Sets one of those that can be steered, to a value in its own unit.
    pub fn set(&mut self, steered: Steered, plain: f32) {
        match steered {
            Steered::Knob(index) => {
                if let Some(knob) = self.knobs.get_mut(index) {
                    *knob = plain;
                }
            }
            Steered::Resynthesis => self.resynthesis = plain,
            Steered::Articulation => self.articulation = plain,
            Steered::Morph => self.morph = plain,
            Steered::MapX => self.at[0] = plain,
            Steered::MapY => self.at[1] = plain,
            Steered::Blend => self.blend = plain,
            Steered::Follow => self.follow = plain,
            Steered::Smoothing => self.smoothing_ms = plain,
        }
    }

    /// The controls that change nothing.
    pub fn neutral() -> Self {
        Self {
            knobs: [0.0; LATENTS],
            resynthesis: 0.0,
            articulation: 0.0,
            morph: 0.0,
            morph_source: MorphSource::Named,
            target: Target(0),
            at: [0.0; 2],
            blend: 0.0,
            captures: 0,
            follow: 1.0,
            smoothing_ms: 0.0,
        }
    }
}
