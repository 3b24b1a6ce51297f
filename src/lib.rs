//! Moodring: names what it hears and morphs its timbre.
//!
//! The rooms, and which way the arrows between them point (`plugin -> listen, morph, editor -> engine, model, dsp`):
//!
//! - [`plugin`]: the host's side: lifecycle, buses, latency, state; no signal processing
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
//! - [`atomic_file`]: how files are written: whole or not at all
//! - [`regular_file`]: how a user's files are read: without waiting for what is none
//! - [`json_text`]: what is in them, or what is wrong with it in plain words

pub mod atomic_file;
pub mod audio_file;
mod clap_factory;
mod clap_presets;
pub mod cli;
pub mod dsp;
pub mod editor;
pub mod engine;
mod framework_thread;
mod json_text;
pub mod library;
pub mod listen;
pub mod model;
pub mod morph;
pub mod params;
pub mod plugin;
mod regular_file;
pub mod telemetry;
mod vst3;

pub use clap_factory::clap_entry;
