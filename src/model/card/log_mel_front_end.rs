//! The log-mel levels that the listener can compute, as a card describes them.

use serde::Deserialize;

use super::check::{check_seconds, check_sound, expect_one_of, expect_range};
use crate::{
    dsp::{
        BandSides, BandsLayout, Compression, CosineWindow, FrameEdges, Logarithm, MelScale,
        Spectrum,
    },
    model::ModelError,
};

/// The names of what a field may say, and what each means.
type Choices<T, const COUNT: usize> = [(&'static str, T); COUNT];

const WINDOWS: Choices<CosineWindow, 5> = [
    ("hann periodic", CosineWindow::HannPeriodic),
    (
        "hann symmetric, centred in the FFT's",
        CosineWindow::HannSymmetric,
    ),
    ("hann symmetric", CosineWindow::HannSymmetric),
    ("hamming periodic", CosineWindow::HammingPeriodic),
    ("hamming symmetric", CosineWindow::HammingSymmetric),
];

/// Padding, and whether the window lies in the middle of the FFT, or alone at its beginning.
const PADDINGS: Choices<(FrameEdges, bool), 4> = [
    ("reflect", (FrameEdges::Reflected, true)),
    ("zeros", (FrameEdges::Silent, true)),
    ("none", (FrameEdges::None, true)),
    (
        "none, frames as long as the window",
        (FrameEdges::None, false),
    ),
];

const SPECTRA: Choices<Spectrum, 2> = [
    ("power", Spectrum::Power),
    ("magnitude", Spectrum::Magnitude),
];

/// The first two are the same scale: edges that are equally spaced on one are so on the other.
const MEL_SCALES: Choices<MelScale, 3> = [
    ("htk", MelScale::Htk),
    ("1127*ln(1+f/700)", MelScale::Htk),
    ("slaney", MelScale::Slaney),
];

const MEL_SHAPES: Choices<BandSides, 2> = [
    (
        "triangles of height 1, straight in Hz, edges equally spaced in mel",
        BandSides::StraightInHz,
    ),
    (
        "triangles of height 1, straight on the mel scale, edges equally spaced",
        BandSides::StraightInMel,
    ),
];

const MEL_NORMS: Choices<bool, 2> = [("none", false), ("slaney", true)];

/// The formulas with the least value that they know, and the numbers that they take.
const SCALINGS: Choices<Scaling, 8> = [
    ("10*log10(max(x, floor))", Scaling::Floored(TEN, 10.0)),
    ("20*log10(max(x, floor))", Scaling::Floored(TEN, 20.0)),
    ("ln(max(x, floor))", Scaling::Floored(NATURAL, 1.0)),
    ("10*log10(x + floor)", Scaling::Added(TEN, 10.0)),
    ("ln(x + floor)", Scaling::Added(NATURAL, 1.0)),
    ("log10(1 + factor*x)", Scaling::Scaled(TEN)),
    ("ln(1 + factor*x)", Scaling::Scaled(NATURAL)),
    ("x", Scaling::None),
];
const TEN: Logarithm = Logarithm::Ten;
const NATURAL: Logarithm = Logarithm::Natural;

#[derive(Clone, Copy)]
enum Scaling {
    /// A logarithm times a factor, of what is no less than the card's floor.
    Floored(Logarithm, f32),
    /// The same of what is more by the card's floor.
    Added(Logarithm, f32),
    /// A logarithm of what is multiplied by the card's factor, plus 1.
    Scaled(Logarithm),
    None,
}

/// A front-end that makes log-mel levels of the sound.
#[derive(Debug, Clone, PartialEq)]
pub struct LogMelFrontEnd {
    /// Rate that the tagger listens at, in Hz.
    pub sample_rate: u32,
    /// The share of each sample that is taken off the next, 0 to 1; 0 for none.
    pub preemphasis: f32,
    /// The window.
    pub window: CosineWindow,
    /// Its length, in samples; at most the FFT's.
    pub window_length: usize,
    /// Whether the window lies in the middle of the FFT; otherwise frames are as long as the window, and zeros are behind them.
    pub window_centred: bool,
    /// Length of the FFT, in samples.
    pub n_fft: usize,
    /// Distance between frames, in samples.
    pub hop: usize,
    /// Where the first frame lies, and what is before the sound.
    pub edges: FrameEdges,
    /// What is summed up into bands.
    pub spectrum: Spectrum,
    /// The bands.
    pub bands: BandsLayout,
    /// What is made of a band's sum.
    pub compression: Compression,
    /// Frames that one answer looks at.
    pub frames: usize,
}

/// The section `frontend` of a card whose kind is `log-mel`.
#[derive(Deserialize)]
pub(super) struct RawLogMel {
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
    floor: Option<f32>,
    factor: Option<f32>,
    frames: usize,
}

impl LogMelFrontEnd {
    /// The fields that only this kind of front-end has.
    pub(super) const FIELDS: &[&str] = &[
        "preemphasis",
        "window",
        "window_length",
        "n_fft",
        "hop",
        "padding",
        "spectrum",
        "bands",
        "mel_scale",
        "mel_shape",
        "mel_norm",
        "f_min",
        "f_max",
        "scaling",
        "floor",
        "factor",
        "frames",
    ];

    /// The same as a card has it. `file` is for messages.
    ///
    /// # Errors
    /// [`ModelError::Field`] for what this version can't compute.
    pub(super) fn read(file: &str, raw: &RawLogMel) -> Result<Self, ModelError> {
        check_sound(file, &raw.channels, raw.dc.as_deref(), raw.sample_rate)?;
        let preemphasis = raw.preemphasis.unwrap_or(0.0);
        expect_range(file, "frontend.preemphasis", preemphasis, 0.0, 1.0)?;
        expect_range(file, "frontend.n_fft", raw.n_fft, 32, 32_768)?;
        let window = chosen(file, "window", &raw.window, &WINDOWS)?;
        let window_length = raw.window_length.unwrap_or(raw.n_fft);
        expect_range(file, "frontend.window_length", window_length, 16, raw.n_fft)?;
        let (edges, window_centred) = chosen(file, "padding", &raw.padding, &PADDINGS)?;
        let frame = if window_centred {
            raw.n_fft
        } else {
            window_length
        };
        expect_range(file, "frontend.hop", raw.hop, 1, frame)?;
        let frames = (raw.frames, "frames");
        check_seconds(file, "frontend.frames", frames, raw.hop, raw.sample_rate)?;
        Ok(Self {
            sample_rate: raw.sample_rate,
            preemphasis,
            window,
            window_length,
            window_centred,
            n_fft: raw.n_fft,
            hop: raw.hop,
            edges,
            spectrum: chosen(file, "spectrum", &raw.spectrum, &SPECTRA)?,
            bands: bands(file, raw)?,
            compression: compression(file, raw)?,
            frames: raw.frames,
        })
    }
}

/// What a field's text means, or else the error that lists what it may be.
fn chosen<T: Copy>(
    file: &str,
    field: &str,
    found: &str,
    choices: &[(&'static str, T)],
) -> Result<T, ModelError> {
    let field = format!("frontend.{field}");
    let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
    expect_one_of(file, &field, found, &names)?;
    let choice = choices.iter().find(|(name, _)| *name == found);
    choice.map(|(_, meant)| *meant).ok_or_else(|| {
        // Never: it is one of them.
        ModelError::field(file, &field, found, names.join(" or "))
    })
}

fn bands(file: &str, raw: &RawLogMel) -> Result<BandsLayout, ModelError> {
    expect_range(file, "frontend.bands", raw.bands, 8, 1_024)?;
    let most = raw.sample_rate as f32 / 2.0;
    expect_range(file, "frontend.f_max", raw.f_max, 1.0, most)?;
    expect_range(file, "frontend.f_min", raw.f_min, 0.0, raw.f_max - 1.0)?;
    // Cards that don't say it are older than the other shape.
    let [(usual, _), _] = MEL_SHAPES;
    let shape = raw.mel_shape.as_deref().unwrap_or(usual);
    Ok(BandsLayout {
        bands: raw.bands,
        scale: chosen(file, "mel_scale", &raw.mel_scale, &MEL_SCALES)?,
        sides: chosen(file, "mel_shape", shape, &MEL_SHAPES)?,
        same_area: chosen(file, "mel_norm", &raw.mel_norm, &MEL_NORMS)?,
        f_min: f64::from(raw.f_min),
        f_max: f64::from(raw.f_max),
    })
}

fn compression(file: &str, raw: &RawLogMel) -> Result<Compression, ModelError> {
    let number = |field: &str, found: Option<f32>, least: f32, most: f32| {
        let field = format!("frontend.{field}");
        let Some(found) = found else {
            let expected = format!("{least} to {most}, since the scaling names it");
            return Err(ModelError::field(file, &field, "missing", expected));
        };
        expect_range(file, &field, found, least, most).map(|()| found)
    };
    let floor = || number("floor", raw.floor, 1e-30, 1.0);
    Ok(match chosen(file, "scaling", &raw.scaling, &SCALINGS)? {
        Scaling::Floored(logarithm, factor) => Compression::Floored {
            logarithm,
            factor,
            floor: floor()?,
        },
        Scaling::Added(logarithm, factor) => Compression::Shifted {
            logarithm,
            factor,
            scale: 1.0,
            offset: floor()?,
        },
        Scaling::Scaled(logarithm) => Compression::Shifted {
            logarithm,
            factor: 1.0,
            scale: number("factor", raw.factor, 1e-3, 1e9)?,
            offset: 1.0,
        },
        Scaling::None => Compression::None,
    })
}
