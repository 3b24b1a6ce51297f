//! How loud input and output are.

/// What goes in, or what comes out; the input as much later as the output is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Meter {
    /// The highest magnitude of a sample since the last snapshot, left and right; a mono bus has it twice. Full scale is 1.
    pub peaks: [f32; 2],
    /// Momentary loudness (ITU-R BS.1770, 0.4 s), in LUFS; minus infinity in silence, and before anything was measured.
    pub loudness: f32,
}

impl Default for Meter {
    fn default() -> Self {
        Self {
            peaks: [0.0; 2],
            loudness: f32::NEG_INFINITY,
        }
    }
}

/// Both ends of the chain.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Meters {
    /// What goes in.
    pub input: Meter,
    /// What comes out, behind Mix, Output, Delta and Bypass.
    pub output: Meter,
}

impl Meters {
    /// How much louder the output is than the input, in dB; `None` where either is silent.
    pub fn gain(&self) -> Option<f32> {
        /// Below this there is nothing to compare, in LUFS: the absolute gate of BS.1770.
        const GATE: f32 = -70.0;
        let (input, output) = (self.input.loudness, self.output.loudness);
        (input > GATE && output > GATE).then_some(output - input)
    }
}
