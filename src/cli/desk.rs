//! What all that work through many files at the same time share: the heap of files, where the records go, and what was wrong.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use super::{CliError, files::Files, output::Output, progress::Progress, tell};

/// How many of the files to work at at a time: so many as are asked for, or as there are cores; one, if there is but one.
pub(super) fn jobs(asked: Option<u16>, named: &[PathBuf]) -> usize {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    match asked {
        _ if !Files::are_several(named) => 1,
        Some(jobs) => usize::from(jobs),
        None => cores(),
    }
}

/// Hands files out and takes records in; for any number of threads.
pub(super) struct Desk<'a> {
    files: Mutex<Files<'a>>,
    output: Mutex<Output>,
    progress: Progress,
    all_well: AtomicBool,
    /// Why nobody should go on.
    broken: Mutex<Option<CliError>>,
}

impl<'a> Desk<'a> {
    /// For the files and folders that are `named`.
    pub fn new(named: &'a [PathBuf], output: Output) -> Self {
        Self {
            files: Mutex::new(Files::new(named)),
            output: Mutex::new(output),
            progress: match Files::are_several(named) {
                true => Progress::of(|| Files::new(named).count() as u64),
                false => Progress::hidden(),
            },
            all_well: AtomicBool::new(true),
            broken: Mutex::new(None),
        }
    }

    /// Takes files from the heap until there are none, or nobody should go on.
    pub fn serve(&self, attend: impl Fn(&Path)) {
        while let Some(found) = self.next() {
            match found {
                Ok(file) => attend(&file),
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

    /// Works at a file, and gives what is wrong with it. What is wrong with the whole run breaks that off.
    pub fn attempt(
        &self,
        name: &str,
        work: impl FnOnce() -> Result<(), CliError>,
    ) -> Option<CliError> {
        // A decoder that fails on one file in a million doesn't take the others with it.
        let done = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
            Err(CliError::Panicked {
                file: name.to_owned(),
            })
        });
        match done.err()? {
            why @ (CliError::Output(_) | CliError::Interrupted { .. }) => {
                self.break_off(why);
                None
            }
            why => Some(why),
        }
    }

    /// Nobody takes another file.
    pub fn break_off(&self, why: CliError) {
        lock(&self.broken).get_or_insert(why);
    }

    /// Tells what is wrong; the others go on.
    pub fn complain(&self, why: &CliError) {
        self.all_well.store(false, Ordering::Relaxed);
        self.progress.aside(|| tell(why));
    }

    /// So many seconds more of some file are done.
    pub fn heard(&self, seconds: f64) {
        self.progress.heard(seconds);
    }

    /// Writes a record about a file.
    ///
    /// # Errors
    /// [`CliError::Output`].
    pub fn write(&self, name: &str, record: &str) -> Result<(), CliError> {
        self.progress
            .aside(|| lock(&self.output).write(name, record))
    }

    /// Ends the output. Nobody serves any more.
    ///
    /// # Errors
    /// Why the run was broken off, and [`CliError::Told`] if something was complained of.
    pub fn finish(self) -> Result<(), CliError> {
        self.progress.finish();
        let broken = self.broken.into_inner();
        match broken.unwrap_or_else(PoisonError::into_inner) {
            // What can't be written to can't be ended either.
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

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
