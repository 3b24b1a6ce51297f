//! Runs one program after the other, stops at the first that fails, and says at the end what each said of itself.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// The steps taken so far.
#[derive(Default)]
pub struct Steps {
    done: Vec<Step>,
}

struct Step {
    name: String,
    took: Duration,
    /// What the program printed about its tests; empty if it ran none.
    counts: Counts,
}

impl Steps {
    /// Runs a program, letting its output through.
    ///
    /// # Errors
    /// If it can't be started or ends with another code than 0. The steps so far have then been printed.
    pub fn run(&mut self, name: &str, command: &mut Command) -> Result<()> {
        println!("\n=== {name}");
        let start = Instant::now();
        let (success, counts) = watch(command).inspect_err(|_| self.print())?;
        self.done.push(Step {
            name: name.to_owned(),
            took: start.elapsed(),
            counts,
        });
        if !success {
            self.print();
            bail!("{name}: failed");
        }
        Ok(())
    }

    /// Times work that is no program of its own.
    ///
    /// # Errors
    /// The work's own. The steps so far have then been printed.
    pub fn time<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        println!("\n=== {name}");
        let start = Instant::now();
        let outcome = work().inspect_err(|_| self.print())?;
        self.done.push(Step {
            name: name.to_owned(),
            took: start.elapsed(),
            counts: Counts::default(),
        });
        Ok(outcome)
    }

    /// Prints one line for each step.
    pub fn print(&self) {
        println!("\n{:<28} {:>8}  tests", "step", "seconds");
        for step in &self.done {
            println!(
                "{:<28} {:>8.1}  {}",
                step.name,
                step.took.as_secs_f64(),
                step.counts.describe()
            );
        }
    }
}

/// Runs a program with its errors on this terminal and its output both there and counted.
fn watch(command: &mut Command) -> Result<(bool, Counts)> {
    let program = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("{program}: can't be started"))?;
    let mut counts = Counts::default();
    if let Some(output) = child.stdout.take() {
        let mut screen = std::io::stdout().lock();
        for line in BufReader::new(output).split(b'\n') {
            let line = line.with_context(|| format!("{program}: its output"))?;
            screen.write_all(&line)?;
            screen.write_all(b"\n")?;
            screen.flush()?;
            counts.read(&String::from_utf8_lossy(&line));
        }
    }
    let status = child.wait().with_context(|| program)?;
    Ok((status.success(), counts))
}

/// How many tests went which way, added up from the lines in which test runners say so.
#[derive(Debug, Default, PartialEq)]
struct Counts {
    passed: u32,
    failed: u32,
    /// What libtest calls ignored and pytest skipped.
    skipped: u32,
}

impl Counts {
    /// Reads libtest's `test result: ok. 3 passed; 0 failed; 1 ignored; ...` or pytest's `3 passed, 1 skipped in 2.10s`.
    fn read(&mut self, line: &str) {
        let summary = match line.strip_prefix("test result: ") {
            Some(rest) => rest,
            None if line.trim_end_matches(['=', ' ']).ends_with('s') && line.contains(" in ") => {
                line
            }
            None => return,
        };
        let words: Vec<&str> = summary
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        for pair in words.windows(2) {
            let Ok(number) = pair[0].parse::<u32>() else {
                continue;
            };
            match pair[1] {
                "passed" => self.passed += number,
                "failed" | "error" | "errors" => self.failed += number,
                "ignored" | "skipped" => self.skipped += number,
                _ => {}
            }
        }
    }

    fn describe(&self) -> String {
        if *self == Self::default() {
            return "-".to_owned();
        }
        let Self {
            passed,
            failed,
            skipped,
        } = self;
        format!("{passed} passed, {failed} failed, {skipped} skipped")
    }
}

#[cfg(test)]
mod tests {
    use super::Counts;

    fn counts(lines: &[&str]) -> (u32, u32, u32) {
        let mut counts = Counts::default();
        for line in lines {
            counts.read(line);
        }
        (counts.passed, counts.failed, counts.skipped)
    }

    #[test]
    fn adds_up_the_results_of_all_test_binaries() {
        let lines = [
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test dsp::stft::nulls ... ok",
            "test result: FAILED. 5 passed; 2 failed; 0 ignored; 0 measured; 7 filtered out; finished in 1.10s",
        ];
        assert_eq!(counts(&lines), (8, 2, 1));
    }

    #[test]
    fn reads_pytest_quiet_or_not() {
        assert_eq!(counts(&["12 passed, 1 skipped in 31.72s"]), (12, 0, 1));
        assert_eq!(
            counts(&["==== 1 failed, 2 passed, 1 error in 0.12s ===="]),
            (2, 2, 0)
        );
    }

    #[test]
    fn other_lines_do_not_count() {
        assert_eq!(counts(&["loaded 7 passed over 2 files"]), (0, 0, 0));
    }
}
