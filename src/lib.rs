//! Moodring: names what it hears and morphs its timbre.
//!
//! The rooms; an arrow is an import, and all arrows point down. There is no circle:
//!
//! ```text
//!  entry                                                                      cli
//!    │                                                                        │
//!  plugin ──────────────► editor                                              │
//!    │                       │                                                │
//!    ├──────────────────── chain ◄─────────────────────────────────────────────┤
//!    │                       │                                                │
//!    └──► listen, morph ◄────┘                             library, audio_file ┘
//!            │
//!         telemetry   (read by plugin and editor)
//!            │
//!         params ──► model ──► engine
//! ```
//!
//! - `entry`: the C interfaces that hosts load the plugin by; exports those and nothing else
//! - [`plugin`]: the host's side: lifecycle, buses, state; joins the others; no signal processing
//! - [`chain`]: the audio chain of plugin and command line: clean, listen tap, Morph stage, mix; and its latency
//! - [`listen`]: makes a readout of what plays
//! - [`outputs`]: where answers go beside the editor: OSC, logs
//! - [`morph`]: makes a gain curve of each frame, and applies it
//! - [`telemetry`]: what these tell of themselves, as plain values that listen and morph fill
//! - [`editor`]: what is seen; draws from a snapshot of the telemetry
//! - [`params`]: every parameter: permanent id, range, unit, text both ways
//! - [`model`]: cards, loading, the networks, and which models a process has; the only place that names tract
//! - [`engine`]: threads, rings, hand-over, lifetime; the only place that spawns or waits
//! - [`library`]: what users keep as files, and the presets that Moodring comes with
//! - [`cli`]: the command line
//! - [`audio_file`]: sound files, for the command line, the tests and the demo
//! - [`dsp`]: pure signal processing; knows nobody
//! - [`thread`]: which thread runs a function, as types; knows nobody
//! - [`atomic_file`]: how files are written: whole or not at all; knows nobody
//! - `user_folder`: where a user's files are; knows nobody
//! - `calendar`: date and time for files; knows nobody
//! - [`regular_file`]: how a user's files are read: without waiting for what is none; knows nobody
//! - `json_text`: what is in them, or what is wrong with it in plain words
//! - `foreign_text`: what others wrote, as it is shown; knows nobody

pub mod atomic_file;
pub mod audio_file;
mod calendar;
pub mod chain;
pub mod cli;
pub mod dsp;
pub mod editor;
pub mod engine;
mod entry;
mod foreign_text;
mod json_text;
pub mod library;
pub mod listen;
pub mod meter;
pub mod model;
pub mod morph;
pub mod outputs;
pub mod params;
pub mod plugin;
mod regular_file;
pub mod telemetry;
pub mod thread;
mod user_folder;

pub use entry::clap_entry;
