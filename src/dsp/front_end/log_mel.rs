//! The streaming log-mel spectrogram of the tagger.

use std::sync::Arc;

use realfft::{RealFftPlanner, RealToComplex, num_complex::Complex};

use super::Compression;
use crate::dsp::MelBank;

/// Where the frames of a spectrogram lie, and what is beyond the ends of the sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameEdges {
    /// Frames are centred, the first on sample 0, and beyond the ends the sound goes on backwards (librosa's and torchaudio's
    /// `center=True, pad_mode="reflect"`).
    Reflected,
    /// The same, but silence is beyond the ends (librosa's `pad_mode="constant"`).
    Silent,
    /// The first frame begins with sample 0, and nothing is beyond the ends (`center=False`).
    None,
}

/// What of a frame's transform is summed up into bands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spectrum {
    /// The squares of its absolute values.
    Power,
    /// Its absolute values.
    Magnitude,
}

/// What a log-mel spectrogram is made with.
pub struct LogMelLayout {
    /// Length of the FFT, in samples.
    pub n_fft: usize,
    /// Distance between frames, in samples, no more than the window's length.
    pub hop: usize,
    /// The window, at most as long as the FFT, and as long as the frames: the FFT's other samples are zeros behind it.
    pub window: Vec<f32>,
    /// Where the frames lie.
    pub edges: FrameEdges,
    /// What goes into the bands.
    pub spectrum: Spectrum,
    /// The share of each sample that is taken off the next before, as `y[n] = x[n + 1] - share x[n]`; 0 for none: `y[n] = x[n]`.
    pub preemphasis: f32,
    /// The bands.
    pub bank: MelBank,
    /// What is made of them.
    pub compression: Compression,
}

/// Turns a stream of samples into frames of log-mel levels: frame `i` is centred on sample `i * hop`, after pre-emphasis, or begins
/// there where the layout says so.
///
/// Of several channels it is the power of their mean, which is what a tagger learns from. Only while they cancel each other
/// it is the mean of their powers: of a channel and its inverse that is the power of either.
pub struct LogMel {
    channels: usize,
    layout: LogMelLayout,
    forward: Arc<dyn RealToComplex<f64>>,
    /// The last sample of each channel, before pre-emphasis, and whether there is one.
    last: Vec<f32>,
    has_last: bool,
    /// Samples not yet used up, after pre-emphasis, the channels interleaved, the first of which is the start of the next
    /// frame; the reflected edge included.
    pending: Vec<f32>,
    /// Whether what is before the first sample is in `pending`.
    started: bool,
    /// In double precision: a level of -80 dB beside one of +40 dB would drown in a single-precision transform's rounding.
    frame: Vec<f64>,
    spectrum: Vec<Complex<f64>>,
    scratch: Vec<Complex<f64>>,
    /// The mean over the channels.
    mean: Vec<Complex<f64>>,
    /// The mean of the channels' powers.
    powers: Vec<f64>,
    /// Whether the channels cancel each other at present.
    cancelling: bool,
    power: Vec<f32>,
    levels: Vec<f32>,
}

impl LogMel {
    /// A stream of `channels` at its beginning, at least one.
    pub fn new(layout: LogMelLayout, channels: usize) -> Self {
        let (channels, n_fft) = (channels.max(1), layout.n_fft);
        let forward = RealFftPlanner::<f64>::new().plan_fft_forward(n_fft);
        Self {
            channels,
            last: vec![0.0; channels],
            has_last: false,
            // An edge, what is left of an FFT's length, and a piece.
            pending: Vec::with_capacity(3 * n_fft * channels),
            started: false,
            frame: vec![0.0; n_fft],
            spectrum: forward.make_output_vec(),
            scratch: forward.make_scratch_vec(),
            mean: forward.make_output_vec(),
            powers: vec![0.0; n_fft / 2 + 1],
            cancelling: false,
            power: vec![0.0; n_fft / 2 + 1],
            levels: vec![0.0; layout.bank.centres().len()],
            forward,
            layout,
        }
    }

    /// Back to the beginning of a stream.
    pub fn reset(&mut self) {
        self.has_last = false;
        self.pending.clear();
        self.started = false;
        self.cancelling = false;
    }

    /// Takes samples in, whole frames, the channels interleaved, and hands out the levels, in dB, of each frame that they
    /// complete.
    pub fn push(&mut self, samples: &[f32], mut frame: impl FnMut(&[f32])) {
        // In pieces, so that `pending` never grows.
        for piece in samples.chunks(self.layout.n_fft * self.channels) {
            self.take(piece);
            if !self.started && !self.begin() {
                continue;
            }
            self.hand_out(&mut frame);
        }
    }

