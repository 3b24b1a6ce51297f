//! From the host's rate to the tagger's.

use rubato::{
    Async, FixedAsync, Indexing, Resampler, ResamplerConstructionError,
    SincInterpolationParameters, SincInterpolationType, WindowFunction,
    audioadapter_buffers::direct::InterleavedSlice,
};

/// A streaming resampler with any ratio, without delay of its own: the filter's is taken off at the start.
pub struct StreamResampler {
    channels: usize,
    /// Frames that the resampler takes at a time.
    chunk: usize,
    resampler: Option<Async<f32>>,
    /// Interleaved, as what goes in and comes out.
    pending: Vec<f32>,
    output: Vec<f32>,
    /// Output frames still to be dropped, to take the filter's delay off.
    skip: usize,
}

impl StreamResampler {
    /// A resampler between two rates in Hz, both above 0, for at least one channel.
    ///
    /// # Errors
    /// When the library can't build a filter for the ratio.
    pub fn new(from: f64, to: f64, channels: usize) -> Result<Self, ResamplerConstructionError> {
        let channels = channels.max(1);
        // Whole hundredths of a second where there are, so that what is pushed in such pieces comes out at once.
        let hundredth = from / 100.0;
        let chunk = if hundredth.fract() == 0.0 {
            hundredth
        } else {
            hundredth / 10.0
        };
        let chunk = (chunk as usize).max(1);
        if from == to {
            return Ok(Self {
                channels,
                chunk,
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
        let resampler = Async::new_sinc(
            to / from,
            1.0,
            &parameters,
            chunk,
            channels,
            FixedAsync::Input,
        )?;
        Ok(Self {
            channels,
            chunk,
            skip: resampler.output_delay(),
            output: vec![0.0; resampler.output_frames_max() * channels],
            resampler: Some(resampler),
            pending: Vec::with_capacity(2 * chunk * channels),
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

    /// Takes samples in, the channels interleaved, and hands out, in pieces, those that they complete at the new rate.
    pub fn push(&mut self, samples: &[f32], mut out: impl FnMut(&[f32])) {
        let Some(resampler) = &mut self.resampler else {
            out(samples);
            return;
        };
        self.pending.extend_from_slice(samples);
        let (channels, frames) = (self.channels, self.chunk);
        let mut start = 0;
        while let Some(chunk) = self.pending.get(start..start + frames * channels) {
            start += frames * channels;
            let capacity = self.output.len() / channels;
            let (Ok(input), Ok(mut output)) = (
                InterleavedSlice::new(chunk, channels, frames),
                InterleavedSlice::new_mut(&mut self.output, channels, capacity),
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
            let ready = dropped * channels..written * channels;
            out(self.output.get(ready).unwrap_or_default());
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
            let mut resampler = StreamResampler::new(rate, 16_000.0, 1).expect("a ratio");
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

    #[test]
    fn each_channel_is_resampled_by_itself() {
        let ramp = |n: usize, channel: usize| (n * (channel + 1) % 97) as f32 / 97.0;
        let run = |channels: &[usize]| {
            let input: Vec<f32> = (0..4_800)
                .flat_map(|n| channels.iter().map(move |channel| ramp(n, *channel)))
                .collect();
            let mut resampler =
                StreamResampler::new(44_100.0, 16_000.0, channels.len()).expect("a ratio");
            let mut output = Vec::new();
            resampler.push(&input, |samples| output.extend_from_slice(samples));
            output
        };
        let both = run(&[0, 1]);
        for channel in [0, 1] {
            let alone = run(&[channel]);
            assert_eq!(2 * alone.len(), both.len());
            let own = both.iter().skip(channel).step_by(2);
            assert!(
                own.zip(&alone)
                    .all(|(own, alone)| (own - alone).abs() < 1e-5)
            );
        }
    }
}
