//! What is written down: after each segment, so that nothing is lost and a later run can go on.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use moodring::atomic_file;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::memory;
use crate::record::{Segment, Tally, hex};
use crate::segment::BOUND_DB;

/// Memory may not grow by more than this in one run, in KiB: from the first segment's end to the last one's.
const LARGEST_GROWTH_KIB: u64 = 32 * 1024;

/// Segments that a slope is worth reckoning from.
const LEAST_POINTS: usize = 12;

/// A soak, whole or in part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    #[serde(flatten)]
    pub subject: Subject,
    /// Over the segments' own hashes, in their order.
    pub output_sha256: String,
    pub total: Tally,
    pub runs: Vec<Run>,
    /// By number. One that is missing was not played to its end.
    pub segments: BTreeMap<u64, Segment>,
}

/// What has to be the same for segments to belong together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Subject {
    pub seed: u64,
    pub segment_seconds: f64,
    pub plugin_sha256: String,
}

/// What one process of the soak saw.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Time that it took, in seconds.
    pub wall_seconds: f64,
    /// Sound that it rendered to the end, in seconds.
    pub audio_seconds: f64,
    /// Resident memory after each segment, with all instances gone, in KiB. The first is warm-up's end.
    pub resident_kib: Vec<u64>,
    /// The plugin's threads after each segment: with all instances gone there is none.
    #[serde(default)]
    pub threads_left: Vec<usize>,
    /// Least-squares slope of it, in KiB per hour of sound; needs twelve segments, since it is still warming up before.
    pub slope_kib_per_hour: Option<f64>,
}

impl Run {
    /// Notes a segment and the memory after it.
    pub fn add(&mut self, seconds: f64, wall_seconds: f64) {
        self.audio_seconds += seconds;
        self.wall_seconds = wall_seconds;
        self.resident_kib.extend(memory::resident_kib());
        self.threads_left.extend(memory::plugin_threads());
        let hours = self.audio_seconds / 3_600.0 / self.resident_kib.len().max(1) as f64;
        let points: Vec<(f64, f64)> = self
            .resident_kib
            .iter()
            .enumerate()
            .map(|(index, kib)| (index as f64 * hours, *kib as f64))
            .collect();
        self.slope_kib_per_hour = (points.len() >= LEAST_POINTS)
            .then(|| memory::slope(&points))
            .flatten();
    }

    fn growth_kib(&self) -> u64 {
        match self.resident_kib.as_slice() {
            [first, .., last] => last.saturating_sub(*first),
            _ => 0,
        }
    }
}

impl Report {
    /// The report at `path` if it is of the same subject, else an empty one.
    ///
    /// # Errors
    /// If the file is there but is no report, or can't be read.
    pub fn take_up(path: &Path, subject: Subject) -> Result<Self, String> {
        let earlier: Option<Self> = match fs::read(path) {
            Ok(bytes) => Some(serde_json::from_slice(&bytes).map_err(|why| {
                format!(
                    "{}: not a soak's report ({why}); move it away",
                    path.display()
                )
            })?),
            Err(why) if why.kind() == ErrorKind::NotFound => None,
            Err(why) => return Err(format!("{}: {why}", path.display())),
        };
        match earlier {
            Some(report) if report.subject == subject => Ok(report),
            other => {
                if other.is_some() {
                    println!(
                        "{}: of another seed or plugin; starting anew",
                        path.display()
                    );
                }
                let mut report = Self {
                    subject,
                    output_sha256: String::new(),
                    total: Tally::default(),
                    runs: Vec::new(),
                    segments: BTreeMap::new(),
                };
                report.sum_up();
                Ok(report)
            }
        }
    }

    /// Whether a segment of that length has been played.
    pub fn has(&self, index: u64, seconds: f64) -> bool {
        self.segments
            .get(&index)
            .is_some_and(|segment| segment.tally.seconds >= seconds)
    }

    /// Takes a segment in, in the place of a shorter one of that number.
    pub fn add(&mut self, segment: Segment) {
        self.segments.insert(segment.index, segment);
        self.sum_up();
    }

    fn sum_up(&mut self) {
        let mut hash = Sha256::new();
        self.total = Tally::default();
        for segment in self.segments.values() {
            hash.update(&segment.output_sha256);
            self.total.add(&segment.tally);
        }
        self.output_sha256 = hex(&hash.finalize());
    }

    /// Everything that went wrong, a line each.
    pub fn failures(&self) -> Vec<String> {
        let growth = self
            .runs
            .iter()
            .map(Run::growth_kib)
            .filter(|growth| *growth > LARGEST_GROWTH_KIB)
            .map(|growth| format!("memory grew by {:.1} MiB", growth as f64 / 1_024.0));
        let left = self
            .runs
            .iter()
            .map(|run| run.threads_left.iter().filter(|left| **left > 0).count())
            .filter(|segments| *segments > 0)
            .map(|segments| format!("threads of the plugin were left after {segments} segments"));
        self.segments
            .values()
            .flat_map(|segment| {
                segment
                    .failures
                    .iter()
                    .map(|failure| format!("segment {}: {failure}", segment.index))
            })
            .chain(growth)
            .chain(left)
            .collect()
    }

    /// Replaces the file by this, at once or not at all.
    ///
    /// # Errors
    /// What the system said, and of which path.
    pub fn write(&self, path: &Path) -> Result<(), String> {
        let failed = |why: std::io::Error| format!("{}: can't be written ({why})", path.display());
        let text = serde_json::to_string_pretty(self)
            .map_err(|why| format!("{}: {why}", path.display()))?;
        atomic_file::write(path, (text + "\n").as_bytes()).map_err(failed)
    }

    /// Prints the figures.
    pub fn print(&self, path: &Path) {
        let total = &self.total;
        let (wall, audio) = self.runs.iter().fold((0.0, 0.0), |sum, run| {
            (sum.0 + run.wall_seconds, sum.1 + run.audio_seconds)
        });
        println!(
            "{:.3} h of sound in {} segments; {:.1} times real time",
            total.seconds / 3_600.0,
            self.segments.len(),
            if wall > 0.0 { audio / wall } else { 0.0 },
        );
        println!(
            "{} blocks, {} parameter changes, {} instances, {} activations, {} resets, {} states, {} poisoned samples",
            total.blocks,
            total.events,
            total.instances,
            total.activations,
            total.resets,
            total.states,
            total.poisoned,
        );
        println!(
            "late curves {}, output at most {:+.1} dB above the input (bound {BOUND_DB:+.0} dB)",
            total.late_curves,
            total.worst_gain_db.unwrap_or(f64::NEG_INFINITY),
        );
        for run in &self.runs {
            if let [first, .., last] = run.resident_kib.as_slice() {
                println!(
                    "memory {:.1} MiB after warm-up, {:.1} MiB at the end{}",
                    *first as f64 / 1_024.0,
                    *last as f64 / 1_024.0,
                    run.slope_kib_per_hour
                        .map(|slope| format!(", {slope:+.1} KiB per hour of sound"))
                        .unwrap_or_default(),
                );
            }
        }
        println!("output SHA-256 {}", self.output_sha256);
        let failures = self.failures();
        println!("{} failures", failures.len());
        for failure in failures {
            println!("  {failure}");
        }
        println!("wrote {}", path.display());
    }
}
