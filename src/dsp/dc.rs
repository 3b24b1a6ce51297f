//! Direct current: an offset that nobody hears, and that tells nothing of the music.

/// Takes the constant part off each channel of a stream.
///
/// `y[n] = x[n] - x[n - 1] + r y[n - 1]` (J. O. Smith, "DC Blocker", in Introduction to Digital Filters with Audio
/// Applications, 2007), with `r = exp(-2 pi f / rate)` for a corner at `f`. In double precision, since `r` is within 1e-4
/// of 1 at high rates.
pub struct DcBlocker {
    r: f64,
    /// For each channel the last input and output; `None` at the beginning.
    last: Vec<Option<(f64, f64)>>,
}

impl DcBlocker {
    /// Where a tone is 3 dB lower, in Hz. At 30 Hz it is 0.08 dB: what the lowest bands hear stays as it is. An offset that
    /// comes suddenly is 60 dB lower after 0.3 s.
    pub const CORNER: f64 = 4.0;

    /// A stream of `channels` at its beginning.
    pub fn new(sample_rate: f64, channels: usize) -> Self {
        Self {
            r: (-std::f64::consts::TAU * Self::CORNER / sample_rate).exp(),
            last: vec![None; channels.max(1)],
        }
    }

    /// Back to the beginning of a stream: what comes first counts as the offset.
    pub fn reset(&mut self) {
        self.last.fill(None);
    }

    /// Filters samples in place, the channels interleaved.
    pub fn process(&mut self, samples: &mut [f32]) {
        for frame in samples.chunks_mut(self.last.len()) {
            for (sample, last) in frame.iter_mut().zip(&mut self.last) {
                let input = f64::from(*sample);
                let (input_before, output_before) = last.unwrap_or((input, 0.0));
                let output = input - input_before + self.r * output_before;
                *last = Some((input, output));
                *sample = output as f32;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn power(samples: &[f32]) -> f64 {
        let sum: f64 = samples
            .iter()
            .map(|sample| f64::from(*sample).powi(2))
            .sum();
        sum / samples.len() as f64
    }

    #[test]
    #[cfg_attr(miri, ignore = "a million samples")]
    fn an_offset_is_gone_and_the_lowest_band_is_not() {
        for rate in [8_000.0, 44_100.0, 192_000.0, 768_000.0] {
            let tone = |n: usize| (std::f64::consts::TAU * 31.25 * n as f64 / rate).sin() as f32;
            let frames = rate as usize;
            // One channel has a tone, both have an offset.
            let mut samples: Vec<f32> = (0..frames)
                .flat_map(|n| [0.1 + 0.1 * tone(n), -0.3])
                .collect();
            let mut blocker = DcBlocker::new(rate, 2);
            for block in samples.chunks_mut(2 * 111) {
                blocker.process(block);
            }
            let second_half = &samples[frames..];
            let [left, right] = [0, 1].map(|channel| -> Vec<f32> {
                second_half
                    .iter()
                    .skip(channel)
                    .step_by(2)
                    .copied()
                    .collect()
            });
            let loss = 10.0 * (power(&left) / (0.01 / 2.0)).log10();
            assert!(loss.abs() < 0.1, "{rate} Hz: {loss} dB");
            assert!(power(&right) < 1e-20, "{rate} Hz");
            let mean = left.iter().sum::<f32>() / left.len() as f32;
            assert!(mean.abs() < 1e-3, "{rate} Hz: {mean}");
        }
    }

    #[test]
    fn an_offset_that_comes_suddenly_is_60_db_lower_after_a_third_of_a_second() {
        let mut samples = vec![0.0; 48_000];
        samples[10_000..].fill(0.5);
        DcBlocker::new(48_000.0, 1).process(&mut samples);
        assert_eq!(samples[10_000], 0.5);
        assert!(samples[10_000 + 16_000].abs() < 0.5e-3);
    }
}
