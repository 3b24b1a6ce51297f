//! The streaming short-time Fourier transform of the morph path: Hann on both sides, 75 % overlap, overlap-add.

use std::sync::Arc;

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex, num_complex::Complex};

use super::{HostBlocks, hann};

/// Sizes of the transform at one sample rate.
///
/// ```
/// use moodring::dsp::{HostBlocks, StftLayout};
///
/// // A model that was taught with windows of 2048 samples at 48 kHz.
/// let layout = StftLayout::for_rate(96_000.0, 48_000.0, 2048);
/// assert_eq!((layout.window, layout.hop), (4096, 1024));
/// // The window, and a hop of 10.7 ms for the network.
/// assert_eq!(layout.latency(), 5120);
/// // In a host whose blocks are longer than that, as many hops as its longest block takes.
/// let layout = layout.for_blocks(HostBlocks::new(96_000.0, 4096));
/// assert_eq!(layout.latency(), 8192);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StftLayout {
    /// Window and FFT length, in samples.
    pub window: usize,
    /// Distance between frames, in samples: a quarter of the window.
    pub hop: usize,
    /// Hops that a spectrum waits for its curve: see [`HostBlocks::wait_hops`].
    pub wait: usize,
}

impl StftLayout {
    /// The layout for a host's rate: the model's window, scaled by a power of two so that it lasts about as long. Its wait is the shortest
    /// there is: see [`Self::for_blocks`].
    pub fn for_rate(sample_rate: f64, model_rate: f64, model_window: usize) -> Self {
        let octaves = (sample_rate / model_rate).log2().round().clamp(-4.0, 6.0);
        let window = ((model_window as f64 * octaves.exp2()) as usize).max(64);
        let hop = window / 4;
        Self {
            window,
            hop,
            wait: HostBlocks::new(sample_rate, 1).wait_hops(hop),
        }
    }

    /// The same with as long a wait as a host's blocks need, so that no curve is late by them.
    pub fn for_blocks(self, blocks: HostBlocks) -> Self {
        Self {
            wait: blocks.wait_hops(self.hop),
            ..self
        }
    }

    /// The delay from input to output, in samples.
    pub fn latency(&self) -> usize {
        self.window + self.wait * self.hop
    }

    /// Time between frames at a rate in Hz, in seconds.
    pub fn hop_seconds(&self, sample_rate: f32) -> f32 {
        (self.hop as f64 / f64::from(sample_rate)) as f32
    }

    /// Bins of a spectrum.
    pub fn bins(&self) -> usize {
        self.window / 2 + 1
    }
}

/// What happens to a frame between the two transforms.
pub trait SpectralProcessor {
    /// Samples of the block that the next frames are made of, as far as they have been taken in.
    fn taken(&mut self, samples: std::ops::Range<usize>);

    /// A new frame's spectra, one per channel, before they wait.
    fn analysed(&mut self, spectra: &[Vec<Complex<f32>>]);

    /// The spectra whose wait is over, to be changed in place.
    fn shape(&mut self, spectra: &mut [Vec<Complex<f32>>]);
}

/// Transforms up to a fixed number of channels, frame by frame, and puts them together again.
pub struct StreamingStft {
    layout: StftLayout,
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
    window: Vec<f32>,
    /// Factor that makes analysis and synthesis together 1: the FFT's length times the sum of squared windows, 1.5.
    scale: f32,
    channels: Vec<Channel>,
    /// `[slot][channel][bin]`: the spectra that wait, a ring of `wait + 1`.
    waiting: Vec<Vec<Vec<Complex<f32>>>>,
    /// Slot of `waiting` that the next frame goes to.
    slot: usize,
    /// Samples since the last frame, below the hop.
    filled: usize,
    /// What `filled` is at the start.
    start: usize,
    /// Where the rings stand, a multiple of the hop plus `filled`, below the window.
    position: usize,
    frame: Vec<f32>,
    scratch: Vec<Complex<f32>>,
}

struct Channel {
    /// The last `window` input samples.
    input: Vec<f32>,
    /// The next `window` output samples, summed up so far.
    output: Vec<f32>,
}

impl StreamingStft {
    /// Plans everything for `channels` channels.
    pub fn new(layout: StftLayout, channels: usize) -> Self {
        let mut planner = RealFftPlanner::new();
        let forward = planner.plan_fft_forward(layout.window);
        let inverse = planner.plan_fft_inverse(layout.window);
        let scratch_len = forward.get_scratch_len().max(inverse.get_scratch_len());
        let silence = || vec![Complex::default(); layout.bins()];
        Self {
            layout,
            forward,
            inverse,
            window: hann(layout.window),
            scale: 1.0 / (1.5 * layout.window as f32),
            channels: (0..channels)
                .map(|_| Channel {
                    input: vec![0.0; layout.window],
                    output: vec![0.0; layout.window],
                })
                .collect(),
            waiting: (0..=layout.wait)
                .map(|_| (0..channels).map(|_| silence()).collect())
                .collect(),
            slot: 0,
            filled: 0,
            start: 0,
            position: 0,
            frame: vec![0.0; layout.window],
            scratch: vec![Complex::default(); scratch_len],
        }
    }

    /// Lets the first frame be complete `samples` earlier, so that the transforms of several instances don't all fall into
    /// the same block. Taken modulo the hop; the latency stays as it is.
    pub fn staggered(mut self, samples: usize) -> Self {
        self.start = samples % self.layout.hop;
        self.filled = self.start;
        self.position = self.start;
        self
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        for channel in &mut self.channels {
            channel.input.fill(0.0);
            channel.output.fill(0.0);
        }
        for spectrum in self.waiting.iter_mut().flatten() {
            spectrum.fill(Complex::default());
        }
        self.slot = 0;
        self.filled = self.start;
        self.position = self.start;
    }

