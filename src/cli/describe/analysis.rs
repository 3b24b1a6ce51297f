//! A sound from its samples to its descriptors.

use super::{
    columns::{Moment, columns, values},
    resampled::Resampled,
    tones::WaitingForTones,
};
use crate::{
    cli::CliError,
    dsp::{
        clean,
        descriptors::{
            DESCRIPTOR_HOP, DESCRIPTOR_RATE, Frame, FrameDescriptors, FrameValues, Key, Loudness,
            LoudnessMeter, MeanChroma, TempoTracker, Timbre, TimbreMeter, TuningMeter, beats,
        },
    },
};

/// Frames of a file that are measured before the next ones, so that loudness and frames go side by side.
const PIECE: usize = 1_024;

/// Length of the stretches whose timbre is measured, in seconds.
const STRETCH: f64 = 3.0;

/// A last stretch that is shorter than this counts only if there is no other, in seconds.
const SHORT: f64 = 1.5;

/// What a sound comes to.
pub struct Described {
    /// Its length, in seconds.
    pub seconds: f64,
    pub loudness: Loudness,
    /// In beats a minute.
    pub tempo: Option<f64>,
    /// Where the beats are, in seconds.
    pub beats: Vec<f64>,
    pub key: Option<Key>,
    /// In semitones.
    pub tuning: Option<f64>,
    /// The mean of the stretches that aren't silent.
    pub timbre: Option<Timbre>,
    /// Frames of which means and deviations are.
    pub frames: u64,
    /// Of each column of [`columns`] its name, the mean and the standard deviation; `None` where it has no value in any frame.
    pub statistics: Vec<(String, Option<(f64, f64)>)>,
}

/// Measures one sound.
pub struct Analysis {
    rate: u32,
    /// Frames of the file so far.
    taken: u64,
    loudness: LoudnessMeter,
    newest: Loudness,
    framed: Resampled,
    frames: Frames,
    stretched: Resampled,
    timbre: TimbreMeter,
    timbres: Mean<Timbre>,
    interleaved: Vec<f32>,
    mono: Vec<f32>,
}

/// What is measured frame by frame, and what comes of that.
struct Frames {
    descriptors: FrameDescriptors,
    /// Where tones are asked for.
    tones: Option<WaitingForTones>,
    whole: Whole,
}

/// What is known once all frames are.
struct Whole {
    tempo: TempoTracker,
    /// The tempo that beats are looked for at, and what they are found by.
    beat_tempo: TempoTracker,
    /// All of them are kept until the end: 1.2 MB an hour.
    strengths: Vec<f64>,
    chroma: MeanChroma,
    tuning: TuningMeter,
    /// By the name of the column.
    statistics: Vec<(String, Statistic)>,
    frames: u64,
}

/// A mean and a deviation in the making: B. P. Welford, Technometrics 4(3), 1962.
#[derive(Debug, Clone, Copy, Default)]
struct Statistic {
    count: f64,
    mean: f64,
    squares: f64,
}

/// A mean of things in the making.
#[derive(Default)]
struct Mean<T> {
    sum: T,
    count: u32,
}

impl Analysis {
    /// For sound of so many channels at a rate in Hz; with constant-Q magnitudes and CENS, or without.
    ///
    /// # Errors
    /// [`CliError::Rate`] and [`CliError::Loudness`] when it can't be resampled or has no loudness.
    pub fn new(file: &str, rate: u32, channels: usize, tones: bool) -> Result<Self, CliError> {
        let wrong = |why: String| CliError::Rate {
            file: file.to_owned(),
            rate,
            why,
        };
        let resampled = |to: f64| Resampled::new(rate, to).map_err(|why| wrong(why.to_string()));
        let loudness = LoudnessMeter::new(rate, channels).map_err(|why| CliError::Loudness {
            file: file.to_owned(),
            why,
        })?;
        let timbre = TimbreMeter::new(STRETCH);
        Ok(Self {
            rate,
            taken: 0,
            loudness,
            newest: Loudness::default(),
            framed: resampled(DESCRIPTOR_RATE)?,
            frames: Frames {
                descriptors: FrameDescriptors::default(),
                tones: tones.then(WaitingForTones::default),
                whole: Whole::new(tones),
            },
            stretched: resampled(TimbreMeter::RATE)?,
            timbre: timbre.ok_or_else(|| wrong("its timbre has no loudness".to_owned()))?,
            timbres: Mean::default(),
            interleaved: Vec::new(),
            mono: Vec::new(),
        })
    }

    /// Seconds so far.
    pub fn seconds(&self) -> f64 {
        self.taken as f64 / f64::from(self.rate)
    }

    /// Takes in a block, `[channel_idx][frame_idx]`; hands out each frame that it completes.
    pub fn push(&mut self, block: &[Vec<f32>], mut moment: impl FnMut(&Moment)) {
        let frames = block.first().map_or(0, Vec::len);
        for start in (0..frames).step_by(PIECE) {
            let end = (start + PIECE).min(frames);
            self.interleaved.clear();
            self.mono.clear();
            for frame in start..end {
                let samples = block.iter();
                let samples =
                    samples.map(|channel| clean(channel.get(frame).copied().unwrap_or_default()));
                let before = self.interleaved.len();
                self.interleaved.extend(samples);
                let here = self.interleaved.get(before..).unwrap_or_default();
                let sum: f32 = here.iter().sum();
                self.mono.push(sum / here.len().max(1) as f32);
            }
            self.taken += (end - start) as u64;
            let newest = &mut self.newest;
            self.loudness.push(&self.interleaved, |now| *newest = *now);
            let (timbre, timbres) = (&mut self.timbre, &mut self.timbres);
            self.stretched.push(&self.mono, |samples| {
                timbre.push(samples, |stretch| timbres.add(stretch));
            });
            let (frames, loudness) = (&mut self.frames, self.newest);
            self.framed.push(&self.mono, |samples| {
                frames.push(samples, loudness, &mut moment);
            });
        }
    }

