//! Audio in, readout out.
//!
//! [`Feed`] runs on the audio thread and sends [`Chunk`]s of the mono mix; [`Listener`] makes [`Readout`]s of them;
//! [`ListenJob`] runs it on the engine's thread.

mod average;
mod feed;
mod history;
mod job;
mod listener;
mod log;
mod readout;

pub use feed::{CHUNK, Chunk, Feed};
pub use history::{HISTORY_LENGTH, Moment, ReadoutHistory};
pub use job::{ListenJob, ListenMonitor};
pub use listener::{Listener, log_mel};
pub use log::READOUT_VARIABLE;
pub use readout::{ListenState, Readout};
