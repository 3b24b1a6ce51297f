//! What a segment came to, as the report keeps it.

use serde::{Deserialize, Serialize};

/// What was done, and how it went.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// Sound, in seconds.
    pub seconds: f64,
    /// Samples per channel.
    pub frames: u64,
    pub blocks: u64,
    /// Parameter changes.
    pub events: u64,
    pub instances: u64,
    pub activations: u64,
    pub resets: u64,
    /// States saved, loaded and saved again.
    pub states: u64,
    /// Samples that were NaN, infinite, huge or denormal.
    pub poisoned: u64,
    /// Offline there should be none.
    pub late_curves: u64,
    /// The output's highest peak above the input's, in dB.
    pub worst_gain_db: Option<f64>,
}

impl Tally {
    /// Adds another stretch.
    pub fn add(&mut self, other: &Self) {
        self.seconds += other.seconds;
        self.frames += other.frames;
        self.blocks += other.blocks;
        self.events += other.events;
        self.instances += other.instances;
        self.activations += other.activations;
        self.resets += other.resets;
        self.states += other.states;
        self.poisoned += other.poisoned;
        self.late_curves += other.late_curves;
        self.worst_gain_db = [self.worst_gain_db, other.worst_gain_db]
            .into_iter()
            .flatten()
            .reduce(f64::max);
    }
}

/// A segment that came to its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    /// Its number, which its sound is drawn from.
    pub index: u64,
    /// Of all output, in the order in which it came.
    pub output_sha256: String,
    pub tally: Tally,
    /// What went wrong, a line each.
    pub failures: Vec<String>,
}

/// Bytes as they are written.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
