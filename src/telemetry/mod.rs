//! What Listen, Morph and the audio chain tell of themselves: plain values, read by the editor and the status log.

mod snapshot;
mod status;

pub use snapshot::{Latents, Sidechain, Snapshot, Spectrum};
pub use status::Status;
