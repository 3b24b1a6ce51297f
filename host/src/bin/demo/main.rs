//! `moodring-demo`: what a user of the plugin would hear and see, as files.
//!
//! For each audio file: bounces it through the plugin while Brightness is turned, keeps what the tagger said, draws the
//! spectrograms before and after, and plays it with the editor open for a screenshot. A solo is morphed to another instrument.
#![allow(unsafe_code, reason = "an environment variable is set")]

mod readout;
mod solo;
mod spectrogram;
mod spectrum;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use moodring::audio_file::AudioFile;
use moodring_host::{Bundle, Display, ParamEvent, Plugin, Render};

use crate::readout::Readout;

/// The knob that is turned, and what it is set to in each third of the file.
const KNOB: &str = "Brightness";
const SETTINGS: [&str; 3] = ["0", "+2", "-2"];
/// Frames per block.
const BLOCK: usize = 512;
/// How long the file is played with the editor open.
const PLAYED: Duration = Duration::from_secs(8);

/// Runs audio files through the bundled plugin and shows what it heard and did.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The bundled plugin.
    #[arg(long, default_value = "target/bundled/Moodring.clap")]
    plugin: PathBuf,
    /// Where the results go; with several files, into a folder each.
    #[arg(long, default_value = "target/demo")]
    out: PathBuf,
    /// Leave the editor's screenshot out: no X display is needed then.
    #[arg(long)]
    no_editor: bool,
    /// A recorded solo that is morphed to another instrument; the tagger is asked what it hears before and after.
    #[arg(long)]
    solo: Option<PathBuf>,
    /// What the solo is morphed to: a name of Target.
    #[arg(long, default_value = "Trumpet")]
    target: String,
    /// Audio files of any format that `moodring tag --help` lists, mono or stereo.
    #[arg(required_unless_present = "solo")]
    files: Vec<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let jobs = jobs(arguments)?;
    create_folder(&arguments.out)?;
    let answers = arguments.out.join("readout.jsonl");
    // SAFETY: no thread has been started and no plugin loaded yet.
    let display = unsafe {
        std::env::set_var("MOODRING_READOUT", &answers);
        if arguments.no_editor {
            None
        } else {
            Some(Display::open()?)
        }
    };

    for (file, out) in &jobs {
        create_folder(out)?;
        demonstrate(arguments, file, out, &answers, display.as_ref())?;
    }
    if let Some(solo) = &arguments.solo {
        let out = arguments.out.join("solo");
        create_folder(&out)?;
        solo::demonstrate(&arguments.plugin, solo, &arguments.target, &out, &answers)?;
    }
    Ok(())
}

/// Every file with the folder that its results go to.
fn jobs(arguments: &Arguments) -> Result<Vec<(PathBuf, PathBuf)>, String> {
    let [_, _, ..] = arguments.files.as_slice() else {
        return Ok(arguments
            .files
            .iter()
            .map(|file| (file.clone(), arguments.out.clone()))
            .collect());
    };
    let mut jobs: Vec<(PathBuf, PathBuf)> = Vec::new();
    for file in &arguments.files {
        let out = arguments.out.join(file.file_stem().unwrap_or_default());
        if let Some((other, _)) = jobs.iter().find(|(_, taken)| *taken == out) {
            let (file, other) = (file.display(), other.display());
            return Err(format!(
                "{file}: would overwrite the results of {other}; give them different names"
            ));
        }
        jobs.push((file.clone(), out));
    }
    Ok(jobs)
}

fn demonstrate(
    arguments: &Arguments,
    file: &Path,
    out: &Path,
    answers: &Path,
    display: Option<&Display>,
) -> Result<(), Box<dyn Error>> {
    let input = read(file)?;
    readout::discard(answers)?;
    let bundle = Bundle::load(&arguments.plugin)?;

    let mut plugin = create(&bundle, &input)?;
    let thirds = sections(input.frames());
    let turns = thirds
        .iter()
        .zip(SETTINGS)
        .map(|(section, setting)| plugin.set_at(section.start, KNOB, setting))
        .collect::<Result<Vec<ParamEvent>, _>>()?;
    let (morphed, latency) = bounce(&mut plugin, &input, &turns, "morphing")?;
    let readout = Readout::collect(file, input.sample_rate, latency, answers)?;

    let written: Vec<PathBuf> = ["morphed.wav", "readout.json", "spectrogram.png"]
        .iter()
        .map(|name| out.join(name))
        .collect();
    let [wav_path, readout_path, spectrogram_path] = written.as_slice() else {
        return Ok(());
    };
    morphed.write_wav(wav_path)?;
    readout.write(readout_path)?;
    spectrogram::draw(
        spectrogram_path,
        &file_name(file),
        &input,
        &morphed,
        &thirds,
    )?;

    let mut written = written.clone();
    if let Some(display) = display {
        let path = out.join("editor.png");
        picture_editor(&mut create(&bundle, &input)?, &input, display, &path)?;
        readout::discard(answers)?;
        written.push(path);
    }
    report(file, &input, &morphed, &readout, &written);
    Ok(())
}

/// An audio file, mono or stereo.
fn read(file: &Path) -> Result<AudioFile, Box<dyn Error>> {
    let input = AudioFile::read(file)?;
    if input.channels.len() > 2 {
        let (file, count) = (file.display(), input.channels.len());
        return Err(format!("{file}: {count} channels; mix it down to mono or stereo").into());
    }
    Ok(input)
}

