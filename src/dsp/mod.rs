//! Pure signal processing: no host, no model, no thread; nothing here allocates after construction, but for
//! what can only be measured of a whole (`descriptors::beats`, `descriptors::TimbreMeter`).

mod analyser;
mod clean;
mod convolver;
mod dc;
mod delay;
pub mod descriptors;
mod filter_design;
mod front_end;
mod host_blocks;
mod k_weighting;
mod mel;
mod pitch;
mod resample;
mod smoothing;
mod stft;
mod window;

pub use analyser::{Analyser, Levels};
pub use clean::{LARGEST_SAMPLE, clean};
pub use convolver::{Convolver, ConvolverFormat, LONGEST_CHUNK};
pub use dc::DcBlocker;
pub use delay::{Delay, DelayedValue};
pub use filter_design::{FilterDesign, FilterPhase, exp2};
pub use front_end::{Compression, FrameEdges, LogMel, LogMelLayout, Logarithm, Mono, Spectrum};
pub use host_blocks::HostBlocks;
pub use k_weighting::{KMeter, k_weight};
pub use mel::{BandInterpolation, BandSides, BandsLayout, MelBank, MelScale};
pub use pitch::{
    ChordSpectrum, EVIDENCE, FineSpectrum, HeardPitch, LOW_BINS, LOWEST_FRAME_HZ, LOWEST_PITCH,
    PITCH_BINS, PITCHES, Pitch, PitchTracker, hertz,
};
pub use resample::StreamResampler;
pub use smoothing::{LinearSmoother, SlewLimiter, crossfade};
pub use stft::{StftLayout, StreamingStft};
pub use window::{CosineWindow, hann, hann_power, hann_powers};
