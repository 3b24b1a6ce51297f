//! The heart of Morph: one frame's levels and knobs in, one gain curve out.

mod ahead;
mod bounds;
mod descriptors;
mod state;
mod steering;
mod tools;
mod weights;

use std::collections::VecDeque;

use crate::{
    dsp::{FilterPhase, crossfade},
    model::{BANDS, Latent, MelDb, MelShape, ModelError, TimbreMap, TimbreModel},
    params::{Captured, MorphSource},
};

use super::{
    Drawn, FrameLatents, FrameMessage, MorphControls,
    notes::{DrawnLoudness, NoteDrawer},
    stage::band_centres,
};
use bounds::{bounded, unlifted_below_partials};
use state::{SidechainTimbre, State, approached, heard_below, smoothing_rate};
use steering::Steering;
use tools::FrameTools;

/// A frame whose strongest band is below this, in dB, tells nothing about timbre: the latent stays where it is.
const QUIETEST_FRAME: f32 = -80.0;

/// A frame's curve and where it came from.
#[derive(Debug, Clone, Copy)]
pub struct Shaped {
    /// Gain per band, in dB.
    pub gain_db: MelDb,
    /// What is to sound of the hop before.
    pub drawn: Drawn,
    /// The latents behind it.
    pub latents: FrameLatents,
    /// The frame's own latent, not smoothed; `None` if it was too quiet to have one.
    pub heard: Option<Latent>,
}

/// Turns frames into curves, one after the other; a pure function of the frames since the last reset.
///
/// With `m` the frame's normalised levels, `z` its smoothed latent, `z'` the latent after the knobs, `D` the decoder and `r` the
/// Resynthesis, the curve goes from `D(z') - D(z) + c` at `r = 0` to `P(D(z') + c - m)` at `r = 1`, linearly. `P` gives bands that hold only a
/// partial's leakage the partial's gain ([`Leakage`](super::leakage::Leakage)). `c` steers the knobs ([`steering`]): it is the least that has the sound's descriptors move as the knobs say,
/// from where they are without the knobs; there is none while all knobs are at 0, and the less, the more of them are turned at once. Neutral knobs and `r = 0` make `z' = z`, and the curve exactly flat. Where Morph
/// (`f`) leads to the sidechain, whose levels are `s` and whose latent is `y`, `f (s - D(y))` is added to `D(z') - m`: with both at
/// 1 the sidechain's own spectrum is imposed, and not only what the model can draw of it.
///
/// Where Morph leads to a named timbre that has a player, and a single line is heard, `D(z') - D(z)` knows more than one envelope: with
/// `p` the player's own levels at that pitch and moment and `t` the target's latent, `f (P(p - m) - (D(t) - D(z)))` is added to it.
///
/// ```
/// use moodring::model::{ModelSource, TimbreModel};
/// use moodring::morph::{FrameMessage, MorphControls, Shaper};
///
/// # fn main() -> Result<(), moodring::model::ModelError> {
/// let mut shaper = Shaper::new(TimbreModel::load(&ModelSource::Embedded)?);
/// // A frame that falls by 0.3 dB from band to band.
/// let mut frame = FrameMessage {
///     hop_seconds: 0.0107,
///     levels: std::array::from_fn(|band| -20.0 - 0.3 * band as f32),
///     ..FrameMessage::blank()
/// };
/// assert!(shaper.shape(&frame)?.gain_db.iter().all(|gain| *gain == 0.0));
///
/// // Brightness, two standard deviations up: the curve rises towards the high bands.
/// frame.controls.knobs[0] = 2.0;
/// let mut shaped = shaper.shape(&frame)?;
/// for index in 1..100 {
///     frame.index = index;
///     shaped = shaper.shape(&frame)?;
/// }
/// let mean = |bands: &[f32]| bands.iter().sum::<f32>() / bands.len() as f32;
/// assert!(mean(&shaped.gain_db[64..]) > mean(&shaped.gain_db[..64]));
/// # Ok(())
/// # }
/// ```
pub struct Shaper {
    timbre: TimbreModel,
    map: TimbreMap,
    /// The knobs' unit in latent units.
    unit: Latent,
    /// The captured timbres' latents in this model.
    captures: [Option<Latent>; 2],
    /// `None` if the model's card doesn't say how its knobs are steered.
    steering: Option<Steering>,
    /// Once the hop is known.
    tools: Option<FrameTools>,
    notes: NoteDrawer,
    loudness: DrawnLoudness,
    state: Option<State>,
    /// Frames whose curves are still to be made.
    waiting: VecDeque<FrameMessage>,
}

impl Shaper {
    /// A shaper at the beginning of a stream.
    pub fn new(timbre: TimbreModel) -> Self {
        let latents = &timbre.card().latents;
        let unit = std::array::from_fn(|index| latents.get(index).map_or(1.0, |latent| latent.std));
        let centres = band_centres(&timbre.card().front_end);
        Self {
            map: TimbreMap::new(timbre.card()),
            steering: Steering::new(timbre.card()),
            notes: NoteDrawer::new(timbre.players().clone(), &centres),
            loudness: DrawnLoudness::new(),
            timbre,
            unit,
            captures: [None; 2],
            tools: None,
            state: None,
            waiting: VecDeque::new(),
        }
    }

