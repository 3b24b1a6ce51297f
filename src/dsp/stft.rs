//! The streaming short-time Fourier transform of the morph path: under a Hann window, with 75 % overlap.

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
    /// Samples of the wait that aren't needed, half a hop at most: see [`HostBlocks::slack`].
    pub slack: usize,
}

impl StftLayout {
    /// The layout for a host's rate: the model's window, scaled by a power of two so that it lasts about as long. Its wait is the shortest
    /// there is: see [`Self::for_blocks`].
    pub fn for_rate(sample_rate: f64, model_rate: f64, model_window: usize) -> Self {
        let octaves = (sample_rate / model_rate).log2().round().clamp(-4.0, 6.0);
        let window = ((model_window as f64 * octaves.exp2()) as usize).max(64);
        let layout = Self {
            window,
            hop: window / 4,
            wait: 1,
            slack: 0,
        };
        layout.for_blocks(HostBlocks::new(sample_rate, 1))
    }

    /// The same with as long a wait as a host's blocks need, so that no curve is late by them.
    pub fn for_blocks(self, blocks: HostBlocks) -> Self {
        Self {
            wait: blocks.wait_hops(self.hop),
            slack: blocks.slack(self.hop).min(self.hop / 2),
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

/// Transforms the newest window of up to a fixed number of channels. Nothing allocates after construction.
pub struct StreamingStft {
    forward: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    /// The last window of each channel, rings.
    channels: Vec<Vec<f32>>,
    /// The spectra of the last frame.
    spectra: Vec<Vec<Complex<f32>>>,
    /// Where the next sample goes in the rings: the oldest is there.
    position: usize,
    frame: Vec<f32>,
    scratch: Vec<Complex<f32>>,
}

impl StreamingStft {
    /// Plans everything for `channels` channels.
    pub fn new(layout: StftLayout, channels: usize) -> Self {
        let forward = RealFftPlanner::new().plan_fft_forward(layout.window);
        Self {
            window: hann(layout.window),
            channels: vec![vec![0.0; layout.window]; channels],
            spectra: vec![forward.make_output_vec(); channels],
            position: 0,
            frame: vec![0.0; layout.window],
            scratch: forward.make_scratch_vec(),
            forward,
        }
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        for channel in &mut self.channels {
            channel.fill(0.0);
        }
        self.position = 0;
    }

    /// Takes in these samples of `block` (`[channel][sample]`).
    pub fn take(&mut self, block: &[&mut [f32]], samples: Range<usize>) {
        let ring = self.channels.first().map_or(1, Vec::len);
        let mut done = samples.start;
        while done < samples.end {
            let len = (samples.end - done).min(ring - self.position);
            let place = self.position..self.position + len;
            for (ring_of, channel) in self.channels.iter_mut().zip(block) {
                if let (Some(place), Some(samples)) = (
                    ring_of.get_mut(place.clone()),
                    channel.get(done..done + len),
                ) {
                    place.copy_from_slice(samples);
                }
            }
            self.position = (self.position + len) % ring;
            done += len;
        }
    }

    /// The spectra of the newest window, `[channel][bin]`.
    pub fn frame(&mut self) -> &[Vec<Complex<f32>>] {
        let start = self.position;
        let first = self.frame.len() - start;
        for (channel, spectrum) in self.channels.iter().zip(&mut self.spectra) {
            let (before, after) = self.frame.split_at_mut(first);
            let (window, window_after) = self.window.split_at(first);
            for (frame, samples, window) in [
                (before, channel.get(start..), window),
                (after, Some(&channel[..]), window_after),
            ] {
                let samples = samples.unwrap_or_default();
                for ((place, sample), window) in frame.iter_mut().zip(samples).zip(window) {
                    *place = sample * window;
                }
            }
            // The lengths are the plan's own, so that it can't fail.
            let _ = self
                .forward
                .process_with_scratch(&mut self.frame, spectrum, &mut self.scratch);
        }
        &self.spectra
    }

    /// What [`Self::frame`] gave last.
    pub fn spectra(&self) -> &[Vec<Complex<f32>>] {
        &self.spectra
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
                slack: layout.slack,
            };
            assert_eq!(layout, expected, "{rate}");
            assert_eq!(layout.latency(), latency, "{rate}");
            assert!(layout.slack <= layout.hop / 2, "{rate}");
            let given = (layout.wait * layout.hop) as f64 / rate;
            assert!((0.005..0.022).contains(&given), "{rate}: {given}");
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "transforms: hours")]
    fn a_frame_has_the_spectrum_of_the_window_before_it_whatever_the_blocks() {
        let layout = StftLayout::for_rate(48_000.0, 48_000.0, 2048);
        let mut input = noise(8_000);
        let mut spectra = |block: usize| {
            let mut stft = StreamingStft::new(layout, 1);
            let mut spectra = Vec::new();
            let mut taken = 0;
            for chunk in input.chunks_mut(block) {
                let mut done = 0;
                while done < chunk.len() {
                    let len = (512 - taken % 512).min(chunk.len() - done);
                    stft.take(&[&mut *chunk], done..done + len);
                    done += len;
                    taken += len;
                    if taken % 512 == 0 {
                        spectra.push(stft.frame()[0].clone());
                    }
                }
            }
            spectra
        };
        let whole = spectra(8_000);
        assert_eq!(whole.len(), 15);
        for block in [1, 64, 441, 4_096] {
            assert_eq!(spectra(block), whole, "{block}");
        }
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
