//! Measurements of tones.

use super::*;
use crate::{
    engine::{Sender, ring},
    meter::METER_CHUNK,
};

const RATE: f32 = 48_000.0;

/// A job, both ends of what it hears, and what it tells.
struct Bench {
    job: MeterJob,
    sender: Sender<MeterChunk>,
    view: triple_buffer::Output<MeterView>,
    params: Arc<MoodringParams>,
    monitor: Arc<MeterMonitor>,
    /// Samples so far.
    position: u64,
}

impl Bench {
    fn new() -> Self {
        let (sender, receiver) = ring(64, MeterChunk::blank());
        let (input, view) = triple_buffer::triple_buffer(&MeterView::default());
        let params = Arc::<MoodringParams>::default();
        let monitor = Arc::new(MeterMonitor::new(RATE, Arc::default()));
        let job = MeterJob::new(
            (RATE, 2),
            receiver,
            params.clone(),
            monitor.clone(),
            input,
            Box::new(|| ()),
        );
        Self {
            job,
            sender,
            view,
            params,
            monitor,
            position: 0,
        }
    }

    /// Lets the job hear so many seconds of a tone; what comes out is `gain` times what goes in.
    fn hear(&mut self, seconds: f32, hz: f32, gain: f32) {
        let end = self.position + (seconds * RATE) as u64;
        while self.position < end {
            let sample = |at: usize| {
                let time = (self.position + at as u64) as f64 / f64::from(RATE);
                let phase = std::f64::consts::TAU * f64::from(hz) * time;
                [0.1 * phase.sin() as f32; 2]
            };
            let input: [[f32; 2]; METER_CHUNK] = std::array::from_fn(sample);
            let output = input.map(|frame| frame.map(|sample| gain * sample));
            let chunk = MeterChunk {
                generation: 1,
                position: self.position,
                input,
                processed: output,
                output,
            };
            assert!(self.sender.send(chunk).is_ok());
            self.position += METER_CHUNK as u64;
            self.monitor.look();
            assert_eq!(self.job.work(&WorkerThread::assume()), Progress::Worked);
        }
    }

    fn view(&mut self) -> MeterView {
        *self.view.read()
    }
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn input_and_output_are_read_at_their_levels_at_every_speed() {
    let mut bench = Bench::new();
    bench.hear(12.0, 1_000.0, 0.5);
    let view = bench.view();
    let spectra = view.spectra.unwrap();
    for speed in Speed::ALL {
        let Spectrum { input, output } = spectra.at(speed);
        let loudest = |levels: &Levels| levels.iter().copied().fold(f32::MIN, f32::max);
        let (input, output) = (loudest(input), loudest(output));
        assert!((input + 20.0).abs() < 1.5, "{speed:?}: {input}");
        assert!((input - output - 6.02).abs() < 0.01, "{speed:?}: {output}");
    }
    // BS.1770: a stereo tone at -20 dBFS peak at 1 kHz is -20 LUFS.
    let [input, output] = view.loudness;
    assert!((input + 20.0).abs() < 0.2, "{input}");
    assert!((input - output - 6.02).abs() < 0.05, "{output}");
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn what_nobody_looked_at_is_missing_from_the_history_and_memory_goes_back() {
    let mut bench = Bench::new();
    let newest = |bench: &Bench| bench.monitor.history.lock().unwrap().newest();
    bench.hear(1.0, 440.0, 1.0);
    assert_eq!(newest(&bench), Some(30));
    assert!(bench.job.bench.is_some());
    // The tap counts the time since the last look.
    bench.monitor.pass(10 * RATE as usize);
    assert_eq!(bench.job.work(&WorkerThread::assume()), Progress::Idle);
    assert!(bench.job.bench.is_none(), "nobody watches");
    bench.position += 2 * RATE as u64;
    bench.hear(1.0, 440.0, 1.0);
    assert_eq!(newest(&bench), Some(120));
    assert_eq!(
        bench.monitor.history.lock().unwrap().since(None).count(),
        60
    );
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn match_measures_what_the_processed_sound_is_louder_by_while_it_is_on() {
    let mut bench = Bench::new();
    bench.hear(4.0, 440.0, 2.0);
    assert_eq!(bench.params.audition.match_db(), 0.0, "it is off");
    bench.params.audition.set_matched(true);
    bench.hear(4.0, 440.0, 2.0);
    let gain = bench.params.audition.match_db();
    assert!((gain - 6.02).abs() < 0.05, "{gain}");
    // Of silence there is nothing to learn.
    bench.hear(4.0, 440.0, 0.0);
    let quieter = bench.params.audition.match_db();
    assert!(quieter > -24.0, "{quieter}");
    bench.monitor.pass(10 * RATE as usize);
    // It asks for the sound itself, whether an editor is open or not.
    assert_eq!(bench.job.work(&WorkerThread::assume()), Progress::Idle);
    assert!(bench.monitor.is_watched());
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn where_fewer_spectra_are_wanted_they_stand_for_all() {
    let mut bench = Bench::new();
    bench.monitor.spectra_together.store(6, Ordering::Relaxed);
    bench.hear(2.1, 1_000.0, 0.5);
    let history = bench.monitor.history.lock().unwrap();
    let columns: Vec<_> = history.since(None).collect();
    // The first alone, and then six at a time.
    assert_eq!(columns.len(), 61);
    let levels = |column: &Column| column.levels().collect::<Vec<_>>();
    for six in columns[1..].chunks(6) {
        assert!(six.iter().all(|column| levels(column) == levels(six[0])));
    }
    let numbers: Vec<_> = columns.iter().map(|column| column.number).collect();
    assert_eq!(numbers, (1..=61).collect::<Vec<_>>());
}