    /// Appends samples to what is pending, after pre-emphasis.
    fn take(&mut self, samples: &[f32]) {
        let share = self.layout.preemphasis;
        if share == 0.0 {
            self.pending.extend_from_slice(samples);
            return;
        }
        for samples in samples.chunks(self.channels) {
            for (last, sample) in self.last.iter_mut().zip(samples) {
                if self.has_last {
                    self.pending.push(sample - share * *last);
                }
                *last = *sample;
            }
            self.has_last = true;
        }
    }

    /// Puts before the first sample what the layout wants there, if enough has come for it.
    fn begin(&mut self) -> bool {
        let (channels, half) = (self.channels, self.layout.window.len() / 2);
        let length = self.pending.len();
        self.started = match self.layout.edges {
            FrameEdges::None => true,
            FrameEdges::Silent => {
                self.pending.resize(length + half * channels, 0.0);
                self.pending.rotate_right(half * channels);
                true
            }
            FrameEdges::Reflected if length <= half * channels => false,
            FrameEdges::Reflected => {
                self.pending.resize(length + half * channels, 0.0);
                self.pending.copy_within(..length, half * channels);
                for index in 0..half {
                    let from = (2 * half - index) * channels;
                    self.pending
                        .copy_within(from..from + channels, index * channels);
                }
                true
            }
        };
        self.started
    }

    /// Hands out every frame that is complete.
    fn hand_out(&mut self, frame: &mut impl FnMut(&[f32])) {
        let mut start = 0;
        while self.transform(start) {
            frame(&self.levels);
            start += self.layout.hop * self.channels;
        }
        self.pending.drain(..start);
    }

    /// The levels of the frame at `start`, if it is there.
    fn transform(&mut self, start: usize) -> bool {
        let end = start + self.layout.window.len() * self.channels;
        let Some(samples) = self.pending.get(start..end) else {
            return false;
        };
        self.mean.fill(Complex::default());
        self.powers.fill(0.0);
        let share = 1.0 / self.channels as f64;
        for channel in 0..self.channels {
            let samples = samples.iter().skip(channel).step_by(self.channels);
            let windowed = self.frame.iter_mut().zip(samples).zip(&self.layout.window);
            for ((windowed, sample), window) in windowed {
                *windowed = f64::from(sample * window);
            }
            // The transform leaves its own in there.
            let unused = self.frame.get_mut(self.layout.window.len()..);
            unused.unwrap_or_default().fill(0.0);
            // The lengths are the plan's own.
            let _ = self.forward.process_with_scratch(
                &mut self.frame,
                &mut self.spectrum,
                &mut self.scratch,
            );
            let means = self.mean.iter_mut().zip(&mut self.powers);
            for ((mean, power), bin) in means.zip(&self.spectrum) {
                *mean += bin * share;
                *power += bin.norm_sqr() * share;
            }
        }
        self.cancelling = self.is_cancelling();
        for (power, (mean, powers)) in self
            .power
            .iter_mut()
            .zip(self.mean.iter().zip(&self.powers))
        {
            let sum = if self.cancelling {
                *powers
            } else {
                mean.norm_sqr()
            };
            *power = match self.layout.spectrum {
                Spectrum::Power => sum,
                Spectrum::Magnitude => sum.sqrt(),
            } as f32;
        }
        self.layout.bank.apply(&self.power, &mut self.levels);
        for level in &mut self.levels {
            *level = self.layout.compression.level(*level);
        }
        true
    }

    /// Whether the channels of the frame in hand cancel each other. Channels that have nothing to do with each other have as many
    /// times the power of their mean as there are of them; it takes more to begin, so that they never do, than to go on, so
    /// that it doesn't change from frame to frame.
    fn is_cancelling(&self) -> bool {
        const BEGINS: f64 = 6.0;
        const GOES_ON: f64 = 2.0;
        let most = if self.cancelling { GOES_ON } else { BEGINS };
        let mean: f64 = self.mean.iter().map(Complex::norm_sqr).sum();
        let powers: f64 = self.powers.iter().sum();
        powers > most * self.channels as f64 * mean
    }

