//! What the Measure page shows of what comes out.

use super::tap::{METER_CHUNK, MeterChunk};
use crate::{
    dsp::{
        StreamResampler,
        descriptors::{
            ChromaBank, DESCRIPTOR_HOP, DESCRIPTOR_RATE, FrameStream, Key, LoudnessMeter,
            MeanChroma, MelCepstrum, OnsetStrength, TempoTracker, Timbre, TimbreMeter, TuningMeter,
        },
    },
    telemetry::Measures,
};

/// How long tempo and notes are remembered, in seconds.
const TEMPO_MEMORY: f64 = 12.0;
const CHROMA_MEMORY: f64 = 20.0;

/// Length of the stretches whose timbre is measured, and of the pauses between them, in seconds: so it costs a tenth of what it would.
const STRETCH: f64 = 1.0;
const PAUSE: f64 = 9.0;

/// Measures the output; owned by the meters' thread, and there only while somebody looks at the Measure page.
pub(super) struct Measuring {
    rate: f64,
    channels: usize,
    /// Samples so far.
    taken: u64,
    loudness: LoudnessMeter,
    timbre: StretchedTimbre,
    notes: Notes,
    now: Measures,
    /// How often that was made anew.
    told: u32,
    interleaved: Vec<f32>,
    mono: Vec<f32>,
}

/// The timbre of one stretch after another, with pauses.
struct StretchedTimbre {
    resampler: StreamResampler,
    meter: TimbreMeter,
    newest: Option<Timbre>,
    /// Samples of the input's rate that are still left out, and that a pause has.
    pause: u64,
    pauses: u64,
}

/// What is measured on frames.
struct Notes {
    resampler: StreamResampler,
    frames: FrameStream,
    cepstrum: MelCepstrum,
    onsets: OnsetStrength,
    tempo: TempoTracker,
    bank: ChromaBank,
    chroma: MeanChroma,
    tuning: TuningMeter,
}

impl Measuring {
    /// For sound of one or two channels at a rate in Hz; `None` where there is no loudness of such a rate, or it can't be resampled.
    pub(super) fn new(sample_rate: f32, channels: usize) -> Option<Self> {
        let rate = f64::from(sample_rate);
        let frames = |seconds: f64| (seconds * DESCRIPTOR_RATE / DESCRIPTOR_HOP as f64) as usize;
        Some(Self {
            rate,
            channels,
            taken: 0,
            loudness: LoudnessMeter::new(sample_rate.round() as u32, channels).ok()?,
            timbre: StretchedTimbre {
                resampler: StreamResampler::new(rate, TimbreMeter::RATE, 1).ok()?,
                meter: TimbreMeter::new(STRETCH)?,
                newest: None,
                pause: 0,
                pauses: (PAUSE * rate) as u64,
            },
            notes: Notes {
                resampler: StreamResampler::new(rate, DESCRIPTOR_RATE, 1).ok()?,
                frames: FrameStream::new(),
                cepstrum: MelCepstrum::new(),
                onsets: OnsetStrength::new(),
                tempo: TempoTracker::new(frames(TEMPO_MEMORY)),
                bank: ChromaBank::new(),
                chroma: MeanChroma::new(frames(CHROMA_MEMORY) / 2),
                tuning: TuningMeter::new(),
            },
            now: Measures::default(),
            told: 0,
            interleaved: Vec::with_capacity(2 * METER_CHUNK),
            mono: Vec::with_capacity(METER_CHUNK),
        })
    }

    /// Takes in what comes out.
    pub(super) fn take(&mut self, chunk: &MeterChunk) {
        self.interleaved.clear();
        self.mono.clear();
        for frame in &chunk.output {
            // A mono bus has it twice.
            let channels = frame.get(..self.channels).unwrap_or_default();
            self.interleaved.extend_from_slice(channels);
            self.mono.push(0.5 * (frame[0] + frame[1]));
        }
        self.taken += chunk.output.len() as u64;
        let mut is_due = false;
        self.loudness.push(&self.interleaved, |loudness| {
            self.now.loudness = *loudness;
            is_due = true;
        });
        self.timbre.take(&self.mono);
        self.notes.take(&self.mono);
        if is_due {
            self.told += 1;
            self.now.seconds = self.taken as f64 / self.rate;
            self.now.timbre = self.timbre.newest;
            // To sum up all partials takes the longest, and changes slowly.
            if self.told.is_multiple_of(10) {
                self.now.tuning = self.notes.tuning.tuning();
            }
            self.notes.tell(&mut self.now);
        }
    }

    /// What has been measured, ten times a second.
    pub(super) fn measures(&self) -> Measures {
        self.now
    }
}

