//! The sound: safe whatever comes in, led where the settings say, equal to independent references.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

#[path = "../common/mod.rs"]
mod common;

mod automation;
mod descriptors;
mod filters;
mod golden;
mod lead;
mod nothing;
mod safety;
mod taggers;
mod zoo;
