//! One cell: so many instances in blocks of so many frames, each block when it is due, or in bursts.

use std::path::Path;
use std::time::{Duration, Instant};

use moodring::audio_file::AudioFile;
use moodring_host::{Block, Bundle, ParamEvent, Plugin, Processor, RenderMode};

use crate::threads;

pub const RATE: f64 = 48_000.0;

/// What a cell is measured with.
#[derive(Clone, Copy)]
pub struct Cell {
    /// Frames per block.
    pub block: usize,
    /// Blocks at a time, once the last so many have been played: 1 for a host that computes no further than it must.
    pub burst: usize,
    pub instances: usize,
    /// `studio` or `live`.
    pub latency: &'static str,
    /// Length of the measurement.
    pub seconds: f64,
}

impl Cell {
    /// Time from one burst to the next.
    pub fn period(&self) -> Duration {
        Duration::from_secs_f64((self.block * self.burst) as f64 / RATE)
    }
}

/// What one measurement saw.
#[derive(Default)]
pub struct Measured {
    pub blocks: u64,
    /// Bursts that were ready after the next one was due.
    pub over: u64,
    /// Those of them for which the audio thread's own computing alone took longer than a burst lasts.
    pub over_by_itself: u64,
    /// Page faults of the audio thread once a tenth of the blocks were done: by then all memory has been touched.
    pub faults: u64,
    /// Times that the audio thread gave its core up within a block.
    pub waits: u64,
    /// Longest time for all instances' block.
    pub worst: Duration,
    /// Most CPU time for all instances' block.
    pub worst_cpu: Duration,
    /// CPU time for all blocks.
    pub cpu: Duration,
    /// CPU time of the plugin's threads.
    pub engine: Duration,
    pub wall: Duration,
    /// Why the audio thread has no real-time priority, if it has none.
    pub no_priority: Option<String>,
}

/// Calls `work` for block after block.
fn pace(cell: Cell, mut work: impl FnMut(usize)) -> Measured {
    let mut measured = Measured {
        no_priority: threads::become_real_time().err(),
        ..Measured::default()
    };
    let period = cell.period();
    let engine_before = threads::engine_time();
    let switches_before = threads::voluntary_switches();
    let mut sleeps = 0;
    let mut faults_before = 0;
    let begun = Instant::now();
    let mut due = begun + period;
    let bursts = (cell.seconds / period.as_secs_f64()).ceil() as usize;
    for burst in 0..bursts {
        if burst == bursts / 10 {
            faults_before = threads::page_faults();
        }
        let early = due.saturating_duration_since(Instant::now());
        if !early.is_zero() {
            std::thread::sleep(early);
            sleeps += 1;
        }
        let burst_cpu_before = threads::cpu_time();
        for block in 0..cell.burst {
            let cpu_before = threads::cpu_time();
            let called = Instant::now();
            work(burst * cell.burst + block);
            let cpu = threads::cpu_time() - cpu_before;
            measured.blocks += 1;
            measured.cpu += cpu;
            measured.worst_cpu = measured.worst_cpu.max(cpu);
            measured.worst = measured.worst.max(called.elapsed());
        }
        let ready = Instant::now();
        due += period;
        if ready > due {
            measured.over += 1;
            let cpu = threads::cpu_time() - burst_cpu_before;
            measured.over_by_itself += u64::from(cpu > period);
            // After a dropout the sound card starts afresh: one hiccup is one block.
            due = ready + period;
        }
    }
    measured.wall = begun.elapsed();
    measured.waits = (threads::voluntary_switches() - switches_before).saturating_sub(sleeps);
    measured.faults = threads::page_faults() - faults_before;
    measured.engine = threads::engine_time() - engine_before;
    measured
}

/// On a thread of its own, since the real-time priority stays with the thread.
fn on_audio_thread<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| scope.spawn(work).join().unwrap())
}

/// Sets an instance's latency, which its state has.
fn set_latency(plugin: &mut Plugin, latency: &str) {
    let state = plugin.save_state().unwrap();
    // Its length is in front, 8 bytes, little-endian.
    let mut json: serde_json::Value = serde_json::from_slice(&state[8..]).unwrap();
    json["fields"]["latency"] = serde_json::json!(format!("\"{latency}\""));
    let json = json.to_string().into_bytes();
    let mut state = (json.len() as u64).to_le_bytes().to_vec();
    state.extend(json);
    plugin.load_state(&state).unwrap();
}

/// Moodring, with knobs turned so that nothing can be left out.
pub fn moodring(cell: Cell, bundle: &Path, music: &AudioFile) -> Measured {
    let bundle = Bundle::load(bundle).unwrap();
    let mut plugins: Vec<Plugin> = (0..cell.instances)
        .map(|_| bundle.create_first().unwrap())
        .collect();
    for plugin in &mut plugins {
        set_latency(plugin, cell.latency);
    }
    let events: Vec<ParamEvent> = plugins
        .first_mut()
        .map(|plugin| {
            plugin.set_render_mode(RenderMode::Realtime).unwrap();
            [("Brightness", "+1"), ("Resynthesis", "50 %")]
                .map(|(name, text)| plugin.set_at(0, name, text).unwrap())
                .to_vec()
        })
        .unwrap_or_default();
    let mut processors: Vec<Processor> = plugins
        .iter_mut()
        .map(|plugin| plugin.activate(RATE, 1, cell.block).unwrap())
        .collect();
    let frames = music.frames();
    let measured = on_audio_thread(|| {
        let measured = pace(cell, |index| {
            for (instance, processor) in processors.iter_mut().enumerate() {
                // Each instance hears another part of the piece.
                let at = (instance * 97_003 + index * cell.block) % (frames - cell.block);
                let channel = |channel: usize| &music.channels[channel][at..at + cell.block];
                processor
                    .process(&Block {
                        frames: cell.block,
                        input: &[channel(0), channel(1)],
                        events: if index == 0 { &events } else { &[] },
                        ..Block::default()
                    })
                    .unwrap();
            }
        });
        processors.iter_mut().for_each(Processor::stop);
        measured
    });
    for (plugin, processor) in plugins.iter_mut().zip(processors) {
        plugin.deactivate(processor);
    }
    measured
}

/// No plugin: the audio thread computes for as long as it is told in each block.
pub fn control(cell: Cell, busy: Duration) -> Measured {
    on_audio_thread(|| {
        pace(cell, |_| {
            let before = threads::cpu_time();
            while threads::cpu_time() - before < busy {
                std::hint::spin_loop();
            }
        })
    })
}
