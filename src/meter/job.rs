//! The meters' half on the engine's thread: one instance's measurements behind a ring.

use std::{
    sync::{Arc, PoisonError, atomic::Ordering},
    time::{Duration, Instant},
};

use super::{
    MeterChunk, MeterMonitor,
    loudness::Loudness,
    measure::Measuring,
    spectrum::{FineSpectrum, decibels},
};
use crate::{
    engine::{Faults, Job, Progress, Receiver},
    params::MoodringParams,
    telemetry::{Column, Levels, Measures, POINTS, SPECTRUM_RATE, Spectra, Spectrum, Speed},
    thread::WorkerThread,
};

/// Chunks handled before other instances have their turn.
const CHUNKS_PER_TURN: usize = 64;

/// Spectra from one measurement for Match to the next: five a second.
const MATCH_EVERY: u64 = 6;

/// The least time between two views, in ms, where nobody says how often they are wanted.
const USUAL_INTERVAL: u32 = 33;

/// What is measured of the last moment; made on the engine's thread, as often as it is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeterView {
    /// The newest spectra; `None` before the first.
    pub spectra: Option<Spectra>,
    /// Momentary loudness of input and output, in LUFS.
    pub loudness: [f32; 2],
    /// What the Measure page shows; `None` while nobody looks at it.
    pub measures: Option<Measures>,
}

impl Default for MeterView {
    fn default() -> Self {
        Self {
            spectra: None,
            loudness: [f32::NEG_INFINITY; 2],
            measures: None,
        }
    }
}

/// Measures what a [`MeterTap`](super::MeterTap) sends; owned by the engine's thread. It has memory for that only while something comes.
pub struct MeterJob {
    chunks: Receiver<MeterChunk>,
    sample_rate: f32,
    channels: usize,
    params: Arc<MoodringParams>,
    monitor: Arc<MeterMonitor>,
    view: triple_buffer::Input<MeterView>,
    last_view: MeterView,
    /// What it takes to measure, while somebody watches.
    bench: Option<Box<Bench>>,
    /// The generation of the newest chunk, and where the next begins if none is missing.
    heard: Option<(u32, u64)>,
    /// Counts the spectra, and those that nobody has looked at.
    number: u64,
    /// When the view was last told, or looked at.
    told: Instant,
    /// [`MeterMonitor::looks`] at that time.
    looks: u32,
    notify: Box<dyn Fn() + Send>,
    faults: Faults,
}

/// What it takes to measure.
struct Bench {
    input: FineSpectrum,
    output: FineSpectrum,
    /// `None` at a rate that has none.
    loudness: Option<Loudness>,
    /// What the Measure page shows, while somebody looks at it, and which [`MeterMonitor::measures`] that was made for.
    measuring: Option<Box<Measuring>>,
    measured_for: u32,
    /// Averages of powers by speed: of the input and of the output.
    averages: Option<[[Levels; 2]; 3]>,
    /// Samples until the next spectrum.
    left: usize,
    /// Spectra that the next one stands for.
    stands_for: u64,
}

impl MeterJob {
    /// The job of one activation, for sound of one or two channels at a rate in Hz; calls `notify` when there is something new to see.
    pub fn new(
        (sample_rate, channels): (f32, usize),
        chunks: Receiver<MeterChunk>,
        params: Arc<MoodringParams>,
        monitor: Arc<MeterMonitor>,
        view: triple_buffer::Input<MeterView>,
        notify: Box<dyn Fn() + Send>,
    ) -> Self {
        let newest = monitor
            .history
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .newest();
        Self {
            chunks,
            sample_rate,
            channels,
            params,
            monitor,
            view,
            last_view: MeterView::default(),
            bench: None,
            heard: None,
            number: newest.map_or(0, |newest| newest + 1),
            told: Instant::now(),
            looks: 0,
            notify,
            faults: Faults::default(),
        }
    }

    /// Samples from one spectrum to the next.
    fn interval(&self) -> usize {
        ((self.sample_rate / SPECTRUM_RATE).round() as usize).max(1)
    }

    fn take(&mut self, chunk: &MeterChunk) {
        let interval = self.interval();
        let bench = self.bench.get_or_insert_with(|| {
            Box::new(Bench {
                input: FineSpectrum::new(self.sample_rate.into()),
                output: FineSpectrum::new(self.sample_rate.into()),
                loudness: Loudness::new(self.sample_rate, self.channels),
                measuring: None,
                measured_for: 0,
                averages: None,
                left: interval,
                stands_for: 1,
            })
        });
        let end = chunk.position + chunk.output.len() as u64;
        let heard = self.heard.replace((chunk.generation, end));
        if let Some((generation, position)) = heard
            && (generation, position) != (chunk.generation, chunk.position)
        {
            if generation == chunk.generation {
                // What is missing was not looked at; how long it is to a reset nobody knows.
                let missing = chunk.position.saturating_sub(position);
                self.number += missing / interval as u64;
            }
            bench.restart();
            if generation != chunk.generation {
                bench.measured_for = 0;
            }
        }
        let wanted = self.monitor.measures.load(Ordering::Relaxed);
        if bench.measured_for != wanted {
            bench.measured_for = wanted;
            let (rate, channels) = (self.sample_rate, self.channels);
            let measuring = || Measuring::new(rate, channels).map(Box::new);
            bench.measuring = (wanted > 0).then(measuring).flatten();
        }
        if let Some(measuring) = &mut bench.measuring {
            measuring.take(chunk);
        }
        if let Some(loudness) = &mut bench.loudness {
            loudness.take(chunk, self.params.audition.is_matched());
        }
        for (input, output) in chunk.input.iter().zip(&chunk.output) {
            bench.input.push(*input);
            bench.output.push(*output);
            bench.left -= 1;
            if bench.left == 0 {
                let seconds = (bench.stands_for as usize * interval) as f32 / self.sample_rate;
                let levels = bench.measure(seconds);
                let history = self.monitor.history.lock();
                let mut history = history.unwrap_or_else(PoisonError::into_inner);
                for _ in 0..bench.stands_for {
                    self.number += 1;
                    history.add(Column::new(self.number, &levels));
                }
                let together = self.monitor.spectra_together.load(Ordering::Relaxed);
                bench.stands_for = together.max(1).into();
                bench.left = interval * bench.stands_for as usize;
            }
        }
    }

