//! Chunks of sound in, answers out: the tagger's front-end, its clock and its sense of silence.

use crate::{
    dsp::{DcBlocker, StreamResampler, clean},
    model::{Affect, ModelError, TaggerModel},
    telemetry::{ListenState, Readout},
};

use super::{average::Average, features::Features};

/// Steps in a second.
const STEP_RATE: f64 = 100.0;

/// Half a second: what the time from one answer to the next is counted in. So much sound the first one takes always.
const ANSWER_STEPS: u64 = 50;

/// Below this RMS level over its channels (-60 dBFS) a chunk is silent.
const SILENCE_RMS: f32 = 1e-3;

/// Silence for this long freezes the readout, in seconds.
const SILENCE_SECONDS: f64 = 1.0;

/// Hears what plays in one instance, even if its channels cancel each other, and without direct current, which is no sound.
pub struct Listener {
    tagger: TaggerModel,
    sample_rate: f64,
    channels: usize,
    dc: DcBlocker,
    resampler: StreamResampler,
    features: Features,
    average: Average,
    /// Frames heard since the reset, at the host's rate; lost ones count.
    position: u64,
    /// The step after which there is an answer.
    next_answer: u64,
    /// Steps from one answer to the next.
    pace: u64,
    /// Length of the present silence, in frames.
    silent: u64,
    /// Where the present stretch of sound begins, in frames at the host's rate.
    origin: u64,
    /// Steps heard since then, a hundredth of a second each: so neither silence nor the answers depend on the blocks that sound
    /// comes in, and hardly on the rate.
    steps: u64,
    /// Samples that have come and are not heard yet, without direct current.
    pending: Vec<f32>,
    /// The tagger's input, in its card's order.
    window: Vec<f32>,
    state: ListenState,
}

impl Listener {
    /// A listener at the beginning of a stream of `channels`, at least one, at `sample_rate` Hz.
    ///
    /// # Errors
    /// When no resampler can be made for the rate.
    pub fn new(
        tagger: TaggerModel,
        sample_rate: f64,
        channels: usize,
    ) -> Result<Self, rubato::ResamplerConstructionError> {
        let card = tagger.card();
        let front_end = &card.front_end;
        let channels = channels.max(1);
        let own_rate = f64::from(front_end.sample_rate());
        Ok(Self {
            dc: DcBlocker::new(sample_rate, channels),
            resampler: StreamResampler::new(sample_rate, own_rate, channels)?,
            features: Features::new(card, sample_rate, channels),
            average: Average::default(),
            position: 0,
            next_answer: ANSWER_STEPS,
            pace: pace_of(&tagger),
            silent: 0,
            origin: 0,
            steps: 0,
            pending: Vec::new(),
            window: vec![0.0; front_end.width() * front_end.frames()],
            state: ListenState::Waiting,
            sample_rate,
            channels,
            tagger,
        })
    }

    /// Answers each so many half seconds, at least one, in place of each, behind the first half second: what is summed up over minutes needs
    /// no more. A tagger whose card wants more time between answers has it.
    pub fn with_pace(mut self, half_seconds: u16) -> Self {
        self.pace = pace_of(&self.tagger).max(ANSWER_STEPS * u64::from(half_seconds));
        self
    }

    /// The tagger in use.
    pub fn tagger(&self) -> &TaggerModel {
        &self.tagger
    }

    /// The rate that it hears at, in Hz.
    pub fn sample_rate(&self) -> f64 {
        self.sample_rate
    }

    /// How many channels it hears.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Back to the beginning of a stream.
    pub fn reset(&mut self) {
        self.go_to(0);
        self.forget();
        self.average.reset();
        self.state = ListenState::Waiting;
    }

    /// A new stretch of sound begins there.
    fn go_to(&mut self, position: u64) {
        self.position = position;
        self.origin = position;
        self.steps = 0;
        self.pending.clear();
        self.dc.reset();
    }

    /// Drops the sound heard so far, but not where we are.
    fn forget(&mut self) {
        self.resampler.reset();
        self.features.reset();
        self.silent = 0;
        self.next_answer = self.steps + ANSWER_STEPS;
    }

    /// Where the step in hand ends. Steps add up to whole seconds at any rate.
    fn step_end(&self) -> u64 {
        self.origin + ((self.steps + 1) as f64 * self.sample_rate / STEP_RATE) as u64
    }

    fn seconds(&self) -> f64 {
        self.position as f64 / self.sample_rate
    }

    /// Passes over lost sound: what comes next doesn't belong to what was heard.
    pub fn skip_to(&mut self, position: u64) {
        self.go_to(position);
        self.forget();
    }

    /// What the answers mean at the moment; [`ListenState::Waiting`] until the first sound.
    pub fn state(&self) -> ListenState {
        self.state
    }

