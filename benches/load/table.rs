//! All cells, a line each, and what they come to.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Parser;
use moodring::audio_file::AudioFile;
use serde_json::Value;

use crate::burner::Burner;
use crate::paced::{self, Cell, Measured};
use crate::summary::{Outcome, Summary};

/// Makes the plugin write down how each activation went.
const STATUS_VARIABLE: &str = "MOODRING_STATUS";

#[derive(Parser)]
struct Arguments {
    /// Length of each measurement, in seconds; every line has two
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// Length of the whole, in minutes, instead: all measurements share it, half a second each at least
    #[arg(long, conflicts_with = "seconds")]
    minutes: Option<f64>,
    /// Frames per block, each when it is due
    #[arg(long, value_delimiter = ',', default_values_t = [32, 64, 128, 256, 512, 1024, 2048, 4096])]
    blocks: Vec<usize>,
    /// Frames per block and blocks at a time, where the host computes ahead, such as 64x50
    #[arg(long, value_delimiter = ',', value_parser = burst, default_value = "64x50,512x10,512x50,2048x10")]
    bursts: Vec<(usize, usize)>,
    /// How many instances
    #[arg(long, value_delimiter = ',', default_values_t = [1, 8, 32, 64])]
    instances: Vec<usize>,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

/// Tells how long each measurement may be.
struct Schedule {
    begun: Instant,
    /// Of the whole, if it is limited.
    total: Option<Duration>,
    /// Of a measurement, in seconds, if it isn't.
    seconds: f64,
    lines: usize,
    done: usize,
    /// What measurements have taken, without what is around them.
    measured: Duration,
}

impl Schedule {
    /// Shortest measurement, in seconds.
    const SHORTEST: f64 = 0.5;

    /// What is around the two measurements of a line, in seconds, before that is known: plugins are made.
    const AROUND: f64 = 0.6;

    fn seconds(&self) -> f64 {
        let Some(total) = self.total else {
            return self.seconds;
        };
        let elapsed = self.begun.elapsed();
        let around = match self.done {
            0 => Self::AROUND,
            done => elapsed.saturating_sub(self.measured).as_secs_f64() / done as f64,
        };
        let left = total.saturating_sub(elapsed).as_secs_f64();
        let line = left / (self.lines - self.done).max(1) as f64;
        ((line - around) / 2.0).max(Self::SHORTEST)
    }

    fn note(&mut self, measured: Duration) {
        self.measured += measured;
        self.done += 1;
    }
}

/// `64x50`: 50 blocks of 64 frames.
fn burst(text: &str) -> Result<(usize, usize), String> {
    text.split_once('x')
        .and_then(|(block, burst)| Some((block.parse().ok()?, burst.parse().ok()?)))
        .filter(|(block, burst)| *block > 0 && *burst > 0)
        .ok_or_else(|| format!("{text} is no burst, such as 64x50"))
}

/// The modes of latency.
const LATENCIES: [&str; 2] = ["studio", "live"];

pub fn print() {
    let arguments = Arguments::parse();
    let bundled = std::env::var_os("MOODRING_BUNDLED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bundled/Moodring.clap"),
        PathBuf::from,
    );
    let status = std::env::var_os(STATUS_VARIABLE)
        .map(PathBuf::from)
        .expect("MOODRING_STATUS names no file: run `cargo xtask bench --load`");
    let music = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/music/war_of_freedom.ogg");
    let music = AudioFile::read(music).unwrap();

