//! The C interfaces that hosts load the plugin by. What this file exports is what the library exports to hosts; no other room uses
//! anything in here.
//!
//! - [`clap`]: the CLAP entry point, and one instance between a host and the framework
//! - [`clap_presets`]: the presets as a CLAP host's browser asks for them
//! - [`vst3`]: the VST3 factory, and the object that a host holds; its entry points are exported by their names alone
//! - [`background_thread`]: the framework's thread, which a forked child lacks
//! - [`readings`]: what is heard, as parameters that hosts only read
//! - [`text`]: a host's text

mod background_thread;
mod clap;
mod clap_presets;
mod readings;
mod text;
mod vst3;

pub use clap::clap_entry;
