//! Loudness by EBU R 128.

use ebur128::{EbuR128, Mode};

/// Values told a second: EBU Tech 3341 asks for ten.
const RATE: u32 = 10;

/// Values in the windows of the momentary and of the short-term loudness.
const MOMENTARY: usize = 4;
const SHORT_TERM: usize = 30;

/// What a loudness meter shows; minus infinity where there is nothing to measure yet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Loudness {
    /// Of the last 0.4 s, in LUFS (ITU-R BS.1770-5).
    pub momentary: f64,
    /// Of the last 3 s, in LUFS (EBU Tech 3341).
    pub short_term: f64,
    /// Of all since the beginning but what is quiet, in LUFS (EBU R 128).
    pub integrated: f64,
    /// How much the short-term loudness varies, in LU (EBU Tech 3342).
    pub range: f64,
    /// The highest momentary loudness so far, in LUFS.
    pub highest_momentary: f64,
    /// The highest short-term loudness so far, in LUFS.
    pub highest_short_term: f64,
    /// The highest peak between the samples so far, in dBTP (ITU-R BS.1770-5, annex 2).
    pub true_peak: f64,
}

impl Default for Loudness {
    fn default() -> Self {
        Self {
            momentary: f64::NEG_INFINITY,
            short_term: f64::NEG_INFINITY,
            integrated: f64::NEG_INFINITY,
            range: 0.0,
            highest_momentary: f64::NEG_INFINITY,
            highest_short_term: f64::NEG_INFINITY,
            true_peak: f64::NEG_INFINITY,
        }
    }
}

/// Why there is no loudness of a sound.
#[derive(Debug, thiserror::Error)]
#[error("no loudness of {channels} channels at {rate} Hz is defined")]
pub struct NoLoudness {
    /// How many channels it has.
    channels: usize,
    /// Its rate in Hz.
    rate: u32,
}

/// Measures loudness with the crate `ebur128`, libebur128 in Rust; nothing allocates after construction: what is gated goes into its histogram of steps of 0.1 LU.
pub struct LoudnessMeter {
    meter: EbuR128,
    channels: usize,
    /// Samples of each channel from one value to the next, and until the next.
    interval: usize,
    left: usize,
    /// The mean squares of the last pieces of a tenth of a second, a ring: what momentary and short-term loudness are the means of.
    squares: [f64; SHORT_TERM],
    /// Values so far.
    values: usize,
    range: Range,
    now: Loudness,
}

/// The loudness range of all short-term values so far: EBU Tech 3342, with ten values a second, as ffmpeg has it. The crate's own is of one value a second, which is
/// too few for what lasts ten.
struct Range {
    /// How many values there are of each hundredth of a LU, from [`Self::LOWEST`] on.
    counts: Vec<u32>,
    /// The sum of their powers, and how many they are.
    power: f64,
    count: u32,
}

impl Range {
    /// What is below this counts as silence, in LUFS.
    const LOWEST: f64 = -70.0;
    /// The highest that is told from what is above, in LUFS.
    const HIGHEST: f64 = 10.0;
    /// Steps of a LU.
    const STEPS: f64 = 100.0;
    /// What is so much below the mean doesn't count, in LU.
    const GATE: f64 = -20.0;
    /// The shares of the values that are below the range's ends.
    const ENDS: [f64; 2] = [0.1, 0.95];

    fn new() -> Self {
        Self {
            counts: vec![0; ((Self::HIGHEST - Self::LOWEST) * Self::STEPS) as usize],
            power: 0.0,
            count: 0,
        }
    }

    fn reset(&mut self) {
        self.counts.fill(0);
        (self.power, self.count) = (0.0, 0);
    }

    fn step(lufs: f64) -> usize {
        ((lufs - Self::LOWEST) * Self::STEPS).max(0.0) as usize
    }

    fn add(&mut self, lufs: f64) {
        if lufs < Self::LOWEST || lufs.is_nan() {
            return;
        }
        let last = self.counts.len() - 1;
        if let Some(count) = self.counts.get_mut(Self::step(lufs).min(last)) {
            *count += 1;
        }
        self.power += 10f64.powf(lufs / 10.0);
        self.count += 1;
    }

    /// In LU.
    fn value(&self) -> f64 {
        if self.count == 0 {
            return 0.0;
        }
        let mean = 10.0 * (self.power / f64::from(self.count)).log10();
        let gate = Self::step(mean + Self::GATE);
        let kept = || self.counts.iter().enumerate().skip(gate);
        let all: u32 = kept().map(|(_, count)| count).sum();
        let end = |share: f64| {
            let wanted = share * f64::from(all) + 0.5;
            let mut below = 0;
            let reached = kept().find(|(_, count)| {
                below += **count;
                f64::from(below) >= wanted.floor()
            });
            reached.map_or(0, |(step, _)| step)
        };
        let [low, high] = Self::ENDS.map(end);
        high.saturating_sub(low) as f64 / Self::STEPS
    }
}

