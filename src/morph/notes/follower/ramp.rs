//! What lies between yes and no.

/// Smoothly from 0 to 1 between two values.
pub(in crate::morph::notes) fn ramp(value: f32, (from, to): (f32, f32)) -> f32 {
    let way = ((value - from) / (to - from)).clamp(0.0, 1.0);
    way * way * (3.0 - 2.0 * way)
}
