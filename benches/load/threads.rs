//! What the system tells of this process' threads, and does for them.

use std::fs;
use std::process::Command;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// The priority that an audio thread asks for, of 99.
const PRIORITY: &str = "70";

/// CPU time that this thread has used.
pub fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// How often this thread has given its core up of its own accord: it slept, or it waited.
pub fn voluntary_switches() -> u64 {
    let status = fs::read_to_string("/proc/thread-self/status").unwrap();
    status
        .lines()
        .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))
        .and_then(|count| count.trim().parse().ok())
        .unwrap()
}

/// How often this thread touched memory that had no page yet.
pub fn page_faults() -> u64 {
    let stat = fs::read_to_string("/proc/thread-self/stat").unwrap();
    // The second field is the thread's name, in brackets; minor faults are the tenth, major ones the twelfth.
    let (_, fields) = stat.rsplit_once(')').unwrap();
    let fields: Vec<&str> = fields.split_whitespace().collect();
    [7, 9]
        .iter()
        .map(|index| fields[*index].parse::<u64>().unwrap())
        .sum()
}

/// CPU time that the plugin's own threads have used.
pub fn engine_time() -> Duration {
    let nanoseconds = fs::read_dir("/proc/self/task")
        .unwrap()
        .filter_map(|task| {
            let task = task.ok()?.path();
            let name = fs::read_to_string(task.join("comm")).ok()?;
            if !name.starts_with("moodring-") {
                return None;
            }
            let times = fs::read_to_string(task.join("schedstat")).ok()?;
            times.split_whitespace().next()?.parse::<u64>().ok()
        })
        .sum();
    Duration::from_nanos(nanoseconds)
}

/// Gives this thread the priority of an audio thread.
///
/// # Errors
/// Why the system won't.
pub fn become_real_time() -> Result<(), String> {
    let thread = fs::read_link("/proc/thread-self").unwrap();
    let thread = thread.file_name().unwrap();
    let output = Command::new("chrt")
        .args(["--fifo", "--pid", PRIORITY])
        .arg(thread)
        .output()
        .map_err(|why| format!("chrt: {why}"))?;
    if output.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
    }
}
