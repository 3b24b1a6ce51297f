//! What this process has: threads, memory, and a process of its own for a test that counts them.
#![allow(unsafe_code, reason = "glibc's allocator has no other way in")]

/// The names of this process's threads.
pub fn thread_names() -> Vec<String> {
    std::fs::read_dir("/proc/self/task")
        .unwrap()
        .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok())
        .map(|name| name.trim_end().to_owned())
        .collect()
}

/// How many threads of this process have names that begin so.
pub fn threads(prefix: &str) -> usize {
    let names = thread_names();
    names.iter().filter(|name| name.starts_with(prefix)).count()
}

/// Waits until so many threads have names that begin so: a new thread takes its name itself, once it runs.
pub fn wait_for_threads(prefix: &str, count: usize) {
    let begun = std::time::Instant::now();
    while threads(prefix) != count {
        assert!(begun.elapsed().as_secs() < 20, "{:?}", thread_names());
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

/// Memory of this process that is in RAM and that no file backs, in MB, without what the allocator keeps to give out again.
pub fn resident_mb() -> f64 {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: it only gives free pages back to the system, at any time and from any thread.
    unsafe {
        libc::malloc_trim(0);
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"))
        .unwrap();
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse().unwrap();
    kilobytes / 1e3
}

/// Whether this process is `test`'s own. If not, it ran `test` in one and that passed: threads, memory, libraries and the
/// environment are the process's, and the other tests of a binary have some of each.
pub fn alone(test: &str) -> bool {
    if std::env::var_os("MOODRING_ALONE").is_some() {
        return true;
    }
    let status = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env("MOODRING_ALONE", "1")
        // glibc gives each new thread a heap of its own, up to eight a core, which grow one after the other for a long time.
        // With one, growth is what nobody gives back.
        .env("MALLOC_ARENA_MAX", "1")
        .status()
        .unwrap();
    assert!(status.success(), "{test}: {status}");
    false
}
