//! Hosts the bundled plugin in this process the way a DAW does, for the tests, the bench and the demo.
//!
//! - [`Bundle`] loads a `.clap` and creates instances;
//! - [`Plugin`] is an instance as seen from the main thread: parameters, layouts, state, latency, editor;
//! - [`Processor`] is the same instance as seen from the audio thread: blocks of audio and events;
//! - [`Render`] sends a whole signal through, on an audio thread of its own;
//! - [`Display`] is where editors open: the user's X display or a virtual one.
//!
//! ```no_run
//! use moodring_host::{Bundle, Render};
//!
//! # fn main() -> Result<(), moodring_host::HostError> {
//! let bundle = Bundle::load("target/bundled/Moodring.clap")?;
//! let mut plugin = bundle.create_first()?;
//!
//! let input = vec![vec![0.1; 48_000]; 2];
//! let events = [
//!     plugin.set_at(0, "Mix", "100 %")?,
//!     plugin.set_at(24_000, "Brightness", "+2")?,
//! ];
//! let rendered = Render { block_sizes: vec![64, 0, 500], ..Render::offline(48_000.0) }
//!     .run(&mut plugin, &input, &events)?;
//! println!("{} samples late", rendered.latency);
//! # Ok(())
//! # }
//! ```
//!
//! What differs from a DAW: the editor's window has no user, so it never asks the plugin to resize; and nothing is
//! restarted behind the caller's back: see [`Plugin::take_restart_request`].

mod bundle;
mod descriptor;
mod display;
mod editor;
mod error;
mod events;
mod handlers;
mod midi_file;
mod picture;
mod plugin;
mod processor;
mod render;

pub use clack_extensions::params::ParamInfoFlags;
pub use clack_extensions::render::RenderMode;
pub use clack_extensions::tail::TailLength;
pub use clack_host::process::ProcessStatus;
pub use clack_host::utils::ClapId;

pub use bundle::Bundle;
pub use descriptor::Descriptor;
pub use display::Display;
pub use editor::{EditorWindow, Key};
pub use error::HostError;
pub use events::{Edit, MidiEvent, OutputEvent, ParamEvent};
pub use midi_file::midi_file;
pub use picture::write_png;
pub use plugin::Plugin;
pub use plugin::params::Param;
pub use plugin::ports::{Layout, Port};
pub use processor::{Block, Processor, Transport, watch_process};
pub use render::{Render, Rendered};
