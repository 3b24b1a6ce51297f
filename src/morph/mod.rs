//! Makes a gain curve of each frame of sound, and applies it.
//!
//! [`Stage`] runs on the audio thread: it sends a [`FrameMessage`] for every hop and applies the [`CurveMessage`] that
//! comes back. [`Shaper`] makes the one from the other; [`MorphJob`] runs it on the engine's thread, and
//! [`MorphTelemetry`] tells what can be seen of it.

mod capture;
mod controls;
mod curves;
mod frame_bank;
mod leakage;
mod limits;
mod notes;
mod shaper;
mod stage;
mod telemetry;
mod worker;

pub use controls::MorphControls;
pub use curves::{Arrival, CurveSource, DirectCurves, WorkerCurves};
pub use shaper::{Shaped, Shaper};
pub use stage::{Stage, StageFormat, band_centres, mel_bank};
pub use telemetry::{MorphMonitor, MorphTelemetry};
pub use worker::MorphJob;

pub use notes::Drawn;

use realfft::num_complex::Complex;

use crate::{
    dsp::{FilterPhase, LOW_BINS, PITCH_BINS},
    model::{BANDS, Latent, MelDb},
};

/// What the audio thread sends to Morph's for one frame.
#[derive(Debug, Clone, Copy)]
pub struct FrameMessage {
    /// Counts the resets: what belongs to an earlier one is stale.
    pub generation: u32,
    /// Counts the frames since the reset.
    pub index: u64,
    /// Time between frames, in seconds.
    pub hop_seconds: f32,
    /// Frames behind this one that are heard before its curve is made.
    pub lookahead: usize,
    /// Of the filters that the curves become.
    pub phase: FilterPhase,
    /// Mel levels, of the mean power over the channels, in dB.
    pub levels: MelDb,
    /// Power of the lowest bins, of the mean over the channels, where a full-scale sine is 1: what a pitch is heard in.
    pub low_power: [f32; PITCH_BINS],
    /// The lowest bins of the mean of the channels, where a full-scale sine is 1: what the pitches of a chord are heard in.
    pub low: [Complex<f32>; LOW_BINS],
    /// Mean power of the frame's sound, a full-scale sine's being one half.
    pub power: f32,
    /// The same as it counts for loudness: [`k_weight`](crate::dsp::k_weight)ed.
    pub loudness: f32,
    /// Whether Keep Loudness is on.
    pub keep_loudness: bool,
    /// The levels of the sidechain, where Morph leads there.
    pub sidechain: Option<MelDb>,
    /// The knobs at this frame.
    pub controls: MorphControls,
}

impl FrameMessage {
    /// What a ring is filled with before there is anything to say.
    pub fn blank() -> Self {
        Self {
            generation: 0,
            index: 0,
            hop_seconds: 0.0,
            lookahead: 0,
            phase: FilterPhase::Zero,
            levels: [0.0; BANDS],
            low_power: [0.0; PITCH_BINS],
            low: [Complex::new(0.0, 0.0); LOW_BINS],
            power: 0.0,
            loudness: 0.0,
            keep_loudness: true,
            sidechain: None,
            controls: MorphControls::neutral(),
        }
    }
}

/// What Morph's thread sends back.
#[derive(Debug, Clone, Copy)]
pub struct CurveMessage {
    /// As in the frame.
    pub generation: u32,
    /// As in the frame.
    pub index: u64,
    /// Gain per band, in dB.
    pub gain_db: MelDb,
    /// What is to sound of the hop before the frame's.
    pub drawn: Drawn,
}

impl CurveMessage {
    /// What a ring is filled with before there is anything to say.
    pub fn blank() -> Self {
        Self {
            generation: 0,
            index: 0,
            gain_db: [0.0; BANDS],
            drawn: Drawn::NOTHING,
        }
    }
}

/// Where one frame is in the latent space, in the encoder's units.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct FrameLatents {
    /// The input, smoothed.
    pub live: Latent,
    /// After Follow, knobs and Morph.
    pub shaped: Latent,
    /// The sidechain, smoothed; `None` unless Morph leads there and it has been heard.
    pub sidechain: Option<Latent>,
}
