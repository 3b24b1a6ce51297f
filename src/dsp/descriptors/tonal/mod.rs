//! Which notes sound, and how they are tuned.

mod chroma;
mod constant_q;
mod key;
mod tuning;
mod yin;

pub use chroma::{CHROMA, Chroma, ChromaBank, MeanChroma};
pub use constant_q::{CONSTANT_Q_BINS, ConstantQ, Tones};
pub use key::{Key, Mode, note_name};
pub use tuning::TuningMeter;
pub use yin::{Yin, YinPitch};
