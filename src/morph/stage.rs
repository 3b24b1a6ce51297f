//! Morph's half on the audio thread: features out, curves in, and the curve onto the spectrum.

use std::sync::{Arc, atomic::Ordering};

use realfft::num_complex::Complex;

use crate::{
    dsp::{
        Analyser, BandInterpolation, Levels, MelBank, SpectralProcessor, StftLayout, StreamingStft,
    },
    engine::{OfflineWait, Receiver, Sender},
    model::{BANDS, MelDb, TimbreFrontEnd},
    params::MorphSource,
};

use super::{CurveMessage, FrameMessage, MorphControls, MorphMonitor, Shaper};

/// Keep Loudness turns the level up or down by no more than this factor (40 dB).
const LARGEST_MAKE_UP: f32 = 100.0;

/// Once a curve was late, no band moves by more than this in a hop until the newest curve is reached: about what the
/// curves of steady music differ by. Curves that come in time are never held back, since that would blunt the knobs.
const LARGEST_CATCH_UP_DB: f32 = 3.0;

/// Whether a frame got its own curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// It did.
    InTime,
    /// It has to do with the newest one before it.
    Late,
}

/// Where a stage gets its curves from.
pub trait CurveSource {
    /// Whether somebody wants to see the output's levels at this hop.
    fn is_watched(&self) -> bool;

    /// Sends a frame off.
    fn send(&mut self, frame: &FrameMessage);

    /// Replaces `gain_db` by the curve of frame `index`, or by the newest one before it, or leaves it alone. Says which.
    fn fetch(&mut self, generation: u32, index: u64, gain_db: &mut MelDb) -> Arrival;
}

/// Makes curves on the spot, on the thread that asks: for the command line and as the reference of the tests. Allocates.
pub struct DirectCurves {
    shaper: Shaper,
    made: std::collections::VecDeque<CurveMessage>,
}

impl DirectCurves {
    /// Curves by this shaper.
    pub fn new(shaper: Shaper) -> Self {
        Self {
            shaper,
            made: std::collections::VecDeque::new(),
        }
    }
}

impl CurveSource for DirectCurves {
    fn is_watched(&self) -> bool {
        false
    }

    fn send(&mut self, frame: &FrameMessage) {
        // A frame whose network fails has no curve: the one before it stays.
        if let Ok(shaped) = self.shaper.shape(frame) {
            self.made.push_back(CurveMessage {
                generation: frame.generation,
                index: frame.index,
                gain_db: shaped.gain_db,
            });
        }
    }

    fn fetch(&mut self, _: u32, index: u64, gain_db: &mut MelDb) -> Arrival {
        while let Some(curve) = self.made.pop_front_if(|curve| curve.index <= index) {
            *gain_db = curve.gain_db;
        }
        Arrival::InTime
    }
}

/// Fetches curves from Morph's thread; owned by the audio thread. Real-time safe, unless it was told that it may wait.
pub struct WorkerCurves {
    frames: Sender<FrameMessage>,
    curves: Receiver<CurveMessage>,
    monitor: Arc<MorphMonitor>,
    /// Present in offline rendering, where a curve is waited for.
    offline_wait: Option<OfflineWait>,
}

impl WorkerCurves {
    /// The audio thread's ends of a job's rings; with `offline_wait` it waits for every curve.
    pub fn new(
        frames: Sender<FrameMessage>,
        curves: Receiver<CurveMessage>,
        monitor: Arc<MorphMonitor>,
        offline_wait: Option<OfflineWait>,
    ) -> Self {
        Self {
            frames,
            curves,
            monitor,
            offline_wait,
        }
    }
}

impl CurveSource for WorkerCurves {
    fn is_watched(&self) -> bool {
        self.monitor.is_watched()
    }

    fn send(&mut self, frame: &FrameMessage) {
        // A ring with room doesn't mean that the worker answers: a wait that gave up is resumed by a curve.
        if let Some(offline_wait) = &mut self.offline_wait
            && !offline_wait.gave_up()
        {
            let frames = &self.frames;
            offline_wait.wait(|| frames.has_room() || frames.is_closed());
        }
        // A full ring means a worker that is far behind: this frame will do without its curve.
        let _ = self.frames.send(*frame);
    }