    /// The model's map.
    pub fn map(&self) -> &TimbreMap {
        &self.map
    }

    /// Takes over the captured timbres. Those that another model made are brought into this one by their spectra.
    ///
    /// # Errors
    /// When the network fails.
    pub fn set_captures(&mut self, captures: &[Option<Captured>; 2]) -> Result<(), ModelError> {
        for (latent, captured) in self.captures.iter_mut().zip(captures) {
            *latent = match captured {
                Some(captured) if captured.model == self.timbre.card().full_name() => {
                    Some(captured.latent)
                }
                Some(captured) => {
                    let mut levels = [0.0; BANDS];
                    for (level, known) in levels.iter_mut().zip(&captured.levels) {
                        *level = *known;
                    }
                    Some(self.timbre.encode(&self.timbre.normalise(&levels))?)
                }
                None => None,
            };
        }
        Ok(())
    }

    /// A timbre of this model with the given latent.
    ///
    /// # Errors
    /// When the network fails.
    pub fn captured(&self, name: String, latent: Latent) -> Result<Captured, ModelError> {
        let unit_db = self.timbre.card().front_end.unit_db;
        let levels = self.timbre.decode(&latent)?.map(|level| level * unit_db);
        Ok(Captured {
            name,
            latent,
            levels: levels.to_vec(),
            model: self.timbre.card().full_name(),
        })
    }

    /// The latent of a frame, given as its levels and [`TimbreModel::normalise`]d; `None` if it is too quiet to have one.
    fn hear(&self, levels: &MelDb, normalised: &MelShape) -> Result<Option<Latent>, ModelError> {
        let strongest = levels.iter().copied().fold(f32::MIN, f32::max);
        (strongest > QUIETEST_FRAME)
            .then(|| self.timbre.encode(normalised))
            .transpose()
    }

    /// The sidechain at this frame; `None` unless Morph leads there and it has been heard.
    fn beside(&self, frame: &FrameMessage) -> Result<Option<SidechainTimbre>, ModelError> {
        if frame.controls.morph_source != MorphSource::Sidechain {
            return Ok(None);
        }
        let before = self.state.as_ref().and_then(|state| state.sidechain);
        let Some(levels) = &frame.sidechain else {
            return Ok(before);
        };
        let mut detail = self.timbre.normalise(levels);
        let Some(latent) = self.hear(levels, &detail)? else {
            return Ok(before);
        };
        for (detail, drawn) in detail.iter_mut().zip(self.timbre.decode(&latent)?) {
            *detail -= drawn;
        }
        let now = SidechainTimbre { latent, detail };
        Ok(Some(before.map_or(now, |before| {
            let rate = smoothing_rate(frame, frame.controls.smoothing_ms / 1000.0);
            SidechainTimbre {
                latent: approached(before.latent, now.latent, rate),
                detail: approached(before.detail, now.detail, rate),
            }
        })))
    }

    /// The spectrum of a latent; of the same latent as another's, which is known.
    fn decode_unless(
        &self,
        latent: &Latent,
        known: &Latent,
        spectrum: MelShape,
    ) -> Result<MelShape, ModelError> {
        if latent == known {
            Ok(spectrum)
        } else {
            self.timbre.decode(latent)
        }
    }

    /// What Morph leads to; `None` where there is nothing to lead to.
    fn target(&self, controls: &MorphControls, sidechain: Option<Latent>) -> Option<Latent> {
        match controls.morph_source {
            MorphSource::Named => {
                // A model that lacks the timbre leads to its training data's mean.
                let card = self.timbre.card();
                let mean = |index: usize| card.latents.get(index).map_or(0.0, |latent| latent.mean);
                let latent = controls.target.latent(card);
                Some(latent.unwrap_or_else(|| std::array::from_fn(mean)))
            }
            MorphSource::Map => Some(self.map.latent_at(controls.at)),
            MorphSource::Captures => match self.captures {
                [Some(a), Some(b)] => Some(std::array::from_fn(|index| {
                    crossfade(a[index], b[index], controls.blend)
                })),
                [Some(only), None] | [None, Some(only)] => Some(only),
                [None, None] => None,
            },
            MorphSource::Sidechain => sidechain,
        }
    }

    /// Back to the beginning of a stream.
    pub fn reset(&mut self) {
        self.notes.reset();
        self.state = None;
        self.waiting.clear();
    }

    /// Does what the newest frame's curve didn't need and later ones do; says whether there was anything. Else the next frame's curve comes later by that.
    ///
    /// # Errors
    /// When a network fails.
    pub fn catch_up(&mut self) -> Result<bool, ModelError> {
        self.notes.catch_up()
    }

