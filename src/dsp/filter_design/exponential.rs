//! Exponentials without branches, so that a processor computes several at a time.

use std::f32::consts::{LN_2, LOG2_E, TAU};

use realfft::num_complex::Complex;

/// Added to a number below a million, rounds it to a whole one, which is then in the sum's last bits.
const ROUNDING: f32 = 12_582_912.0;

/// Bits of a number's mantissa.
const MANTISSA: u32 = 23;

/// `2^x` between -120 and 120, within 3e-7 of itself.
#[inline]
pub fn exp2(x: f32) -> f32 {
    let rounded = x + ROUNDING;
    let rest = (x - (rounded - ROUNDING)) * LN_2;
    // The exponential series: with what is left, at most ln(2) / 2, its next part is below 1e-8.
    let mut power = 1.0 / 5_040.0;
    for coefficient in [
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
        1.0,
        1.0,
    ] {
        power = power * rest + coefficient;
    }
    f32::from_bits(power.to_bits().wrapping_add(rounded.to_bits() << MANTISSA))
}

/// `e^z`, with a real part between -80 and 80, within 2e-6 of itself, and 2e-7 more for each of the
/// imaginary part's radians.
#[inline]
pub(super) fn exp(z: Complex<f32>) -> Complex<f32> {
    let turns = z.im * (1.0 / TAU);
    let angle = (turns - (turns + ROUNDING - ROUNDING)) * TAU;
    // The series of sine and cosine at a quarter of the angle, at most 45 degrees, and twice the double of it.
    let quarter = 0.25 * angle;
    let square = quarter * quarter;
    let mut sin = 1.0 / 362_880.0;
    for coefficient in [-1.0 / 5_040.0, 1.0 / 120.0, -1.0 / 6.0, 1.0] {
        sin = sin * square + coefficient;
    }
    sin *= quarter;
    let mut cos = 1.0 / 40_320.0;
    for coefficient in [-1.0 / 720.0, 1.0 / 24.0, -0.5, 1.0] {
        cos = cos * square + coefficient;
    }
    for _ in 0..2 {
        (cos, sin) = (cos * cos - sin * sin, 2.0 * sin * cos);
    }
    let gain = exp2(z.re * LOG2_E);
    Complex::new(gain * cos, gain * sin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_are_within_3e_7_of_the_librarys_and_whole_ones_exact() {
        for step in -120_000..=120_000 {
            let x = step as f32 / 1_000.0;
            let expected = f64::from(x).exp2();
            let error = (f64::from(exp2(x)) / expected - 1.0).abs();
            assert!(error < 3e-7, "{x}: {error}");
        }
        for whole in -120..=120 {
            assert_eq!(exp2(whole as f32), 2.0_f32.powi(whole));
        }
    }

    #[test]
    fn complex_exponentials_are_within_2e_6_of_the_librarys() {
        for step in -10_000..=10_000 {
            let im = step as f32 / 100.0;
            let found = exp(Complex::new(0.7, im));
            let (sin, cos) = f64::from(im).sin_cos();
            let gain = f64::from(0.7_f32).exp();
            let error = (f64::from(found.re) / gain - cos).hypot(f64::from(found.im) / gain - sin);
            // Of the angle itself so much is lost in turning it back.
            let lost = f64::from(im).abs() * 2e-7;
            assert!(error < 2e-6 + lost, "{im}: {error}");
        }
    }
}
