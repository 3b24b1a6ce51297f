//! Morph's half on the audio thread: features out, curves in, and the curve onto the spectrum.

use realfft::num_complex::Complex;

use crate::{
    dsp::{
        Analyser, BandInterpolation, Levels, MelBank, PITCH_BINS, SpectralProcessor, StftLayout,
        StreamingStft,
    },
    model::{BANDS, MelDb, TimbreFrontEnd},
    params::MorphSource,
};

use super::{Arrival, CurveMessage, CurveSource, FrameMessage, MorphControls, notes::Voice};

/// Channels that a stage takes, at most.
const CHANNELS: usize = 2;

/// Keep Loudness turns the level up or down by no more than this factor (40 dB).
const LARGEST_MAKE_UP: f32 = 100.0;

/// Once a curve was late, no band moves by more than this in a hop until the newest curve is reached: about what the
/// curves of steady music differ by. Curves that come in time are never held back, since that would blunt the knobs.
const LARGEST_CATCH_UP_DB: f32 = 3.0;

/// The wet path: delays the input by [`StftLayout::latency`] samples and puts the curves on it; owned by the audio thread.
pub struct Stage<S> {
    stft: StreamingStft,
    hop: usize,
    processor: FrameProcessor<S>,
}

/// What happens to the frames; apart from the transform, so that both can be borrowed at once.
struct FrameProcessor<S> {
    /// `None` if there is no model: the sound passes unchanged.
    source: Option<S>,
    levels: Levels,
    sidechain: Analyser,
    /// What has become of the output: see [`Stage::hear_output`].
    output: Analyser,
    spread: BandInterpolation,
    hop_seconds: f32,
    wait: u64,
    generation: u32,
    /// Frames analysed since the reset.
    frames: u64,
    controls: MorphControls,
    keep_loudness: bool,
    /// The newest curve that has come, with what was drawn.
    newest: CurveMessage,
    /// The curve in use: the newest one, or on its way there after a late one.
    curve: MelDb,
    /// Whether a curve was late and the newest has not been reached since.
    catching_up: bool,
    /// Linear gain per bin of the present curve.
    gains: Vec<f32>,
    /// Sounds what is drawn beside the source.
    voice: Voice,
}

/// A [`FrameProcessor`] for one block, with what plays beside it.
struct WithSidechain<'a, S> {
    processor: &'a mut FrameProcessor<S>,
    /// As long as the block, or shorter: what is missing is silence.
    sidechain: &'a [[f32; 2]],
}

impl<S: CurveSource> Stage<S> {
    /// Plans everything for a host's rate. `card` is the timbre model's front-end; `source` is `None` where there is no model.
    pub fn new(
        card: &TimbreFrontEnd,
        sample_rate: f64,
        channels: usize,
        source: Option<S>,
    ) -> Self {
        let layout = StftLayout::for_rate(sample_rate, card.sample_rate as f64, card.n_fft);
        let bank = || mel_bank(card, sample_rate, &layout);
        let levels = || Levels::new(bank(), layout.window, card.floor);
        Self {
            processor: FrameProcessor {
                source,
                spread: BandInterpolation::new(sample_rate, layout.window, bank().centres()),
                levels: levels(),
                sidechain: Analyser::new(levels(), layout.window),
                output: Analyser::new(levels(), layout.window),
                hop_seconds: (layout.hop as f64 / sample_rate) as f32,
                wait: layout.wait as u64,
                generation: 0,
                frames: 0,
                controls: MorphControls::neutral(),
                keep_loudness: true,
                newest: CurveMessage::blank(),
                curve: [0.0; BANDS],
                catching_up: false,
                gains: vec![1.0; layout.bins()],
                voice: Voice::new(sample_rate, layout.hop),
            },
            hop: layout.hop,
            stft: StreamingStft::new(layout, channels),
        }
    }

    /// Lets the first frame be complete `samples` earlier: see [`StreamingStft::staggered`].
    pub fn staggered(mut self, samples: usize) -> Self {
        self.stft = self.stft.staggered(samples);
        self.processor.voice = self.processor.voice.staggered(samples);
        self
    }

    /// Gets its curves from elsewhere from now on. Those that are under way are late.
    pub fn set_source(&mut self, source: Option<S>) {
        self.processor.source = source;
    }

    /// Forgets all sound; curves still under way are stale from here on.
    pub fn reset(&mut self) {
        self.stft.reset();
        self.processor.sidechain.reset();
        self.processor.output.reset();
        self.processor.generation = self.processor.generation.wrapping_add(1);
        self.processor.frames = 0;
        self.processor.newest = CurveMessage::blank();
        self.processor.voice.reset();
        self.processor.curve = [0.0; BANDS];
        self.processor.catching_up = false;
    }

    /// Replaces `block` (`[channel][sample]`) by what it was, delayed and shaped. The controls are those of the block:
    /// each frame takes them as they are when it is complete. `sidechain` is what plays beside it, sample for
    /// sample, mono as the same twice; what is missing is silence.
    pub fn process(
        &mut self,
        block: &mut [&mut [f32]],
        sidechain: &[[f32; 2]],
        controls: MorphControls,
        keep_loudness: bool,
    ) {
        self.processor.controls = controls;
        self.processor.keep_loudness = keep_loudness;
        let samples = block.first().map_or(0, |channel| channel.len());
        for from in (0..samples).step_by(self.hop) {
            let upto = (from + self.hop).min(samples);
            self.process_hop(block, from..upto, sidechain.get(from..).unwrap_or_default());
        }
    }

