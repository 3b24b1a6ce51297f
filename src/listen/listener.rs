//! Chunks of sound in, answers out: the tagger's front-end, its clock and its sense of silence.

use std::collections::VecDeque;

use crate::{
    dsp::{LogMel, MelBank, MonoResampler},
    model::{ListenFrontEnd, ModelError, Tagger},
};

use super::{ListenState, Readout, average::Average};

/// Time between answers, in seconds of audio.
const ANSWER_SECONDS: f64 = 0.5;

/// Below this RMS level (-60 dBFS) a chunk is silent.
const SILENCE_RMS: f32 = 1e-3;

/// Silence for this long freezes the readout, in seconds.
const SILENCE_SECONDS: f64 = 1.0;

/// Hears one instance's mono mix.
pub struct Listener {
    tagger: Tagger,
    sample_rate: f64,
    resampler: MonoResampler,
    log_mel: LogMel,
    /// The last frames that one answer looks at, oldest first.
    frames: VecDeque<Vec<f32>>,
    average: Average,
    /// Samples taken in since the reset, at the host's rate; lost ones count.
    position: u64,
    /// Position of the next answer, in seconds.
    next_answer: f64,
    /// Length of the present silence, in samples.
    silent: u64,
    /// `[band][frame]`, the tagger's input.
    window: Vec<f32>,
    state: ListenState,
}

impl Listener {
    /// A listener at the beginning of a stream at `sample_rate` Hz.
    ///
    /// # Errors
    /// When no resampler can be made for the rate.
    pub fn new(
        tagger: Tagger,
        sample_rate: f64,
    ) -> Result<Self, rubato::ResamplerConstructionError> {
        let front_end = &tagger.card().front_end;
        Ok(Self {
            resampler: MonoResampler::new(sample_rate, front_end.sample_rate as f64)?,
            log_mel: log_mel(front_end),
            frames: VecDeque::with_capacity(front_end.frames + 1),
            average: Average::default(),
            position: 0,
            next_answer: ANSWER_SECONDS,
            silent: 0,
            window: vec![0.0; front_end.bands * front_end.frames],
            state: ListenState::Waiting,
            sample_rate,
            tagger,
        })
    }

    /// The tagger in use.
    pub fn tagger(&self) -> &Tagger {
        &self.tagger
    }

    /// Back to the beginning of a stream.
    pub fn reset(&mut self) {
        self.position = 0;
        self.forget();
        self.average.reset();
        self.state = ListenState::Waiting;
    }

    /// Drops the sound heard so far, but not where we are.
    fn forget(&mut self) {
        self.resampler.reset();
        self.log_mel.reset();
        self.frames.clear();
        self.silent = 0;
        self.next_answer = self.seconds() + ANSWER_SECONDS;
    }

    fn seconds(&self) -> f64 {
        self.position as f64 / self.sample_rate
    }

    /// Passes over lost sound: what comes next doesn't belong to what was heard.
    pub fn skip_to(&mut self, position: u64) {
        self.position = position;
        self.forget();
    }

    /// What the answers mean at the moment; [`ListenState::Waiting`] until the first sound.
    pub fn state(&self) -> ListenState {
        self.state
    }

    /// Where the stream stands, in samples at the host's rate.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Takes samples in. Gives a readout when there is an answer, or when silence begins; `averaging` is in seconds.
    ///
    /// # Errors
    /// When the network fails.
    pub fn push(
        &mut self,
        samples: &[f32],
        averaging: f64,
        longest: f64,
    ) -> Result<Option<Readout>, ModelError> {
        let mean_square =
            samples.iter().map(|sample| sample * sample).sum::<f32>() / samples.len().max(1) as f32;
        if mean_square.sqrt() < SILENCE_RMS {
            self.silent += samples.len() as u64;
        } else {
            if matches!(self.state, ListenState::Silence | ListenState::Waiting) {
                // The first sound after silence: the window starts here.
                self.forget();
                self.state = ListenState::WarmingUp;
            }
            self.silent = 0;
        }
        self.position += samples.len() as u64;
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

        let (log_mel, frames) = (&mut self.log_mel, &mut self.frames);
        let capacity = self.tagger.card().front_end.frames;
        self.resampler.push(samples, |samples| {
            log_mel.push(samples, |levels| {
                // The oldest frame's memory serves the newest.
                let mut frame = if frames.len() == capacity {
                    frames.pop_front().unwrap_or_default()
                } else {
                    Vec::new()
                };
                frame.clear();
                frame.extend_from_slice(levels);
                frames.push_back(frame);
            });
        });
        if self.seconds() < self.next_answer || self.frames.is_empty() {
            return Ok(None);
        }
        self.next_answer += ANSWER_SECONDS;
        self.answer(averaging, longest).map(Some)
    }

    fn answer(&mut self, averaging: f64, longest: f64) -> Result<Readout, ModelError> {
        let card = self.tagger.card();
        let (bands, wanted) = (card.front_end.bands, card.front_end.frames);
        self.state = if self.frames.len() < wanted {
            ListenState::WarmingUp
        } else {
            ListenState::Live
        };
        // A window that isn't full yet is tiled with what there is.
        for (frame, levels) in self.frames.iter().cycle().take(wanted).enumerate() {
            for (band, level) in levels.iter().enumerate().take(bands) {
                if let Some(slot) = self.window.get_mut(band * wanted + frame) {
                    *slot = *level;
                }
            }
        }
        let mut probabilities = vec![0.0; card.tags.len()];
        let started = std::time::Instant::now();
        self.tagger.run(&self.window, &mut probabilities)?;
        let inference_ms = started.elapsed().as_secs_f32() * 1000.0;
        let seconds = self.seconds();
        let average = self
            .average
            .push(seconds, &probabilities, averaging, longest);
        Ok(Readout {
            state: self.state,
            seconds,
            probabilities,
            average,
            inference_ms,
        })
    }
}

/// The streaming front-end that a tagger's card asks for, at the card's own rate.
pub fn log_mel(front_end: &ListenFrontEnd) -> LogMel {
    let bank = MelBank::htk(
        front_end.sample_rate as f64,
        front_end.n_fft,
        front_end.bands,
        front_end.f_min as f64,
        front_end.f_max as f64,
    );
    LogMel::new(
        front_end.n_fft,
        front_end.hop,
        bank,
        front_end.bands,
        front_end.floor,
    )
}
