//! What Morph's worker tells: where the sound is, its spectra, how long curves take, and faults.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use atomic_float::AtomicF32;

use super::{FrameLatents, FrameMessage, Shaped};
use crate::{
    model::{Latent, TimbreCard, TimbreMap},
    telemetry::{Latents, MorphView, Spectrum},
};

/// The editor's view moves at most this often.
const VIEW_INTERVAL: Duration = Duration::from_millis(33);

/// What the audio thread and Morph's thread tell the editor's thread, and what that asks of them; shared by the three.
#[derive(Default)]
pub struct MorphMonitor {
    /// Curves that weren't there when they were needed, since the last activation.
    pub late_curves: AtomicU64,
    /// Smoothed time that one curve takes, in ms.
    pub curve_ms: AtomicF32,
    /// Whether a bounce once waited in vain, so that it isn't what it should be.
    pub stuck: AtomicBool,
    /// For how many more hops the output's levels are wanted: the editor's thread sets it, the audio thread counts it down.
    watched: AtomicU32,
    /// The least time between two views that the editor is woken for, in ms; 0 if it wants none: a page that shows none
    /// needn't be drawn for it.
    pub notify_interval_ms: AtomicU32,
    /// Why the worker gave up; never touched by the audio thread.
    pub fault: Mutex<Option<String>>,
}

/// Hops that the output's levels are sent for after the last look.
const WATCHED_HOPS: u32 = 60;

impl MorphMonitor {
    /// Asks for the output's levels for the next half second or so. Wait-free.
    pub fn watch(&self) {
        self.watched.store(WATCHED_HOPS, Ordering::Relaxed);
    }

    /// Whether anybody looks at this hop. Wait-free.
    pub(super) fn is_watched(&self) -> bool {
        let left = self.watched.load(Ordering::Relaxed);
        // A look in between is overwritten; the next one is not far.
        self.watched
            .store(left.saturating_sub(1), Ordering::Relaxed);
        left > 0
    }
}

/// The telling end of one activation; owned by Morph's thread.
pub struct MorphTelemetry {
    /// Of the training data, in latent units.
    mean: Latent,
    /// Of the training data, in latent units.
    std: Latent,
    monitor: Arc<MorphMonitor>,
    view: triple_buffer::Input<MorphView>,
    /// What the view says.
    last_view: Option<MorphView>,
    shown: Instant,
    /// When the editor was last woken for a view.
    notified: Instant,
    notify: Box<dyn Fn() + Send>,
}

impl MorphTelemetry {
    /// Tells by these ways of a model's latents; calls `notify` when there is something new to see.
    pub fn new(
        card: &TimbreCard,
        monitor: Arc<MorphMonitor>,
        view: triple_buffer::Input<MorphView>,
        notify: Box<dyn Fn() + Send>,
    ) -> Self {
        let latents = &card.latents;
        Self {
            mean: std::array::from_fn(|index| latents.get(index).map_or(0.0, |info| info.mean)),
            std: std::array::from_fn(|index| latents.get(index).map_or(1.0, |info| info.std)),
            monitor,
            view,
            last_view: None,
            shown: Instant::now(),
            notified: Instant::now(),
            notify,
        }
    }

    /// Wakes the editor.
    pub(super) fn notify(&self) {
        (self.notify)();
    }

    /// Takes in how long a curve took.
    pub(super) fn curve_took(&self, took: Duration) {
        let took = took.as_secs_f32() * 1000.0;
        let mean = self.monitor.curve_ms.load(Ordering::Relaxed);
        self.monitor
            .curve_ms
            .store(mean + 0.05 * (took - mean), Ordering::Relaxed);
    }

    /// Tells what is wrong.
    pub(super) fn set_fault(&self, why: String) {
        *self
            .monitor
            .fault
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(why);
        self.notify();
    }

    /// Shows a frame and what became of it, unless one was shown within the last [`VIEW_INTERVAL`].
    pub(super) fn show(&mut self, frame: &FrameMessage, shaped: &Shaped, map: &TimbreMap) {
        if self.shown.elapsed() < VIEW_INTERVAL {
            return;
        }
        self.shown = Instant::now();
        let view = self.view_of(frame, shaped, map);
        let differs = |seen: &MorphView| {
            let levels = |view: &MorphView| {
                view.spectrum
                    .map(|seen| (seen.input, seen.output, seen.curve))
            };
            seen.latents != view.latents
                || seen.sidechain_at != view.sidechain_at
                || levels(seen) != levels(&view)
        };
        if self.last_view.as_ref().is_none_or(differs) {
            self.view.write(view);
            self.last_view = Some(view);
            let every = self.monitor.notify_interval_ms.load(Ordering::Relaxed);
            if every > 0 && self.notified.elapsed() >= Duration::from_millis(every.into()) {
                self.notified = Instant::now();
                self.notify();
            }
        }
    }