    /// What it all comes to; hands out the frames that are left.
    pub fn finish(mut self, mut moment: impl FnMut(&Moment)) -> Described {
        let (timbre, timbres) = (&mut self.timbre, &mut self.timbres);
        self.stretched.finish(|samples| {
            timbre.push(samples, |stretch| timbres.add(stretch));
        });
        if self.timbre.seconds() >= SHORT || self.timbres.count == 0 {
            let last = self.timbre.finish();
            self.timbres.add(last);
        }
        let loudness = self.loudness.loudness();
        let frames = &mut self.frames;
        self.framed.finish(|samples| {
            frames.push(samples, loudness, &mut moment);
        });
        frames.finish(loudness, &mut moment);
        let seconds = self.seconds();
        let timbre = self.timbres.mean();
        self.frames.whole.finish(seconds, loudness, timbre)
    }
}

impl Frames {
    fn push(&mut self, samples: &[f32], loudness: Loudness, mut moment: impl FnMut(&Moment)) {
        let (whole, tones) = (&mut self.whole, &mut self.tones);
        self.descriptors.push(samples, |frame, values| {
            whole.add(frame, values, loudness, tones.as_mut(), &mut moment);
        });
        if let Some(tones) = tones {
            tones.hear(samples, |complete| {
                whole.count(complete);
                moment(complete);
            });
        }
    }

    /// The frames that are left.
    fn finish(&mut self, loudness: Loudness, mut moment: impl FnMut(&Moment)) {
        let (whole, tones) = (&mut self.whole, &mut self.tones);
        self.descriptors.finish(|frame, values| {
            whole.add(frame, values, loudness, tones.as_mut(), &mut moment);
        });
        if let Some(tones) = tones {
            tones.finish(|complete| {
                whole.count(complete);
                moment(complete);
            });
        }
    }
}

impl Whole {
    fn new(tones: bool) -> Self {
        Self {
            tempo: TempoTracker::new(usize::MAX),
            beat_tempo: TempoTracker::new(usize::MAX),
            strengths: Vec::new(),
            chroma: MeanChroma::new(usize::MAX),
            tuning: TuningMeter::new(),
            statistics: columns(tones)
                .into_iter()
                .map(|name| (name, Statistic::default()))
                .collect(),
            frames: 0,
        }
    }

    /// Takes in what is measured of the next frame, which is complete, or waits for its tones.
    fn add(
        &mut self,
        frame: &Frame<'_>,
        values: &FrameValues,
        loudness: Loudness,
        tones: Option<&mut WaitingForTones>,
        mut moment: impl FnMut(&Moment),
    ) {
        self.tempo.hear(values.onsets.mean);
        self.beat_tempo.hear(values.onsets.median);
        self.strengths.push(values.onsets.median);
        self.chroma.add(&values.chroma);
        self.tuning.hear(frame);
        let next = Moment {
            values: *values,
            loudness,
            tones: None,
        };
        match tones {
            Some(tones) => tones.wait(next),
            None => {
                self.count(&next);
                moment(&next);
            }
        }
    }

    /// Counts a frame of which all is known.
    fn count(&mut self, moment: &Moment) {
        self.frames += 1;
        for ((_, statistic), value) in self.statistics.iter_mut().zip(values(moment)) {
            if let Some(value) = value {
                statistic.add(value);
            }
        }
    }

    fn finish(mut self, seconds: f64, loudness: Loudness, timbre: Option<Timbre>) -> Described {
        self.tempo.finish();
        self.beat_tempo.finish();
        let beats = self
            .beat_tempo
            .tempo()
            .map_or_else(Vec::new, |tempo| beats(&self.strengths, tempo));
        let seconds_of = |frame: usize| (frame * DESCRIPTOR_HOP) as f64 / DESCRIPTOR_RATE;
        Described {
            seconds,
            loudness,
            tempo: self.tempo.tempo(),
            beats: beats.into_iter().map(seconds_of).collect(),
            key: Key::of(self.chroma.mean()),
            tuning: self.tuning.tuning(),
            timbre,
            frames: self.frames,
            statistics: self
                .statistics
                .into_iter()
                .map(|(name, statistic)| (name, statistic.value()))
                .collect(),
        }
    }
}

impl Statistic {
    fn add(&mut self, value: f64) {
        self.count += 1.0;
        let off = value - self.mean;
        self.mean += off / self.count;
        self.squares += off * (value - self.mean);
    }

    /// The mean and the standard deviation; `None` of no value.
    fn value(&self) -> Option<(f64, f64)> {
        (self.count > 0.0).then(|| (self.mean, (self.squares / self.count).sqrt()))
    }
}

impl Mean<Timbre> {
    fn add(&mut self, stretch: Option<Timbre>) {
        if let Some(stretch) = stretch {
            self.count += 1;
            self.sum = self.sum.with(&stretch, |sum, value| sum + value);
        }
    }

    fn mean(&self) -> Option<Timbre> {
        let count = f64::from(self.count);
        let mean = || self.sum.with(&self.sum, |sum, _| sum / count);
        (self.count > 0).then(mean)
    }
}
