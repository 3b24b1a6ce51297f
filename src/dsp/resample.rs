//! From the host's rate to the tagger's.

use rubato::{
    Async, FixedAsync, Indexing, Resampler, ResamplerConstructionError,
    SincInterpolationParameters, SincInterpolationType, WindowFunction,
    audioadapter_buffers::direct::InterleavedSlice,
};

/// Where the filter is 6 dB down, as a share of the lower of the two Nyquist frequencies, and periods of that that it spans.
/// So does ffmpeg's resampler (libswresample's defaults: `cutoff` 0.97, `filter_size` 32 taps at the lower rate, a Kaiser
/// window with beta 9, whose main lobe is as wide as Blackman's), which the tagger's music went through in training. The
/// filter spans the same time at every rate, so that the answers don't depend on it.
const CUTOFF: f64 = 0.97;
const PERIODS: f64 = 32.0;

/// Values of the filter from one period to the next, between which is interpolated where the filter isn't known at every place.
const VALUES_A_PERIOD: f64 = 768.0;

/// The most places between two input samples at which the filter is kept, each for itself: 44.1 kHz to 32 kHz takes 320.
const MOST_PLACES: u64 = 2_048;

/// How many places between two input samples the output samples take in turn, where they are few: then the filter is known at each,
/// and nothing is interpolated, which takes a third of the multiplications for two channels. `None` for rates that aren't whole, and ratios of large numbers.
fn places(from: f64, to: f64) -> Option<usize> {
    let whole = |rate: f64| (rate.fract() == 0.0 && rate < 1e9).then_some(rate as u64);
    let (from, to) = (whole(from)?, whole(to)?);
    let (mut divisor, mut rest) = (from, to);
    while rest > 0 {
        (divisor, rest) = (rest, divisor % rest);
    }
    let places = to.checked_div(divisor)?;
    (1..=MOST_PLACES)
        .contains(&places)
        .then_some(places as usize)
}

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
        // Input samples in a period.
        let period = (from / to).max(1.0);
        let values = (VALUES_A_PERIOD / period).ceil().max(8.0) as usize;
        let (oversampling_factor, interpolation) = match places(from, to) {
            // As many as there would be otherwise: the library's filters are late by one of them.
            Some(places) => (
                values.next_multiple_of(places),
                SincInterpolationType::Nearest,
            ),
            None => (values, SincInterpolationType::Cubic),
        };
        let parameters = SincInterpolationParameters {
            sinc_len: (PERIODS / CUTOFF * period).ceil() as usize,
            f_cutoff: Some(CUTOFF as f32),
            oversampling_factor,
            interpolation,
            window: WindowFunction::Blackman,
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

    /// The shipped tagger's rate.
    const TO: f64 = 32_000.0;

    #[test]
    fn output_samples_of_usual_rates_fall_on_few_places() {
        assert_eq!(places(44_100.0, TO), Some(320));
        assert_eq!(places(48_000.0, TO), Some(2));
        assert_eq!(places(96_000.0, TO), Some(1));
        assert_eq!(places(11_025.0, TO), Some(1_280));
        assert_eq!(places(47_999.5, TO), None);
        assert_eq!(places(44_101.0, TO), None);
    }

    #[test]
    #[cfg_attr(miri, ignore = "a second of sound through long filters")]
    fn a_filter_known_at_each_place_gives_what_one_that_is_interpolated_does() {
        let run = |rate: f64| {
            let mut resampler = StreamResampler::new(rate, TO, 1).expect("a ratio");
            let sound: Vec<f32> = (0..44_100).map(|n| (n * n % 997) as f32 / 997.0).collect();
            let mut output = Vec::new();
            resampler.push(&sound, |samples| output.extend_from_slice(samples));
            output
        };
        // A rate so near that a second later a sample is no thousandth of one away.
        let (exact, interpolated) = (run(44_100.0), run(44_100.0 + 1.0 / 1024.0));
        let worst = exact.iter().zip(&interpolated).skip(100).take(31_000);
        let worst = worst.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < 5e-3, "{worst}");
    }

    #[test]
    #[cfg_attr(miri, ignore = "seconds of sound through long filters: hours")]
    fn a_sine_keeps_its_place_and_level_at_every_rate() {
        for rate in [
            8_000.0, 22_050.0, 44_100.0, 48_000.0, 47_999.5, 96_000.0, 192_000.0, 768_000.0,
        ] {
            let sine = |n: usize, rate: f64| {
                (n as f64 * 440.0 * std::f64::consts::TAU / rate).sin() as f32
            };
            let input: Vec<f32> = (0..rate as usize).map(|n| sine(n, rate)).collect();
            let mut resampler = StreamResampler::new(rate, TO, 1).expect("a ratio");
            let mut output = Vec::new();
            for chunk in input.chunks(100) {
                resampler.push(chunk, |samples| output.extend_from_slice(samples));
            }
            assert!(output.len() > 31_000, "{rate}: {}", output.len());
            let worst = output
                .iter()
                .enumerate()
                .skip(1_000)
                .take(29_000)
                .map(|(n, sample)| (sample - sine(n, TO)).abs())
                .fold(0.0, f32::max);
            // One sample at 32 kHz off: the filter's delay is only told in whole ones.
            assert!(worst < 0.0875, "{rate}: {worst}");
        }
    }

    /// The level of a sine of `hz` after the resampler, in dB of what it was.
    fn passed_db(rate: f64, hz: f64) -> f64 {
        let input: Vec<f32> = (0..rate as usize / 2)
            .map(|n| (n as f64 * hz * std::f64::consts::TAU / rate).sin() as f32)
            .collect();
        let mut resampler = StreamResampler::new(rate, TO, 1).expect("a ratio");
        let mut power = Vec::new();
        resampler.push(&input, |samples| {
            power.extend(samples.iter().map(|sample| f64::from(sample * sample)));
        });
        let settled = &power[power.len() / 4..power.len() * 3 / 4];
        10.0 * (2.0 * settled.iter().sum::<f64>() / settled.len() as f64).log10()
    }

    #[test]
    #[cfg_attr(miri, ignore = "seconds of sound through long filters: hours")]
    fn what_the_tagger_hears_is_passed_and_the_rest_is_not_at_any_rate() {
        for rate in [
            44_100.0, 48_000.0, 88_200.0, 96_000.0, 176_400.0, 192_000.0, 384_000.0, 768_000.0,
        ] {
            for hz in [100.0, 8_000.0, 12_000.0] {
                let level = passed_db(rate, hz);
                assert!(level.abs() < 0.2, "{rate} Hz: {hz} Hz at {level} dB");
            }
            for hz in [19_000.0, 20_000.0, 21_500.0] {
                let level = passed_db(rate, hz);
                assert!(level < -60.0, "{rate} Hz: {hz} Hz at {level} dB");
            }
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "seconds of sound through long filters: hours")]
    fn each_channel_is_resampled_by_itself() {
        let ramp = |n: usize, channel: usize| (n * (channel + 1) % 97) as f32 / 97.0;
        let run = |channels: &[usize]| {
            let input: Vec<f32> = (0..4_800)
                .flat_map(|n| channels.iter().map(move |channel| ramp(n, *channel)))
                .collect();
            let mut resampler =
                StreamResampler::new(44_100.0, TO, channels.len()).expect("a ratio");
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
