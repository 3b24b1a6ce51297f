//! What a shaper remembers from frame to frame: latents and knobs, smoothed.

use crate::{
    dsp::crossfade,
    model::{LATENTS, Latent, MelDb, MelShape},
};

use super::weights::{HEARD_RANGE_DB, PACE, WAVES};
use crate::morph::{FrameMessage, MorphControls};

/// Time constant of the smoothing of every knob, in seconds: fast enough to play, slow enough not to step.
const KNOB_SECONDS: f32 = 0.02;

/// A knob that goes this far in one hop moves, in its units; one that goes less far does so in part.
const MOVES: f32 = 0.02;

/// What steering adds to a curve: how much of each cosine, in dB.
pub(super) type Correction = [f32; WAVES];

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
    /// The input's levels below its strongest band, as steering sees them: smoothed, so that its curves are.
    pub(super) below: MelDb,
    /// How far the knob that moved most did since the frame before, in the knobs' units.
    moved: f32,
    /// What steers the knobs; `None` before the first frame's.
    steered: Option<Steered>,
}

/// What steers the knobs.
#[derive(Clone, Copy)]
struct Steered {
    /// Smoothed: what is played.
    correction: Correction,
    /// What the last frame by itself asked for.
    asked: Correction,
}

impl State {
    /// At the first frame, whose latent and controls are given, and its levels as steering sees them.
    pub(super) fn new(live: Latent, target: Latent, controls: MorphControls, below: MelDb) -> Self {
        Self {
            live,
            sidechain: None,
            held: live,
            target,
            controls,
            below,
            moved: 0.0,
            steered: None,
        }
    }

    /// What is played where a frame by itself asks for a correction: the same, smoothed at this rate. But what a knob's own move asks for comes with the knob.
    pub(super) fn steer(&mut self, asked: Correction, rate: f32) -> Correction {
        let correction = match self.steered {
            None => asked,
            Some(before) => {
                let with_knob = (self.moved / MOVES).min(1.0);
                let moved = std::array::from_fn(|wave| {
                    before.correction[wave] + with_knob * (asked[wave] - before.asked[wave])
                });
                approached(moved, asked, rate)
            }
        };
        self.steered = Some(Steered { correction, asked });
        correction
    }

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
        self.moved = 0.0;
        for (knob, goal) in now.knobs.iter_mut().zip(&goal.knobs) {
            let before = *knob;
            approach(knob, *goal, knob_rate);
            self.moved = (*knob - before).abs().max(self.moved);
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
            let rate = smoothing_rate(frame, PACE * goal.smoothing_ms / 1000.0);
            self.below = approached(self.below, heard_below(&frame.levels), rate);
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
        self.turned(&self.controls.knobs, unit)
    }

    /// The same with all knobs at 0.
    pub(super) fn unturned(&self, unit: &Latent) -> Latent {
        self.turned(&[0.0; LATENTS], unit)
    }

    fn turned(&self, knobs: &Latent, unit: &Latent) -> Latent {
        let controls = &self.controls;
        let mut latent = [0.0; LATENTS];
        for (index, value) in latent.iter_mut().enumerate() {
            let followed = crossfade(self.held[index], self.live[index], controls.follow);
            let turned = followed + knobs[index] * unit[index];
            *value = crossfade(turned, self.target[index], controls.morph);
        }
        latent
    }
}

/// A frame's levels below its strongest band, in dB, as deep as steering hears them.
pub(super) fn heard_below(levels: &MelDb) -> MelDb {
    let strongest = levels.iter().copied().fold(f32::MIN, f32::max);
    levels.map(|level| (level - strongest).max(-HEARD_RANGE_DB))
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
