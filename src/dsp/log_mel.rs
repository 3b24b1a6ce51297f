//! The streaming log-mel spectrogram of the tagger.

use std::sync::Arc;

use realfft::{RealFftPlanner, RealToComplex, num_complex::Complex};

use super::{MelBank, hann};

/// Turns a stream of samples into frames of log-mel levels, as a centred STFT with reflected edges has them (librosa's and
/// torchaudio's `center=True, pad_mode="reflect"`): frame `i` is centred on sample `i * hop`.
///
/// Of several channels it is the power of their mean, which is what a tagger learns from. Only while they cancel each other
/// it is the mean of their powers: of a channel and its inverse that is the power of either.
pub struct LogMel {
    channels: usize,
    n_fft: usize,
    hop: usize,
    floor: f32,
    bank: MelBank,
    window: Vec<f32>,
    forward: Arc<dyn RealToComplex<f64>>,
    /// Samples not yet used up, the channels interleaved, the first of which is the start of the next frame; the reflected
    /// edge included.
    pending: Vec<f32>,
    /// Whether the reflected left edge is in `pending`.
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
    /// A stream at its beginning, of at least one channel. `floor` is the least power before the logarithm.
    pub fn new(
        n_fft: usize,
        hop: usize,
        bank: MelBank,
        bands: usize,
        floor: f32,
        channels: usize,
    ) -> Self {
        let forward = RealFftPlanner::<f64>::new().plan_fft_forward(n_fft);
        Self {
            channels: channels.max(1),
            n_fft,
            hop,
            floor,
            bank,
            window: hann(n_fft),
            pending: Vec::with_capacity(4 * n_fft * channels),
            started: false,
            frame: vec![0.0; n_fft],
            spectrum: forward.make_output_vec(),
            scratch: forward.make_scratch_vec(),
            mean: forward.make_output_vec(),
            powers: vec![0.0; n_fft / 2 + 1],
            cancelling: false,
            power: vec![0.0; n_fft / 2 + 1],
            levels: vec![0.0; bands],
            forward,
        }
    }

    /// Back to the beginning of a stream.
    pub fn reset(&mut self) {
        self.pending.clear();
        self.started = false;
        self.cancelling = false;
    }

    /// Takes samples in, the channels interleaved, and hands out the levels, in dB, of each frame that they complete.
    pub fn push(&mut self, samples: &[f32], mut frame: impl FnMut(&[f32])) {
        self.pending.extend_from_slice(samples);
        let (channels, half) = (self.channels, self.n_fft / 2);
        if !self.started {
            if self.pending.len() <= half * channels {
                return;
            }
            let edge = self.pending.chunks(channels).skip(1).take(half).rev();
            let edge: Vec<f32> = edge.flatten().copied().collect();
            self.pending.splice(..0, edge);
            self.started = true;
        }
        let mut start = 0;
        while self.transform(start) {
            frame(&self.levels);
            start += self.hop * channels;
        }
        self.pending.drain(..start);
    }

    /// The levels of the frame at `start`, if it is there.
    fn transform(&mut self, start: usize) -> bool {
        let end = start + self.n_fft * self.channels;
        let Some(samples) = self.pending.get(start..end) else {
            return false;
        };
        self.mean.fill(Complex::default());
        self.powers.fill(0.0);
        let share = 1.0 / self.channels as f64;
        for channel in 0..self.channels {
            let samples = samples.iter().skip(channel).step_by(self.channels);
            for ((windowed, sample), window) in self.frame.iter_mut().zip(samples).zip(&self.window)
            {
                *windowed = f64::from(sample * window);
            }
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
            *power = if self.cancelling {
                *powers as f32
            } else {
                mean.norm_sqr() as f32
            };
        }
        self.bank.apply(&self.power, &mut self.levels);
        for level in &mut self.levels {
            *level = 10.0 * level.max(self.floor).log10();
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

    /// Ends the stream: hands out the frames that need the reflected right edge, and starts anew.
    pub fn finish(&mut self, frame: impl FnMut(&[f32])) {
        let half = self.n_fft / 2;
        if self.started && self.pending.len() > half * self.channels {
            let edge = self.pending.chunks(self.channels).rev().skip(1).take(half);
            let edge: Vec<f32> = edge.flatten().copied().collect();
            self.push(&edge, frame);
        }
        self.reset();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(seed: u32, len: usize) -> Vec<f32> {
        let mut state = seed;
        (0..len)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                state as f32 / u32::MAX as f32 - 0.5
            })
            .collect()
    }

    /// The levels of all frames of what is given channel by channel.
    fn levels(channels: &[&[f32]]) -> Vec<Vec<f32>> {
        let bank = MelBank::htk(16_000.0, 512, 128, 0.0, 8_000.0);
        let mut stream = LogMel::new(512, 256, bank, 128, 1e-10, channels.len());
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
}
