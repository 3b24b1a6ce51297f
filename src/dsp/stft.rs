//! The streaming short-time Fourier transform of the morph path: Hann on both sides, 75 % overlap, overlap-add.

use std::{ops::Range, sync::Arc};

use realfft::{RealFftPlanner, RealToComplex, num_complex::Complex};

use super::{HostBlocks, hann};

/// Sizes of the transform at one sample rate.
///
/// ```
/// use moodring::dsp::{HostBlocks, StftLayout};
///
/// // A model that was taught with windows of 2048 samples at 48 kHz.
/// let layout = StftLayout::for_rate(96_000.0, 48_000.0, 2048);
/// assert_eq!((layout.window, layout.hop), (4096, 1024));
/// // Half a window, a hop of 10.7 ms for the network, and half a hop to fade.
/// assert_eq!(layout.latency(), 3584);
/// // In a host whose blocks are longer than that, as many hops as its longest block takes.
/// let layout = layout.for_blocks(HostBlocks::new(96_000.0, 4096));
/// assert_eq!(layout.latency(), 6656);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StftLayout {
    /// Window and FFT length, in samples.
    pub window: usize,
    /// Distance between frames, in samples: a quarter of the window.
    pub hop: usize,
    /// Hops from a frame to its filter: see [`HostBlocks::wait_hops`].
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

    /// The delay from input to output, in samples, with which a frame's filter acts on the frame: from a frame's middle to its end, the wait, and
    /// half a hop until the filter is faded in by half.
    pub fn latency(&self) -> usize {
        self.window / 2 + self.wait * self.hop + self.hop / 2
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

/// Transforms up to a fixed number of channels, frame by frame. Nothing allocates after construction.
pub struct StreamingStft {
    layout: StftLayout,
    forward: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    /// The last `window` samples of each channel, rings.
    channels: Vec<Vec<f32>>,
    /// The newest frame's spectra.
    spectra: Vec<Vec<Complex<f32>>>,
    /// Samples since the last frame, at most the hop.
    filled: usize,
    /// What `filled` is at the start.
    start: usize,
    /// Where the rings stand, a multiple of the hop plus `filled`, below the window.
    position: usize,
    frame: Vec<f32>,
    scratch: Vec<Complex<f32>>,
}

impl StreamingStft {
    /// Plans everything for `channels` channels.
    pub fn new(layout: StftLayout, channels: usize) -> Self {
        let forward = RealFftPlanner::new().plan_fft_forward(layout.window);
        Self {
            layout,
            window: hann(layout.window),
            channels: vec![vec![0.0; layout.window]; channels],
            spectra: vec![forward.make_output_vec(); channels],
            filled: 0,
            start: 0,
            position: 0,
            frame: vec![0.0; layout.window],
            scratch: forward.make_scratch_vec(),
            forward,
        }
    }

    /// Lets the first frame be complete `samples` earlier, so that the transforms of several instances don't all fall into
    /// the same block. Taken modulo the hop.
    pub fn staggered(mut self, samples: usize) -> Self {
        self.start = samples % self.layout.hop;
        self.filled = self.start;
        self.position = self.start;
        self
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        for channel in &mut self.channels {
            channel.fill(0.0);
        }
        self.filled = self.start;
        self.position = self.start;
    }

    /// Takes in these samples of `block` (`[channel][sample]`), up to the end of the frame: returns how many.
    pub fn take(&mut self, block: &[&mut [f32]], samples: Range<usize>) -> usize {
        let len = samples.len().min(self.layout.hop - self.filled);
        let ring = self.position..self.position + len;
        let taken = samples.start..samples.start + len;
        for (ring_of, channel) in self.channels.iter_mut().zip(block) {
            if let (Some(ring), Some(samples)) =
                (ring_of.get_mut(ring.clone()), channel.get(taken.clone()))
            {
                ring.copy_from_slice(samples);
            }
        }
        self.filled += len;
        self.position = (self.position + len) % self.layout.window;
        len
    }

    /// The spectra of a frame, `[channel][bin]`, if what was taken in last has completed one; once.
    pub fn complete(&mut self) -> Option<&[Vec<Complex<f32>>]> {
        if self.filled < self.layout.hop {
            return None;
        }
        self.filled = 0;
        let (newer, older) = (self.position, self.layout.window - self.position);
        for (channel, spectrum) in self.channels.iter().zip(&mut self.spectra) {
            // The ring's oldest sample is at `position`.
            self.frame[..older].copy_from_slice(&channel[newer..]);
            self.frame[older..].copy_from_slice(&channel[..newer]);
            for (sample, window) in self.frame.iter_mut().zip(&self.window) {
                *sample *= window;
            }
            // The lengths are the plan's own, so that it can't fail.
            let _ = self
                .forward
                .process_with_scratch(&mut self.frame, spectrum, &mut self.scratch);
        }
        Some(&self.spectra)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            (8_000.0, 256, 1, 224),
            (11_025.0, 512, 1, 448),
            (16_000.0, 512, 1, 448),
            (22_050.0, 1024, 1, 896),
            (32_000.0, 1024, 1, 896),
            (44_100.0, 2048, 1, 1_792),
            (48_000.0, 2048, 1, 1_792),
            (88_200.0, 4096, 1, 3_584),
            (96_000.0, 4096, 1, 3_584),
            (192_000.0, 8192, 1, 7_168),
            (768_000.0, 32_768, 1, 28_672),
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
    fn every_hop_has_the_spectrum_of_the_window_before_it_whatever_the_blocks() {
        let layout = StftLayout::for_rate(48_000.0, 48_000.0, 2048);
        let mut input = noise(8_000);
        let spectra = |block: usize, stagger: usize, input: &mut [f32]| {
            let mut stft = StreamingStft::new(layout, 1).staggered(stagger);
            let (mut spectra, mut ends, mut end) = (Vec::new(), Vec::new(), 0);
            for chunk in input.chunks_mut(block) {
                let mut done = 0;
                while done < chunk.len() {
                    let len = chunk.len();
                    let taken = stft.take(&[&mut *chunk], done..len);
                    done += taken;
                    end += taken;
                    if let Some(frame) = stft.complete() {
                        spectra.push(frame[0].clone());
                        ends.push(end);
                    }
                    assert!(stft.complete().is_none());
                }
            }
            (spectra, ends)
        };
        let (whole, ends) = spectra(8_000, 0, &mut input);
        assert_eq!(ends, (1..=15).map(|hop| 512 * hop).collect::<Vec<_>>());
        for block in [1, 64, 441, 4096] {
            assert_eq!(spectra(block, 0, &mut input).0, whole, "{block}");
        }
        assert_eq!(spectra(441, 511, &mut input).1[..3], [1, 513, 1_025]);
        // Direct current is the sum of the samples under the window.
        let window = hann(2048);
        let sum: f32 = input[512..2560]
            .iter()
            .zip(&window)
            .map(|(a, b)| a * b)
            .sum();
        assert!((whole[4][0].re - sum).abs() < 1e-2, "{:?}", whole[4][0]);
    }
}