    /// The curve of the next frame, of which nothing that comes behind is known.
    ///
    /// # Errors
    /// When a network fails.
    pub fn shape(&mut self, frame: &FrameMessage) -> Result<Shaped, ModelError> {
        self.listen(frame)?;
        self.draw(&FrameMessage {
            lookahead: 0,
            ..*frame
        })
    }

    /// Hears the notes of the newest frame.
    fn listen(&mut self, frame: &FrameMessage) -> Result<(), ModelError> {
        let still = self
            .state
            .as_ref()
            .is_none_or(|state| state.controls.morph <= 0.0);
        self.notes.hear(frame, still && frame.controls.morph <= 0.0)
    }

    /// The curve of a frame, the notes of which and of those up to its lookahead have been heard.
    fn draw(&mut self, frame: &FrameMessage) -> Result<Shaped, ModelError> {
        let levels = &frame.levels;
        let normalised = self.timbre.normalise(levels);
        let heard = self.hear(levels, &normalised)?;
        let sidechain = self.beside(frame)?;
        let target = self.target(&frame.controls, sidechain.map(|beside| beside.latent));
        let state = match (&mut self.state, heard) {
            (Some(state), heard) => {
                state.sidechain = sidechain;
                state.advance(frame, heard, target);
                state
            }
            (None, Some(latent)) => {
                let controls = MorphControls {
                    morph: target.map_or(0.0, |_| frame.controls.morph),
                    ..frame.controls
                };
                let target = target.unwrap_or(latent);
                let first = State::new(latent, target, controls, heard_below(levels));
                let state = self.state.insert(first);
                state.sidechain = sidechain;
                state
            }
            // Nothing has been heard yet, so there is nothing to shape.
            (None, None) => {
                return Ok(Shaped {
                    gain_db: [0.0; BANDS],
                    drawn: Drawn::NOTHING,
                    latents: FrameLatents::default(),
                    heard: None,
                });
            }
        };
        let latents = FrameLatents {
            live: state.live,
            shaped: state.shaped(&self.unit),
            sidechain: state.sidechain.map(|beside| beside.latent),
        };
        let still = state.unturned(&self.unit);
        let detail = state.sidechain.map(|beside| beside.detail);
        let MorphControls {
            resynthesis, morph, ..
        } = state.controls;
        let smoothed = MorphControls {
            resynthesis,
            morph,
            articulation: state.controls.articulation,
            ..frame.controls
        };
        let target = state.target;
        let (mut drawn, played) = self.notes.draw(frame, &smoothed);
        drawn.plays = morph > 0.0 && self.notes.plays();
        self.loudness.keep(&mut drawn, frame);

        let before = self.timbre.decode(&latents.live)?;
        let without = self.decode_unless(&still, &latents.live, before)?;
        let after = self.decode_unless(&latents.shaped, &still, without)?;
        let unit_db = self.timbre.card().front_end.unit_db;
        // The curve without the knobs, and what they add to it.
        let mut led: MelShape = std::array::from_fn(|band| without[band] - before[band]);
        if let Some(played) = played {
            let wanted = self.towards(&played, frame);
            let full = if morph < 1.0 {
                self.timbre.decode(&target)?
            } else {
                after
            };
            for (band, led) in led.iter_mut().enumerate() {
                *led += played.sure * morph * (wanted[band] - (full[band] - before[band]));
            }
        }
        let lent = detail.map_or([0.0; BANDS], |detail| detail.map(|level| morph * level));
        let mut added: MelShape = std::array::from_fn(|band| after[band] - without[band]);
        let steered = self.steered(
            frame,
            [&still, &latents.shaped],
            &added,
            |heard: &MelShape, band: usize| {
                let imposed = without[band] + lent[band] - heard[band];
                crossfade(led[band], imposed, resynthesis)
            },
        );
        for (added, steered) in added.iter_mut().zip(steered) {
            *added += steered;
        }
        let mut curve: MelShape = std::array::from_fn(|band| led[band] + added[band]);
        if resynthesis > 0.0 {
            let mut imposed: MelShape = std::array::from_fn(|band| {
                without[band] + added[band] + lent[band] - normalised[band]
            });
            self.assign_to_partials(frame, &mut imposed, unit_db, FilterPhase::Zero);
            if self.notes.plays() {
                unlifted_below_partials(&mut imposed, levels);
            }
            curve = std::array::from_fn(|band| crossfade(curve[band], imposed[band], resynthesis));
        }
        let mut gain_db = bounded(&curve, unit_db, levels);
        if frame.phase == FilterPhase::Minimum {
            // In bands that hold nothing the curve and its bounds move as the levels do there, and with them the phase of what sounds elsewhere.
            self.assign_to_partials(frame, &mut gain_db, 1.0, FilterPhase::Minimum);
        }
        Ok(Shaped {
            gain_db,
            drawn,
            latents,
            heard,
        })
    }
}

#[cfg(test)]
mod tests;
