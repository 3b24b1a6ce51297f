//! Second-order sections of Butterworth and Chebyshev filters, in double precision.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

use realfft::num_complex::Complex;

/// A second-order section, in the transposed second direct form.
#[derive(Debug, Clone, Copy)]
pub struct Biquad {
    /// Of the input, now and before.
    b: [f64; 3],
    /// Of the output before.
    a: [f64; 2],
    state: [f64; 2],
}

impl Biquad {
    fn new(b: [f64; 3], a: [f64; 2]) -> Self {
        Self {
            b,
            a,
            state: [0.0; 2],
        }
    }

    /// Butterworth's high-pass of the second order with its corner at `hz`.
    pub fn high_pass(hz: f64, rate: f64) -> Self {
        let k = (PI * hz / rate).tan();
        let (norm, a) = second_order(k);
        Self::new([norm, -2.0 * norm, norm], a)
    }

    /// Butterworth's low-pass of the second order with its corner at `hz`.
    pub fn low_pass(hz: f64, rate: f64) -> Self {
        let k = (PI * hz / rate).tan();
        let (norm, a) = second_order(k);
        let gain = k * k * norm;
        Self::new([gain, 2.0 * gain, gain], a)
    }

    /// Chebyshev's low-pass of the second order, type 1, that ripples by `ripple` dB up to `share` of half the rate.
    pub fn chebyshev_low_pass(ripple: f64, share: f64) -> Self {
        let epsilon = (10f64.powf(ripple / 10.0) - 1.0).sqrt();
        let width = (1.0 / epsilon).asinh() / 2.0;
        // One of the two poles of the prototype, warped to the corner; the rate is 2, as half of it is 1.
        let pole = Complex::new(-width.sinh() * FRAC_1_SQRT_2, width.cosh() * FRAC_1_SQRT_2);
        let pole = pole * (4.0 * (PI * share / 2.0).tan());
        let a = digital(pole);
        // At direct current the gain of an even order is the ripple's bottom.
        let gain = (1.0 + a[0] + a[1]) / 4.0 / (1.0 + epsilon * epsilon).sqrt();
        Self::new([gain, 2.0 * gain, gain], a)
    }

    /// Butterworth's band-pass between two frequencies in Hz, of the fourth order on either side: four sections.
    pub fn band_pass(low: f64, high: f64, rate: f64) -> [Self; 4] {
        // The rate is 2, as half of it is 1.
        let warped = [low, high].map(|hz| 4.0 * (PI * hz / rate).tan());
        let (width, centre) = (warped[1] - warped[0], (warped[0] * warped[1]).sqrt());
        // Two poles of the low-pass prototype; the other two are their conjugates, and give those of the poles.
        let mut sections = [5.0, 7.0].into_iter().flat_map(|eighths| {
            let prototype = Complex::from_polar(1.0, PI * eighths / 8.0) * (width / 2.0);
            let root = (prototype * prototype - centre * centre).sqrt();
            [prototype + root, prototype - root]
        });
        std::array::from_fn(|_| {
            let pole = sections.next().unwrap_or_default();
            // What the band's zero at direct current and the bilinear transform give each section: s w / |s - p|^2 at s = 4.
            let gain = 4.0 * width / (Complex::new(4.0, 0.0) - pole).norm_sqr();
            Self::new([gain, 0.0, -gain], digital(pole))
        })
    }

    /// Forgets all sound.
    pub fn reset(&mut self) {
        self.state = [0.0; 2];
    }

    /// Filters a sample.
    pub fn filter(&mut self, input: f64) -> f64 {
        let output = self.b[0] * input + self.state[0];
        self.state = [
            self.b[1] * input - self.a[0] * output + self.state[1],
            self.b[2] * input - self.a[1] * output,
        ];
        output
    }
}

/// Butterworth's of the second order, by the bilinear transform with the warped corner `k`.
fn second_order(k: f64) -> (f64, [f64; 2]) {
    let norm = 1.0 / (1.0 + 2.0 * FRAC_1_SQRT_2 * k + k * k);
    let a = [
        2.0 * (k * k - 1.0) * norm,
        (1.0 - 2.0 * FRAC_1_SQRT_2 * k + k * k) * norm,
    ];
    (norm, a)
}

/// The recursive half of the section whose poles are `pole` and its conjugate, by the bilinear transform at a rate of 2.
fn digital(pole: Complex<f64>) -> [f64; 2] {
    let pole = (Complex::new(4.0, 0.0) + pole) / (Complex::new(4.0, 0.0) - pole);
    [-2.0 * pole.re, pole.norm_sqr()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: f64 = 44_100.0;

    /// The level of a sine of so many Hz behind a filter, in dB of what it was.
    fn passed(sections: &[Biquad], hz: f64) -> f64 {
        let mut sections = sections.to_vec();
        let sine = |n: usize| (2.0 * PI * hz * n as f64 / RATE).sin();
        let power: f64 = (0..88_200)
            .map(|n| {
                let through = sections
                    .iter_mut()
                    .fold(sine(n), |x, section| section.filter(x));
                (n, through)
            })
            .filter(|(n, _)| *n >= 44_100)
            .map(|(_, x)| x * x)
            .sum();
        10.0 * (2.0 * power / 44_100.0).log10()
    }

    #[test]
    #[cfg_attr(miri, ignore = "seconds of sound")]
    fn corners_are_3_db_down_and_bands_pass() {
        let high = [Biquad::high_pass(2_000.0, RATE)];
        assert!((passed(&high, 2_000.0) + 3.01).abs() < 0.05);
        assert!(passed(&high, 200.0) < -38.0 && passed(&high, 15_000.0).abs() < 0.05);
        let low = [Biquad::low_pass(2_000.0, RATE)];
        assert!((passed(&low, 2_000.0) + 3.01).abs() < 0.05);
        assert!(passed(&low, 200.0).abs() < 0.05 && passed(&low, 10_000.0) < -28.0);
        let (low, high) = (8_000.0 / 1.122_462, 8_000.0 * 1.122_462);
        let band = Biquad::band_pass(low, high, RATE);
        assert!(
            (passed(&band, low) + 3.01).abs() < 0.05,
            "{}",
            passed(&band, low)
        );
        assert!((passed(&band, high) + 3.01).abs() < 0.05);
        assert!(passed(&band, 8_000.0).abs() < 0.05);
        assert!(passed(&band, 4_000.0) < -60.0 && passed(&band, 16_000.0) < -60.0);
        let cheap = [Biquad::chebyshev_low_pass(0.1, 0.4)];
        assert!((passed(&cheap, 0.4 * RATE / 2.0) + 0.1).abs() < 0.02);
        assert!((passed(&cheap, 20.0) + 0.1).abs() < 0.02);
        assert!(passed(&cheap, 0.9 * RATE / 2.0) < -10.0);
    }
}