    fn view_of(&self, frame: &FrameMessage, shaped: &Shaped, map: &TimbreMap) -> MorphView {
        let deviations = |latent: &Latent| -> Latent {
            std::array::from_fn(|index| (latent[index] - self.mean[index]) / self.std[index])
        };
        let FrameLatents {
            live,
            shaped: after,
            sidechain,
        } = &shaped.latents;
        MorphView {
            latents: Some(Latents {
                live: deviations(live),
                shaped: deviations(after),
                live_at: map.project(live),
                shaped_at: map.project(after),
            }),
            sidechain_at: sidechain.map(|latent| map.project(&latent)),
            spectrum: frame.output.map(|output| Spectrum {
                input: frame.levels,
                output,
                curve: shaped.gain_db,
                hop: frame.index,
                hop_seconds: frame.hop_seconds,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{BANDS, LATENTS, ModelSource},
        morph::Drawn,
    };

    /// A telling end whose view is read at the other.
    fn telemetry(
        notify: impl Fn() + Send + 'static,
    ) -> (
        MorphTelemetry,
        Arc<MorphMonitor>,
        triple_buffer::Output<MorphView>,
    ) {
        let card = ModelSource::embedded_timbre_card().unwrap();
        let (input, output) = triple_buffer::triple_buffer(&MorphView::default());
        let monitor = Arc::new(MorphMonitor::default());
        let telemetry = MorphTelemetry::new(card, monitor.clone(), input, Box::new(notify));
        (telemetry, monitor, output)
    }

    /// Shows frame `index`, whose levels are its number, however short ago the last was shown.
    fn show(telemetry: &mut MorphTelemetry, index: u64, watched: bool) {
        let card = ModelSource::embedded_timbre_card().unwrap();
        let levels = [index as f32; BANDS];
        let frame = FrameMessage {
            index,
            hop_seconds: 0.01,
            levels,
            output: watched.then_some(levels),
            ..FrameMessage::blank()
        };
        let mean = std::array::from_fn(|index| card.latents[index].mean);
        let shaped = Shaped {
            gain_db: [1.0; BANDS],
            drawn: Drawn::NOTHING,
            latents: FrameLatents {
                live: mean,
                shaped: std::array::from_fn(|index| mean[index] + 2.0 * card.latents[index].std),
                sidechain: None,
            },
            heard: None,
        };
        telemetry.shown = Instant::now() - 2 * VIEW_INTERVAL;
        telemetry.show(&frame, &shaped, &TimbreMap::new(card));
    }

    #[test]
    fn the_view_has_spectra_while_somebody_looks() {
        let (mut telemetry, monitor, mut view) = telemetry(|| ());
        let mut see = |index: u64| {
            show(&mut telemetry, index, monitor.is_watched());
            view.read().spectrum.map(|seen| seen.hop)
        };
        assert_eq!(see(0), None);
        monitor.watch();
        for index in 1..=WATCHED_HOPS as u64 {
            assert_eq!(see(index), Some(index));
        }
        assert_eq!(see(1_000), None, "nobody has looked again");
    }

    #[test]
    fn latents_are_shown_in_standard_deviations_and_on_the_map() {
        let (mut telemetry, _, mut view) = telemetry(|| ());
        show(&mut telemetry, 3, true);
        let view = view.read();
        let latents = view.latents.unwrap();
        assert_eq!(latents.live, [0.0; LATENTS]);
        for deviation in latents.shaped {
            assert!((deviation - 2.0).abs() < 1e-4, "{deviation}");
        }
        let card = ModelSource::embedded_timbre_card().unwrap();
        let mean = std::array::from_fn(|index| card.latents[index].mean);
        assert_eq!(latents.live_at, TimbreMap::new(card).project(&mean));
        assert_eq!(view.spectrum.unwrap().curve, [1.0; BANDS]);
        assert_eq!(view.spectrum.unwrap().hop_seconds, 0.01);
    }

    #[test]
    fn the_editor_is_woken_no_more_often_than_it_asks_and_not_for_the_same_view() {
        let woken = Arc::new(AtomicU32::new(0));
        let count = woken.clone();
        let (mut telemetry, monitor, _view) = telemetry(move || {
            count.fetch_add(1, Ordering::Relaxed);
        });
        let mut woken_by = |index: u64| {
            telemetry.notified = Instant::now() - Duration::from_secs(1);
            show(&mut telemetry, index, true);
            woken.swap(0, Ordering::Relaxed)
        };
        assert_eq!(woken_by(1), 0, "nobody has asked");
        monitor.notify_interval_ms.store(900, Ordering::Relaxed);
        assert_eq!(woken_by(2), 1);
        assert_eq!(woken_by(2), 0, "there is nothing new");
        monitor.notify_interval_ms.store(60_000, Ordering::Relaxed);
        assert_eq!(woken_by(3), 0, "not yet");
    }
}
