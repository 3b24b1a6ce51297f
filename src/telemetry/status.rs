//! The values of the status line.

/// What the status line says; filled on the main thread, read by the editor's.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Status {
    /// The host's rate, in Hz; 0 before the first activation.
    pub sample_rate: f32,
    /// Reported latency, in samples.
    pub latency: u32,
    /// Time that the network takes for one curve, in ms.
    pub curve_ms: f32,
    /// Curves that came too late since the last reset.
    pub late_curves: u64,
    /// Why the system gives Morph's thread no real-time priority, if it doesn't: curves may be late on a busy machine.
    pub no_priority: Option<String>,
    /// Name of the tagger; empty if there is none.
    pub tagger: String,
    /// Name of the timbre model; empty if there is none.
    pub timbre: String,
    /// What is wrong, in one line, if anything is.
    pub fault: Option<String>,
}
