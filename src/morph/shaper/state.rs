//! What a shaper remembers from frame to frame: latents and knobs, smoothed.

use crate::{
    dsp::crossfade,
    model::{LATENTS, Latent, MelShape},
};

use crate::morph::{FrameMessage, MorphControls};

/// Time constant of the smoothing of every knob, in seconds: fast enough to play, slow enough not to step.
const KNOB_SECONDS: f32 = 0.02;

/// What plays at the sidechain, smoothed.
#[derive(Clone, Copy)]
pub(super) struct SidechainTimbre {
    pub(super) latent: Latent,
    /// What of its spectrum the model can't draw, in the encoder's units: its levels less its decoded latent.
    pub(super) detail: MelShape,
}

/// Between two frames.
pub(super) struct State {
    /// The input's latent, smoothed.
    pub(super) live: Latent,
    /// The sidechain, once it has been heard.
    pub(super) sidechain: Option<SidechainTimbre>,
    /// The latent that Follow holds on to.
    pub(super) held: Latent,
    /// The target's latent, smoothed; where there has been none yet, the live latent.
    pub(super) target: Latent,
    /// The knobs, smoothed.
    pub(super) controls: MorphControls,
}

impl State {
    /// Without a `target` Morph comes down to 0, and comes up again when there is one.
    pub(super) fn advance(
        &mut self,
        frame: &FrameMessage,
        heard: Option<Latent>,
        target: Option<Latent>,
    ) {
        let knob_rate = smoothing_rate(frame, KNOB_SECONDS);
        let goal = &frame.controls;
        let now = &mut self.controls;
        for (knob, goal) in now.knobs.iter_mut().zip(&goal.knobs) {
            approach(knob, *goal, knob_rate);
        }
        approach(&mut now.resynthesis, goal.resynthesis, knob_rate);
        approach(&mut now.articulation, goal.articulation, knob_rate);
        let morph = target.map_or(0.0, |_| goal.morph);
        approach(&mut now.morph, morph, knob_rate);
        approach(&mut now.follow, goal.follow, knob_rate);
        if let Some(target) = target {
            self.target = approached(self.target, target, knob_rate);
        }
        if let Some(latent) = heard {
            let latent_rate = smoothing_rate(frame, goal.smoothing_ms / 1000.0);
            self.live = approached(self.live, latent, latent_rate);
        }
        // The held latent tracks the live one the more slowly the less Follow there is, and stands still at 0: so it holds
        // what was live when Follow came down.
        let follow = self.controls.follow;
        for (held, live) in self.held.iter_mut().zip(self.live) {
            approach(held, live, follow);
        }
    }

    /// `z' = lerp(lerp(held, live, follow) + knobs, target, morph)`.
    pub(super) fn shaped(&self, unit: &Latent) -> Latent {
        let controls = &self.controls;
        let mut latent = [0.0; LATENTS];
        for (index, value) in latent.iter_mut().enumerate() {
            let followed = crossfade(self.held[index], self.live[index], controls.follow);
            let turned = followed + controls.knobs[index] * unit[index];
            *value = crossfade(turned, self.target[index], controls.morph);
        }
        latent
    }
}

/// The share of the way to its goal that a value goes in one hop, for a time constant in seconds.
pub(super) fn smoothing_rate(frame: &FrameMessage, seconds: f32) -> f32 {
    if seconds <= 0.0 {
        1.0
    } else {
        1.0 - (-frame.hop_seconds / seconds).exp()
    }
}

/// [`approach`] for many values at once.
pub(super) fn approached<const N: usize>(
    mut from: [f32; N],
    goal: [f32; N],
    rate: f32,
) -> [f32; N] {
    for (value, goal) in from.iter_mut().zip(goal) {
        approach(value, goal, rate);
    }
    from
}

/// One step of a one-pole smoother, which arrives: a value that would never quite reach 0 would never be neutral.
fn approach(value: &mut f32, goal: f32, rate: f32) {
    *value = crossfade(*value, goal, rate);
    if (*value - goal).abs() < 1e-4 {
        *value = goal;
    }
}
