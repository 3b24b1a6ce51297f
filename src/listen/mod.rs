//! Audio in, readout out.

mod readout;

pub use readout::{ListenState, Readout};
