//! The bundled plugin in hosts: what they may do, and what they count on.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

#[path = "../common/mod.rs"]
mod common;

mod alone;
mod any_host;
mod bounce;
mod clap_host;
mod clap_presets;
mod latency;
mod loudness;
mod no_syscalls;
mod outputs;
mod rhythm;
mod state;
mod vst3_host;