    /// The same of a hop or less, which are `range` of the block: no more than one frame is complete in it.
    fn process_hop(
        &mut self,
        block: &mut [&mut [f32]],
        range: std::ops::Range<usize>,
        sidechain: &[[f32; 2]],
    ) {
        let mut parts: [&mut [f32]; CHANNELS] = [&mut [], &mut []];
        let channels = block.len().min(CHANNELS);
        for (part, channel) in parts.iter_mut().zip(block.iter_mut()) {
            *part = channel.get_mut(range.clone()).unwrap_or_default();
        }
        let Some(parts) = parts.get_mut(..channels) else {
            return;
        };
        let processor = &mut self.processor;
        self.stft.process(
            parts,
            &mut WithSidechain {
                processor,
                sidechain,
            },
        );
        self.processor.voice.add_to(parts);
    }

    /// Takes in one sample of what the listener gets, mono as the same twice: only for [`FrameMessage::output`].
    #[inline]
    pub fn hear_output(&mut self, frame: [f32; 2]) {
        self.processor.output.push(frame);
    }
}

/// The bands of a model, at a host's rate.
pub fn mel_bank(card: &TimbreFrontEnd, sample_rate: f64, layout: &StftLayout) -> MelBank {
    let (f_min, f_max) = (card.f_min as f64, card.f_max as f64);
    MelBank::slaney_mean(sample_rate, layout.window, BANDS, f_min, f_max)
}

impl<S: CurveSource> SpectralProcessor for WithSidechain<'_, S> {
    fn taken(&mut self, samples: std::ops::Range<usize>) {
        for index in samples {
            let frame = self.sidechain.get(index).copied().unwrap_or_default();
            self.processor.sidechain.push(frame);
        }
    }

    fn analysed(&mut self, spectra: &[Vec<Complex<f32>>]) {
        self.processor.analysed(spectra);
    }

    fn shape(&mut self, spectra: &mut [Vec<Complex<f32>>]) {
        self.processor.shape(spectra);
    }
}

impl<S: CurveSource> FrameProcessor<S> {
    fn analysed(&mut self, spectra: &[Vec<Complex<f32>>]) {
        let index = self.frames;
        self.frames += 1;
        let Some(source) = &mut self.source else {
            return;
        };
        let mut levels = [0.0; BANDS];
        self.levels.of(spectra, &mut levels);
        let mut low_power = [0.0; PITCH_BINS];
        for (low, power) in low_power.iter_mut().zip(self.levels.power()) {
            *low = *power;
        }
        let heard = |analyser: &mut Analyser, wanted: bool| {
            wanted.then(|| {
                let mut levels = [0.0; BANDS];
                analyser.levels(&mut levels);
                levels
            })
        };
        let leads = self.controls.morph_source == MorphSource::Sidechain;
        source.send(&FrameMessage {
            generation: self.generation,
            index,
            hop_seconds: self.hop_seconds,
            levels,
            low_power,
            // A sine's power is spread over bins that sum up to 1.5 times its peak.
            power: self.levels.power().iter().sum::<f32>() / 3.0,
            sidechain: heard(&mut self.sidechain, leads),
            output: heard(&mut self.output, source.is_watched()),
            controls: self.controls,
        });
    }

    fn shape(&mut self, spectra: &mut [Vec<Complex<f32>>]) {
        self.fetch();
        self.voice.render(&self.newest.drawn, spectra);
        self.apply_curve(spectra);
        let source = self.newest.drawn.source;
        if source < 1.0 {
            for bin in spectra.iter_mut().flatten() {
                *bin *= source;
            }
        }
    }

    /// Gets the curve of the spectra that are next.
    fn fetch(&mut self) {
        // `frames` already counts the newest; the first spectra to come are the silence of the start.
        let (Some(source), Some(index)) =
            (&mut self.source, self.frames.checked_sub(1 + self.wait))
        else {
            return;
        };
        let arrival = source.fetch(self.generation, index, &mut self.newest);
        self.catching_up |= arrival == Arrival::Late;
        if self.catching_up {
            for (now, newest) in self.curve.iter_mut().zip(&self.newest.gain_db) {
                let step = (newest - *now).clamp(-LARGEST_CATCH_UP_DB, LARGEST_CATCH_UP_DB);
                // By the step alone a band might miss its goal by a rounding.
                *now = if step.abs() < LARGEST_CATCH_UP_DB {
                    *newest
                } else {
                    *now + step
                };
            }
            self.catching_up = arrival == Arrival::Late || self.curve != self.newest.gain_db;
        } else {
            self.curve = self.newest.gain_db;
        }
    }

    fn apply_curve(&mut self, spectra: &mut [Vec<Complex<f32>>]) {
        if self.curve.iter().all(|gain| *gain == 0.0) {
            return;
        }
        /// `10^(dB/20)` is `2^(dB * this)`.
        const OCTAVES_PER_DB: f32 = std::f32::consts::LOG2_10 / 20.0;
        for (gain, db) in self.gains.iter_mut().zip(self.spread.spread(&self.curve)) {
            *gain = (db * OCTAVES_PER_DB).exp2();
        }
        let (mut before, mut after) = (0.0, 0.0);
        for spectrum in spectra.iter_mut() {
            for (bin, gain) in spectrum.iter_mut().zip(&self.gains) {
                before += bin.norm_sqr();
                *bin *= *gain;
                after += bin.norm_sqr();
            }
        }
        if self.keep_loudness && after > 0.0 {
            // By Parseval the frame's energy is its spectrum's.
            let make_up = (before / after)
                .sqrt()
                .clamp(1.0 / LARGEST_MAKE_UP, LARGEST_MAKE_UP);
            for bin in spectra.iter_mut().flatten() {
                *bin *= make_up;
            }
        }
    }
}

#[cfg(test)]
mod tests;
