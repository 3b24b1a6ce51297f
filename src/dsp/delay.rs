//! A fixed delay: the dry path, as late as the wet one.

/// Delays one channel by a fixed number of samples.
pub struct Delay {
    /// The last `len` inputs, oldest at `next`.
    ring: Vec<f32>,
    /// Where the next input goes and the next output comes from.
    next: usize,
}

impl Delay {
    /// A delay of `samples`, filled with silence.
    pub fn new(samples: usize) -> Self {
        Self {
            ring: vec![0.0; samples],
            next: 0,
        }
    }

    /// Takes one sample in and gives the one of `samples` ago out.
    #[inline]
    pub fn tick(&mut self, input: f32) -> f32 {
        let Some(slot) = self.ring.get_mut(self.next) else {
            return input;
        };
        let output = std::mem::replace(slot, input);
        self.next += 1;
        if self.next == self.ring.len() {
            self.next = 0;
        }
        output
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        self.ring.fill(0.0);
        self.next = 0;
    }
}
