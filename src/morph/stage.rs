//! Morph's half on the audio thread: features out, curves in, and the curve onto the sound.

mod curve_follower;
mod features;
mod filter_path;
mod format;
mod loudness;
mod phrase;

use std::sync::Arc;

use crate::{
    dsp::{Delay, DelayedValue, MelBank, StftLayout, StreamingStft},
    model::{BANDS, TimbreFrontEnd},
};

use super::{
    CurveSource, Drawn, FrameMessage, MorphControls,
    notes::{Pan, Voice},
};
use curve_follower::CurveFollower;
use features::Features;
use filter_path::FilterPath;
use phrase::PhraseGain;

pub use format::StageFormat;

/// The wet path: delays the input by [`StageFormat::latency`] samples and puts the curves on it; owned by the audio thread.
///
/// A frame's features go to the source when it is complete. Its curve becomes a filter that is faded in over a hop when its wait is over, never
/// sooner: what is heard doesn't depend on when a curve has come. What was drawn with it sounds from then on, too.
///
/// What a hop costs is spread over it: [`Stage::staggered`].
pub struct Stage<S> {
    /// `None` if there is no model: the sound passes unchanged.
    source: Option<S>,
    stft: StreamingStft,
    features: Features,
    follower: CurveFollower,
    filter: FilterPath,
    /// Sounds what is drawn beside the source.
    voice: Voice,
    phrase: PhraseGain,
    /// Whether a player listens in the hop to come, and has played since it does.
    plays_to_come: bool,
    /// Whether it plays, in that hop and in the one at hand.
    played_to_come: bool,
    played: bool,
    /// Where the source stands in the frame whose filter is to come.
    pan: Pan,
    pan_to_come: [f32; 2],
    /// Those that frames are made with.
    controls: DelayedValue<(MorphControls, bool)>,
    /// Whether the next controls are the first since the reset.
    starts: bool,
    /// Keep Loudness of the frame whose filter is to come: 1 or 0.
    keep_loudness: Delay,
    keep_loudness_to_come: bool,
    layout: StftLayout,
    /// Hops from a frame's end until its filter is faded in.
    wait: usize,
    /// How much later than it could be what a hop costs is done, in samples.
    stagger: usize,
    /// Samples since the last frame ended.
    since: usize,
    /// Whether the next filter is ready.
    prepared: bool,
    generation: u32,
    /// Frames that have ended since the reset.
    frames: u64,
}

impl<S: CurveSource> Stage<S> {
    /// Plans everything. `card` is the timbre model's front-end; `source` is `None` where there is no model.
    pub fn new(card: &TimbreFrontEnd, format: StageFormat, source: Option<S>) -> Self {
        let StageFormat {
            layout,
            sample_rate,
            channels,
            ..
        } = format;
        let bank = Arc::new(mel_bank(card, sample_rate, &layout));
        Self {
            source,
            stft: StreamingStft::new(layout, channels),
            filter: FilterPath::new(&format, bank.centres()),
            voice: Voice::new(sample_rate, layout.hop),
            phrase: PhraseGain::new(sample_rate, layout.hop),
            plays_to_come: false,
            played_to_come: false,
            played: false,
            pan: Pan::new(format.own_frame().saturating_sub(1)),
            pan_to_come: [1.0; 2],
            features: Features::new(&format, bank, card.floor),
            follower: CurveFollower::default(),
            controls: DelayedValue::new(format.control_delay(), (MorphControls::neutral(), true)),
            starts: true,
            keep_loudness: Delay::new(format.wait() - 1),
            keep_loudness_to_come: false,
            layout,
            wait: format.wait(),
            stagger: 0,
            since: 0,
            prepared: false,
            generation: 0,
            frames: 0,
        }
    }

    /// Lets what a hop costs beside its frame's spectrum fall due later, by this share, 0 to 1, of what the wait leaves for that ([`StftLayout::slack`]): so
    /// that many instances don't compute all at once. It is not heard. The next filter is made that much less before it is due, if its curve has come.
    pub fn staggered(mut self, share: f64) -> Self {
        self.stagger = (share * self.layout.slack as f64) as usize;
        self
    }

    /// Where its curves come from.
    pub fn source(&mut self) -> Option<&mut S> {
        self.source.as_mut()
    }

    /// Gets its curves from elsewhere from now on. Those that are under way are late.
    pub fn set_source(&mut self, source: Option<S>) {
        self.source = source;
    }

    /// Forgets all sound; curves still under way are stale from here on.
    pub fn reset(&mut self) {
        self.stft.reset();
        self.features.reset();
        self.follower = CurveFollower::default();
        self.filter.reset();
        self.voice.reset();
        self.phrase.reset();
        self.plays_to_come = false;
        self.played_to_come = false;
        self.played = false;
        self.pan.reset();
        self.pan_to_come = [1.0; 2];
        self.starts = true;
        self.keep_loudness.reset();
        self.keep_loudness_to_come = false;
        self.since = 0;
        self.prepared = false;
        self.generation = self.generation.wrapping_add(1);
        self.frames = 0;
    }