    fn fetch(&mut self, generation: u32, index: u64, gain_db: &mut MelDb) -> Arrival {
        loop {
            if let Some(offline_wait) = &mut self.offline_wait {
                let curves = &self.curves;
                if !offline_wait.wait(|| !curves.is_empty() || curves.is_closed()) {
                    self.monitor.stuck.store(true, Ordering::Relaxed);
                }
            }
            match self.curves.peek() {
                Some(curve) if curve.generation != generation => {
                    self.curves.receive();
                }
                Some(curve) if curve.index <= index => {
                    *gain_db = curve.gain_db;
                    let found = curve.index;
                    self.curves.receive();
                    if found == index {
                        return Arrival::InTime;
                    }
                }
                // Either the curve is late, or it was never made because its frame was dropped.
                waiting => {
                    if waiting.is_none() && self.curves.is_closed() {
                        // The worker has given up, and says so in the status line: back to dry.
                        *gain_db = [0.0; BANDS];
                    }
                    self.monitor.late_curves.fetch_add(1, Ordering::Relaxed);
                    return Arrival::Late;
                }
            }
        }
    }
}

/// The wet path: delays the input by [`StftLayout::latency`] samples and puts the curves on it; owned by the audio thread.
pub struct Stage<S> {
    stft: StreamingStft,
    processor: FrameProcessor<S>,
}

/// What happens to the frames; apart from the transform, so that both can be borrowed at once.
struct FrameProcessor<S> {
    /// `None` if there is no model: the sound passes unchanged.
    source: Option<S>,
    levels: Levels,
    sidechain: Analyser,
    /// What has become of the output: see [`Stage::hear_output`].
    output: Analyser,
    spread: BandInterpolation,
    hop_seconds: f32,
    wait: u64,
    generation: u32,
    /// Frames analysed since the reset.
    frames: u64,
    controls: MorphControls,
    keep_loudness: bool,
    /// The newest curve that has come.
    newest: MelDb,
    /// The curve in use: the newest one, or on its way there after a late one.
    curve: MelDb,
    /// Whether a curve was late and the newest has not been reached since.
    catching_up: bool,
    /// Linear gain per bin of the present curve.
    gains: Vec<f32>,
}

/// A [`FrameProcessor`] for one block, with what plays beside it.
struct WithSidechain<'a, S> {
    processor: &'a mut FrameProcessor<S>,
    /// As long as the block, or shorter: what is missing is silence.
    sidechain: &'a [[f32; 2]],
}

impl<S: CurveSource> Stage<S> {
    /// Plans everything for a host's rate. `card` is the timbre model's front-end; `source` is `None` where there is no model.
    pub fn new(
        card: &TimbreFrontEnd,
        sample_rate: f64,
        channels: usize,
        source: Option<S>,
    ) -> Self {
        let layout = StftLayout::for_rate(sample_rate, card.sample_rate as f64, card.n_fft);
        let bank = || mel_bank(card, sample_rate, &layout);
        let levels = || Levels::new(bank(), layout.window, card.floor);
        Self {
            processor: FrameProcessor {
                source,
                spread: BandInterpolation::new(sample_rate, layout.window, bank().centres()),
                levels: levels(),
                sidechain: Analyser::new(levels(), layout.window),
                output: Analyser::new(levels(), layout.window),
                hop_seconds: (layout.hop as f64 / sample_rate) as f32,
                wait: layout.wait as u64,
                generation: 0,
                frames: 0,
                controls: MorphControls::neutral(),
                keep_loudness: true,
                newest: [0.0; BANDS],
                curve: [0.0; BANDS],
                catching_up: false,
                gains: vec![1.0; layout.bins()],
            },
            stft: StreamingStft::new(layout, channels),
        }
    }

