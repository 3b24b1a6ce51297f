//! Measures what goes in and what comes out, for whoever looks: peaks, loudness, fine spectra, and the gain that Match needs.
//!
//! [`MeterTap`] runs on the audio thread. It keeps the highest peaks at all times; while an editor is open, or Match is on, it also sends both ends of the
//! chain to [`MeterJob`] on the engine's thread, the input as much later as the output is. Where nobody looks nothing is sent.

mod job;
mod loudness;
mod measure;
mod monitor;
mod spectrum;
mod tap;

pub use job::{MeterJob, MeterView};
pub use monitor::MeterMonitor;
pub use tap::{METER_CHUNK, MeterChunk, MeterTap};
