//! Fuzz targets: what Moodring reads from foreign files must be read, or refused in one line, whatever it is.
//!
//! `cargo +nightly fuzz run card`, and so on; CONTRIBUTING.md says what to do with a find. The plugin's tests run the same functions
//! over the kept corpus.
//!
//! The corpus begins with what ships, cut to what a fuzzer can turn every byte of: cards without the texts that nothing reads, networks two
//! wide (`small_networks.py`), the factory presets, states of every schema, a second of sound in every format.

mod common;
pub mod targets;