    /// Ends the stream: hands out the frames that need what is beyond the right edge, and starts anew.
    pub fn finish(&mut self, mut frame: impl FnMut(&[f32])) {
        let (channels, half) = (self.channels, self.layout.window.len() / 2);
        let length = self.pending.len();
        match self.layout.edges {
            FrameEdges::Reflected if self.started && length > half * channels => {
                let last = length - channels;
                for index in 1..=half {
                    let from = last - index * channels;
                    self.pending.extend_from_within(from..from + channels);
                }
                self.hand_out(&mut frame);
            }
            FrameEdges::Silent if self.started => {
                self.pending.resize(length + half * channels, 0.0);
                self.hand_out(&mut frame);
            }
            _ => {}
        }
        self.reset();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::hann;

    fn noise(seed: u32, len: usize) -> Vec<f32> {
        let mut state = seed;
        (0..len)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                state as f32 / u32::MAX as f32 - 0.5
            })
            .collect()
    }

    fn layout(preemphasis: f32) -> LogMelLayout {
        LogMelLayout {
            n_fft: 512,
            hop: 256,
            window: hann(512),
            edges: FrameEdges::Reflected,
            spectrum: Spectrum::Power,
            preemphasis,
            bank: MelBank::htk(16_000.0, 512, 128, 0.0, 8_000.0),
            compression: Compression::decibels(1e-10),
        }
    }

    /// The levels of all frames of what is given channel by channel.
    fn levels(channels: &[&[f32]]) -> Vec<Vec<f32>> {
        let mut stream = LogMel::new(layout(0.0), channels.len());
        let interleaved: Vec<f32> = (0..channels[0].len())
            .flat_map(|frame| channels.iter().map(move |channel| channel[frame]))
            .collect();
        let mut frames = Vec::new();
        stream.push(&interleaved, |levels| frames.push(levels.to_vec()));
        stream.finish(|levels| frames.push(levels.to_vec()));
        frames
    }

    #[test]
    #[cfg_attr(miri, ignore = "transforms: hours")]
    fn channels_that_cancel_are_as_loud_as_each_and_others_are_their_mean() {
        let (one, other) = (noise(1, 8_000), noise(2, 8_000));
        let inverted: Vec<f32> = one.iter().map(|sample| -sample).collect();
        let alone = levels(&[&one]);
        assert_eq!(levels(&[&one, &one]), alone);
        assert_eq!(levels(&[&one, &inverted]), alone);
        assert_eq!(levels(&[&one, &inverted, &one, &inverted]), alone);
        let mean: Vec<f32> = one.iter().zip(&other).map(|(a, b)| 0.5 * (a + b)).collect();
        let worst = levels(&[&one, &other])
            .iter()
            .flatten()
            .zip(levels(&[&mean]).iter().flatten())
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f32::max);
        assert!(worst < 1e-3, "{worst} dB");
    }

    #[test]
    #[cfg_attr(miri, ignore = "transforms: hours")]
    fn channels_that_cancel_for_a_while_leave_no_hole() {
        let one = noise(1, 16_000);
        let mut other = one.clone();
        for sample in &mut other[5_000..9_000] {
            *sample = -*sample;
        }
        let mean = |levels: &[f32]| levels.iter().sum::<f32>() / levels.len() as f32;
        for (both, alone) in levels(&[&one, &other]).iter().zip(levels(&[&one])) {
            // Where it begins and ends, a frame has some of each.
            let difference = mean(both) - mean(&alone);
            assert!(difference.abs() < 10.0, "{difference} dB");
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "transforms: hours")]
    fn frames_do_not_depend_on_the_pieces_and_nothing_grows() {
        let sound = noise(3, 3 * 5_000);
        let frames = |piece: usize, preemphasis: f32| {
            let mut stream = LogMel::new(layout(preemphasis), 3);
            let room = stream.pending.capacity();
            let mut frames = Vec::new();
            // The second stream follows where the first has ended.
            for _ in 0..2 {
                for piece in sound.chunks(3 * piece) {
                    stream.push(piece, |levels| frames.push(levels.to_vec()));
                }
                stream.finish(|levels| frames.push(levels.to_vec()));
            }
            assert_eq!(stream.pending.capacity(), room);
            frames
        };
        for preemphasis in [0.0, 0.97] {
            let whole = frames(5_000, preemphasis);
            // Frames from the first sample to the last that is left.
            let samples = if preemphasis > 0.0 { 4_999 } else { 5_000 };
            assert_eq!(whole.len(), 2 * (samples / 256 + 1));
            assert_eq!(whole[..whole.len() / 2], whole[whole.len() / 2..]);
            for piece in [1, 100, 257, 1_024] {
                assert_eq!(frames(piece, preemphasis), whole, "{piece}");
            }
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "transforms: hours")]
    fn pre_emphasis_is_what_is_done_before() {
        let sound = noise(4, 6_000);
        let emphasised: Vec<f32> = sound.windows(2).map(|x| x[1] - 0.97 * x[0]).collect();
        let run = |preemphasis: f32, sound: &[f32]| {
            let mut stream = LogMel::new(layout(preemphasis), 1);
            let mut frames = Vec::new();
            stream.push(sound, |levels| frames.push(levels.to_vec()));
            stream.finish(|levels| frames.push(levels.to_vec()));
            frames
        };
        assert_eq!(run(0.97, &sound), run(0.0, &emphasised));
    }
}
