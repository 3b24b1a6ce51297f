//! The heart of Morph: one frame's levels and knobs in, one gain curve out.

use crate::{
    dsp::crossfade,
    model::{BANDS, Bands, Code, LATENTS, ModelError, Timbre},
};

use super::{CodePair, Controls, FrameMessage};

/// Time constant of the smoothing of every knob, in seconds: fast enough to play, slow enough not to step.
const KNOB_SECONDS: f32 = 0.02;

/// Least and greatest gain of a curve, in dB.
const GAIN_RANGE: (f32, f32) = (-60.0, 24.0);

/// A frame whose strongest band is below this, in dB, tells nothing about timbre: the code stays where it is.
const QUIETEST_FRAME: f32 = -80.0;

/// A band this far below the frame's strongest, in dB, is not boosted at all: there is only noise to lift.
const NO_BOOST_BELOW: f32 = -80.0;

/// A band this far below the frame's strongest, in dB, may be boosted in full; in between the allowance is linear.
const FULL_BOOST_ABOVE: f32 = -45.0;

/// A frame's curve and where it came from.
#[derive(Debug, Clone, Copy)]
pub struct Shaped {
    /// Gain per band, in dB.
    pub gain_db: Bands,
    /// The codes behind it.
    pub codes: CodePair,
}

/// Turns frames into curves, one after the other; a pure function of the frames since the last reset.
///
/// With `m` the frame's normalised levels, `z` its smoothed code, `z'` the code after the knobs, `D` the decoder and `r` the
/// Resynthesis: `curve = D(z') - ((1 - r) D(z) + r m)`, see design.md. Neutral knobs and `r = 0` make `z' = z`, and the
/// curve exactly flat.
pub struct Shaper {
    timbre: Timbre,
    /// The knobs' unit in latent units.
    unit: Code,
    state: Option<State>,
}

struct State {
    /// The input's code, smoothed.
    live: Code,
    /// The code that Follow holds on to.
    held: Code,
    /// The target's code, smoothed.
    target: Code,
    /// The knobs, smoothed.
    controls: Controls,
}

impl Shaper {
    /// A shaper at the beginning of a stream.
    pub fn new(timbre: Timbre) -> Self {
        let unit = std::array::from_fn(|index| {
            timbre
                .card()
                .latents
                .get(index)
                .map_or(1.0, |latent| latent.std)
        });
        Self {
            timbre,
            unit,
            state: None,
        }
    }

    /// Back to the beginning of a stream.
    pub fn reset(&mut self) {
        self.state = None;
    }

    /// The curve of the next frame.
    ///
    /// # Errors
    /// When a network fails.
    pub fn shape(&mut self, frame: &FrameMessage) -> Result<Shaped, ModelError> {
        let levels = &frame.levels;
        let strongest = levels.iter().copied().fold(f32::MIN, f32::max);
        let normalised = self.timbre.normalise(levels);
        let heard = (strongest > QUIETEST_FRAME)
            .then(|| self.timbre.encode(&normalised))
            .transpose()?;

        let target = frame.controls.target_code(self.timbre.card());
        let state = match (&mut self.state, heard) {
            (Some(state), heard) => {
                state.advance(frame, heard, &target);
                state
            }
            (None, Some(code)) => self.state.insert(State {
                live: code,
                held: code,
                target,
                controls: frame.controls,
            }),
            // Nothing has been heard yet, so there is nothing to shape.
            (None, None) => {
                return Ok(Shaped {
                    gain_db: [0.0; BANDS],
                    codes: CodePair::default(),
                });
            }
        };
        let codes = CodePair {
            live: state.live,
            shaped: state.shaped(&self.unit),
        };
        let resynthesis = state.controls.resynthesis;

        let before = self.timbre.decode(&codes.live)?;
        let after = if codes.shaped == codes.live {
            before
        } else {
            self.timbre.decode(&codes.shaped)?
        };
        let unit_db = self.timbre.card().front_end.unit_db;
        let mut gain_db = [0.0; BANDS];
        for (band, gain) in gain_db.iter_mut().enumerate() {
            let base = crossfade(before[band], normalised[band], resynthesis);
            let wanted = unit_db * (after[band] - base);
            let below = levels[band] - strongest;
            let allowance =
                ((below - NO_BOOST_BELOW) / (FULL_BOOST_ABOVE - NO_BOOST_BELOW)).clamp(0.0, 1.0);
            *gain = wanted.clamp(GAIN_RANGE.0, GAIN_RANGE.1 * allowance);
        }
        Ok(Shaped { gain_db, codes })
    }
}

impl State {
    fn advance(&mut self, frame: &FrameMessage, heard: Option<Code>, target: &Code) {
        let rate = |seconds: f32| {
            if seconds <= 0.0 {
                1.0
            } else {
                1.0 - (-frame.hop_seconds / seconds).exp()
            }
        };
        let knob_rate = rate(KNOB_SECONDS);
        let goal = &frame.controls;
        let now = &mut self.controls;
        for (knob, goal) in now.knobs.iter_mut().zip(&goal.knobs) {
            approach(knob, *goal, knob_rate);
        }
        approach(&mut now.resynthesis, goal.resynthesis, knob_rate);
        approach(&mut now.morph, goal.morph, knob_rate);
        approach(&mut now.follow, goal.follow, knob_rate);
        for (value, goal) in self.target.iter_mut().zip(target) {
            approach(value, *goal, knob_rate);
        }
        if let Some(code) = heard {
            let code_rate = rate(goal.smoothing_ms / 1000.0);
            for (live, code) in self.live.iter_mut().zip(code) {
                approach(live, code, code_rate);
            }
        }
        // The held code tracks the live one the more slowly the less Follow there is, and stands still at 0: so it holds
        // what was live when Follow came down.
        let follow = self.controls.follow;
        for (held, live) in self.held.iter_mut().zip(self.live) {
            approach(held, live, follow);
        }
    }

    /// `z' = lerp(lerp(held, live, follow) + knobs, target, morph)`.
    fn shaped(&self, unit: &Code) -> Code {
        let controls = &self.controls;
        let mut code = [0.0; LATENTS];
        for (index, value) in code.iter_mut().enumerate() {
            let followed = crossfade(self.held[index], self.live[index], controls.follow);
            let turned = followed + controls.knobs[index] * unit[index];
            *value = crossfade(turned, self.target[index], controls.morph);
        }
        code
    }
}

/// One step of a one-pole smoother, which arrives: a value that would never quite reach 0 would never be neutral.
fn approach(value: &mut f32, goal: f32, rate: f32) {
    *value = crossfade(*value, goal, rate);
    if (*value - goal).abs() < 1e-4 {
        *value = goal;
    }
}