    /// Lets the first frame be complete `samples` earlier: see [`StreamingStft::staggered`].
    pub fn staggered(mut self, samples: usize) -> Self {
        self.stft = self.stft.staggered(samples);
        self
    }

    /// Gets its curves from elsewhere from now on. Those that are under way are late.
    pub fn set_source(&mut self, source: Option<S>) {
        self.processor.source = source;
    }

    /// Forgets all sound; curves still under way are stale from here on.
    pub fn reset(&mut self) {
        self.stft.reset();
        self.processor.sidechain.reset();
        self.processor.output.reset();
        self.processor.generation = self.processor.generation.wrapping_add(1);
        self.processor.frames = 0;
        self.processor.newest = [0.0; BANDS];
        self.processor.curve = [0.0; BANDS];
        self.processor.catching_up = false;
    }

    /// Replaces `block` (`[channel][sample]`) by what it was, delayed and shaped. The controls are those of the block:
    /// each frame takes them as they are when it is complete. `sidechain` is what plays beside it, sample for
    /// sample, mono as the same twice; what is missing is silence.
    pub fn process(
        &mut self,
        block: &mut [&mut [f32]],
        sidechain: &[[f32; 2]],
        controls: MorphControls,
        keep_loudness: bool,
    ) {
        self.processor.controls = controls;
        self.processor.keep_loudness = keep_loudness;
        let processor = &mut self.processor;
        self.stft.process(
            block,
            &mut WithSidechain {
                processor,
                sidechain,
            },
        );
    }

    /// Takes in one sample of what the listener gets, mono as the same twice: only for [`FrameMessage::output`].
    #[inline]
    pub fn hear_output(&mut self, frame: [f32; 2]) {
        self.processor.output.push(frame);
    }
}

/// The bands of a model, at a host's rate.
pub fn mel_bank(card: &TimbreFrontEnd, sample_rate: f64, layout: &StftLayout) -> MelBank {
    let (f_min, f_max) = (card.f_min as f64, card.f_max as f64);
    MelBank::slaney_mean(sample_rate, layout.window, BANDS, f_min, f_max)
}

impl<S: CurveSource> SpectralProcessor for WithSidechain<'_, S> {
    fn taken(&mut self, samples: std::ops::Range<usize>) {
        for index in samples {
            let frame = self.sidechain.get(index).copied().unwrap_or_default();
            self.processor.sidechain.push(frame);
        }
    }

    fn analysed(&mut self, spectra: &[Vec<Complex<f32>>]) {
        self.processor.analysed(spectra);
    }

    fn shape(&mut self, spectra: &mut [Vec<Complex<f32>>]) {
        self.processor.shape(spectra);
    }
}

impl<S: CurveSource> FrameProcessor<S> {
    fn analysed(&mut self, spectra: &[Vec<Complex<f32>>]) {
        let index = self.frames;
        self.frames += 1;
        let Some(source) = &mut self.source else {
            return;
        };
        let mut levels = [0.0; BANDS];
        self.levels.of(spectra, &mut levels);
        let heard = |analyser: &mut Analyser, wanted: bool| {
            wanted.then(|| {
                let mut levels = [0.0; BANDS];
                analyser.levels(&mut levels);
                levels
            })
        };
        let leads = self.controls.morph_source == MorphSource::Sidechain;
        source.send(&FrameMessage {
            generation: self.generation,
            index,
            hop_seconds: self.hop_seconds,
            levels,
            sidechain: heard(&mut self.sidechain, leads),
            output: heard(&mut self.output, source.is_watched()),
            controls: self.controls,
        });
    }

