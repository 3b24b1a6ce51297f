//! What a host may send and nobody wants to hear.

/// Samples are held within this: +60 dBFS, far above any real signal, and small enough that no power overflows.
pub const LARGEST_SAMPLE: f32 = 1_000.0;

/// Below this (-400 dBFS) a sample is nothing but a slow denormal.
const SMALLEST_SAMPLE: f32 = 1e-20;

/// The sample itself, or the nearest harmless one: NaN and denormals become 0, too large values and infinities
/// become [`LARGEST_SAMPLE`].
#[inline]
pub fn clean(sample: f32) -> f32 {
    if sample.abs() >= SMALLEST_SAMPLE {
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
        assert_eq!(clean(f32::NAN), 0.0);
        assert_eq!(clean(1e-40), 0.0);
        assert_eq!(clean(f32::INFINITY), LARGEST_SAMPLE);
        assert_eq!(clean(f32::NEG_INFINITY), -LARGEST_SAMPLE);
        assert_eq!(clean(1e30), LARGEST_SAMPLE);
    }
}
