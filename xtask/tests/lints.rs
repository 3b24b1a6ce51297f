//! xtask in rustc's place, as `cargo xtask test` lets cargo call it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

/// Builds a crate of its own with that source, with clippy beside the compiler. Also says where its target folder is.
fn build(name: &str, source: &str) -> (Output, PathBuf) {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("src")).unwrap();
    // A workspace of its own: the folder lies within this project's.
    let manifest = format!("[package]\nname = \"{name}\"\nedition = \"2024\"\n[workspace]\n");
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::write(folder.join("src").join("lib.rs"), source).unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["build", "--offline", "--manifest-path"])
        .arg(folder.join("Cargo.toml"))
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .env("RUSTC_WORKSPACE_WRAPPER", env!("CARGO_BIN_EXE_xtask"))
        .env("MOODRING_LINTS_SCRATCH", folder.join("scratch"))
        .output()
        .unwrap();
    (output, folder.join("target").join("debug"))
}

#[test]
fn what_clippy_complains_of_fails_the_build() {
    let (output, _) = build("careless", "pub fn one() -> u8 {\n    return 1;\n}\n");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{said}");
    assert!(said.contains("needless_return"), "{said}");
}

#[test]
fn what_rustc_refuses_fails_the_build() {
    let (output, _) = build("wrong", "pub fn one() -> u8 {\n    \"1\"\n}\n");
    assert!(!output.status.success());
}

#[test]
fn what_both_are_content_with_is_built_by_rustc() {
    let (output, target) = build("tidy", "pub fn one() -> u8 {\n    1\n}\n");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(target.join("libtidy.rlib").exists());
    let left = fs::read_dir(target.join("..").join("..").join("scratch")).unwrap();
    assert_eq!(left.count(), 0, "clippy's own output is gone");
}
