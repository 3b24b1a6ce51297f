//! Pure signal processing: no host, no model, no thread; nothing here allocates after construction.

mod analyser;
mod clean;
mod dc;
mod delay;
mod log_mel;
mod mel;
mod pitch;
mod resample;
mod smoothing;
mod stft;
mod window;

pub use analyser::{Analyser, Levels};
pub use clean::{LARGEST_SAMPLE, clean};
pub use dc::DcBlocker;
pub use delay::Delay;
pub use log_mel::LogMel;
pub use mel::{BandInterpolation, MelBank};
pub use pitch::{PITCH_BINS, Pitch, PitchTracker};
pub use resample::StreamResampler;
pub use smoothing::{LinearSmoother, SlewLimiter, crossfade};
pub use stft::{SpectralProcessor, StftLayout, StreamingStft};
pub use window::hann;
