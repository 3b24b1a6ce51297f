//! Cargo compiles a crate once for each set of features that is asked of it. What the tests and the demo need besides
//! must not ask for other features of what the plugin is made of.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::process::Command;

/// One line a crate, with its features, of what cargo would build.
fn crates(selection: &[&str]) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--prefix", "none", "--no-dedupe"])
        .args(["--format", "{p} [{f}]"])
        .args(selection)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| line.trim_end_matches(" (*)").to_owned())
        .filter(|line| !line.is_empty())
        .collect()
}

/// Fails with the crates that would be compiled a second time. To repair it, name the missing features in the
/// dependencies of moodring, as Cargo.toml does for rustix.
#[track_caller]
fn assert_shares_the_plugin(selection: &[&str]) {
    let plugin = crates(&["--package", "moodring", "--edges", "normal,build"]);
    let other = crates(selection);
    let twice: Vec<_> = plugin.difference(&other).collect();
    assert!(twice.is_empty(), "built twice: {twice:#?}");
}

#[test]
fn the_tests_share_the_plugins_crates() {
    assert_shares_the_plugin(&[
        "--workspace",
        "--exclude",
        "xtask",
        "--edges",
        "normal,build,dev",
    ]);
}

#[test]
fn the_demo_shares_the_plugins_crates() {
    assert_shares_the_plugin(&[
        "--package",
        "moodring",
        "--package",
        "moodring-host",
        "--edges",
        "normal,build",
    ]);
}
