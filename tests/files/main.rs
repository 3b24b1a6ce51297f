//! Files that are read and written: sound, presets, timbres, models; and the command line, which reads and writes them.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

#[path = "../common/mod.rs"]
mod common;

mod audio_file;
mod fuzz;
mod imports;
mod library;
mod models;
mod user_files;