/// A fresh instance with as many channels as the audio.
fn create(bundle: &Bundle, audio: &AudioFile) -> Result<Plugin, Box<dyn Error>> {
    let mut plugin = bundle.create_first()?;
    plugin.select_channels(audio.channels.len())?;
    Ok(plugin)
}

/// A stretch of the audio and what the plugin is set to in it.
struct Section {
    /// First frame.
    start: usize,
    /// First frame after it.
    end: usize,
    label: String,
}

/// A third of the audio for each of the knob's settings.
fn sections(frames: usize) -> [Section; 3] {
    let mut start = 0;
    let mut third = 0;
    SETTINGS.map(|setting| {
        third += 1;
        let section = Section {
            start,
            end: frames * third / 3,
            label: if setting == "0" {
                "neutral".to_owned()
            } else {
                format!("{KNOB} {setting} σ")
            },
        };
        start = section.end;
        section
    })
}

/// Renders the audio offline, with these events on the way; the result lines up with the input. Also gives the latency. `doing` is the word
/// that stands before the bar.
fn bounce(
    plugin: &mut Plugin,
    input: &AudioFile,
    events: &[ParamEvent],
    doing: &'static str,
) -> Result<(AudioFile, u32), Box<dyn Error>> {
    let bar = ProgressBar::new(input.frames() as u64).with_style(
        ProgressStyle::with_template("{msg:10} {wide_bar} {percent:>3} % {elapsed}")?
            .progress_chars("━╸─"),
    );
    bar.set_message(doing);
    let sample_rate = f64::from(input.sample_rate);

    // The latency is known once active, and decides how much silence has to follow the input.
    let processor = plugin.activate(sample_rate, 1, BLOCK)?;
    let latency = plugin.latency()?;
    plugin.deactivate(processor);

    let mut padded = input.channels.clone();
    for channel in &mut padded {
        channel.resize(input.frames() + latency as usize, 0.0);
    }
    let render = Render {
        block_sizes: vec![BLOCK],
        ..Render::offline(sample_rate)
    };
    let rendered = render.run_with(plugin, &padded, events, |_, done| {
        bar.set_position(done as u64);
        Ok(())
    })?;
    bar.finish_and_clear();
    let channels = rendered
        .output
        .into_iter()
        .map(|mut channel| {
            channel.drain(..(latency as usize).min(channel.len()));
            channel
        })
        .collect();
    Ok((
        AudioFile {
            sample_rate: input.sample_rate,
            channels,
        },
        latency,
    ))
}

/// Plays the audio with the editor open, from its start and over again if it is short, and takes a picture near the end.
fn picture_editor(
    plugin: &mut Plugin,
    input: &AudioFile,
    display: &Display,
    path: &Path,
) -> Result<(), Box<dyn Error>> {
    let frames = (PLAYED.as_secs_f64() * f64::from(input.sample_rate)) as usize;
    let played: Vec<Vec<f32>> = input
        .channels
        .iter()
        .map(|channel| channel.iter().copied().cycle().take(frames).collect())
        .collect();
    let events = [plugin.set_at(frames / 4, KNOB, "+2")?];
    let bar = ProgressBar::new(frames as u64).with_style(
        ProgressStyle::with_template("{msg:10} {wide_bar} {elapsed}")?.progress_chars("━╸─"),
    );
    bar.set_message("playing");

    plugin.open_editor(display)?;
    let mut taken = false;
    let render = Render {
        block_sizes: vec![BLOCK],
        ..Render::playback(f64::from(input.sample_rate))
    };
    render.run_with(plugin, &played, &events, |plugin, done| {
        bar.set_position(done as u64);
        if !taken && done > frames - frames / 20 {
            taken = true;
            plugin
                .editor()
                .map_or(Ok(()), |editor| editor.screenshot(path))?;
        }
        Ok(())
    })?;
    plugin.close_editor();
    bar.finish_and_clear();
    Ok(())
}

/// Prints what was heard and done.
fn report(
    file: &Path,
    input: &AudioFile,
    morphed: &AudioFile,
    readout: &Readout,
    written: &[PathBuf],
) {
    println!(
        "{}: {:.1} s, {} Hz, {}; latency {} samples ({:.1} ms)\n",
        file.display(),
        input.seconds(),
        input.sample_rate,
        if input.channels.len() == 1 {
            "mono"
        } else {
            "stereo"
        },
        readout.latency_samples,
        1000.0 * f64::from(readout.latency_samples) / f64::from(input.sample_rate),
    );
    readout.print();

    let seconds = |frame: usize| frame as f64 / f64::from(input.sample_rate);
    println!("spectral centroid (mean frequency, weighted by amplitude)");
    println!(
        "{:>13}  {:<15} {:>9} {:>9}",
        "section", "knob", "input", "morphed"
    );
    for section in sections(input.frames()) {
        let of = |audio: &AudioFile| match spectrum::centroid(audio, section.start, section.end) {
            Some(hertz) => format!("{hertz:.0} Hz"),
            None => "silence".to_owned(),
        };
        println!(
            "{:>5.1}-{:>5.1} s  {:<15} {:>9} {:>9}",
            seconds(section.start),
            seconds(section.end),
            section.label,
            of(input),
            of(morphed),
        );
    }
    println!();
    for path in written {
        println!("wrote {}", path.display());
    }
    println!();
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn create_folder(path: &Path) -> Result<(), String> {
    fs::create_dir_all(path)
        .map_err(|error| format!("{}: can't be created ({error})", path.display()))
}
