//! What is told of a pitch.

/// What is heard of the pitch at one hop.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Pitch {
    /// Its frequency in Hz; 0 where there is none.
    pub hz: f32,
    /// How periodic the sound is, 0 to 1.
    pub strength: f32,
    /// Power of the first partial over the strongest one's, in dB: next to nothing is there where notes of a chord share the period.
    pub fundamental_db: f32,
    /// Whether there is none because a tone above all pitches sounds.
    pub above: bool,
}
