//! What all cells come to, as docs/measured.md has it.

use std::fmt;

use crate::paced::{self, Cell, Measured};

/// What a cell came to.
#[derive(Debug, Clone, Copy)]
pub struct Outcome {
    /// Curves that were late.
    pub late: u64,
    /// Curves that were due.
    due: f64,
    /// Blocks, or bursts, over their deadline by the audio thread's own computing, in %.
    over_percent: f64,
    /// CPU time of the audio thread, in % of a core.
    audio_percent: f64,
}

impl Outcome {
    pub fn new(cell: &Cell, measured: &Measured, late: u64) -> Self {
        /// Samples between two curves at this rate.
        const HOP: f64 = 512.0;
        let samples = measured.blocks as f64 * cell.block as f64;
        let bursts = measured.blocks as f64 / cell.burst as f64;
        Self {
            late,
            due: samples / HOP * cell.instances as f64,
            over_percent: 100.0 * measured.over_by_itself as f64 / bursts.max(1.0),
            audio_percent: 100.0 * measured.cpu.as_secs_f64() / (samples / paced::RATE),
        }
    }

    pub fn late_percent(&self) -> f64 {
        100.0 * self.late as f64 / self.due
    }
}

/// All outcomes by instances and rhythm.
pub struct Summary {
    instances: Vec<usize>,
    /// Frames per block, and blocks at a time.
    rhythms: Vec<(usize, usize)>,
    outcomes: Vec<(Key, Outcome)>,
}

/// Instances, rhythm, and whether a process burned every core.
type Key = (usize, (usize, usize), bool);

impl Summary {
    pub fn new(instances: &[usize], rhythms: &[(usize, usize)]) -> Self {
        Self {
            instances: instances.to_vec(),
            rhythms: rhythms.to_vec(),
            outcomes: Vec::new(),
        }
    }

    pub fn add(&mut self, cell: &Cell, burning: bool, outcome: Outcome) {
        let key = (cell.instances, (cell.block, cell.burst), burning);
        self.outcomes.push((key, outcome));
    }

    /// A line of a table: for each rhythm, from the least of a number to the most.
    fn row(
        &self,
        out: &mut fmt::Formatter<'_>,
        name: &str,
        instances: usize,
        burning: &[bool],
        number: impl Fn(&Outcome) -> f64,
    ) -> fmt::Result {
        write!(out, "| {name} |")?;
        for rhythm in &self.rhythms {
            let numbers = self
                .outcomes
                .iter()
                .filter(|((of, at, burnt), _)| {
                    *of == instances && at == rhythm && burning.contains(burnt)
                })
                .map(|(_, outcome)| number(outcome));
            let (least, most) = numbers.fold((f64::MAX, f64::MIN), |(least, most), number| {
                (least.min(number), most.max(number))
            });
            let [least, most] = [least, most].map(short);
            if least == most {
                write!(out, " {most} |")?;
            } else {
                write!(out, " {least} to {most} |")?;
            }
        }
        writeln!(out)
    }
}

/// As many figures as mean something.
fn short(number: f64) -> String {
    match number {
        0.0 => "0".to_owned(),
        number if number < 0.1 => format!("{number:.3}"),
        number if number < 10.0 => format!("{number:.1}"),
        number => format!("{number:.0}"),
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for &instances in &self.instances {
            let plural = if instances == 1 { "" } else { "s" };
            write!(out, "| {instances} instance{plural}, blocks of |")?;
            for (block, burst) in &self.rhythms {
                match burst {
                    1 => write!(out, " {block} |")?,
                    burst => write!(out, " {burst} x {block} |")?,
                }
            }
            writeln!(out)?;
            writeln!(out, "|{}", " --- |".repeat(self.rhythms.len() + 1))?;
            let both = [false, true];
            let late = Outcome::late_percent;
            self.row(out, "late curves by itself, %", instances, &both[..1], late)?;
            self.row(
                out,
                "late curves beside the burner, %",
                instances,
                &both[1..],
                late,
            )?;
            let over = |outcome: &Outcome| outcome.over_percent;
            self.row(
                out,
                "over their deadline by our computing, %",
                instances,
                &both,
                over,
            )?;
            let audio = |outcome: &Outcome| outcome.audio_percent;
            self.row(out, "audio thread, % of a core", instances, &both, audio)?;
            writeln!(out)?;
        }
        Ok(())
    }
}
