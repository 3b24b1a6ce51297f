//! Chunks of sound in, answers out: the tagger's front-end, its clock and its sense of silence.

use std::collections::VecDeque;

use crate::{
    dsp::{DcBlocker, LogMel, MelBank, StreamResampler, clean},
    model::{ListenFrontEnd, ModelError, Tagger},
};

use super::{ListenState, Readout, average::Average};

/// Steps in a second.
const STEP_RATE: f64 = 100.0;

/// Steps from one answer to the next: half a second.
const ANSWER_STEPS: u64 = 50;

/// Below this RMS level over its channels (-60 dBFS) a chunk is silent.
const SILENCE_RMS: f32 = 1e-3;

/// Silence for this long freezes the readout, in seconds.
const SILENCE_SECONDS: f64 = 1.0;

/// Hears what plays in one instance, even if its channels cancel each other, and without direct current, which is no sound.
pub struct Listener {
    tagger: Tagger,
    sample_rate: f64,
    channels: usize,
    dc: DcBlocker,
    resampler: StreamResampler,
    log_mel: LogMel,
    /// The last frames that one answer looks at, oldest first.
    frames: VecDeque<Vec<f32>>,
    average: Average,
    /// Frames heard since the reset, at the host's rate; lost ones count.
    position: u64,
    /// The step after which there is an answer.
    next_answer: u64,
    /// Length of the present silence, in frames.
    silent: u64,
    /// Where the present stretch of sound begins, in frames at the host's rate.
    origin: u64,
    /// Steps heard since then, a hundredth of a second each: so neither silence nor the answers depend on the blocks that sound
    /// comes in, and hardly on the rate.
    steps: u64,
    /// Samples that have come and are not heard yet, without direct current.
    pending: Vec<f32>,
    /// `[band][frame]`, the tagger's input.
    window: Vec<f32>,
    state: ListenState,
}

impl Listener {
    /// A listener at the beginning of a stream of `channels`, at least one, at `sample_rate` Hz.
    ///
    /// # Errors
    /// When no resampler can be made for the rate.
    pub fn new(
        tagger: Tagger,
        sample_rate: f64,
        channels: usize,
    ) -> Result<Self, rubato::ResamplerConstructionError> {
        let front_end = &tagger.card().front_end;
        let channels = channels.max(1);
        Ok(Self {
            dc: DcBlocker::new(sample_rate, channels),
            resampler: StreamResampler::new(sample_rate, front_end.sample_rate as f64, channels)?,
            log_mel: log_mel(front_end, channels),
            frames: VecDeque::with_capacity(front_end.frames + 1),
            average: Average::default(),
            position: 0,
            next_answer: ANSWER_STEPS,
            silent: 0,
            origin: 0,
            steps: 0,
            pending: Vec::new(),
            window: vec![0.0; front_end.bands * front_end.frames],
            state: ListenState::Waiting,
            sample_rate,
            channels,
            tagger,
        })
    }