    /// Tells what has been measured since `before`.
    fn tell(&mut self, before: u64) {
        let Some(bench) = &self.bench else {
            return;
        };
        let audition = &self.params.audition;
        if audition.is_matched()
            && self.number / MATCH_EVERY > before / MATCH_EVERY
            && let Some(gain) = bench.loudness.as_ref().and_then(Loudness::gain)
        {
            audition.set_match_db(gain);
        }
        // A frame that was drawn for something else needn't be drawn again for this.
        let every = self.monitor.notify_interval_ms.load(Ordering::Relaxed);
        let interval = Duration::from_millis(if every > 0 { every } else { USUAL_INTERVAL }.into());
        let is_due = self.told.elapsed() >= interval;
        let looked = self.monitor.looks() != self.looks;
        if !is_due && !looked {
            return;
        }
        self.told = Instant::now();
        self.looks = self.monitor.looks();
        let known = self.last_view.spectra;
        let known = known.filter(|spectra| spectra.number == self.number);
        let view = MeterView {
            spectra: known.or_else(|| bench.spectra(self.number)),
            loudness: bench
                .loudness
                .as_ref()
                .map_or(MeterView::default().loudness, Loudness::momentary),
            measures: bench.measuring.as_ref().map(|it| it.measures()),
        };
        let shown = |view: &MeterView| {
            let averages = view.spectra.map(|spectra| spectra.averages);
            (averages, view.loudness, view.measures)
        };
        if shown(&view) == shown(&self.last_view) {
            return;
        }
        self.last_view = view;
        self.view.write(view);
        if every > 0 && !looked {
            (self.notify)();
        }
    }
}

impl Bench {
    /// Forgets the sound before a gap. The averages stay: they fade into what comes.
    fn restart(&mut self) {
        self.input.reset();
        self.output.reset();
        if let Some(loudness) = &mut self.loudness {
            loudness.reset();
        }
    }

    /// Measures the last window, `seconds` after the one before. Returns the output's levels, in dB.
    fn measure(&mut self, seconds: f32) -> Levels {
        let mut now = [[0.0; POINTS]; 2];
        let [input, output] = &mut now;
        self.input.powers(input);
        self.output.powers(output);
        let averages = self.averages.get_or_insert([now; 3]);
        for (averages, speed) in averages.iter_mut().zip(Speed::ALL) {
            let share = speed.share(seconds);
            let pairs = averages.iter_mut().flatten().zip(now.iter().flatten());
            for (average, power) in pairs {
                *average += share * (power - *average);
            }
        }
        now[1].map(decibels)
    }

    fn spectra(&self, number: u64) -> Option<Spectra> {
        let averages = self.averages.as_ref()?;
        Some(Spectra {
            averages: std::array::from_fn(|speed| {
                let [input, output] = averages[speed].map(|powers| powers.map(decibels));
                Spectrum { input, output }
            }),
            number,
        })
    }
}

impl Job for MeterJob {
    fn work(&mut self, _: &WorkerThread) -> Progress {
        if self.params.audition.is_matched() {
            self.monitor.watch();
        }
        let before = self.number;
        let mut worked = false;
        for _ in 0..CHUNKS_PER_TURN {
            let Some(chunk) = self.chunks.receive() else {
                break;
            };
            worked = true;
            self.take(&chunk);
        }
        if worked {
            self.tell(before);
            return Progress::Worked;
        }
        if self.chunks.is_closed() {
            return Progress::Finished;
        }
        if !self.monitor.is_watched() {
            self.bench = None;
        }
        Progress::Idle
    }

    /// Nothing waits for it, and the ring has room for much more; but what moves on the screen moves as evenly as this is short.
    fn patience(&self) -> Duration {
        Duration::from_millis(if self.bench.is_some() { 15 } else { 50 })
    }

    fn recover(&mut self) -> bool {
        self.bench = None;
        let (why, goes_on) = match self.faults.another("Metering") {
            Ok(restarted) => (restarted, true),
            Err(stopped) => (stopped, false),
        };
        *self
            .monitor
            .fault
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(why);
        goes_on
    }
}

#[cfg(test)]
mod tests;
