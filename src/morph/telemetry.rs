//! What Morph's worker tells: where the sound is, its curve, how long curves take, and faults.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use atomic_float::AtomicF32;

use super::{FrameLatents, FrameMessage, Shaped};
use crate::{
    model::{Latent, MelDb, TimbreCard, TimbreMap},
    telemetry::{Latents, MorphView, Speed},
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
    /// Why the worker gave up; never touched by the audio thread.
    pub fault: Mutex<Option<String>>,
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
    /// The gain curve in dB, averaged over each [`Speed`].
    curves: Option<[MelDb; 3]>,
    notify: Box<dyn Fn() + Send>,
}

impl MorphTelemetry {
    /// Tells by these ways of a model's latents; calls `notify` when something has come about that nobody waits for.
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
            curves: None,
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
        self.average(&shaped.gain_db, frame.hop_seconds);
        if self.shown.elapsed() < VIEW_INTERVAL {
            return;
        }
        self.shown = Instant::now();
        let view = self.view_of(shaped, map);
        if self.last_view != Some(view) {
            self.view.write(view);
            self.last_view = Some(view);
        }
    }

    /// Takes a curve, in dB, into the averages, as long after the one before it as a hop takes. The first is their beginning.
    fn average(&mut self, curve: &MelDb, hop_seconds: f32) {
        let Some(averages) = &mut self.curves else {
            self.curves = Some([*curve; 3]);
            return;
        };
        for (average, speed) in averages.iter_mut().zip(Speed::ALL) {
            let share = speed.share(hop_seconds);
            for (average, gain) in average.iter_mut().zip(curve) {
                *average += share * (gain - *average);
            }
        }
    }

    fn view_of(&self, shaped: &Shaped, map: &TimbreMap) -> MorphView {
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
            curves: self.curves,
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
    fn telemetry() -> (MorphTelemetry, triple_buffer::Output<MorphView>) {
        let card = ModelSource::embedded_timbre_card().unwrap();
        let (input, output) = triple_buffer::triple_buffer(&MorphView::default());
        let telemetry = MorphTelemetry::new(card, Arc::default(), input, Box::new(|| ()));
        (telemetry, output)
    }

    /// Shows a frame that was given a curve of this gain, in dB, however short ago the last was shown.
    fn show(telemetry: &mut MorphTelemetry, gain_db: f32) {
        let card = ModelSource::embedded_timbre_card().unwrap();
        let frame = FrameMessage {
            hop_seconds: 0.01,
            ..FrameMessage::blank()
        };
        let mean = std::array::from_fn(|index| card.latents[index].mean);
        let shaped = Shaped {
            gain_db: [gain_db; BANDS],
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
    fn latents_are_shown_in_standard_deviations_and_on_the_map() {
        let (mut telemetry, mut view) = telemetry();
        assert_eq!(view.read().curves, None);
        show(&mut telemetry, 1.0);
        let view = view.read();
        let latents = view.latents.unwrap();
        assert_eq!(latents.live, [0.0; LATENTS]);
        for deviation in latents.shaped {
            assert!((deviation - 2.0).abs() < 1e-4, "{deviation}");
        }
        let card = ModelSource::embedded_timbre_card().unwrap();
        let mean = std::array::from_fn(|index| card.latents[index].mean);
        assert_eq!(latents.live_at, TimbreMap::new(card).project(&mean));
        assert_eq!(view.curves, Some([[1.0; BANDS]; 3]));
    }

    #[test]
    fn the_curve_is_averaged_over_each_speed() {
        let (mut telemetry, mut view) = telemetry();
        show(&mut telemetry, 0.0);
        for _ in 0..(Speed::Medium.seconds() / 0.01) as usize {
            show(&mut telemetry, 10.0);
        }
        let [fast, medium, slow] = view.read().curves.unwrap().map(|curve| curve[7]);
        assert!(fast > 9.5 && fast <= 10.0, "{fast}");
        assert!((medium - 6.32).abs() < 0.1, "{medium}");
        assert!((slow - 1.81).abs() < 0.1, "{slow}");
    }
}
