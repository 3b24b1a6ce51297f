//! The memory of this process, and its threads.
#![allow(unsafe_code, reason = "glibc's allocator has no other way in")]

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod glibc {
    unsafe extern "C" {
        pub fn malloc_trim(pad: usize) -> i32;
        pub fn mallopt(parameter: i32, value: i32) -> i32;
    }

    /// `M_ARENA_MAX` of malloc.h.
    pub const ARENA_MAX: i32 = -8;
}

/// Makes all threads share one heap. glibc else gives each its own, and keeps up to 64 MB in each for the next time that a
/// model is loaded there. To be called before there is a second thread.
pub fn share_one_heap() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: a number that the allocator is told.
    unsafe {
        glibc::mallopt(glibc::ARENA_MAX, 1);
    }
}

/// Resident memory in KiB that no file backs, without what the allocator keeps to give out again: how much of the plugin's
/// file is in memory is the system's business, and the models' tens of megabytes come and go. `None` where the system
/// doesn't tell the Linux way.
pub fn resident_kib() -> Option<u64> {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: it only gives free pages back to the system, at any time and from any thread.
    unsafe {
        glibc::malloc_trim(0);
    }
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Threads of this process that are the plugin's engine; `None` where the system doesn't tell the Linux way.
pub fn plugin_threads() -> Option<usize> {
    let names = std::fs::read_dir("/proc/self/task")
        .ok()?
        .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
    let engine = |name: &String| matches!(name.trim_end(), "moodring-morph" | "moodring-listen");
    Some(names.filter(engine).count())
}

/// Least-squares slope of `y` over `x`; `None` for fewer than three points.
pub fn slope(points: &[(f64, f64)]) -> Option<f64> {
    if points.len() < 3 {
        return None;
    }
    let count = points.len() as f64;
    let (x, y) = points
        .iter()
        .fold((0.0, 0.0), |sum, point| (sum.0 + point.0, sum.1 + point.1));
    let (x, y) = (x / count, y / count);
    let (above, below) = points.iter().fold((0.0, 0.0), |sum, point| {
        let (dx, dy) = (point.0 - x, point.1 - y);
        (sum.0 + dx * dy, sum.1 + dx * dx)
    });
    (below > 0.0).then(|| above / below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slope_of_a_line_is_its_own() {
        let line: Vec<(f64, f64)> = (0..5).map(|x| (x as f64, 3.0 - 0.5 * x as f64)).collect();
        assert_eq!(slope(&line), Some(-0.5));
        assert_eq!(slope(&line[..2]), None);
    }
}
