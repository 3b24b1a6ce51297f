//! From the host's rate to the tagger's.

use rubato::{
    Async, FixedAsync, Indexing, Resampler, ResamplerConstructionError,
    SincInterpolationParameters, SincInterpolationType, WindowFunction,
    audioadapter_buffers::direct::InterleavedSlice,
};

/// Input samples that the resampler takes at a time: 5 ms at 48 kHz.
const CHUNK: usize = 240;

/// A streaming mono resampler with any ratio, without delay of its own: the filter's is taken off at the start.
pub struct MonoResampler {
    resampler: Option<Async<f32>>,
    pending: Vec<f32>,
    output: Vec<f32>,
    /// Output samples still to be dropped, to take the filter's delay off.
    skip: usize,
}

impl MonoResampler {
    /// A resampler between two rates in Hz, both above 0.
    ///
    /// # Errors
    /// When the library can't build a filter for the ratio.
    pub fn new(from: f64, to: f64) -> Result<Self, ResamplerConstructionError> {
        if from == to {
            return Ok(Self {
                resampler: None,
                pending: Vec::new(),
                output: Vec::new(),
                skip: 0,
            });
        }
        let parameters = SincInterpolationParameters {
            sinc_len: 128,
            f_cutoff: None,
            oversampling_factor: 256,
            interpolation: SincInterpolationType::Cubic,
            window: WindowFunction::BlackmanHarris2,
        };
        let resampler = Async::new_sinc(to / from, 1.0, &parameters, CHUNK, 1, FixedAsync::Input)?;
        Ok(Self {
            skip: resampler.output_delay(),
            output: vec![0.0; resampler.output_frames_max()],
            resampler: Some(resampler),
            pending: Vec::with_capacity(2 * CHUNK),
        })
    }

    /// Back to the beginning of a stream.
    pub fn reset(&mut self) {
        self.pending.clear();
        if let Some(resampler) = &mut self.resampler {
            resampler.reset();
            self.skip = resampler.output_delay();
        }
    }

    /// Takes samples in and hands out, in pieces, those that they complete at the new rate.
    pub fn push(&mut self, samples: &[f32], mut out: impl FnMut(&[f32])) {
        let Some(resampler) = &mut self.resampler else {
            out(samples);
            return;
        };
        self.pending.extend_from_slice(samples);
        let mut start = 0;
        while let Some(chunk) = self.pending.get(start..start + CHUNK) {
            start += CHUNK;
            let capacity = self.output.len();
            let (Ok(input), Ok(mut output)) = (
                InterleavedSlice::new(chunk, 1, CHUNK),
                InterleavedSlice::new_mut(&mut self.output, 1, capacity),
            ) else {
                continue;
            };
            let Ok((_, written)) =
                resampler.process_into_buffer(&input, &mut output, None::<&Indexing>)
            else {
                continue;
            };
            let dropped = self.skip.min(written);
            self.skip -= dropped;
            out(self.output.get(dropped..written).unwrap_or_default());
        }
        self.pending.drain(..start);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sine_keeps_its_place_and_level_at_every_rate() {
        for rate in [
            8_000.0, 22_050.0, 44_100.0, 48_000.0, 47_999.5, 96_000.0, 192_000.0, 768_000.0,
        ] {
            let sine = |n: usize, rate: f64| {
                (n as f64 * 440.0 * std::f64::consts::TAU / rate).sin() as f32
            };
            let input: Vec<f32> = (0..rate as usize).map(|n| sine(n, rate)).collect();
            let mut resampler = MonoResampler::new(rate, 16_000.0).expect("a ratio");
            let mut output = Vec::new();
            for chunk in input.chunks(100) {
                resampler.push(chunk, |samples| output.extend_from_slice(samples));
            }
            assert!(output.len() > 15_000, "{rate}: {}", output.len());
            let worst = output
                .iter()
                .enumerate()
                .skip(500)
                .take(14_000)
                .map(|(n, sample)| (sample - sine(n, 16_000.0)).abs())
                .fold(0.0, f32::max);
            // One sample at 16 kHz off: the filter's delay is only told in whole ones.
            assert!(worst < 0.175, "{rate}: {worst}");
        }
    }
}
