//! A linear ramp, for switches that must not click.

/// Moves linearly to its target, from 0 to 1 in a fixed number of samples.
pub struct Ramp {
    value: f32,
    step: f32,
}

impl Ramp {
    /// A ramp at `value` that takes `samples` from 0 to 1.
    pub fn new(value: f32, samples: f32) -> Self {
        Self {
            value,
            step: 1.0 / samples.max(1.0),
        }
    }

    /// Jumps to a value.
    pub fn reset(&mut self, value: f32) {
        self.value = value;
    }

    /// The next value on the way to `target`.
    #[inline]
    pub fn tick(&mut self, target: f32) -> f32 {
        let distance = target - self.value;
        if distance.abs() <= self.step {
            self.value = target;
        } else {
            self.value += self.step.copysign(distance);
        }
        self.value
    }
}
