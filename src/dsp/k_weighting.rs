//! How loud a frequency is heard: the K-weighting of ITU-R BS.1770-5, annex 1.

/// The high shelf, its first filter: its frequency in Hz, its quality, and what it multiplies amplitudes by high up and on the way. These are the
/// analogue filters that its coefficients at 48 kHz come from, as libebur128 has them for every rate.
const SHELF_HZ: f64 = 1_681.974_450_955_533;
const SHELF_Q: f64 = 0.707_175_236_955_419_6;
const SHELF_HIGH: f64 = 1.584_864_701_130_855;
const SHELF_MIDDLE: f64 = 1.258_720_930_232_562;
/// The high-pass, its second: its frequency in Hz, and its quality.
const PASS_HZ: f64 = 38.135_470_876_024_44;
const PASS_Q: f64 = 0.500_327_037_323_877_3;

/// The highest frequency that a filter is made for, over the sample rate.
const HIGHEST: f64 = 0.45;

/// What the power at a frequency, in Hz, counts for loudness: 1.17 at 1 kHz, 2.5 from some 4 kHz on, next to nothing below 20 Hz.
pub fn k_weight(hz: f32) -> f32 {
    // Of the analogue filters: those of a rate have the same from its 20th part down.
    let shelf = (hz / SHELF_HZ as f32).powi(2);
    let (high, middle) = (SHELF_HIGH as f32, (SHELF_MIDDLE / SHELF_Q) as f32);
    let damped = |place: f32, q: f64| (1.0 - place).powi(2) + place / (q * q) as f32;
    let lifted = ((1.0 - high * shelf).powi(2) + middle * middle * shelf) / damped(shelf, SHELF_Q);
    let pass = (hz / PASS_HZ as f32).powi(2);
    lifted * pass * pass / damped(pass, PASS_Q)
}

/// Channels that are measured together.
const CHANNELS: usize = 2;

/// Measures the K-weighted power of two channels, added up; nothing in it allocates.
pub struct KMeter {
    shelf: Biquad,
    pass: Biquad,
    sum: f64,
}

impl KMeter {
    /// For a rate in Hz.
    pub fn new(sample_rate: f64) -> Self {
        let warped = |hz: f64| (std::f64::consts::PI * (hz / sample_rate).min(HIGHEST)).tan();
        Self {
            shelf: Biquad::new(
                [SHELF_HIGH, SHELF_MIDDLE / SHELF_Q, 1.0],
                warped(SHELF_HZ),
                SHELF_Q,
            ),
            pass: Biquad::new([1.0, 0.0, 0.0], warped(PASS_HZ), PASS_Q),
            sum: 0.0,
        }
    }

    /// Forgets all sound.
    pub fn reset(&mut self) {
        self.shelf.past = [[0.0; 2]; CHANNELS];
        self.pass.past = [[0.0; 2]; CHANNELS];
        self.sum = 0.0;
    }

    /// Takes in one sample of each channel; a signal of one channel leaves the other at 0.
    #[inline]
    pub fn push(&mut self, frame: [f32; CHANNELS]) {
        let weighted = self.pass.tick(self.shelf.tick(frame.map(f64::from)));
        self.sum += weighted.iter().map(|sample| sample * sample).sum::<f64>();
    }

    /// The sum of the weighted powers of the samples since the last that was taken.
    pub fn take(&mut self) -> f64 {
        std::mem::take(&mut self.sum)
    }
}

/// A filter of the second order for each channel, in the transposed second direct form.
struct Biquad {
    forward: [f64; 3],
    back: [f64; 2],
    past: [[f64; 2]; CHANNELS],
}

impl Biquad {
    /// By the bilinear transform of the analogue filter with these factors of `s²`, `s` and 1 above, where `s` is 1 at a frequency that is `warped`.
    fn new([square, linear, constant]: [f64; 3], warped: f64, q: f64) -> Self {
        let w = warped;
        let whole = 1.0 + w / q + w * w;
        Self {
            forward: [
                square + linear * w + constant * w * w,
                2.0 * (constant * w * w - square),
                square - linear * w + constant * w * w,
            ]
            .map(|factor| factor / whole),
            back: [2.0 * (w * w - 1.0), 1.0 - w / q + w * w].map(|factor| factor / whole),
            past: [[0.0; 2]; CHANNELS],
        }
    }

    #[inline]
    fn tick(&mut self, frame: [f64; CHANNELS]) -> [f64; CHANNELS] {
        let ([now, one, two], [back_one, back_two]) = (self.forward, self.back);
        let mut output = frame;
        for (sample, [first, second]) in output.iter_mut().zip(&mut self.past) {
            let input = *sample;
            *sample = now * input + *first;
            *first = one * input - back_one * *sample + *second;
            *second = two * input - back_two * *sample;
        }
        output
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::descriptors::LoudnessMeter;

    fn tone(hz: f64, rate: u32) -> impl Iterator<Item = f32> {
        (0..4 * rate).map(move |n| {
            (std::f64::consts::TAU * hz * f64::from(n) / f64::from(rate)).sin() as f32
        })
    }

    /// In LUFS, of a mean power that is K-weighted.
    fn lufs(power: f64) -> f64 {
        10.0 * power.log10() - 0.691
    }

    #[test]
    #[cfg_attr(miri, ignore = "seconds of sound")]
    fn a_tone_counts_as_much_as_a_meter_says() {
        const RATE: u32 = 48_000;
        for hz in [
            25.0, 40.0, 60.0, 100.0, 500.0, 997.0, 2_000.0, 4_000.0, 10_000.0,
        ] {
            let tone: Vec<f32> = tone(hz, RATE).collect();
            let mut meter = LoudnessMeter::new(RATE, 1).unwrap();
            meter.push(&tone, |_| ());
            let expected = meter.loudness().integrated;
            let weight = lufs(f64::from(k_weight(hz as f32)) / 2.0);
            let mut own = KMeter::new(f64::from(RATE));
            for sample in &tone {
                own.push([*sample, 0.0]);
            }
            let measured = lufs(own.take() / tone.len() as f64);
            println!("{hz} Hz: {expected:.2} LUFS, {weight:.2} by weight, {measured:.2} measured");
            assert!((weight - expected).abs() < 0.1, "{hz} Hz: {weight}");
            assert!((measured - expected).abs() < 0.1, "{hz} Hz: {measured}");
        }
        assert_eq!(k_weight(0.0), 0.0);
    }

    #[test]
    #[cfg_attr(miri, ignore = "seconds of sound")]
    fn two_channels_add_up_and_every_rate_measures_the_same() {
        for rate in [4_000, 8_000, 44_100, 192_000, 768_000] {
            let mut meter = KMeter::new(f64::from(rate));
            let mut samples = 0.0;
            for sample in tone(300.0, rate).take(rate as usize) {
                meter.push([sample, -sample]);
                samples += 1.0;
            }
            let found = lufs(meter.take() / samples);
            let expected = lufs(f64::from(k_weight(300.0)));
            println!("{rate} Hz: {found:.2} LUFS, {expected:.2} expected");
            assert!((found - expected).abs() < 0.2, "{rate} Hz: {found}");
            assert_eq!(meter.take(), 0.0);
        }
    }
}