impl LoudnessMeter {
    /// For so many channels at a rate in Hz: of up to five the order is left, right, centre, left and right behind.
    ///
    /// # Errors
    /// When the rate or the number of channels is out of what the crate takes.
    pub fn new(rate: u32, channels: usize) -> Result<Self, NoLoudness> {
        let none = || NoLoudness { channels, rate };
        let mode = Mode::M | Mode::S | Mode::I | Mode::TRUE_PEAK | Mode::HISTOGRAM;
        let count = u32::try_from(channels).map_err(|_| none())?;
        let meter = EbuR128::new(count, rate, mode).map_err(|_| none())?;
        let interval = ((rate / RATE) as usize).max(1);
        Ok(Self {
            meter,
            channels,
            interval,
            left: interval,
            squares: [0.0; SHORT_TERM],
            values: 0,
            range: Range::new(),
            now: Loudness::default(),
        })
    }

    /// Forgets all sound.
    pub fn reset(&mut self) {
        self.meter.reset();
        self.left = self.interval;
        self.squares = [0.0; SHORT_TERM];
        self.values = 0;
        self.range.reset();
        self.now = Loudness::default();
    }

    /// Takes in samples, the channels interleaved; hands out what the meter shows each tenth of a second.
    pub fn push(&mut self, samples: &[f32], mut shown: impl FnMut(&Loudness)) {
        let mut rest = samples;
        while !rest.is_empty() {
            let frames = (rest.len() / self.channels.max(1)).min(self.left);
            if frames == 0 {
                // Less than a sample of each channel.
                return;
            }
            let (now, later) = rest.split_at(frames * self.channels);
            // The channels are as many as it was made for.
            let _ = self.meter.add_frames_f32(now);
            self.left -= frames;
            if self.left == 0 {
                self.left = self.interval;
                self.end_piece();
                self.read();
                shown(&self.now);
            }
            rest = later;
        }
    }

    /// What it shows now.
    pub fn loudness(&mut self) -> Loudness {
        self.read();
        self.now
    }

    /// Takes in the tenth of a second that has ended.
    fn end_piece(&mut self) {
        let lufs = self.meter.loudness_window(1_000 / RATE);
        let square = 10f64.powf(lufs.unwrap_or(f64::NEG_INFINITY) / 10.0);
        if let Some(slot) = self.squares.get_mut(self.values % SHORT_TERM) {
            *slot = square;
        }
        self.values += 1;
        let mean = |pieces: usize| {
            let last = (0..pieces).map(|back| self.values + SHORT_TERM - 1 - back);
            let squares = last.filter_map(|piece| self.squares.get(piece % SHORT_TERM));
            10.0 * (squares.sum::<f64>() / pieces as f64).log10()
        };
        let now = &mut self.now;
        now.momentary = mean(MOMENTARY);
        now.short_term = mean(SHORT_TERM);
        now.highest_momentary = now.highest_momentary.max(now.momentary);
        now.highest_short_term = now.highest_short_term.max(now.short_term);
        // Before that it is not of 3 s.
        if self.values >= SHORT_TERM {
            self.range.add(now.short_term);
        }
        now.range = self.range.value();
    }

    fn read(&mut self) {
        let or_silence = |lufs: Result<f64, ebur128::Error>| lufs.unwrap_or(f64::NEG_INFINITY);
        let now = &mut self.now;
        now.integrated = or_silence(self.meter.loudness_global());
        let channels = 0..self.channels as u32;
        let peak = channels.filter_map(|channel| self.meter.true_peak(channel).ok());
        now.true_peak = 20.0 * peak.fold(0.0, f64::max).log10();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg_attr(miri, ignore = "seconds of sound")]
    fn a_stereo_tone_of_minus_23_dbfs_is_minus_23_lufs() {
        // EBU Tech 3341, case 1.
        let amplitude = 10f64.powf(-23.0 / 20.0);
        let sound: Vec<f32> = (0..20 * 48_000)
            .flat_map(|n| {
                let phase = f64::from(n) * 1_000.0 * std::f64::consts::TAU / 48_000.0;
                [(amplitude * phase.sin()) as f32; 2]
            })
            .collect();
        let mut meter = LoudnessMeter::new(48_000, 2).unwrap();
        let mut shown = 0;
        for piece in sound.chunks(2 * 777) {
            meter.push(piece, |_| shown += 1);
        }
        assert_eq!(shown, 200);
        let found = meter.loudness();
        for lufs in [found.momentary, found.short_term, found.integrated] {
            assert!((lufs + 23.0).abs() < 0.1, "{found:?}");
        }
        assert!(found.range.abs() < 0.1, "{found:?}");
        assert!((found.true_peak + 23.0).abs() < 0.1, "{found:?}");
        meter.reset();
        assert_eq!(meter.loudness().integrated, f64::NEG_INFINITY);
    }

    #[test]
    fn what_has_no_loudness_is_told() {
        let why = LoudnessMeter::new(48_000, 0).err().unwrap().to_string();
        assert!(why.contains("0 channels"), "{why}");
    }
}
