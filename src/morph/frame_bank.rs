//! The bands of a model over the bins of a frame, for frames of any rate.

use crate::{
    dsp::MelBank,
    model::{BANDS, TimbreFrontEnd},
};

/// The bands of frames of four hops under a Hann window, whose bins are `1 / (4 hop_seconds)` apart.
pub struct FrameBank {
    /// From bins to bands.
    pub bank: MelBank,
    /// How many bins it goes over.
    pub bins: usize,
    /// Distance of the bins, in Hz.
    pub bin_hz: f64,
}

impl FrameBank {
    /// For frames at this distance, in seconds. Allocates.
    pub fn new(front_end: &TimbreFrontEnd, hop_seconds: f32) -> Self {
        let bin_hz = 1.0 / (4.0 * f64::from(hop_seconds));
        let n_fft = 2 * (f64::from(front_end.f_max) / bin_hz).ceil() as usize;
        let (f_min, f_max) = (f64::from(front_end.f_min), f64::from(front_end.f_max));
        Self {
            bank: MelBank::slaney_mean(n_fft as f64 * bin_hz, n_fft, BANDS, f_min, f_max),
            bins: n_fft / 2 + 1,
            bin_hz,
        }
    }
}
