//! Two minutes of the soak, in its own process as `cargo xtask soak` runs it.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// Six segments of 20 s.
const HOURS: &str = "0.0333333";
const SEGMENT_SECONDS: &str = "20";

fn soak(folder: &Path, report: &str, seed: &str) -> Command {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let plugin = std::env::var_os("MOODRING_BUNDLED")
        .map_or_else(|| root.join("target/bundled/Moodring.clap"), PathBuf::from);
    let mut soak = Command::new(env!("CARGO_BIN_EXE_moodring-soak"));
    soak.arg("--plugin")
        .arg(plugin)
        .arg("--music")
        .arg(root.join("tests/music/war_of_freedom.ogg"))
        .arg("--report")
        .arg(folder.join(report))
        .args(["--hours", HOURS, "--segment-seconds", SEGMENT_SECONDS])
        .args(["--seed", seed])
        .env("MOODRING_STATUS", folder.join(format!("{report}.status")))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    soak
}

fn ended(child: Child) -> Output {
    let output = child.wait_with_output().unwrap();
    assert!(
        output.status.success(),
        "{}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

fn read(folder: &Path, report: &str) -> Value {
    serde_json::from_slice(&std::fs::read(folder.join(report)).unwrap()).unwrap()
}

#[test]
fn two_minutes_of_soak_find_no_fault_and_the_same_seed_gives_the_same_output() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for report in ["one", "two"] {
        ended(soak(folder, report, "7").spawn().unwrap());
    }
    let (one, two) = (read(folder, "one"), read(folder, "two"));
    println!("{}", one["total"]);
    assert_eq!(one["segments"].as_object().unwrap().len(), 6);
    assert!(one["total"]["seconds"].as_f64().unwrap() >= 119.9);
    assert_eq!(one["output_sha256"], two["output_sha256"]);
    assert_eq!(one["segments"], two["segments"]);

    ended(soak(folder, "other", "8").spawn().unwrap());
    assert_ne!(one["output_sha256"], read(folder, "other")["output_sha256"]);
}

#[cfg(unix)]
#[test]
fn a_soak_that_was_stopped_reports_and_goes_on_to_the_same_output() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    ended(soak(folder, "whole", "9").spawn().unwrap());

    let child = soak(folder, "parts", "9").spawn().unwrap();
    while !folder.join("parts").exists() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    // The first segment is done: now, as a system that shuts down does it.
    // By the shell's own kill: not every Debian has the program.
    let stopped = Command::new("sh")
        .args(["-c", &format!("kill -TERM {}", child.id())])
        .status()
        .unwrap();
    let output = ended(child);
    // It may have been at its end already.
    if stopped.success() && read(folder, "parts")["segments"].as_object().unwrap().len() < 6 {
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.contains("stopped"), "{said}");
    }
    ended(soak(folder, "parts", "9").spawn().unwrap());
    assert_eq!(
        read(folder, "parts")["segments"],
        read(folder, "whole")["segments"]
    );
}

#[test]
fn a_report_that_is_none_is_refused_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("mine"), "my notes").unwrap();
    let output = soak(folder, "mine", "1").output().unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("not a soak's report"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert_eq!(
        std::fs::read_to_string(folder.join("mine")).unwrap(),
        "my notes"
    );
}
