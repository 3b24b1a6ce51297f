//! The memory of this process.
#![allow(unsafe_code, reason = "glibc's allocator has no other way in")]

/// Resident memory in KiB, without what the allocator keeps to give out again: models of tens of megabytes come and go, and
/// where it keeps their place is a matter of luck. `None` where the system doesn't tell the Linux way.
pub fn resident_kib() -> Option<u64> {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        unsafe extern "C" {
            fn malloc_trim(pad: usize) -> i32;
        }
        // SAFETY: it only gives free pages back to the system, at any time and from any thread.
        unsafe { malloc_trim(0) };
    }
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
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
