//! What a host may send and nobody wants to hear.

/// Samples are held within this: +60 dBFS, far above any real signal, and small enough that no power overflows.
/// What is louder may still be sound with a wrong gain, so that it stays, as loud as a sound can be.
pub const LARGEST_SAMPLE: f32 = 1_000.0;

/// Below this (-400 dBFS) a sample is nothing but a slow denormal.
const SMALLEST_SAMPLE: f32 = 1e-20;

/// The sample itself, or the nearest harmless one: denormals become 0, values that are too large [`LARGEST_SAMPLE`].
/// NaN and the infinities, which a division by zero or an overflow leaves, are no sound of any level, and become 0.
#[inline]
pub fn clean(sample: f32) -> f32 {
    if sample.is_finite() && sample.abs() >= SMALLEST_SAMPLE {
        sample.clamp(-LARGEST_SAMPLE, LARGEST_SAMPLE)
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_harmful_samples_are_changed() {
        for sample in [0.0, 1.0, -1.0, 1e-10, -999.0] {
            assert_eq!(clean(sample), sample);
        }
        for silent in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e-40, -1e-40] {
            assert_eq!(clean(silent), 0.0);
        }
        for large in [1e30, f32::MAX] {
            assert_eq!(clean(large), LARGEST_SAMPLE);
            assert_eq!(clean(-large), -LARGEST_SAMPLE);
        }
    }
}