    let rhythms: Vec<(usize, usize)> = arguments
        .blocks
        .iter()
        .map(|block| (*block, 1))
        .chain(arguments.bursts)
        .collect();
    let mut schedule = Schedule {
        begun: Instant::now(),
        total: arguments
            .minutes
            .map(|minutes| Duration::from_secs_f64(60.0 * minutes)),
        seconds: arguments.seconds,
        lines: 2 * rhythms.len() * arguments.instances.len() * LATENCIES.len(),
        done: 0,
        measured: Duration::ZERO,
    };
    let length = match arguments.minutes {
        Some(minutes) => format!("{minutes} minutes for {} lines", schedule.lines),
        None => format!("{} s for each measurement", arguments.seconds),
    };
    println!(
        "48 kHz stereo, {length}, one audio thread, {} cores",
        std::thread::available_parallelism().unwrap(),
    );
    let mut summary = Summary::new(&arguments.instances, &rhythms);
    println!(
        "over    blocks, or bursts, that missed their deadline\n\
         own     those of them for which the audio thread's CPU time exceeded a block's length; the system adds interrupts\n\
         \x20       to it, and times when a virtual machine was stopped: compare the control\n\
         waits   times the audio thread gave its core up within a block; in a burst it waits for curves\n\
         faults  pages that it touched for the first time after a tenth of the blocks\n\
         control a host without a plugin, whose audio thread computes as long as Moodring does in the mean\n\
         late    curves that came too late, and their share\n\
         CPU     in % of one core"
    );
    for burning in [false, true] {
        println!(
            "\n{}",
            if burning {
                "beside a process that burns every core"
            } else {
                "by itself"
            }
        );
        println!(
            "    block | instances   mode |  over  own  waits faults  worst ms, CPU ms | control: over  own  worst ms, CPU ms | \
             CPU audio engine |  late       %  an hour and instance"
        );
        let _burner = burning.then(Burner::start);
        for &(block, burst) in &rhythms {
            for &instances in &arguments.instances {
                for latency in LATENCIES {
                    let cell = Cell {
                        block,
                        burst,
                        instances,
                        latency,
                        seconds: schedule.seconds(),
                    };
                    let (outcome, took) = measure(cell, &bundled, &status, &music);
                    schedule.note(took);
                    summary.add(&cell, burning, outcome);
                }
            }
        }
    }
    println!("\n{summary}");
}

/// Measures a cell, and prints its line. Returns what it came to, and how long the measurements took.
fn measure(cell: Cell, bundled: &Path, status: &Path, music: &AudioFile) -> (Outcome, Duration) {
    let _ = std::fs::remove_file(status);
    let measured = paced::moodring(cell, bundled, music);
    let late = late_curves(status);
    let busy = measured.cpu / u32::try_from(measured.blocks).unwrap().max(1);
    let control = paced::control(cell, busy);
    let outcome = Outcome::new(&cell, &measured, late);
    line(cell, &measured, &outcome, &control);
    (outcome, measured.wall + control.wall)
}

/// Curves that were late in all activations that the plugin told of.
fn late_curves(status: &Path) -> u64 {
    let text = std::fs::read_to_string(status).unwrap();
    let lines = text
        .lines()
        .map(|line| -> Value { serde_json::from_str(line).unwrap() });
    lines
        .map(|line| {
            if let Some(fault) = line["fault"].as_str() {
                println!("fault: {fault}");
            }
            line["late_curves"].as_u64().unwrap()
        })
        .sum()
}

fn line(cell: Cell, measured: &Measured, outcome: &Outcome, control: &Measured) {
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let percent = |time: Duration| 100.0 * time.as_secs_f64() / measured.wall.as_secs_f64();
    let sound = measured.blocks as f64 * cell.block as f64 / paced::RATE * cell.instances as f64;
    let blocks = match cell.burst {
        1 => cell.block.to_string(),
        burst => format!("{} x {burst}", cell.block),
    };
    println!(
        "{:>9} | {:>9} {:>6} | {:>5} {:>4} {:>6} {:>6} {:>9.3} {:>7.3} | {:>13} {:>4} {:>9.3} {:>7.3} | {:>9.2} {:>6.2} | {:>5} {:>7.4} {:>10.1}",
        blocks,
        cell.instances,
        cell.latency,
        measured.over,
        measured.over_by_itself,
        measured.waits,
        measured.faults,
        ms(measured.worst),
        ms(measured.worst_cpu),
        control.over,
        control.over_by_itself,
        ms(control.worst),
        ms(control.worst_cpu),
        percent(measured.cpu),
        percent(measured.engine),
        outcome.late,
        outcome.late_percent(),
        outcome.late as f64 / (sound / 3_600.0),
    );
    if let Some(why) = &measured.no_priority {
        println!("      without real-time priority: {why}");
    }
}
