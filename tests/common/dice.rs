//! Chance that comes out the same each time.

/// A pseudo-random sequence (Numerical Recipes' generator), begun from a seed.
pub struct Dice(pub u32);

impl Dice {
    /// A whole number below `sides`.
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((self.0 >> 8) as usize) % sides
    }

    /// 0 to 1.
    pub fn value(&mut self) -> f64 {
        self.roll(1_001) as f64 / 1_000.0
    }

    /// One of the choices.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.roll(choices.len())]
    }
}
