//! What the audio thread, the worker and the editor share of the meters.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, AtomicU64, Ordering},
};

use crate::telemetry::SpectrumHistory;

/// For so long after the last look both ends of the chain are measured, in seconds: where a processor computes every pixel, looks are a second apart.
const WATCHED: f32 = 3.0;

/// What the audio thread and the worker tell the editor's thread of levels, and what that asks of them; shared by the three.
pub struct MeterMonitor {
    /// The highest magnitudes since the last look: of the input left and right, of the output left and right. Those of floats from 0 up are in the
    /// order of their bits.
    peaks: [AtomicU32; 4],
    /// For how many more samples somebody watches: set by whoever looks, counted down by the audio thread.
    watched: AtomicU64,
    /// Samples of [`WATCHED`].
    watched_from: u64,
    /// Counts the looks.
    looks: AtomicU32,
    /// The least time between two looks that the editor is woken for, in ms; 0 if it wants none.
    pub notify_interval_ms: AtomicU32,
    /// What [`Wanted::spectra_together`](crate::telemetry::Wanted) says.
    pub spectra_together: AtomicU32,
    /// What [`Wanted::measures`](crate::telemetry::Wanted) says.
    pub measures: AtomicU32,
    /// The output of the last seconds; outlives the activation. Never touched by the audio thread.
    pub history: Arc<Mutex<SpectrumHistory>>,
    /// Why the worker gave up; never touched by the audio thread.
    pub fault: Mutex<Option<String>>,
}

impl MeterMonitor {
    /// For sound of a rate in Hz.
    pub fn new(sample_rate: f32, history: Arc<Mutex<SpectrumHistory>>) -> Self {
        Self {
            peaks: Default::default(),
            watched: AtomicU64::new(0),
            watched_from: (WATCHED * sample_rate) as u64,
            looks: AtomicU32::new(0),
            notify_interval_ms: AtomicU32::new(0),
            spectra_together: AtomicU32::new(0),
            measures: AtomicU32::new(0),
            history,
            fault: Mutex::default(),
        }
    }

    /// Somebody looks: asks for both ends of the chain for the next seconds. Wait-free.
    pub fn look(&self) {
        self.looks.fetch_add(1, Ordering::Relaxed);
        self.watch();
    }

    /// How often somebody has looked: tells whether a frame was drawn.
    pub(super) fn looks(&self) -> u32 {
        self.looks.load(Ordering::Relaxed)
    }

    /// Asks for both ends of the chain for the next seconds, though nobody looks. Wait-free.
    pub fn watch(&self) {
        self.watched.store(self.watched_from, Ordering::Relaxed);
    }

    /// Whether anybody watches. Wait-free.
    pub fn is_watched(&self) -> bool {
        self.watched.load(Ordering::Relaxed) > 0
    }

    /// So many samples pass: whether anybody watches these. On the audio thread; wait-free.
    pub(super) fn pass(&self, samples: usize) -> bool {
        let left = self.watched.load(Ordering::Relaxed);
        if left == 0 {
            return false;
        }
        // A look in between is overwritten; the next one is not far.
        let left = left.saturating_sub(samples as u64);
        self.watched.store(left, Ordering::Relaxed);
        true
    }

    /// Raises the peaks to magnitudes, in the order in which they are kept. On the audio thread, which is held up by at most one look.
    pub(super) fn raise(&self, magnitudes: [f32; 4]) {
        for (peak, magnitude) in self.peaks.iter().zip(magnitudes) {
            if magnitude > 0.0 {
                peak.fetch_max(magnitude.to_bits(), Ordering::Relaxed);
            }
        }
    }

    /// The highest magnitudes since the last call: of the input and of the output, left and right.
    pub fn take_peaks(&self) -> [[f32; 2]; 2] {
        let [in_left, in_right, out_left, out_right] =
            [0, 1, 2, 3].map(|at: usize| f32::from_bits(self.peaks[at].swap(0, Ordering::Relaxed)));
        [[in_left, in_right], [out_left, out_right]]
    }
}

impl Default for MeterMonitor {
    /// Of no sound at all.
    fn default() -> Self {
        Self::new(0.0, Arc::default())
    }
}
