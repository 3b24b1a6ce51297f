//! One channel of several, for networks that hear the waveform.

/// Seconds over which is looked whether channels cancel each other: long enough for the lowest notes.
const LOOKED_OVER: f64 = 0.1;

/// Turns a stream of several channels into one: their mean, which is what a tagger learns from. While they cancel each other it
/// is the first of them, so that of a channel and its inverse there is left what either plays.
pub struct Mono {
    channels: usize,
    /// The share of the past in the running powers, a sample.
    memory: f32,
    /// Running powers of the mean, and mean power of the channels.
    powers: [f32; 2],
    /// The share of the first channel, 0 to 1, which goes to and fro as slowly as the powers change.
    share: f32,
    cancelling: bool,
    mixed: Vec<f32>,
}

impl Mono {
    /// A stream of `channels` at its beginning, at least one, at `sample_rate` Hz.
    pub fn new(sample_rate: f64, channels: usize) -> Self {
        Self {
            channels: channels.max(1),
            memory: (-1.0 / (LOOKED_OVER * sample_rate)).exp() as f32,
            powers: [0.0; 2],
            share: 0.0,
            cancelling: false,
            mixed: vec![0.0; 512],
        }
    }

    /// Back to the beginning of a stream.
    pub fn reset(&mut self) {
        self.powers = [0.0; 2];
        self.share = 0.0;
        self.cancelling = false;
    }

    /// Takes samples in, whole frames, the channels interleaved, and hands out as many of one channel, in pieces.
    pub fn push(&mut self, samples: &[f32], mut out: impl FnMut(&[f32])) {
        if self.channels == 1 {
            out(samples);
            return;
        }
        let mut mixed = std::mem::take(&mut self.mixed);
        for piece in samples.chunks(mixed.len().max(1) * self.channels) {
            let frames = piece.chunks_exact(self.channels);
            let filled = frames.len();
            for (mixed, frame) in mixed.iter_mut().zip(frames) {
                *mixed = self.mix(frame);
            }
            out(mixed.get(..filled).unwrap_or_default());
        }
        self.mixed = mixed;
    }

    /// One sample of a frame. The limits are those of [`LogMel`](super::LogMel), and so is their sense.
    fn mix(&mut self, frame: &[f32]) -> f32 {
        const BEGINS: f32 = 6.0;
        const GOES_ON: f32 = 2.0;
        let count = self.channels as f32;
        let mean = frame.iter().sum::<f32>() / count;
        let power = frame.iter().map(|sample| sample * sample).sum::<f32>() / count;
        for (running, new) in self.powers.iter_mut().zip([mean * mean, power]) {
            *running = new + self.memory * (*running - new);
        }
        let [of_mean, of_channels] = self.powers;
        let most = if self.cancelling { GOES_ON } else { BEGINS };
        self.cancelling = of_channels > most * count * of_mean;
        let wanted = if self.cancelling { 1.0 } else { 0.0 };
        self.share = wanted + self.memory * (self.share - wanted);
        let first = frame.first().copied().unwrap_or_default();
        // Exactly the mean, and exactly the first, where they are meant.
        match self.share {
            share if share < 1e-4 => mean,
            share => mean + share * (first - mean),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mixed(channels: usize, samples: &[f32], piece: usize) -> Vec<f32> {
        let mut mono = Mono::new(16_000.0, channels);
        let mut mixed = Vec::new();
        for piece in samples.chunks(piece * channels) {
            mono.push(piece, |samples| mixed.extend_from_slice(samples));
        }
        mixed
    }

    fn sine(n: usize) -> f32 {
        (n as f32 * 0.1).sin()
    }

    #[test]
    fn channels_become_their_mean_whatever_the_pieces() {
        let samples: Vec<f32> = (0..4_000)
            .flat_map(|n| [sine(n), sine(n + 3_000)])
            .collect();
        let expected: Vec<f32> = samples
            .chunks(2)
            .map(|pair| (pair[0] + pair[1]) / 2.0)
            .collect();
        for piece in [1, 100, 4_000] {
            assert_eq!(mixed(2, &samples, piece), expected);
        }
        let alone: Vec<f32> = (0..1_000).map(sine).collect();
        assert_eq!(mixed(1, &alone, 100), alone);
    }

    #[test]
    fn channels_that_cancel_are_heard_as_the_first_of_them() {
        let samples: Vec<f32> = (0..16_000).flat_map(|n| [sine(n), -sine(n)]).collect();
        let mixed = mixed(2, &samples, 160);
        for (n, sample) in mixed.iter().enumerate().skip(8_000) {
            assert!((sample - sine(n)).abs() < 0.01, "{n}: {sample}");
        }
    }
}
