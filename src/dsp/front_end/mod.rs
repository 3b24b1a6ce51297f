//! What taggers are given, streaming: log-mel levels, or the samples themselves.

mod compression;
mod log_mel;
mod mono;

pub use compression::{Compression, Logarithm};
pub use log_mel::{FrameEdges, LogMel, LogMelLayout, Spectrum};
pub use mono::Mono;
