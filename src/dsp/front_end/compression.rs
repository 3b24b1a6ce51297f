//! From what a band holds to the level that a network reads.

/// The logarithm's base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Logarithm {
    /// e.
    Natural,
    /// 10.
    Ten,
}

impl Logarithm {
    fn of(self, value: f32) -> f32 {
        match self {
            Self::Natural => value.ln(),
            Self::Ten => value.log10(),
        }
    }
}

/// What is made of a band's power or magnitude, 0 or more.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Compression {
    /// `factor log(max(x, floor))`.
    Floored {
        /// The logarithm.
        logarithm: Logarithm,
        /// 10 for the dB of a power, 20 for those of a magnitude, 1 for the logarithm itself.
        factor: f32,
        /// Least value before the logarithm, above 0.
        floor: f32,
    },
    /// `factor log(scale x + offset)`.
    Shifted {
        /// The logarithm.
        logarithm: Logarithm,
        /// As above.
        factor: f32,
        /// What the value is multiplied by.
        scale: f32,
        /// What is added, above 0.
        offset: f32,
    },
    /// The value itself: for networks that do the rest themselves.
    None,
}

impl Compression {
    /// Levels of a power in dB: `10 log10(max(x, floor))`.
    pub const fn decibels(floor: f32) -> Self {
        Self::Floored {
            logarithm: Logarithm::Ten,
            factor: 10.0,
            floor,
        }
    }

    /// The level of a value.
    pub fn level(self, value: f32) -> f32 {
        match self {
            Self::Floored {
                logarithm,
                factor,
                floor,
            } => factor * logarithm.of(value.max(floor)),
            Self::Shifted {
                logarithm,
                factor,
                scale,
                offset,
            } => factor * logarithm.of(scale * value + offset),
            Self::None => value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_what_the_formulas_say() {
        let shifted = |logarithm, scale, offset| Compression::Shifted {
            logarithm,
            factor: 1.0,
            scale,
            offset,
        };
        let amplitude = Compression::Floored {
            logarithm: Logarithm::Ten,
            factor: 20.0,
            floor: 1e-5,
        };
        for (compression, value, wanted) in [
            (Compression::decibels(1e-10), 0.01, -20.0),
            (Compression::decibels(1e-10), 0.0, -100.0),
            (amplitude, 0.01, -40.0),
            (amplitude, 0.0, -100.0),
            (shifted(Logarithm::Ten, 10_000.0, 1.0), 0.0099, 2.0),
            (shifted(Logarithm::Natural, 1.0, 0.001), 0.0, -6.907_755),
            (Compression::None, 0.25, 0.25),
        ] {
            let level = compression.level(value);
            assert!((level - wanted).abs() < 1e-4, "{compression:?}: {level}");
        }
    }
}
