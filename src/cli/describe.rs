//! `moodring describe`: what can be measured in sound files, several at a time, each in the memory that a few seconds of sound take.
//!
//! - `analysis`: a file, from its samples to its descriptors
//! - `records`: how those are written down

mod analysis;
mod records;

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use self::{
    analysis::Analysis,
    records::{Records, Summary},
};
use super::{
    CliError,
    files::Files,
    output::{Format, Output},
    progress::Progress,
    tell,
};
use crate::{audio_file::AudioReader, engine, thread::MainThread};

/// `moodring describe`.
#[derive(Debug, clap::Args)]
pub struct DescribeArguments {
    /// Every frame, 43 a second, in place of a summary of each file.
    #[arg(long)]
    every: bool,
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
    let several = Files::are_several(&arguments.files);
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    let jobs = match arguments.jobs {
        _ if !several => 1,
        Some(jobs) => usize::from(jobs),
        None => cores(),
    };
    let desk = Desk::new(arguments, several)?;
    if jobs == 1 {
        desk.serve();
    } else {
        let parts = vec![|| desk.serve(); jobs];
        engine::run_crew(parts, &MainThread::assume()).map_err(CliError::Threads)?;
    }
    desk.finish()
}

/// What all that measure at the same time share: the heap of files, and where the records go.
struct Desk<'a> {
    every: bool,
    records: Records,
    files: Mutex<Files<'a>>,
    output: Mutex<Output>,
    progress: Progress,
    all_well: AtomicBool,
    /// Why nobody should go on.
    broken: Mutex<Option<CliError>>,
}

impl<'a> Desk<'a> {
    fn new(arguments: &'a DescribeArguments, several: bool) -> Result<Self, CliError> {
        let records = Records {
            format: arguments.format,
        };
        let mut output = Output::new(Box::new(io::stdout()), arguments.format);
        output.begin(&records.header(arguments.every)?)?;
        Ok(Self {
            every: arguments.every,
            records,
            files: Mutex::new(Files::new(&arguments.files)),
            output: Mutex::new(output),
            progress: match several {
                true => Progress::of(|| Files::new(&arguments.files).count() as u64),
                false => Progress::hidden(),
            },
            all_well: AtomicBool::new(true),
            broken: Mutex::new(None),
        })
    }

    /// Takes files from the heap until there are none.
    fn serve(&self) {
        while let Some(found) = self.next() {
            match found {
                Ok(file) => self.attend(&file),
                Err(why) => self.complain(&why.into()),
            }
            self.progress.file();
        }
    }

    fn next(&self) -> Option<<Files<'a> as Iterator>::Item> {
        match lock(&self.broken).is_some() {
            true => None,
            false => lock(&self.files).next(),
        }
    }

    /// Describes a file, whatever comes of it, and tells what is wrong.
    fn attend(&self, file: &Path) {
        let name = file.display().to_string();
        // A decoder that fails on one file in a million doesn't take the others with it.
        let described = catch_unwind(AssertUnwindSafe(|| self.describe(file, &name)));
        match described.unwrap_or(Err(CliError::Panicked { file: name })) {
            Ok(()) => {}
            Err(why @ CliError::Output(_)) => {
                lock(&self.broken).get_or_insert(why);
            }
            Err(why) => self.complain(&why),
        }
    }

    fn describe(&self, file: &Path, name: &str) -> Result<(), CliError> {
        let mut reader = AudioReader::open(file)?;
        let mut analysis = Analysis::new(name, reader.sample_rate(), reader.channel_count())?;
        let mut frames = Vec::new();
        let ended = loop {
            let block = match reader.next_block() {
                Ok(Some(block)) => block,
                Ok(None) => break Ok(()),
                Err(why) => break Err(why),
            };
            let before = analysis.seconds();
            analysis.push(block, |frame| frames.push(*frame));
            self.progress.heard(analysis.seconds() - before);
            self.write_frames(name, &mut frames)?;
        };
        let described = analysis.finish(|frame| frames.push(*frame));
        self.write_frames(name, &mut frames)?;
        if !self.every {
            let summary = Summary {
                file: name,
                described: &described,
                wrong: ended.as_ref().err().map(ToString::to_string),
            };
            self.write(name, &self.records.summary(&summary)?)?;
        }
        Ok(ended?)
    }

    /// Writes the frames down, if every one is asked for; none is left.
    fn write_frames(&self, name: &str, frames: &mut Vec<analysis::Moment>) -> Result<(), CliError> {
        for frame in frames.drain(..).filter(|_| self.every) {
            self.write(name, &self.records.frame(name, &frame)?)?;
        }
        Ok(())
    }

    fn write(&self, name: &str, record: &str) -> Result<(), CliError> {
        self.progress
            .aside(|| lock(&self.output).write(name, record))
    }

    fn complain(&self, why: &CliError) {
        self.all_well.store(false, Ordering::Relaxed);
        self.progress.aside(|| tell(why));
    }

    fn finish(self) -> Result<(), CliError> {
        self.progress.finish();
        let broken = self.broken.into_inner();
        if let Some(why) = broken.unwrap_or_else(PoisonError::into_inner) {
            return Err(why);
        }
        lock(&self.output).finish()?;
        match self.all_well.into_inner() {
            true => Ok(()),
            false => Err(CliError::Told),
        }
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
