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
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
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
    desk::{self, Desk},
    hearing::{self, Hearer, Pace},
    models::Models,
    output::{Format, Output},
    stop::Stop,
    strays::Strays,
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
    let records = Records {
        format: arguments.format,
        tags: &tagger.card().tags,
        top: arguments.top,
    };
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
    let desk = Desk::new(&arguments.files, output);
    let tagging = Tagging {
        arguments,
        records: &records,
        done,
        desk: &desk,
        stop,
        finished: AtomicU64::new(0),
    };
    let serve = |tagger: &TaggerModel| desk.serve(|file| tagging.attend(tagger, file));
    let jobs = desk::jobs(arguments.jobs, &arguments.files);
    if jobs == 1 {
        serve(&tagger);
    } else {
        let parts = vec![tagger.clone(); jobs].into_iter();
        let parts = parts.map(|tagger| || serve(&{ tagger })).collect();
        engine::run_crew(parts, &MainThread::assume()).map_err(CliError::Threads)?;
    }
    desk.finish()
}

/// Tags files, for any number of threads, each with a tagger of its own.
struct Tagging<'d, 'a> {
    arguments: &'a TagArguments,
    records: &'d Records<'d>,
    /// Files that the output has from an earlier run.
    done: HashSet<String>,
    desk: &'d Desk<'a>,
    /// What would leave something half-written waits for the present block.
    stop: Option<Stop>,
    /// Files that have been written down.
    finished: AtomicU64,
}

impl Tagging<'_, '_> {
    /// Tags a file, whatever comes of it, and tells what is wrong.
    fn attend(&self, tagger: &TaggerModel, file: &Path) {
        let name = file.display().to_string();
        // A name that is no text is another one when it is written down.
        if file.to_str().is_some() && self.done.contains(&name) {
            return;
        }
        let wrong = self.desk.attempt(&name, || self.tag(tagger, file, &name));
        let Some(why) = wrong else {
            return;
        };
        if let Err(why) = self.record_error(&name, &why.to_string()) {
            self.desk.break_off(why);
        }
        self.desk.complain(&why);
    }

    /// Writes down that nothing came of a file, if that is asked for.
    fn record_error(&self, name: &str, why: &str) -> Result<(), CliError> {
        if !self.arguments.errors {
            return Ok(());
        }
        let record = self.records.error(name, why, self.arguments.every)?;
        self.desk.write(name, &record)
    }

    fn tag(&self, tagger: &TaggerModel, file: &Path, name: &str) -> Result<(), CliError> {
        let mut hearer = TagHearer {
            tagging: self,
            name,
            card: tagger.card(),
            tally: Tally::new(tagger.card().tags.len()),
            sound: SoundHash::default(),
            strays: Strays::default(),
            rate: 0,
            last: 0.0,
        };
        let pace = match self.arguments.every {
            true => Pace::Plugin,
            false => Pace::Summary,
        };
        let heard = hearing::hear(tagger, file, pace, &mut hearer)?;
        let TagHearer {
            tally,
            sound,
            strays,
            rate,
            ..
        } = hearer;
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
            strays: strays.note(rate),
            wrong: (!wrong.is_empty()).then(|| wrong.join("; ")),
        };
        match (self.arguments.every, &heard.nothing) {
            (false, _) => self.desk.write(name, &self.records.summary(name, &done)?)?,
            (true, Some(why)) => {
                let record = self.records.no_answer(name, heard.seconds, why)?;
                self.desk.write(name, &record)?;
            }
            (true, None) => self.tell_changes(name, &changes)?,
        }
        self.finished.fetch_add(1, Ordering::Relaxed);
        if let Some(why) = refused {
            let file = name.to_owned();
            self.desk.complain(&CliError::Metadata { file, why });
        }
        if let Err(why) = heard.ended {
            self.desk.complain(&why.into());
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
                self.desk.write(name, &format!("  {change}\n"))?;
            }
        }
        Ok(())
    }
}

/// Sums a file up, and writes its answers down if every one is asked for.
struct TagHearer<'t, 'a> {
    tagging: &'t Tagging<'t, 'a>,
    name: &'t str,
    card: &'t TaggerCard,
    tally: Tally,
    sound: SoundHash,
    strays: Strays,
    /// The file's, in Hz.
    rate: u32,
    /// Where the last answer ended, in seconds.
    last: f64,
}

impl Hearer for TagHearer<'_, '_> {
    fn block(&mut self, samples: &[Vec<f32>], rate: u32) -> Result<(), CliError> {
        self.rate = rate;
        self.strays.look_at(samples);
        if let Some(signal) = self.tagging.stop.as_ref().and_then(Stop::asked) {
            let files = self.tagging.finished.load(Ordering::Relaxed);
            let state = match files {
                1 => "1 file is done".to_owned(),
                files => format!("{files} files are done"),
            };
            return Err(CliError::Interrupted { state, signal });
        }
        if self.tagging.arguments.yes {
            self.sound.add(samples);
        }
        Ok(())
    }

    fn answer(&mut self, readout: &Readout) -> Result<(), CliError> {
        self.tally.add(readout, self.card);
        self.tagging.desk.heard(readout.seconds - self.last);
        self.last = readout.seconds;
        if self.tagging.arguments.every {
            let record = self.tagging.records.answer(self.name, readout)?;
            self.tagging.desk.write(self.name, &record)?;
        }
        Ok(())
    }
}