impl StretchedTimbre {
    fn take(&mut self, mono: &[f32]) {
        if self.pause > 0 {
            self.pause = self.pause.saturating_sub(mono.len() as u64);
            return;
        }
        let (meter, newest) = (&mut self.meter, &mut self.newest);
        let (pause, pauses) = (&mut self.pause, self.pauses);
        self.resampler.push(mono, |samples| {
            meter.push(samples, |stretch| {
                *newest = stretch.or(*newest);
                *pause = pauses;
            });
        });
        if *pause > 0 {
            // The sound before a pause has nothing to do with that behind it.
            self.resampler.reset();
            self.meter.reset();
        }
    }
}

impl Notes {
    fn take(&mut self, mono: &[f32]) {
        let Self {
            resampler,
            frames,
            cepstrum,
            onsets,
            tempo,
            bank,
            chroma,
            tuning,
        } = self;
        resampler.push(mono, |samples| {
            frames.push(samples, |frame| {
                tempo.hear(onsets.hear(cepstrum.levels(frame)).mean);
                // Notes last longer than a frame, of which every other one does.
                if frame.number.is_multiple_of(2) {
                    chroma.add(&bank.measure(frame));
                    tuning.hear(frame);
                }
            });
        });
    }

    fn tell(&self, measures: &mut Measures) {
        measures.tempo = self.tempo.tempo();
        measures.key = Key::of(self.chroma.mean());
        measures.chroma = *self.chroma.mean();
        let most = measures.chroma.iter().copied().fold(0.0, f64::max);
        if most > 0.0 {
            for note in &mut measures.chroma {
                *note /= most;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A second of a chord that is struck every half second.
    fn second(gain: f32) -> Vec<MeterChunk> {
        let sample = |n: usize| {
            let since = (n % 24_000) as f32 / 48_000.0;
            let tone = |hz: f32| (std::f32::consts::TAU * hz * since).sin();
            // D minor.
            let chord = tone(293.66) + tone(349.23) + tone(440.0) + 0.5 * tone(146.83);
            gain * chord * (-4.0 * since).exp()
        };
        let chunk = |first: usize| {
            let mut chunk = MeterChunk::blank();
            for (n, frame) in chunk.output.iter_mut().enumerate() {
                *frame = [sample(first + n); 2];
            }
            chunk
        };
        (0..48_000).step_by(METER_CHUNK).map(chunk).collect()
    }

    /// So many of these seconds, measured.
    fn measured(seconds: usize, gain: f32) -> Measures {
        let mut measuring = Measuring::new(48_000.0, 2).unwrap();
        let second = second(gain);
        for _ in 0..seconds {
            second.iter().for_each(|chunk| measuring.take(chunk));
        }
        measuring.measures()
    }

    /// By the thread's own processor time: whatever else runs on the machine isn't counted. The editor may cost a hundredth of a core more while this is
    /// seen; other threads on the same core can make it twice as dear.
    #[test]
    #[cfg_attr(miri, ignore = "seconds of sound, and a clock")]
    fn twenty_seconds_of_sound_take_a_hundredth_of_them() {
        let clock = || {
            let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
            time.tv_sec as f64 + 1e-9 * time.tv_nsec as f64
        };
        let mut measuring = Measuring::new(48_000.0, 2).unwrap();
        let second = second(0.2);
        let begun = clock();
        for _ in 0..20 {
            second.iter().for_each(|chunk| measuring.take(chunk));
        }
        let share = (clock() - begun) / 20.0;
        println!("measuring takes {:.2} % of a core", 100.0 * share);
        assert!(share < 0.02, "{share}");
    }

    #[test]
    #[cfg_attr(miri, ignore = "seconds of sound")]
    fn a_chord_that_is_struck_has_its_tempo_its_key_its_loudness_and_a_timbre() {
        let found = measured(15, 0.2);
        let tempo = found.tempo.unwrap();
        let octaves = (tempo / 120.0).log2();
        assert!((octaves - octaves.round()).abs() < 0.06, "{tempo}");
        let key = found.key.unwrap();
        assert_eq!(key.to_string(), "D minor", "{:?}", found.chroma);
        assert!(
            (-40.0..-5.0).contains(&found.loudness.integrated),
            "{found:?}"
        );
        assert!((found.seconds - 15.0).abs() < 0.2);
        assert!(found.tuning.unwrap().abs() < 0.1, "{found:?}");
        let timbre = found.timbre.unwrap();
        // At half the level it is felt the same.
        let softer = measured(3, 0.1).timbre.unwrap();
        assert!(
            (timbre.brightness - softer.brightness).abs() < 2.0,
            "{timbre:?} {softer:?}"
        );
    }

    #[test]
    #[cfg_attr(miri, ignore = "seconds of sound")]
    fn silence_has_nothing() {
        let found = measured(4, 0.0);
        assert_eq!(
            (found.tempo, found.key, found.tuning, found.timbre),
            (None, None, None, None)
        );
        assert_eq!(found.loudness.momentary, f64::NEG_INFINITY);
    }
}
