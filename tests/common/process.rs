//! What this process has: threads, memory, and a process of its own for a test that counts them.
#![allow(
    unsafe_code,
    reason = "glibc's allocator has no other way in, and an environment variable is set"
)]

use moodring::{editor::PREFERENCES_VARIABLE, library::LIBRARY_VARIABLE};
use tempfile::TempDir;

use std::process::Command;

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

/// Memory that this process has asked glibc's allocator for and not given back, in MB: what is left of one arena that is in pieces, which
/// [`resident_mb`] counts, is none of it. In a process that has [`alone`] one arena.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn allocated_mb() -> f64 {
    // SAFETY: it only counts.
    let counted = unsafe { libc::mallinfo2() };
    (counted.uordblks + counted.hblkhd) as f64 / 1e6
}

/// Names, in a process that runs one test alone, that test.
const ALONE: &str = "MOODRING_ALONE";

/// The name of the test that this stands in, as its executable takes it: with its modules, without the crate.
macro_rules! this_test {
    () => {{
        fn here() {}
        $crate::common::process::test_around(std::any::type_name_of_val(&here))
    }};
}
pub(crate) use this_test;

/// The test in whose body a function of this full name is. The compiler promises no form for such names; under a wrong one
/// [`run_alone`] fails.
pub fn test_around(function: &'static str) -> &'static str {
    let path = function.strip_suffix("::here").unwrap();
    path.split_once("::").unwrap().1
}

/// Whether this process is `test`'s own, as [`again`] starts one.
pub fn is_alone(test: &str) -> bool {
    let is_alone = std::env::var_os(ALONE).is_some_and(|name| name == test);
    if is_alone {
        println!("{}", greeting(test));
    }
    is_alone
}

/// This executable, to run `test` and no other.
pub fn again(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", test, "--nocapture"])
        .env(ALONE, test);
    command
}

/// Runs what [`again`] gave, which must end well.
pub fn run_alone(command: &mut Command) {
    let output = command.output().unwrap();
    let [said, errors] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    print!("{said}");
    assert!(output.status.success(), "{}: {said}{errors}", output.status);
    // An executable that knows no test of that name runs none, and is content.
    let test = command.get_envs().find(|(name, _)| *name == ALONE);
    let test = test.and_then(|(_, test)| test?.to_str()).unwrap();
    assert!(said.contains(&greeting(test)), "{test} hasn't run: {said}");
}

/// What [`is_alone`] prints for [`run_alone`].
fn greeting(test: &str) -> String {
    format!("alone: {test}")
}

/// Whether this process is `test`'s own. If not, it ran `test` in one and that passed: threads, memory, libraries and the
/// environment are the process's, and the other tests of a binary have some of each.
pub fn alone(test: &str) -> bool {
    let is_alone = is_alone(test);
    if !is_alone {
        // glibc gives each new thread a heap of its own, up to eight a core, which grow one after the other for a long time.
        // With one, growth is what nobody gives back.
        run_alone(again(test).env("MALLOC_ARENA_MAX", "1"));
    }
    is_alone
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
