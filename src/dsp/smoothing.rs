//! Smoothing, for switches and settings that must not click.

/// `a` at 0 and `b` at 1, each to the bit, so that a bypass and a full mix are exact.
#[inline]
pub fn crossfade(a: f32, b: f32, way: f32) -> f32 {
    if way >= 1.0 { b } else { a + way * (b - a) }
}

/// Follows its target by no more than a fixed step a sample, so that from 0 to 1 takes a fixed number of samples.
pub struct SlewLimiter {
    value: f32,
    step: f32,
}

impl SlewLimiter {
    /// A limiter at `value` that takes `samples` from 0 to 1.
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

    /// Whether it has arrived at `target`, so that every tick gives just that.
    pub fn is_settled(&self, target: f32) -> bool {
        self.value == target
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
pub struct LinearSmoother {
    value: f32,
    target: f32,
    step: f32,
    samples: u32,
    left: u32,
}

impl LinearSmoother {
    /// A smoother at `value` that takes `samples` to any other.
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

    /// Whether it has arrived at `target`, so that every tick gives just that.
    pub fn is_settled(&self, target: f32) -> bool {
        self.left == 0 && self.target == target
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
