//! `moodring tag`: many files at a time, each in the memory that a second of sound takes.
//!
//! - `arguments`: what it takes
//! - `summary`: what a file comes to
//! - `metadata`: what is written into the file itself
//! - `records`: how that is written down

mod arguments;
mod metadata;
mod records;
mod summary;

use std::{
    collections::HashSet,
    io::{self, Write},
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

pub use self::metadata::MetadataError;

pub(super) use self::arguments::TagArguments;

use self::{
    metadata::{Change, Field, SoundHash},
    records::{Done, Records},
    summary::Tally,
};
use super::{
    CliError,
    files::Files,
    hearing::{self, Hearer, Pace},
    models::Models,
    output::{Format, Output},
    progress::Progress,
    stop::Stop,
    tell,
};
use crate::{
    engine,
    model::{TagKind, TaggerCard, TaggerModel},
    telemetry::Readout,
    thread::MainThread,
};

/// Tags all files. One that can't be read, or not to its end, is told and doesn't keep the others from being heard.
pub(super) fn run(arguments: &TagArguments) -> Result<(), CliError> {
    if let Some(why) = arguments.complaint() {
        return Err(CliError::Arguments(why));
    }
    run_into(arguments, None)
}

/// Sums all files up as [`run`] does, and writes a line of JSON of each into `to`, in one piece; also of what can't be read.
pub(super) fn summaries(
    models: &Models,
    jobs: Option<u16>,
    files: &[PathBuf],
    to: Box<dyn Write + Send>,
) -> Result<(), CliError> {
    let arguments = TagArguments {
        format: Format::Jsonl,
        jobs,
        errors: true,
        ..TagArguments::of(models.clone(), files.to_vec())
    };
    run_into(&arguments, Some(to))
}

fn run_into(arguments: &TagArguments, to: Option<Box<dyn Write + Send>>) -> Result<(), CliError> {
    let tagger = TaggerModel::load(&arguments.models.source())?;
    let several = Files::are_several(&arguments.files);
    let jobs = arguments.jobs(several);
    let records = Records {
        format: arguments.format,
        tags: &tagger.card().tags,
        top: arguments.top,
    };
    let desk = Desk::new(arguments, &records, several, to)?;
    if jobs == 1 {
        desk.serve(&tagger);
    } else {
        let parts = vec![tagger.clone(); jobs].into_iter();
        let parts = parts.map(|tagger| || desk.serve(&{ tagger })).collect();
        engine::run_crew(parts, &MainThread::assume()).map_err(CliError::Threads)?;
    }
    desk.finish()
}

/// What all that tag at the same time share: the heap of files, and where the records go.
struct Desk<'a> {
    arguments: &'a TagArguments,
    records: &'a Records<'a>,
    files: Mutex<Files<'a>>,
    /// Files that the output has from an earlier run.
    done: HashSet<String>,
    output: Mutex<Output>,
    progress: Progress,
    /// What would leave something half-written waits for the present block.
    stop: Option<Stop>,
    /// Files that have been written down.
    finished: AtomicU64,
    all_well: AtomicBool,
    /// Why nobody should go on.
    broken: Mutex<Option<CliError>>,
}

impl<'a> Desk<'a> {
    fn new(
        arguments: &'a TagArguments,
        records: &'a Records<'a>,
        several: bool,
        to: Option<Box<dyn Write + Send>>,
    ) -> Result<Self, CliError> {
        let header = records.header(arguments.every)?;
        let (output, done) = match &arguments.output {
            Some(path) => Output::file(path, arguments.format, &header, arguments.skip_done)?,
            None => {
                let to = to.unwrap_or_else(|| Box::new(io::stdout()));
                let mut output = Output::new(to, arguments.format);
                output.begin(&header)?;
                (output, HashSet::new())
            }
        };
        let stop = (arguments.output.is_some() || arguments.yes)
            .then(Stop::listen)
            .transpose()
            .map_err(CliError::Signals)?;
        Ok(Self {
            arguments,
            records,
            files: Mutex::new(Files::new(&arguments.files)),
            done,
            output: Mutex::new(output),
            progress: match several {
                true => Progress::of(|| Files::new(&arguments.files).count() as u64),
                false => Progress::hidden(),
            },
            stop,
            finished: AtomicU64::new(0),
            all_well: AtomicBool::new(true),
            broken: Mutex::new(None),
        })
    }

