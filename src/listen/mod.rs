//! Makes a readout of what plays.
//!
//! [`ListenTap`] runs on the audio thread, sends [`Chunk`]s of what plays, and gets the answers back as [`Cue`](crate::outputs::Cue)s; [`Listener`] makes [`Readout`](crate::telemetry::Readout)s of them;
//! [`HeadlineTracker`] chooses what is named in large letters; [`ListenJob`] runs both on the engine's thread, and [`ListenTelemetry`] tells what
//! they say.

mod average;
mod direct;
mod features;
mod headline;
mod listener;
mod tap;
mod telemetry;
mod worker;

pub use direct::DirectEar;
pub use features::{Features, log_mel};
pub use headline::{HeadlineTracker, parents_of};
pub use listener::Listener;
pub use tap::{CHUNK, Chunk, ListenTap};
pub use telemetry::{ListenMonitor, ListenTelemetry};
pub use worker::{ListenJob, longest_queue};