    /// Replaces each sample of `block` (`[channel][sample]`, all equally long) by the one of [`StftLayout::latency`] ago,
    /// shaped. Calls `frame` once a hop.
    pub fn process(&mut self, block: &mut [&mut [f32]], frame: &mut impl SpectralProcessor) {
        let samples = block.first().map_or(0, |channel| channel.len());
        let mut done = 0;
        while done < samples {
            let chunk = (samples - done).min(self.layout.hop - self.filled);
            let ring = self.position..self.position + chunk;
            for (state, channel) in self.channels.iter_mut().zip(block.iter_mut()) {
                let (Some(input), Some(output), Some(samples)) = (
                    state.input.get_mut(ring.clone()),
                    state.output.get_mut(ring.clone()),
                    channel.get_mut(done..done + chunk),
                ) else {
                    continue;
                };
                input.copy_from_slice(samples);
                samples.copy_from_slice(output);
                output.fill(0.0);
            }
            frame.taken(done..done + chunk);
            done += chunk;
            self.filled += chunk;
            self.position = (self.position + chunk) % self.layout.window;
            if self.filled == self.layout.hop {
                self.filled = 0;
                self.transform(frame);
            }
        }
    }

    fn transform(&mut self, frame: &mut impl SpectralProcessor) {
        let (newer, older) = (self.position, self.layout.window - self.position);
        let Some(spectra) = self.waiting.get_mut(self.slot) else {
            return;
        };
        for (channel, spectrum) in self.channels.iter().zip(spectra.iter_mut()) {
            // The ring's oldest sample is at `position`.
            self.frame[..older].copy_from_slice(&channel.input[newer..]);
            self.frame[older..].copy_from_slice(&channel.input[..newer]);
            for (sample, window) in self.frame.iter_mut().zip(&self.window) {
                *sample *= window;
            }
            // The lengths are the plan's own, so neither transform can fail.
            let _ = self
                .forward
                .process_with_scratch(&mut self.frame, spectrum, &mut self.scratch);
        }
        frame.analysed(spectra);

        self.slot = (self.slot + 1) % self.waiting.len();
        let Some(spectra) = self.waiting.get_mut(self.slot) else {
            return;
        };
        frame.shape(spectra);
        for (channel, spectrum) in self.channels.iter_mut().zip(spectra.iter_mut()) {
            for end in [0, self.layout.window / 2] {
                if let Some(bin) = spectrum.get_mut(end) {
                    bin.im = 0.0;
                }
            }
            let _ = self
                .inverse
                .process_with_scratch(spectrum, &mut self.frame, &mut self.scratch);
            let (late, early) = channel.output.split_at_mut(newer);
            let ring = early.iter_mut().chain(late);
            for ((output, sample), window) in ring.zip(&self.frame).zip(&self.window) {
                *output += sample * window * self.scale;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nothing;

    impl SpectralProcessor for Nothing {
        fn taken(&mut self, _: std::ops::Range<usize>) {}
        fn analysed(&mut self, _: &[Vec<Complex<f32>>]) {}
        fn shape(&mut self, _: &mut [Vec<Complex<f32>>]) {}
    }

    fn noise(len: usize) -> Vec<f32> {
        let mut state = 1u32;
        (0..len)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                state as f32 / u32::MAX as f32 - 0.5
            })
            .collect()
    }

    #[test]
    fn layouts_last_about_as_long_at_every_rate() {
        for (rate, window, wait, latency) in [
            (8_000.0, 256, 1, 320),
            (11_025.0, 512, 1, 640),
            (16_000.0, 512, 1, 640),
            (22_050.0, 1024, 1, 1_280),
            (32_000.0, 1024, 1, 1_280),
            (44_100.0, 2048, 1, 2_560),
            (48_000.0, 2048, 1, 2_560),
            (88_200.0, 4096, 1, 5_120),
            (96_000.0, 4096, 1, 5_120),
            (192_000.0, 8192, 1, 10_240),
            (768_000.0, 32_768, 1, 40_960),
        ] {
            let layout = StftLayout::for_rate(rate, 48_000.0, 2048);
            let expected = StftLayout {
                window,
                hop: window / 4,
                wait,
            };
            assert_eq!(layout, expected, "{rate}");
            assert_eq!(layout.latency(), latency, "{rate}");
            let given = (layout.wait * layout.hop) as f64 / rate;
            assert!((0.005..0.022).contains(&given), "{rate}: {given}");
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "transforms: hours")]
    fn unshaped_sound_comes_back_whole_at_the_latency_whatever_the_blocks() {
        let layout = StftLayout::for_rate(48_000.0, 48_000.0, 2048);
        let input = noise(20_000);
        for (block, stagger) in [
            (1, 0),
            (64, 0),
            (441, 0),
            (4096, 0),
            (20_000, 0),
            (64, 1),
            (441, 256),
            (441, 511),
        ] {
            let mut stft = StreamingStft::new(layout, 1).staggered(stagger);
            let mut output = input.clone();
            for chunk in output.chunks_mut(block) {
                stft.process(&mut [chunk], &mut Nothing);
            }
            let latency = layout.latency();
            assert!(output[..latency].iter().all(|sample| sample.abs() < 1e-6));
            for (out, dry) in output[latency..].iter().zip(&input) {
                assert!((out - dry).abs() < 2e-6);
            }
        }
    }
}
