//! What Moodring's threads share, run through every order of steps that threads can take, and through every value that a weakly ordered
//! memory may show them (loom).
//!
//! The plugin's own files are compiled here, with loom's locks, atomics and threads where they say `engine::sync`. A model stands for
//! one meeting of threads; loom finds all of its courses, and a deadlock in any. `cargo xtask test` runs them.

#![cfg(test)]
#![allow(dead_code, reason = "a proof uses its part of a file")]

mod captures;
mod engine;
mod jobs;
mod params;
