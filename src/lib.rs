//! Moodring: names what it hears and morphs its timbre.
//!
//! The rooms, and which way the arrows between them point (`entry -> plugin, cli -> chain -> listen, morph, editor -> engine, model, dsp`):
//!
//! - `entry`: the C interfaces that hosts load the plugin by; exports those and nothing else
//! - [`plugin`]: the host's side: lifecycle, buses, latency, state; no signal processing
//! - [`chain`]: the audio chain of plugin and command line: clean, listen tap, Morph stage, mix
//! - [`params`]: every parameter: permanent id, range, unit, text both ways
//! - [`listen`]: audio in, readout out
//! - [`morph`]: frame in, curve out; and the audio-thread half that applies it
//! - [`editor`]: what is seen; draws from a snapshot
//! - [`telemetry`]: what these tell of themselves
//! - [`engine`]: threads, rings, hand-over, lifetime; the only place that spawns or waits
//! - [`model`]: cards, loading, the networks; the only place that names tract
//! - [`dsp`]: pure signal processing; knows nobody
//! - [`library`]: what users keep as files, and the presets that Moodring comes with
//! - [`cli`]: the command line
//! - [`audio_file`]: sound files, for the command line, the tests and the demo
//! - [`thread`]: which thread runs a function, as types; knows nobody
//! - [`atomic_file`]: how files are written: whole or not at all

pub mod atomic_file;
pub mod audio_file;
pub mod chain;
pub mod cli;
pub mod dsp;
pub mod editor;
pub mod engine;
mod entry;
pub mod library;
pub mod listen;
pub mod model;
pub mod morph;
pub mod params;
pub mod plugin;
pub mod telemetry;
pub mod thread;
mod user_folder;

pub use entry::clap_entry;