    fn shape(&mut self, spectra: &mut [Vec<Complex<f32>>]) {
        // `frames` already counts the newest; the first spectra to come are the silence of the start.
        let (Some(source), Some(index)) =
            (&mut self.source, self.frames.checked_sub(1 + self.wait))
        else {
            return;
        };
        let arrival = source.fetch(self.generation, index, &mut self.newest);
        self.catching_up |= arrival == Arrival::Late;
        if self.catching_up {
            for (now, newest) in self.curve.iter_mut().zip(&self.newest) {
                let step = (newest - *now).clamp(-LARGEST_CATCH_UP_DB, LARGEST_CATCH_UP_DB);
                // By the step alone a band might miss its goal by a rounding.
                *now = if step.abs() < LARGEST_CATCH_UP_DB {
                    *newest
                } else {
                    *now + step
                };
            }
            self.catching_up = arrival == Arrival::Late || self.curve != self.newest;
        } else {
            self.curve = self.newest;
        }
        if self.curve.iter().all(|gain| *gain == 0.0) {
            return;
        }
        /// `10^(dB/20)` is `2^(dB * this)`.
        const OCTAVES_PER_DB: f32 = std::f32::consts::LOG2_10 / 20.0;
        for (gain, db) in self.gains.iter_mut().zip(self.spread.spread(&self.curve)) {
            *gain = (db * OCTAVES_PER_DB).exp2();
        }
        let (mut before, mut after) = (0.0, 0.0);
        for spectrum in spectra.iter_mut() {
            for (bin, gain) in spectrum.iter_mut().zip(&self.gains) {
                before += bin.norm_sqr();
                *bin *= *gain;
                after += bin.norm_sqr();
            }
        }
        if self.keep_loudness && after > 0.0 {
            // By Parseval the frame's energy is its spectrum's.
            let make_up = (before / after)
                .sqrt()
                .clamp(1.0 / LARGEST_MAKE_UP, LARGEST_MAKE_UP);
            for bin in spectra.iter_mut().flatten() {
                *bin *= make_up;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        audio_file::AudioFile,
        engine::{Engine, Job, Progress, ring},
        model::{ModelSource, TimbreModel},
        params::KNOB_RANGE,
        thread::{MainThread, WorkerThread},
    };

    /// Curves that are right, but not always there: in each period of hops those of its end are late and come together.
    struct Stalling {
        direct: DirectCurves,
        period: u64,
        stalled: u64,
    }

    impl CurveSource for Stalling {
        fn is_watched(&self) -> bool {
            false
        }

        fn send(&mut self, frame: &FrameMessage) {
            self.direct.send(frame);
        }

        fn fetch(&mut self, generation: u32, index: u64, gain_db: &mut MelDb) -> Arrival {
            if index % self.period >= self.period - self.stalled {
                return Arrival::Late;
            }
            self.direct.fetch(generation, index, gain_db)
        }
    }

    fn largest_step(from: &MelDb, to: &MelDb) -> f32 {
        from.iter()
            .zip(to)
            .map(|(from, to)| (to - from).abs())
            .fold(0.0, f32::max)
    }

    /// The curve in use at each hop of the excerpt, with the knobs thrown from end to end every 0.4 s; and the output.
    fn curves(period: u64, stalled: u64) -> (Vec<(MelDb, bool)>, Vec<f32>) {
        const HOP: usize = 512;
        let timbre = TimbreModel::load(&ModelSource::Embedded).unwrap();
        let front_end = timbre.card().front_end.clone();
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/music/war_of_freedom.ogg"
        );
        let mut sound = AudioFile::read(path).unwrap().channels.swap_remove(0);
        sound.truncate(6 * 44_100 / HOP * HOP);
        let source = Stalling {
            direct: DirectCurves::new(Shaper::new(timbre)),
            period,
            stalled,
        };
        let mut stage = Stage::new(&front_end, 44_100.0, 1, Some(source));
        let mut controls = MorphControls::neutral();
        controls.smoothing_ms = 60.0;
        let mut seen = Vec::new();
        for (index, block) in sound.chunks_mut(HOP).enumerate() {
            let side = if index / 34 % 2 == 0 { 1.0 } else { -1.0 };
            controls.knobs[0] = side * KNOB_RANGE;
            controls.knobs[1] = -side * KNOB_RANGE;
            stage.process(&mut [block], &[], controls, true);
            seen.push((stage.processor.curve, stage.processor.catching_up));
        }
        (seen, sound)
    }

    #[test]
    fn a_late_curve_is_a_bounded_level_step() {
        let step_of = |seen: &[(MelDb, bool)]| {
            seen.windows(2)
                .map(|pair| largest_step(&pair[0].0, &pair[1].0))
                .fold(0.0, f32::max)
        };
        let (in_time, _) = curves(u64::MAX, 0);
        println!("in time: {:.1} dB at most", step_of(&in_time));
        for stalled in [1, 2, 10, 40] {
            let (seen, output) = curves(60, stalled);
            // What a late curve is to blame for: the steps while it is made up for, the last of them included.
            let (mut bounded, mut unbounded, mut hops) = (0.0_f32, 0.0_f32, 0);
            for (index, pair) in seen.windows(2).enumerate() {
                if pair[0].1 || pair[1].1 {
                    bounded = bounded.max(largest_step(&pair[0].0, &pair[1].0));
                    unbounded = unbounded.max(largest_step(&pair[0].0, &in_time[index + 1].0));
                    hops += 1;
                }
            }
            println!(
                "{stalled:2} late in a row: {bounded:.2} dB at most in {hops} hops, up to {unbounded:.1} dB behind"
            );
            assert!(hops > 0);
            assert!(bounded <= LARGEST_CATCH_UP_DB + 1e-3, "{bounded} dB");
            assert!(output.iter().all(|sample| sample.is_finite()));
        }
    }

    #[test]
    fn curves_in_time_are_never_held_back() {
        let (seen, _) = curves(u64::MAX, 0);
        assert!(seen.iter().all(|(_, catching_up)| !catching_up));
        assert!(
            seen.windows(2)
                .any(|pair| largest_step(&pair[0].0, &pair[1].0) > 2.0 * LARGEST_CATCH_UP_DB)
        );
    }

    #[test]
    fn after_the_last_late_curve_the_sound_is_as_if_none_had_been() {
        let (in_time, _) = curves(u64::MAX, 0);
        // One stall, within the first 200 hops.
        let (seen, _) = curves(200, 20);
        let settled = |hops: &[(MelDb, bool)], at: usize| hops[at..380].to_vec();
        assert!(seen.iter().any(|(_, catching_up)| *catching_up));
        assert_eq!(settled(&in_time, 300), settled(&seen, 300));
    }

    /// A worker that takes no frame and never answers.
    struct Stuck(Receiver<FrameMessage>, Sender<CurveMessage>);

    impl Job for Stuck {
        fn work(&mut self, _: &WorkerThread) -> Progress {
            if self.0.is_closed() && self.1.is_closed() {
                Progress::Finished
            } else {
                Progress::Idle
            }
        }

        fn recover(&mut self) -> bool {
            false
        }
    }

    #[test]
    fn a_stuck_engine_is_waited_for_once_and_counted() {
        let engine = Engine::acquire(&MainThread::assume()).unwrap();
        let (frame_sender, frame_receiver) = ring(4, FrameMessage::blank());
        let (curve_sender, curve_receiver) = ring(4, CurveMessage::blank());
        let offline_wait = engine.add_morph(
            Box::new(Stuck(frame_receiver, curve_sender)),
            &MainThread::assume(),
        );
        let monitor = Arc::new(MorphMonitor::default());
        let source = WorkerCurves::new(
            frame_sender,
            curve_receiver,
            monitor.clone(),
            Some(offline_wait),
        );
        let front_end = TimbreFrontEnd::fallback();
        let mut stage = Stage::new(&front_end, 48_000.0, 1, Some(source));
        let begun = std::time::Instant::now();
        let mut sound = vec![0.1; 200 * 512];
        stage.process(&mut [&mut sound], &[], MorphControls::neutral(), true);
        // Without giving up it would be two seconds for each of 200 hops.
        assert!(begun.elapsed() < 10 * OfflineWait::LONGEST);
        assert!(monitor.stuck.load(Ordering::Relaxed));
        assert!(monitor.late_curves.load(Ordering::Relaxed) > 190);
        assert!(sound.iter().all(|sample| sample.is_finite()));
    }
}
