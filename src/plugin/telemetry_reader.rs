//! Where the editor's snapshot comes from: the reading ends of one activation's telemetry.

use std::sync::{
    Arc, Mutex, OnceLock, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use crate::{
    listen::ListenMonitor,
    meter::{MeterMonitor, MeterView},
    model::{MusicMap, TagInfo, TimbreMap},
    morph::MorphMonitor,
    telemetry::{
        Meter, Meters, MorphView, Readout, ReadoutHistory, Sidechain, Snapshot, Status, Wanted,
    },
};

/// The reading ends; made by each activation on the main thread, read by the editor's thread, both behind a lock that the audio thread
/// never takes.
#[derive(Default)]
pub(super) struct TelemetryReader {
    pub tags: Arc<[TagInfo]>,
    /// Length of the sound that one answer looks at, in seconds.
    pub answer_seconds: f32,
    /// Time from one answer to the next, in seconds.
    pub answer_pace: f32,
    pub music_map: Option<Arc<MusicMap>>,
    pub readout: Option<triple_buffer::Output<Readout>>,
    /// The readouts of the last minutes: kept from one activation to the next.
    pub history: Arc<Mutex<ReadoutHistory>>,
    pub map: Option<Arc<TimbreMap>>,
    pub band_hz: Arc<[f32]>,
    /// Whether the sidechain has been heard.
    pub sidechain: Arc<AtomicBool>,
    pub view: Option<triple_buffer::Output<MorphView>>,
    pub morph: Arc<MorphMonitor>,
    pub levels: Option<triple_buffer::Output<MeterView>>,
    pub meter: Arc<MeterMonitor>,
    pub listen: Arc<ListenMonitor>,
    /// Why the system gives Morph's thread no priority, if it doesn't.
    pub no_priority: Arc<OnceLock<String>>,
    pub status: Status,
}

impl TelemetryReader {
    /// Says what is wrong, unless something worse has been said already.
    pub fn set_fault(&mut self, why: String) {
        self.status.fault.get_or_insert(why);
    }

    /// Copies the newest values into what the editor draws, and says what is wanted of the next ones.
    pub fn fill(&mut self, snapshot: &mut Snapshot, wanted: Wanted) {
        snapshot.tags = self.tags.clone();
        snapshot.answer_seconds = self.answer_seconds;
        snapshot.answer_pace = self.answer_pace;
        snapshot.music_map.clone_from(&self.music_map);
        if let Some(readout) = &mut self.readout {
            snapshot.readout.clone_from(readout.read());
        }
        let history = self.history.lock().unwrap_or_else(PoisonError::into_inner);
        snapshot.history.catch_up(&history);
        drop(history);
        snapshot.map.clone_from(&self.map);
        snapshot.band_hz.clone_from(&self.band_hz);
        let every = wanted.motion.map_or(0, |every| every.as_millis() as u32);
        let meter = &self.meter;
        meter.notify_interval_ms.store(every, Ordering::Relaxed);
        let together = wanted.spectra_together;
        meter.spectra_together.store(together, Ordering::Relaxed);
        meter.measures.store(wanted.measures, Ordering::Relaxed);
        self.fill_levels(snapshot);
        let view = self.view.as_mut().map(|view| *view.read());
        let view = view.unwrap_or_default();
        snapshot.latents = view.latents;
        snapshot.curves = view.curves;
        snapshot.sidechain = Sidechain {
            connected: self.sidechain.load(Ordering::Relaxed),
            at: view.sidechain_at,
        };
        snapshot.status.clone_from(&self.status);
        snapshot.status.curve_ms = self.morph.curve_ms.load(Ordering::Relaxed);
        snapshot.status.late_curves = self.morph.late_curves.load(Ordering::Relaxed);
        snapshot.status.no_priority = self.no_priority.get().cloned();
        if snapshot.status.fault.is_none() && self.morph.stuck.load(Ordering::Relaxed) {
            snapshot.status.fault = Some(
                "Morph did not answer in time: this bounce is not exact, render it again"
                    .to_owned(),
            );
        }
        for fault in [&self.morph.fault, &self.listen.fault, &self.meter.fault] {
            let fault = fault.lock().unwrap_or_else(PoisonError::into_inner);
            if snapshot.status.fault.is_none() {
                snapshot.status.fault.clone_from(&fault);
            }
        }
    }

    /// Copies what is measured, and asks for more.
    fn fill_levels(&mut self, snapshot: &mut Snapshot) {
        self.meter.look();
        let history = self.meter.history.lock();
        let history = history.unwrap_or_else(PoisonError::into_inner);
        snapshot.spectrum_history.catch_up(&history);
        drop(history);
        let view = self.levels.as_mut().map(|view| *view.read());
        let view = view.unwrap_or_default();
        snapshot.spectra = view.spectra;
        snapshot.measures = view.measures;
        let meters = self.meter.take_peaks().into_iter().zip(view.loudness);
        let mut meters = meters.map(|(peaks, loudness)| Meter { peaks, loudness });
        snapshot.meters = Meters {
            input: meters.next().unwrap_or_default(),
            output: meters.next().unwrap_or_default(),
        };
    }
}
