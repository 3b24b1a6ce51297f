//! All cells, a line each.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Parser;
use moodring::audio_file::AudioFile;
use serde_json::Value;

use crate::burner::Burner;
use crate::paced::{self, Cell, Measured};

/// Makes the plugin write down how each activation went.
const STATUS_VARIABLE: &str = "MOODRING_STATUS";

#[derive(Parser)]
struct Arguments {
    /// Length of each measurement, in seconds; every cell has two
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// Frames per block
    #[arg(long, value_delimiter = ',', default_values_t = [32, 64, 128, 256])]
    blocks: Vec<usize>,
    /// How many instances
    #[arg(long, value_delimiter = ',', default_values_t = [1, 8, 32, 64])]
    instances: Vec<usize>,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

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

    println!(
        "48 kHz stereo, {} s for each measurement, one audio thread, {} cores",
        arguments.seconds,
        std::thread::available_parallelism().unwrap(),
    );
    println!(
        "over: blocks that missed their deadline; own: because computing them alone took too long"
    );
    println!("waits: times the audio thread gave its core up within a block");
    println!("late: curves that came too late; CPU in % of one core");
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
            "{:>5} {:>9} {:>9} | {:>8} {:>5} {:>5} {:>9} {:>9} | {:>7} {:>9} | {:>6} {:>6} | {:>6} {:>8} {:>13}",
            "block",
            "instances",
            "period ms",
            "over",
            "own",
            "waits",
            "worst ms",
            "worst CPU",
            "control",
            "worst ms",
            "audio",
            "engine",
            "late",
            "share %",
            "per inst.hour"
        );
        let _burner = burning.then(Burner::start);
        for &block in &arguments.blocks {
            for &instances in &arguments.instances {
                let cell = Cell {
                    block,
                    instances,
                    seconds: arguments.seconds,
                };
                let _ = std::fs::remove_file(&status);
                let measured = paced::moodring(cell, &bundled, &music);
                let late = late_curves(&status);
                let busy = measured.cpu / u32::try_from(measured.blocks).unwrap().max(1);
                let control = paced::control(cell, busy);
                line(cell, &measured, late, &control);
            }
        }
    }
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

fn line(cell: Cell, measured: &Measured, late: u64, control: &Measured) {
    /// Samples between two curves at this rate.
    const HOP: f64 = 512.0;
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let percent = |time: Duration| 100.0 * time.as_secs_f64() / measured.wall.as_secs_f64();
    let sound = measured.blocks as f64 * cell.block as f64 / paced::RATE * cell.instances as f64;
    println!(
        "{:>5} {:>9} {:>9.3} | {:>8} {:>5} {:>5} {:>9.3} {:>9.3} | {:>7} {:>9.3} | {:>6.2} {:>6.2} | {:>6} {:>8.4} {:>13.1}",
        cell.block,
        cell.instances,
        ms(cell.period()),
        measured.over,
        measured.over_by_itself,
        measured.waits,
        ms(measured.worst),
        ms(measured.worst_cpu),
        control.over,
        ms(control.worst),
        percent(measured.cpu),
        percent(measured.engine),
        late,
        100.0 * late as f64 / (sound * paced::RATE / HOP),
        late as f64 / (sound / 3_600.0),
    );
    if let Some(why) = &measured.no_priority {
        println!("      without real-time priority: {why}");
    }
}
