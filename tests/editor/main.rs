//! The editor, without a window and in real ones.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

#[path = "../common/mod.rs"]
mod common;

mod controls;
mod first_minute;
mod listen;
mod morph;
mod panels;
mod pictures;
mod presets;
mod robust;
mod window;