    /// How far the stream was heard, in frames at the host's rate: what came since waits for the step to be full.
    pub fn heard(&self) -> u64 {
        self.position
    }

    /// Where the stream stands, in frames at the host's rate.
    pub fn position(&self) -> u64 {
        self.position + (self.pending.len() / self.channels) as u64
    }

    /// Takes samples in, whole frames, the channels interleaved, and hears them as far as to the first readout; the rest is heard
    /// with what comes next. Gives a readout when there is an answer, or when silence begins; `averaging` is in seconds.
    ///
    /// # Errors
    /// When the network fails.
    pub fn push(
        &mut self,
        samples: &[f32],
        averaging: f64,
        longest: f64,
    ) -> Result<Option<Readout>, ModelError> {
        let new = self.pending.len();
        // One wrong sample would stay in the filters for ever.
        self.pending
            .extend(samples.iter().map(|sample| clean(*sample)));
        self.dc
            .process(self.pending.get_mut(new..).unwrap_or_default());
        let pending = std::mem::take(&mut self.pending);
        let (mut heard, mut readout) = (0, None);
        while readout.is_none() {
            let end = heard + (self.step_end() - self.position) as usize * self.channels;
            let Some(step) = pending.get(heard..end) else {
                break;
            };
            heard = end;
            readout = self.hear(step, averaging, longest)?;
        }
        self.pending = pending;
        self.pending.drain(..heard);
        Ok(readout)
    }

    /// Hears one step.
    fn hear(
        &mut self,
        samples: &[f32],
        averaging: f64,
        longest: f64,
    ) -> Result<Option<Readout>, ModelError> {
        let frames_taken = (samples.len() / self.channels) as u64;
        let mean_square =
            samples.iter().map(|sample| sample * sample).sum::<f32>() / samples.len().max(1) as f32;
        if mean_square.sqrt() < SILENCE_RMS {
            self.silent += frames_taken;
        } else {
            if matches!(self.state, ListenState::Silence | ListenState::Waiting) {
                // The first sound after silence: the window starts here.
                self.forget();
                self.state = ListenState::WarmingUp;
            }
            self.silent = 0;
        }
        self.position += frames_taken;
        self.steps += 1;
        if self.state == ListenState::Silence || self.state == ListenState::Waiting {
            return Ok(None);
        }
        if self.silent as f64 >= SILENCE_SECONDS * self.sample_rate {
            self.state = ListenState::Silence;
            self.average.reset();
            return Ok(Some(Readout {
                state: self.state,
                seconds: self.seconds(),
                ..Readout::default()
            }));
        }

        let features = &mut self.features;
        self.resampler
            .push(samples, |samples| features.push(samples));
        if self.steps < self.next_answer || features.is_empty() {
            return Ok(None);
        }
        self.next_answer += self.pace;
        self.answer(averaging, longest).map(Some)
    }

    fn answer(&mut self, averaging: f64, longest: f64) -> Result<Readout, ModelError> {
        let card = self.tagger.card();
        self.state = match self.features.is_full() {
            true => ListenState::Live,
            false => ListenState::WarmingUp,
        };
        self.features.write(card, &mut self.window);
        let mut probabilities = vec![0.0; card.tags.len()];
        let started = std::time::Instant::now();
        let embedding = self.tagger.run(&self.window, &mut probabilities)?;
        let inference_ms = started.elapsed().as_secs_f32() * 1000.0;
        let seconds = self.seconds();
        // What is felt, and where that is among songs, is averaged with what is named.
        let affect = card.circumplex.as_ref();
        let affect = affect.map(|circumplex| circumplex.affect(&probabilities));
        let felt = affect.map(|Affect { valence, arousal }| [valence, arousal]);
        let map = self.tagger.map();
        let numbers = map.map(|map| map.numbers(&embedding)).unwrap_or_default();
        let answer: Vec<f32> = probabilities
            .iter()
            .copied()
            .chain(felt.into_iter().flatten())
            .chain(numbers)
            .collect();
        let mut average = self.average.push(seconds, &answer, averaging, longest);
        let mut felt = average.split_off(probabilities.len());
        let numbers = felt.split_off(affect.map_or(0, |_| 2));
        let place = map.map(|map| map.place(&numbers));
        let affect = match felt.as_slice() {
            &[valence, arousal] => Some(Affect { valence, arousal }),
            _ => None,
        };
        Ok(Readout {
            state: self.state,
            seconds,
            probabilities,
            average,
            affect,
            place,
            inference_ms,
            ..Readout::default()
        })
    }
}

/// Steps from one of a tagger's answers to the next.
fn pace_of(tagger: &TaggerModel) -> u64 {
    let halves = (tagger.card().pace * STEP_RATE / ANSWER_STEPS as f64).round();
    ANSWER_STEPS * (halves as u64).max(1)
}

#[cfg(test)]
mod tests;
