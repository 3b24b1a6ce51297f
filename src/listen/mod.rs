//! Makes a readout of what plays.
//!
//! [`ListenTap`] runs on the audio thread and sends [`Chunk`]s of the mono mix; [`Listener`] makes [`Readout`](crate::telemetry::Readout)s of them;
//! [`ListenJob`] runs it on the engine's thread, and [`ListenTelemetry`] tells what it says.

mod average;
mod listener;
mod log;
mod tap;
mod telemetry;
mod worker;

pub use listener::{Listener, log_mel};
pub use log::READOUT_VARIABLE;
pub use tap::{CHUNK, Chunk, ListenTap};
pub use telemetry::{ListenMonitor, ListenTelemetry};
pub use worker::ListenJob;
