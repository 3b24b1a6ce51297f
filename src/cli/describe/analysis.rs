//! A sound from its samples to its descriptors.

use crate::{
    cli::CliError,
    dsp::{
        StreamResampler, clean,
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

/// A frame and how loud it is then.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    pub values: FrameValues,
    /// The newest of ten values a second, at most 0.2 s old.
    pub loudness: Loudness,
}

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
    /// Of each column of [`columns`] the mean and the standard deviation; `None` where it has no value in any frame.
    pub statistics: Vec<Option<(f64, f64)>>,
}

/// The names of what is measured of a frame, in the order of [`values`].
pub fn columns() -> Vec<String> {
    let single = [
        "rms",
        "zero_crossing_rate",
        "centroid",
        "bandwidth",
        "rolloff",
        "flatness",
        "flux",
        "onset_strength",
        "pitch",
    ];
    let numbered = |name: &'static str, count: usize| {
        (1..=count).map(move |number| format!("{name}_{number}"))
    };
    let notes = [
        "c", "cs", "d", "ds", "e", "f", "fs", "g", "gs", "a", "as", "b",
    ];
    let single = single.into_iter().map(str::to_owned);
    single
        .chain(numbered("contrast", 7))
        .chain(numbered("mfcc", 20))
        .chain(notes.map(|note| format!("chroma_{note}")))
        .collect()
}

/// What is measured of a frame; only the pitch may be missing.
pub fn values(frame: &FrameValues) -> impl Iterator<Item = Option<f64>> {
    let shape = frame.shape;
    let single = [
        Some(frame.rms),
        Some(frame.zero_crossing_rate),
        Some(shape.centroid),
        Some(shape.bandwidth),
        Some(shape.rolloff),
        Some(shape.flatness),
        Some(shape.flux),
        Some(frame.onsets.mean),
        frame.pitch.pitch(),
    ];
    let several = frame.contrast.into_iter().chain(frame.mfcc);
    let several = several.chain(frame.chroma).map(Some);
    single.into_iter().chain(several)
}

/// Measures one sound.
pub struct Analysis {
    rate: u32,
    /// Frames of the file so far.
    taken: u64,
    loudness: LoudnessMeter,
    newest: Loudness,
    framed: Resampled,
    frames: FrameDescriptors,
    stretched: Resampled,
    timbre: TimbreMeter,
    timbres: Mean<Timbre>,
    whole: Whole,
    interleaved: Vec<f32>,
    mono: Vec<f32>,
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
    statistics: Vec<Statistic>,
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
    /// For sound of so many channels at a rate in Hz.
    ///
    /// # Errors
    /// [`CliError::Rate`] and [`CliError::Loudness`] when it can't be resampled or has no loudness.
    pub fn new(file: &str, rate: u32, channels: usize) -> Result<Self, CliError> {
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
            frames: FrameDescriptors::default(),
            stretched: resampled(TimbreMeter::RATE)?,
            timbre: timbre.ok_or_else(|| wrong("its timbre has no loudness".to_owned()))?,
            timbres: Mean::default(),
            whole: Whole::new(),
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
            let (measured, whole, loudness) = (&mut self.frames, &mut self.whole, self.newest);
            self.framed.push(&self.mono, |samples| {
                measured.push(samples, |frame, values| {
                    whole.add(values);
                    whole.tuning.hear(frame);
                    moment(&Moment {
                        values: *values,
                        loudness,
                    });
                });
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
        let (measured, whole) = (&mut self.frames, &mut self.whole);
        let mut add = |frame: &Frame<'_>, values: &FrameValues| {
            whole.add(values);
            whole.tuning.hear(frame);
            moment(&Moment {
                values: *values,
                loudness,
            });
        };
        self.framed
            .finish(|samples| measured.push(samples, &mut add));
        measured.finish(&mut add);
        let seconds = self.seconds();
        self.whole.finish(seconds, loudness, self.timbres.mean())
    }
}

impl Whole {
    fn new() -> Self {
        Self {
            tempo: TempoTracker::new(usize::MAX),
            beat_tempo: TempoTracker::new(usize::MAX),
            strengths: Vec::new(),
            chroma: MeanChroma::new(usize::MAX),
            tuning: TuningMeter::new(),
            statistics: vec![Statistic::default(); columns().len()],
            frames: 0,
        }
    }

    fn add(&mut self, frame: &FrameValues) {
        self.frames += 1;
        self.tempo.hear(frame.onsets.mean);
        self.beat_tempo.hear(frame.onsets.median);
        self.strengths.push(frame.onsets.median);
        self.chroma.add(&frame.chroma);
        for (statistic, value) in self.statistics.iter_mut().zip(values(frame)) {
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
            statistics: self.statistics.iter().map(Statistic::value).collect(),
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

/// A mono sound at another rate, as long as it was.
struct Resampled {
    resampler: StreamResampler,
    /// What goes in, in Hz.
    from: u32,
    /// Output samples of one input sample.
    ratio: f64,
    taken: u64,
    given: u64,
}

impl Resampled {
    fn new(from: u32, to: f64) -> Result<Self, rubato::ResamplerConstructionError> {
        Ok(Self {
            resampler: StreamResampler::new(f64::from(from), to, 1)?,
            from,
            ratio: to / f64::from(from),
            taken: 0,
            given: 0,
        })
    }

    fn push(&mut self, samples: &[f32], mut out: impl FnMut(&[f32])) {
        self.taken += samples.len() as u64;
        let given = &mut self.given;
        self.resampler.push(samples, |samples| {
            *given += samples.len() as u64;
            out(samples);
        });
    }

    /// Gets the rest out, of which the filter's length is still within.
    fn finish(&mut self, mut out: impl FnMut(&[f32])) {
        let wanted = (self.taken as f64 * self.ratio).round() as u64;
        // In a second of silence even the longest filter is through.
        let silence = vec![0.0; self.from as usize];
        let given = &mut self.given;
        self.resampler.push(&silence, |samples| {
            let left = wanted.saturating_sub(*given).min(samples.len() as u64);
            *given += left;
            out(samples.get(..left as usize).unwrap_or_default());
        });
    }
}
