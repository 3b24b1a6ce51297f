//! How a tagger wants its sound: the two formulas of log-mel levels that the listener can compute.

use serde::Deserialize;

use super::check::{check_frames, expect_one_of, expect_range, expect_text};
use crate::model::ModelError;

/// What is done about direct current, whatever the card says.
const DC: &str = "to be blocked before";

const PERIODIC: &str = "hann periodic";
const SYMMETRIC: &str = "hann symmetric, centred in the FFT's";

const STRAIGHT_IN_HZ: &str = "triangles of height 1, straight in Hz, edges equally spaced in mel";
const STRAIGHT_IN_MEL: &str =
    "triangles of height 1, straight on the mel scale, edges equally spaced";

/// The tagger's front-end: log-mel levels, `10 log10(max(power, floor))`, of the sound at a fixed rate, direct current blocked
/// before. Frames are centred, the first on sample 0, with reflected edges.
#[derive(Debug, Clone, PartialEq)]
pub struct ListenFrontEnd {
    /// Rate that the tagger listens at, in Hz.
    pub sample_rate: u32,
    /// The share of each sample that is taken off the next, 0 to 1; 0 for none.
    pub preemphasis: f32,
    /// The window.
    pub window: ListenWindow,
    /// Length of the FFT, in samples.
    pub n_fft: usize,
    /// Distance between frames, in samples.
    pub hop: usize,
    /// Mel bands per frame, whose edges are equally spaced on HTK's mel scale.
    pub bands: usize,
    /// The bands' shape.
    pub sides: BandSides,
    /// Lower edge of the first band, in Hz.
    pub f_min: f32,
    /// Upper edge of the last band, in Hz.
    pub f_max: f32,
    /// Least power before the logarithm.
    pub floor: f32,
    /// Frames that one answer looks at.
    pub frames: usize,
}

/// Hann's window as a front-end wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListenWindow {
    /// As long as the FFT, for a period of that length.
    Periodic,
    /// Symmetric and so many samples long, in the middle of the FFT's zeros.
    Symmetric(usize),
}

/// Where the sides of a band's triangle of height 1 are straight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BandSides {
    /// Over the frequency, as librosa and torchaudio have them.
    StraightInHz,
    /// Over the mel scale, as Kaldi and HTK have them.
    StraightInMel,
}

/// The card's section `frontend`.
#[derive(Deserialize)]
pub(super) struct RawFrontEnd {
    sample_rate: u32,
    channels: String,
    dc: Option<String>,
    preemphasis: Option<f32>,
    window: String,
    window_length: Option<usize>,
    n_fft: usize,
    hop: usize,
    padding: String,
    spectrum: String,
    bands: usize,
    mel_scale: String,
    mel_shape: Option<String>,
    mel_norm: String,
    f_min: f32,
    f_max: f32,
    scaling: String,
    floor: f32,
    frames: usize,
}

impl ListenFrontEnd {
    /// The same as a card has it. `file` is for messages.
    ///
    /// # Errors
    /// [`ModelError::Field`] for what this version can't compute.
    pub(super) fn read(file: &str, raw: &RawFrontEnd) -> Result<Self, ModelError> {
        for (field, found, expected) in [
            ("frontend.channels", raw.channels.as_str(), "mono mean"),
            ("frontend.dc", raw.dc.as_deref().unwrap_or(DC), DC),
            ("frontend.padding", &raw.padding, "reflect"),
            ("frontend.spectrum", &raw.spectrum, "power"),
            ("frontend.mel_norm", &raw.mel_norm, "none"),
            ("frontend.scaling", &raw.scaling, "10*log10(max(x, floor))"),
        ] {
            expect_text(file, field, found, expected)?;
        }
        // The same scale twice: edges that are equally spaced on one are so on the other.
        let scales = ["htk", "1127*ln(1+f/700)"];
        expect_one_of(file, "frontend.mel_scale", &raw.mel_scale, &scales)?;
        check_frames(
            file,
            raw.sample_rate,
            raw.n_fft,
            raw.hop,
            raw.f_min,
            raw.f_max,
        )?;
        let preemphasis = raw.preemphasis.unwrap_or(0.0);
        expect_range(file, "frontend.preemphasis", preemphasis, 0.0, 1.0)?;
        expect_range(file, "frontend.bands", raw.bands, 8, 512)?;
        expect_range(file, "frontend.frames", raw.frames, 8, 4_096)?;
        expect_range(file, "frontend.floor", raw.floor, 1e-30, 1.0)?;
        Ok(Self {
            sample_rate: raw.sample_rate,
            preemphasis,
            window: window(file, raw)?,
            n_fft: raw.n_fft,
            hop: raw.hop,
            bands: raw.bands,
            sides: sides(file, raw)?,
            f_min: raw.f_min,
            f_max: raw.f_max,
            floor: raw.floor,
            frames: raw.frames,
        })
    }
}

fn window(file: &str, raw: &RawFrontEnd) -> Result<ListenWindow, ModelError> {
    expect_one_of(file, "frontend.window", &raw.window, &[PERIODIC, SYMMETRIC])?;
    let length = raw.window_length.unwrap_or(raw.n_fft);
    let (least, window) = match raw.window == SYMMETRIC {
        true => (16, ListenWindow::Symmetric(length)),
        false => (raw.n_fft, ListenWindow::Periodic),
    };
    expect_range(file, "frontend.window_length", length, least, raw.n_fft)?;
    Ok(window)
}

fn sides(file: &str, raw: &RawFrontEnd) -> Result<BandSides, ModelError> {
    // Cards that don't say it are older than the other shape.
    let shape = raw.mel_shape.as_deref().unwrap_or(STRAIGHT_IN_HZ);
    let shapes = [STRAIGHT_IN_HZ, STRAIGHT_IN_MEL];
    expect_one_of(file, "frontend.mel_shape", shape, &shapes)?;
    Ok(if shape == STRAIGHT_IN_MEL {
        BandSides::StraightInMel
    } else {
        BandSides::StraightInHz
    })
}
