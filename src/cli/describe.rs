//! `moodring describe`: what can be measured in sound files, several at a time, each in the memory that a few seconds of sound take.
//!
//! - `analysis`: a file, from its samples to its descriptors
//! - `columns`: what is measured of a frame, under its names
//! - `tones`: frames that wait for what filters say that see far ahead
//! - `resampled`: the sound at a descriptor's rate
//! - `records`: how all of it is written down

mod analysis;
mod columns;
mod records;
mod resampled;
mod tones;

use std::{
    io,
    path::{Path, PathBuf},
};

use self::{
    analysis::Analysis,
    columns::Moment,
    records::{Records, Summary},
};
use super::{
    CliError,
    desk::{self, Desk},
    output::{Format, Output},
    strays::Strays,
};
use crate::{audio_file::AudioReader, engine, thread::MainThread};

/// `moodring describe`.
#[derive(Debug, clap::Args)]
pub struct DescribeArguments {
    /// Every frame, 43 a second, in place of a summary of each file.
    #[arg(long)]
    every: bool,
    /// Constant-Q magnitudes of 84 semitones and CENS chroma as well, of every frame and as means.
    #[arg(long)]
    constant_q: bool,
    /// How to write it down.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Files measured at a time; as many as there are cores if not given.
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Sound files and folders, whose folders are searched, too; `-` is the standard input.
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

/// Describes all files. One that can't be read, or not to its end, is told and doesn't keep the others from being measured.
pub(super) fn run(arguments: &DescribeArguments) -> Result<(), CliError> {
    let records = Records {
        format: arguments.format,
        constant_q: arguments.constant_q,
    };
    let mut output = Output::new(Box::new(io::stdout()), arguments.format);
    output.begin(&records.header(arguments.every)?)?;
    let desk = Desk::new(&arguments.files, output);
    let describer = Describer {
        every: arguments.every,
        records,
        desk: &desk,
    };
    let serve = || desk.serve(|file| describer.attend(file));
    let jobs = desk::jobs(arguments.jobs, &arguments.files);
    if jobs == 1 {
        serve();
    } else {
        engine::run_crew(vec![serve; jobs], &MainThread::assume()).map_err(CliError::Threads)?;
    }
    desk.finish()
}

/// Measures files, for any number of threads.
struct Describer<'d, 'a> {
    every: bool,
    records: Records,
    desk: &'d Desk<'a>,
}

impl Describer<'_, '_> {
    /// Describes a file, whatever comes of it, and tells what is wrong.
    fn attend(&self, file: &Path) {
        let name = file.display().to_string();
        let wrong = self.desk.attempt(&name, || self.describe(file, &name));
        if let Some(why) = wrong {
            self.desk.complain(&why);
        }
    }

    fn describe(&self, file: &Path, name: &str) -> Result<(), CliError> {
        let mut reader = AudioReader::open(file)?;
        let (rate, channels) = (reader.sample_rate(), reader.channel_count());
        let mut analysis = Analysis::new(name, rate, channels, self.records.constant_q)?;
        let (mut strays, mut frames) = (Strays::default(), Vec::new());
        let ended = loop {
            let block = match reader.next_block() {
                Ok(Some(block)) => block,
                Ok(None) => break Ok(()),
                Err(why) => break Err(why),
            };
            strays.look_at(block);
            let before = analysis.seconds();
            analysis.push(block, |frame| frames.push(*frame));
            self.desk.heard(analysis.seconds() - before);
            self.write_frames(name, &mut frames)?;
        };
        let described = analysis.finish(|frame| frames.push(*frame));
        self.write_frames(name, &mut frames)?;
        if !self.every {
            let summary = Summary {
                file: name,
                described: &described,
                strays: strays.note(reader.sample_rate()),
                wrong: ended.as_ref().err().map(ToString::to_string),
            };
            self.desk.write(name, &self.records.summary(&summary)?)?;
        }
        Ok(ended?)
    }

    /// Writes the frames down, if every one is asked for; none is left.
    fn write_frames(&self, name: &str, frames: &mut Vec<Moment>) -> Result<(), CliError> {
        for frame in frames.drain(..).filter(|_| self.every) {
            self.desk.write(name, &self.records.frame(name, &frame)?)?;
        }
        Ok(())
    }
}
