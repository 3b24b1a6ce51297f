//! `moodring-soak`: hours of varied sound through the bundled plugin, as fast as it goes, with everything done to it that
//! hosts do, and everything watched that could go wrong.
//!
//! The same seed gives the same output. Each segment is drawn from the seed and its own number, so a soak that was
//! stopped goes on with the segments that its report lacks.

mod memory;
mod random;
mod record;
mod report;
mod segment;
mod sound;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use moodring::audio_file::AudioFile;
use sha2::{Digest, Sha256};
use signal_hook::consts::{SIGINT, SIGTERM};

use crate::record::hex;
use crate::report::{Report, Run, Subject};
use crate::segment::Setup;

/// The variable that makes the plugin write its status down.
const STATUS_VARIABLE: &str = "MOODRING_STATUS";

/// Renders hours of varied sound through the plugin and watches it. Stops at any time with Ctrl-C and goes on when it is
/// run again.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The bundled plugin.
    #[arg(long, default_value = "target/bundled/Moodring.clap")]
    plugin: PathBuf,
    /// The recording that is among the sounds.
    #[arg(long, default_value = "tests/music/war_of_freedom.ogg")]
    music: PathBuf,
    /// Where the report goes, and where a stopped soak's is found.
    #[arg(long, default_value = "target/soak/report.json")]
    report: PathBuf,
    /// How much sound, in hours.
    #[arg(long, value_parser = positive)]
    hours: f64,
    /// What everything is drawn from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Length of a segment, in seconds of sound.
    #[arg(long, default_value_t = 600.0, value_parser = positive)]
    segment_seconds: f64,
}

fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() && value > 0.0 => Ok(value),
        _ => Err("not a number above 0".to_owned()),
    }
}

fn main() -> ExitCode {
    memory::share_one_heap();
    match run(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all went well.
fn run(arguments: &Arguments) -> Result<bool, Box<dyn Error>> {
    let status = std::env::var_os(STATUS_VARIABLE)
        .filter(|path| !path.is_empty())
        .map(PathBuf::from)
        .ok_or_else(|| {
            format!("{STATUS_VARIABLE}: not set to a file for the plugin's status; `cargo xtask soak` does it")
        })?;
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // The first one stops after the present block, a second one at once.
        signal_hook::flag::register_conditional_shutdown(signal, 1, stop.clone())?;
        signal_hook::flag::register(signal, stop.clone())?;
    }

    let plugin = std::fs::read(&arguments.plugin)
        .map_err(|why| format!("{}: {why}", arguments.plugin.display()))?;
    let subject = Subject {
        seed: arguments.seed,
        segment_seconds: arguments.segment_seconds,
        plugin_sha256: hex(&Sha256::digest(plugin)),
    };
    let mut report = Report::take_up(&arguments.report, subject)?;
    let music = AudioFile::read(&arguments.music)?;
    let setup = Setup {
        plugin: &arguments.plugin,
        music: &music,
        seed: arguments.seed,
        status: &status,
        stop: &stop,
    };
    soak(arguments, &setup, &mut report)?;

    report.print(&arguments.report);
    if stop.load(Ordering::Relaxed) {
        println!("stopped; the same command goes on from here");
    }
    Ok(report.failures().is_empty())
}

/// Plays the segments that are missing.
fn soak(
    arguments: &Arguments,
    setup: &Setup<'_>,
    report: &mut Report,
) -> Result<(), Box<dyn Error>> {
    let total = 3_600.0 * arguments.hours;
    let bar = ProgressBar::new(total as u64).with_style(
        ProgressStyle::with_template(
            "{msg} {wide_bar} {percent:>3} % {elapsed_precise}, {eta_precise} to go",
        )?
        .progress_chars("━╸─"),
    );
    let path: &Path = &arguments.report;
    let started = Instant::now();
    let mut start = 0.0;
    let mut index = 0;
    report.runs.push(Run::default());
    // What is left over by rounding is no segment.
    while total - start > 1e-3 {
        let seconds = arguments.segment_seconds.min(total - start);
        if report.has(index, seconds) {
            // Else the time to go would be reckoned as if they had been played just now.
            bar.reset_eta();
        } else {
            bar.set_message(format!("segment {index}"));
            let Some(segment) = setup.run(index, seconds, |done| {
                bar.set_position((start + done) as u64)
            })?
            else {
                break;
            };
            if let Some(run) = report.runs.last_mut() {
                run.add(segment.tally.seconds, started.elapsed().as_secs_f64());
            }
            report.add(segment);
            report.write(path)?;
        }
        start += seconds;
        index += 1;
        bar.set_position(start as u64);
    }
    bar.finish_and_clear();
    report.runs.retain(|run| run.audio_seconds > 0.0);
    report.write(path)?;
    Ok(())
}