    /// Takes files from the heap until there are none.
    fn serve(&self, tagger: &TaggerModel) {
        while let Some(found) = self.next() {
            match found {
                Ok(file) => self.attend(tagger, &file),
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

    /// Tags a file, whatever comes of it, and tells what is wrong.
    fn attend(&self, tagger: &TaggerModel, file: &Path) {
        let name = file.display().to_string();
        // A name that is no text is another one when it is written down.
        if file.to_str().is_some() && self.done.contains(&name) {
            return;
        }
        // A decoder that fails on one file in a million doesn't take the others with it.
        let tagged = catch_unwind(AssertUnwindSafe(|| self.tag(tagger, file, &name)));
        let panicked = CliError::Panicked { file: name.clone() };
        match tagged.unwrap_or(Err(panicked)) {
            Ok(()) => {}
            Err(why @ (CliError::Output(_) | CliError::Interrupted { .. })) => self.break_off(why),
            Err(why) => {
                if let Err(why) = self.record_error(&name, &why.to_string()) {
                    self.break_off(why);
                }
                self.complain(&why);
            }
        }
    }

    /// Writes down that nothing came of a file, if that is asked for.
    fn record_error(&self, name: &str, why: &str) -> Result<(), CliError> {
        if !self.arguments.errors {
            return Ok(());
        }
        self.write(name, &self.records.error(name, why, self.arguments.every)?)
    }

    fn break_off(&self, why: CliError) {
        lock(&self.broken).get_or_insert(why);
    }

    fn complain(&self, why: &CliError) {
        self.all_well.store(false, Ordering::Relaxed);
        self.progress.aside(|| tell(why));
    }

    fn tag(&self, tagger: &TaggerModel, file: &Path, name: &str) -> Result<(), CliError> {
        let mut hearer = TagHearer {
            desk: self,
            name,
            card: tagger.card(),
            tally: Tally::new(tagger.card().tags.len()),
            sound: SoundHash::default(),
            last: 0.0,
        };
        let pace = match self.arguments.every {
            true => Pace::Plugin,
            false => Pace::Summary,
        };
        let heard = hearing::hear(tagger, file, pace, &mut hearer)?;
        let TagHearer { tally, sound, .. } = hearer;
        let summary = tally.finish(tagger.card());
        let wishes = self.wishes(&summary.headlines);
        let (mut changes, mut refused) = (Vec::new(), None);
        if !wishes.is_empty() {
            let is_whole = heard.ended.is_ok();
            match self.fill(file, &wishes, is_whole.then(|| sound.finish())) {
                Ok(filled) => changes = filled,
                Err(why) => refused = Some(why),
            }
        }
        let ended = heard.ended.as_ref().err().map(ToString::to_string);
        let wrong: Vec<_> = ended
            .into_iter()
            .chain(refused.as_ref().map(ToString::to_string))
            .collect();
        let done = Done {
            heard: &heard,
            summary: &summary,
            changes: &changes,
            wrong: (!wrong.is_empty()).then(|| wrong.join("; ")),
        };
        match (self.arguments.every, &heard.nothing) {
            (false, _) => self.write(name, &self.records.summary(name, &done)?)?,
            (true, Some(why)) => {
                let record = self.records.no_answer(name, heard.seconds, why)?;
                self.write(name, &record)?;
            }
            (true, None) => self.tell_changes(name, &changes)?,
        }
        self.finished.fetch_add(1, Ordering::Relaxed);
        if let Some(why) = refused {
            let file = name.to_owned();
            self.complain(&CliError::Metadata { file, why });
        }
        if let Err(why) = heard.ended {
            self.complain(&why.into());
        }
        Ok(())
    }

    /// What the headlines of a file say that its metadata should.
    fn wishes(&self, headlines: &[Option<usize>]) -> Vec<(Field, String)> {
        if !self.arguments.write_tags {
            return Vec::new();
        }
        let named = TagKind::COLUMNS.into_iter().zip(headlines);
        let wishes = named.filter_map(|(kind, headline)| {
            let field = match kind {
                TagKind::Genre => Field::Genre,
                TagKind::Mood => Field::Mood,
                TagKind::Instrument | TagKind::Feel | TagKind::Other => return None,
            };
            let tag = headline.and_then(|tag| self.records.tags.get(tag))?;
            Some((field, tag.name.clone()))
        });
        wishes.collect()
    }

    /// Fills a file's metadata, if that is what is asked for; `sound` is its hash, if all of it could be read.
    fn fill(
        &self,
        file: &Path,
        wishes: &[(Field, String)],
        sound: Option<u64>,
    ) -> Result<Vec<Change>, MetadataError> {
        if file.as_os_str() == "-" {
            return Err(MetadataError::StandardInput);
        }
        let mut changes = metadata::plan(file, wishes, self.arguments.replace)?;
        let sound = sound.ok_or(MetadataError::Damaged)?;
        if self.arguments.yes && !changes.is_empty() {
            metadata::write(file, &mut changes, sound)?;
        }
        Ok(changes)
    }

    /// Among answers there is no summary to say it in.
    fn tell_changes(&self, name: &str, changes: &[Change]) -> Result<(), CliError> {
        if self.arguments.format == Format::Table {
            for change in changes {
                self.write(name, &format!("  {change}\n"))?;
            }
        }
        Ok(())
    }

    fn write(&self, name: &str, record: &str) -> Result<(), CliError> {
        self.progress
            .aside(|| lock(&self.output).write(name, record))
    }

    fn finish(self) -> Result<(), CliError> {
        self.progress.finish();
        let broken = self.broken.into_inner();
        match broken.unwrap_or_else(PoisonError::into_inner) {
            Some(why @ CliError::Output(_)) => return Err(why),
            broken => {
                lock(&self.output).finish()?;
                broken.map_or(Ok(()), Err)?;
            }
        }
        match self.all_well.into_inner() {
            true => Ok(()),
            false => Err(CliError::Told),
        }
    }
}

/// Sums a file up, and writes its answers down if every one is asked for.
struct TagHearer<'d, 'a> {
    desk: &'d Desk<'a>,
    name: &'d str,
    card: &'d TaggerCard,
    tally: Tally,
    sound: SoundHash,
    /// Where the last answer ended, in seconds.
    last: f64,
}

impl Hearer for TagHearer<'_, '_> {
    fn block(&mut self, samples: &[Vec<f32>], _: u32) -> Result<(), CliError> {
        if let Some(signal) = self.desk.stop.as_ref().and_then(Stop::asked) {
            let files = self.desk.finished.load(Ordering::Relaxed);
            let state = match files {
                1 => "1 file is done".to_owned(),
                files => format!("{files} files are done"),
            };
            return Err(CliError::Interrupted { state, signal });
        }
        if self.desk.arguments.yes {
            self.sound.add(samples);
        }
        Ok(())
    }

    fn answer(&mut self, readout: &Readout) -> Result<(), CliError> {
        self.tally.add(readout, self.card);
        self.desk.progress.heard(readout.seconds - self.last);
        self.last = readout.seconds;
        if self.desk.arguments.every {
            let record = self.desk.records.answer(self.name, readout)?;
            self.desk.write(self.name, &record)?;
        }
        Ok(())
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
