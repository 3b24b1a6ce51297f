//! Audio in, readout out.
//!
//! [`Feed`] runs on the audio thread and sends [`Chunk`]s of the mono mix; [`Listener`] makes [`Readout`](crate::telemetry::Readout)s of them;
//! [`ListenJob`] runs it on the engine's thread, and [`ListenTelemetry`] tells what it says.

mod average;
mod feed;
mod listener;
mod log;
mod telemetry;
mod worker;

pub use feed::{CHUNK, Chunk, Feed};
pub use listener::{Listener, log_mel};
pub use log::READOUT_VARIABLE;
pub use telemetry::{ListenMonitor, ListenTelemetry};
pub use worker::ListenJob;
