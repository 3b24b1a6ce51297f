//! What this process has: threads, memory, and a process of its own for a test that counts them.
#![allow(
    unsafe_code,
    reason = "glibc's allocator has no other way in, and an environment variable is set"
)]

use moodring::{editor::PREFERENCES_VARIABLE, library::LIBRARY_VARIABLE};
use tempfile::TempDir;

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

/// The preferences in [`nobodys_files`].
pub const PREFERENCES: &str = "editor.json";

/// From here on this process's user has no presets, timbres and preferences but those that it puts into this folder.
///
/// # Safety
/// No other thread of this process looks at its environment.
pub unsafe fn nobodys_files() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    // SAFETY: the caller's promise.
    unsafe {
        std::env::set_var(LIBRARY_VARIABLE, folder.path());
        std::env::set_var(PREFERENCES_VARIABLE, folder.path().join(PREFERENCES));
    }
    folder
}

/// Does `work` in a forked child, which must end well: gives what it came to. The child has this thread alone.
#[cfg(unix)]
pub fn in_a_fork(work: impl FnOnce() -> bool) -> Result<bool, String> {
    in_a_fork_within(120, work)
}

/// [`in_a_fork`], where a child that takes longer than so many seconds is stuck.
#[cfg(unix)]
pub fn in_a_fork_within(seconds: u32, work: impl FnOnce() -> bool) -> Result<bool, String> {
    // SAFETY: the child does what a forked child may in a process with glibc, whose allocator survives a fork, and ends
    // without running what the parent has registered for its own end.
    unsafe {
        let child = libc::fork();
        assert!(child >= 0, "{}", std::io::Error::last_os_error());
        if child == 0 {
            libc::alarm(seconds);
            let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
            libc::_exit(done.map_or(2, |done| i32::from(!done)));
        }
        let mut status = 0;
        assert_eq!(libc::waitpid(child, &raw mut status, 0), child);
        match (libc::WIFEXITED(status), libc::WEXITSTATUS(status)) {
            (true, code @ (0 | 1)) => Ok(code == 0),
            (true, _) => Err("it panicked".to_owned()),
            (false, _) if libc::WTERMSIG(status) == libc::SIGALRM => Err("it hung".to_owned()),
            (false, _) => Err(format!("signal {}", libc::WTERMSIG(status))),
        }
    }
}
