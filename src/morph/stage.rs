//! Morph's half on the audio thread: features out, curves in, and the curve onto the sound.

mod curve_follower;
mod features;
mod filter_path;
mod format;
mod loudness;

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

pub use format::StageFormat;

/// The wet path: delays the input by [`StageFormat::latency`] samples and puts the curves on it; owned by the audio thread.
///
/// A frame's features go to the source when it is complete. Its curve becomes a filter `wait` hops later, never sooner, and that is
/// faded in over a hop: what is heard doesn't depend on when a curve has come. What was drawn with it sounds from then on, too.
pub struct Stage<S> {
    /// `None` if there is no model: the sound passes unchanged.
    source: Option<S>,
    stft: StreamingStft,
    features: Features,
    follower: CurveFollower,
    filter: FilterPath,
    /// Sounds what is drawn beside the source.
    voice: Voice,
    /// Where the source stands in the frame whose filter is to come.
    pan: Pan,
    /// Those that frames are made with.
    controls: DelayedValue<(MorphControls, bool)>,
    /// Whether the next controls are the first since the reset.
    starts: bool,
    /// Keep Loudness of the frame whose filter is to come: 1 or 0.
    keep_loudness: Delay,
    wait: u64,
    generation: u32,
    /// Frames analysed since the reset.
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
            pan: Pan::new(format.own_frame()),
            features: Features::new(&layout, sample_rate, bank, card.floor),
            follower: CurveFollower::default(),
            controls: DelayedValue::new(format.control_delay(), (MorphControls::neutral(), true)),
            starts: true,
            keep_loudness: Delay::new(layout.wait),
            wait: layout.wait as u64,
            generation: 0,
            frames: 0,
        }
    }

    /// Lets the first frame be complete `samples` earlier: see [`StreamingStft::staggered`].
    pub fn staggered(mut self, samples: usize) -> Self {
        self.stft = self.stft.staggered(samples);
        self.filter = self.filter.staggered(samples);
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
        self.pan.reset();
        self.starts = true;
        self.keep_loudness.reset();
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
            let chunk = done..done + self.stft.take(block, done..samples);
            self.features.take_sidechain(sidechain, chunk.clone());
            self.filter.process(block, chunk.clone());
            self.voice.mix(block, chunk.clone());
            done = chunk.end;
            let (controls, keep_loudness) = self.controls.skip(chunk.len());
            self.complete_frame(controls, keep_loudness);
        }
    }

    /// If a frame is complete: sends its features off, and turns to the filter whose wait is over.
    fn complete_frame(&mut self, controls: MorphControls, keep_loudness: bool) {
        let Some(spectra) = self.stft.complete() else {
            return;
        };
        let index = self.frames;
        self.frames += 1;
        self.filter.take_frame(spectra);
        let pan = self.pan.hear(spectra);
        let keep_loudness = self
            .keep_loudness
            .tick(if keep_loudness { 1.0 } else { 0.0 })
            > 0.0;
        let Some(source) = &mut self.source else {
            self.filter.turn_to(&[0.0; BANDS], false);
            self.voice.turn_to(&Drawn::NOTHING, pan);
            return;
        };
        source.send(&FrameMessage {
            generation: self.generation,
            index,
            ..self.features.message(spectra, controls)
        });
        let Some(due) = index.checked_sub(self.wait) else {
            return;
        };
        let (curve, drawn) = self.follower.follow(source, self.generation, due);
        self.filter.turn_to(curve, keep_loudness);
        self.voice.turn_to(drawn, pan);
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