    /// The tagger in use.
    pub fn tagger(&self) -> &Tagger {
        &self.tagger
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
        self.log_mel.reset();
        self.frames.clear();
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
        if self.steps < self.next_answer || self.frames.is_empty() {
            return Ok(None);
        }
        self.next_answer += ANSWER_STEPS;
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
pub fn log_mel(front_end: &ListenFrontEnd, channels: usize) -> LogMel {
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
        channels,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{audio_file::AudioFile, model::ModelSource};

    /// Seconds of music that are heard in a test.
    const SECONDS: usize = 8;

    fn tagger() -> Tagger {
        Tagger::load(&ModelSource::Embedded).unwrap()
    }

    /// The left channel of the shipped excerpt.
    fn music() -> (Vec<f32>, f64) {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/music/war_of_freedom.ogg"
        );
        let mut audio = AudioFile::read(path).unwrap();
        let mut left = audio.channels.swap_remove(0);
        left.truncate(SECONDS * audio.sample_rate as usize);
        (left, audio.sample_rate as f64)
    }

    /// Every answer on what is given channel by channel.
    fn answers(rate: f64, channels: &[&[f32]]) -> Vec<Readout> {
        answers_in_blocks(rate, channels, 128)
    }

    fn answers_in_blocks(rate: f64, channels: &[&[f32]], block: usize) -> Vec<Readout> {
        let mut listener = Listener::new(tagger(), rate, channels.len()).unwrap();
        let interleaved: Vec<f32> = (0..channels[0].len())
            .flat_map(|frame| channels.iter().map(move |channel| channel[frame]))
            .collect();
        interleaved
            .chunks(block * channels.len())
            .filter_map(|block| listener.push(block, 4.0, 30.0).unwrap())
            .collect()
    }

    /// Largest difference and mean difference between the probabilities of as many answers, in points.
    fn apart(a: &[Readout], b: &[Readout]) -> (f32, f32) {
        assert_eq!(a.len(), b.len());
        let differences: Vec<f32> = a
            .iter()
            .zip(b)
            .flat_map(|(a, b)| a.probabilities.iter().zip(&b.probabilities))
            .map(|(a, b)| 100.0 * (a - b).abs())
            .collect();
        assert!(!differences.is_empty());
        let mean = differences.iter().sum::<f32>() / differences.len() as f32;
        (differences.into_iter().fold(0.0, f32::max), mean)
    }

    fn states(readouts: &[Readout]) -> Vec<ListenState> {
        readouts.iter().map(|readout| readout.state).collect()
    }

    #[test]
    fn channels_that_cancel_are_heard_as_what_each_of_them_plays() {
        let (left, rate) = music();
        let inverted: Vec<f32> = left.iter().map(|sample| -sample).collect();
        let alone = answers(rate, &[&left]);
        assert!(
            alone
                .iter()
                .all(|readout| readout.state != ListenState::Silence)
        );
        for right in [&left, &inverted] {
            let both = answers(rate, &[&left, right]);
            assert_eq!(states(&both), states(&alone));
            // The resampler rounds two channels otherwise than one.
            let (most, _) = apart(&both, &alone);
            assert!(most < 0.01, "{most}");
        }
        // Cancelling for two seconds in the middle.
        let mut right = left.clone();
        let middle = 3 * rate as usize..5 * rate as usize;
        right[middle.clone()].copy_from_slice(&inverted[middle]);
        let both = answers(rate, &[&left, &right]);
        assert_eq!(states(&both), states(&alone));
        let (most, _) = apart(&both, &alone);
        println!("cancelling for a while: {most:.2} points");
        assert!(most < 5.0, "{most}");
    }

    /// A file of so many whole or half seconds has that many answers.
    #[test]
    fn half_a_second_is_enough_for_an_answer_at_any_rate() {
        for rate in [
            1_000.0,
            1_234.567_8,
            8_000.0,
            11_025.0,
            22_050.0,
            44_100.0,
            48_000.0,
            192_000.0,
        ] {
            let sound: Vec<f32> = (0..(1.5 * rate) as usize)
                .map(|n| (n * n % 1_009) as f32 / 1_009.0 - 0.5)
                .collect();
            assert_eq!(answers(rate, &[&sound]).len(), 3, "{rate} Hz");
        }
    }

    #[test]
    fn answers_do_not_depend_on_the_blocks() {
        let (left, rate) = music();
        let mut sound = vec![0.0; 20_000];
        sound.extend(&left[..3 * rate as usize]);
        sound.extend(vec![0.0; 2 * rate as usize]);
        let told = |block: usize| {
            let answers = answers_in_blocks(rate, &[&sound], block);
            let told = |readout: Readout| (readout.seconds, readout.state, readout.probabilities);
            answers.into_iter().map(told).collect::<Vec<_>>()
        };
        let expected = told(128);
        assert!(expected.len() > 5);
        for block in [1, 441, 512, 5_000] {
            assert!(told(block) == expected, "blocks of {block}");
        }
    }

    #[test]
    fn an_offset_changes_no_answer_and_alone_it_is_silence() {
        let (left, rate) = music();
        let without = answers(rate, &[&left]);
        for offset in [0.1, -0.5] {
            let with: Vec<f32> = left.iter().map(|sample| sample + offset).collect();
            let (most, _) = apart(&answers(rate, &[&with]), &without);
            println!("{offset}: {most:.3} points");
            assert!(most < 0.5, "{offset}: {most}");
        }
        assert!(answers(rate, &[&vec![0.1; left.len()]]).is_empty());
        // Silence with an offset, after music: told as silence.
        let mut ends = left.clone();
        ends.extend(vec![0.1; 3 * rate as usize]);
        let last = answers(rate, &[&ends]).pop().map(|readout| readout.state);
        assert_eq!(last, Some(ListenState::Silence));
    }

    #[test]
    fn answers_hardly_depend_on_the_rate() {
        let (left, rate) = music();
        let at = |wanted: f64| {
            let mut samples = Vec::new();
            let mut resampler = StreamResampler::new(rate, wanted, 1).unwrap();
            resampler.push(&left, |more| samples.extend_from_slice(more));
            answers(wanted, &[&samples])
        };
        let expected = at(48_000.0);
        let mut worst = (0.0_f32, 0.0_f32);
        for wanted in [
            22_050.0, 32_000.0, 47_999.5, 88_200.0, 96_000.0, 176_400.0, 192_000.0, 384_000.0,
            768_000.0,
        ] {
            let found = at(wanted);
            let count = found.len().min(expected.len());
            let (most, mean) = apart(&found[..count], &expected[..count]);
            println!("{wanted:6} Hz: {most:5.2} points at most, {mean:.3} in the mean");
            worst = (worst.0.max(most), worst.1.max(mean));
        }
        assert!(worst.0 < 1.0 && worst.1 < 0.05, "{worst:?}");
    }
}