    /// Replaces `block` (`[channel][sample]`) by what it was, delayed and shaped. The controls are those of the block:
    /// each frame takes them as they were [`StageFormat::control_delay`] before it was complete. `sidechain` is what plays beside it, sample for
    /// sample, mono as the same twice; what is missing is silence.
    pub fn process(
        &mut self,
        block: &mut [&mut [f32]],
        sidechain: &[[f32; 2]],
        controls: MorphControls,
        keep_loudness: bool,
    ) {
        let samples = block.first().map_or(0, |channel| channel.len());
        if samples > 0 && std::mem::take(&mut self.starts) {
            self.controls.reset((controls, keep_loudness));
        }
        self.controls.take((controls, keep_loudness));
        let mut done = 0;
        while done < samples {
            let chunk = done..done + self.until_next().min(samples - done);
            self.stft.take(block, chunk.clone());
            self.features.take_sidechain(sidechain, chunk.clone());
            self.filter.process(block, chunk.clone());
            self.voice.mix(block, chunk.clone());
            self.phrase.process(block, chunk.clone(), self.since);
            done = chunk.end;
            self.since += chunk.len();
            let (controls, keep_loudness) = self.controls.skip(chunk.len());
            self.advance(controls, keep_loudness);
        }
    }

    /// Where in a hop the next filter is made.
    fn preparing(&self) -> usize {
        self.layout.hop - self.layout.slack + self.stagger
    }

    /// Samples until there is something to do, at least 1.
    fn until_next(&self) -> usize {
        [self.stagger, self.preparing(), self.layout.hop]
            .into_iter()
            .filter_map(|place| place.checked_sub(self.since))
            .find(|left| *left > 0)
            .unwrap_or(1)
    }

    /// Does what falls due at this place in the hop.
    fn advance(&mut self, controls: MorphControls, keep_loudness: bool) {
        if (self.preparing()..self.layout.hop).contains(&self.since) {
            self.prepare(true);
        }
        if self.since == self.layout.hop {
            // Before a curve is waited for: its maker then finds this frame as well, and needn't be woken for it.
            self.send_frame(controls, keep_loudness);
            self.prepare(false);
            self.filter.take_frame(self.stft.spectra());
            if std::mem::take(&mut self.prepared) {
                self.filter.turn();
                self.voice.turn();
                let keeps = self.filter.is_kept() && self.plays_to_come;
                let played = std::mem::replace(&mut self.played, self.played_to_come);
                self.phrase.turn(self.filter.take_dry(), played, keeps);
            }
            self.since = 0;
            self.end_frame(controls, keep_loudness);
        }
        if self.since == self.stagger {
            self.filter.work();
        }
    }

    /// Sends the features of the frame that ends here.
    fn send_frame(&mut self, controls: MorphControls, keep_loudness: bool) {
        let spectra = self.stft.frame();
        if let Some(source) = &mut self.source {
            source.send(&FrameMessage {
                generation: self.generation,
                index: self.frames,
                ..self.features.message(spectra, controls, keep_loudness)
            });
        }
    }

    /// Remembers what the hops to come need of the frame that was sent.
    fn end_frame(&mut self, controls: MorphControls, keep_loudness: bool) {
        let wanted = controls.may_draw();
        self.pan_to_come = self.pan.hear(self.stft.spectra(), wanted);
        let keep_loudness = if keep_loudness { 1.0 } else { 0.0 };
        self.keep_loudness_to_come = self.keep_loudness.tick(keep_loudness) > 0.0;
        self.frames += 1;
    }

    /// Makes the filter whose wait is over when this hop is, unless that has been done. If it is `early`, a curve that hasn't come may come yet.
    fn prepare(&mut self, early: bool) {
        if self.prepared {
            return;
        }
        let Some(source) = &mut self.source else {
            self.filter.prepare(&[0.0; BANDS], false);
            self.voice.prepare(&Drawn::NOTHING, self.pan_to_come);
            self.plays_to_come = false;
            self.played_to_come = false;
            self.prepared = true;
            return;
        };
        let Some(due) = self.frames.checked_sub(self.wait as u64) else {
            return;
        };
        if let Some((curve, drawn)) = self.follower.follow(source, self.generation, due, early) {
            self.filter.prepare(curve, self.keep_loudness_to_come);
            self.voice.prepare(drawn, self.pan_to_come);
            // What nothing has been played of is as loud as its curves make it.
            self.played_to_come = drawn.changes();
            self.plays_to_come = drawn.plays && (self.plays_to_come || self.played_to_come);
            self.prepared = true;
        }
    }
}

/// The bands of a model, at a host's rate.
pub fn mel_bank(card: &TimbreFrontEnd, sample_rate: f64, layout: &StftLayout) -> MelBank {
    let (f_min, f_max) = (card.f_min as f64, card.f_max as f64);
    MelBank::slaney_mean(sample_rate, layout.window, BANDS, f_min, f_max)
}

/// Centres of the bands of a model, in Hz.
pub fn band_centres(card: &TimbreFrontEnd) -> Vec<f64> {
    MelBank::slaney_centres(BANDS, card.f_min as f64, card.f_max as f64)
}

#[cfg(test)]
mod tests;
