//! Linear ramps, for switches and settings that must not click.

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

/// Moves linearly to each new target in a fixed number of samples, however far it is.
pub struct Glide {
    value: f32,
    target: f32,
    step: f32,
    samples: u32,
    left: u32,
}

impl Glide {
    /// A glide at `value` that takes `samples` to any other.
    pub fn new(value: f32, samples: f32) -> Self {
        Self {
            value,
            target: value,
            step: 0.0,
            samples: samples.max(1.0) as u32,
            left: 0,
        }
    }

    /// Jumps to a value.
    pub fn reset(&mut self, value: f32) {
        self.value = value;
        self.target = value;
        self.left = 0;
    }

    /// The next value on the way to `target`, which is met exactly.
    #[inline]
    pub fn tick(&mut self, target: f32) -> f32 {
        if target != self.target {
            self.target = target;
            self.left = self.samples;
            self.step = (target - self.value) / self.samples as f32;
        }
        match self.left {
            0 => {}
            1 => {
                self.left = 0;
                self.value = self.target;
            }
            _ => {
                self.left -= 1;
                self.value += self.step;
            }
        }
        self.value
    }
}
