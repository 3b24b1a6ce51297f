//! Opens a folder in the desktop's own file manager.

use std::{
    io,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use egui::Ui;

/// How soon it is looked at again whether the folder is open.
const NEXT_LOOK: Duration = Duration::from_millis(100);

/// A folder that is being opened; on the window's thread. Nothing waits: a program is started, and each frame looks whether it has ended.
#[derive(Debug, Default)]
pub struct FolderOpening {
    opening: Option<Opening>,
}

#[derive(Debug)]
struct Opening {
    folder: PathBuf,
    program: String,
    running: Child,
    /// What is tried if that fails.
    others: std::vec::IntoIter<Command>,
}

impl FolderOpening {
    /// Begins to open a folder with the programs that there are for that on this system, one after the other.
    ///
    /// # Errors
    /// Why there is none, in one line.
    pub fn begin(&mut self, folder: &Path) -> Result<(), String> {
        self.begin_with(folder, open::commands(folder))
    }

    fn begin_with(&mut self, folder: &Path, programs: Vec<Command>) -> Result<(), String> {
        // One that runs still is as good as done.
        self.opening = None;
        if !folder.is_dir() {
            return Err(format!("{}: there is no such folder", folder.display()));
        }
        self.start(folder.to_owned(), programs.into_iter(), None)
    }

    /// Looks whether a program has ended that was to open a folder, and begins with the next if it failed.
    ///
    /// # Errors
    /// That all of them failed, in one line.
    pub fn look(&mut self, ui: &Ui) -> Result<(), String> {
        let outcome = self.ended();
        if self.opening.is_some() {
            ui.ctx().request_repaint_after(NEXT_LOOK);
        }
        outcome
    }

    fn ended(&mut self) -> Result<(), String> {
        let Some(mut opening) = self.opening.take() else {
            return Ok(());
        };
        match opening.running.try_wait() {
            Ok(None) => {
                self.opening = Some(opening);
                Ok(())
            }
            // Windows' says 1 of a folder that it has opened.
            Ok(Some(status)) if status.success() || cfg!(windows) => Ok(()),
            ended => {
                let why = said(&opening.program, &ended);
                self.start(opening.folder, opening.others, Some(why))
            }
        }
    }

    /// Starts the first program that can be started; `why` is what was wrong with the one before.
    fn start(
        &mut self,
        folder: PathBuf,
        mut programs: std::vec::IntoIter<Command>,
        mut why: Option<String>,
    ) -> Result<(), String> {
        while let Some(mut command) = programs.next() {
            let program = command.get_program().display().to_string();
            let silent = command
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            match silent.spawn() {
                Ok(running) => {
                    self.opening = Some(Opening {
                        folder,
                        program,
                        running,
                        others: programs,
                    });
                    return Ok(());
                }
                Err(failed) => {
                    // That one is there and fails tells more than that another isn't.
                    why.get_or_insert_with(|| format!("{program}: {failed}"));
                }
            }
        }
        let why = why.unwrap_or_else(|| "this system has no program for it".to_owned());
        Err(format!(
            "{} could not be opened ({why}): open it by hand",
            folder.display()
        ))
    }
}

fn said(program: &str, ended: &io::Result<Option<ExitStatus>>) -> String {
    match ended {
        Ok(Some(status)) => format!("{program}: {status}"),
        Ok(None) => program.to_owned(),
        Err(why) => format!("{program}: {why}"),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(text: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", text]);
        command
    }

    /// What comes of it in the end.
    fn outcome(opening: &mut FolderOpening) -> Result<(), String> {
        for _ in 0..1_000 {
            opening.ended()?;
            if opening.opening.is_none() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("it never ends");
    }

    #[test]
    fn the_next_program_has_its_turn_and_nobody_waits_for_one_that_stays() {
        let folder = tempfile::tempdir().unwrap();
        let sign = folder.path().join("opened");
        let missing = Command::new(folder.path().join("missing"));
        let opens = shell(&format!("touch '{}'", sign.display()));
        let mut opening = FolderOpening::default();
        let programs = vec![missing, shell("exit 3"), opens];
        opening.begin_with(folder.path(), programs).unwrap();
        outcome(&mut opening).unwrap();
        assert!(sign.exists());

        let begun = std::time::Instant::now();
        opening
            .begin_with(folder.path(), vec![shell("sleep 5")])
            .unwrap();
        opening.ended().unwrap();
        assert!(opening.opening.is_some() && begun.elapsed().as_secs() < 4);
    }

    #[test]
    fn a_refusal_says_which_folder_and_why() {
        let folder = tempfile::tempdir().unwrap();
        let mut opening = FolderOpening::default();
        let programs = vec![shell("exit 3"), Command::new(folder.path().join("missing"))];
        opening.begin_with(folder.path(), programs).unwrap();
        let why = outcome(&mut opening).unwrap_err();
        assert!(why.contains("sh: exit status: 3"), "{why}");
        assert!(why.contains(&folder.path().display().to_string()), "{why}");
        let why = opening.begin_with(folder.path(), Vec::new()).unwrap_err();
        assert!(why.contains("no program"), "{why}");
        let gone = folder.path().join("gone");
        assert!(opening.begin_with(&gone, Vec::new()).is_err());
    }
}
