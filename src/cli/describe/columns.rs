//! What is measured of a frame, under its names.

use crate::dsp::descriptors::{CONSTANT_Q_BINS, Chroma, FrameValues, Loudness};

/// The notes from C on, as names of columns have them.
const NOTES: [&str; 12] = [
    "c", "cs", "d", "ds", "e", "f", "fs", "g", "gs", "a", "as", "b",
];

/// A frame, and how loud it is then.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    pub values: FrameValues,
    /// The newest of ten values a second, at most 0.2 s old.
    pub loudness: Loudness,
    /// Where they are asked for.
    pub tones: Option<Tones>,
}

/// What constant-Q filters make of a frame.
#[derive(Debug, Clone, Copy)]
pub struct Tones {
    /// A semitone apart, from C1 on.
    pub magnitudes: [f64; CONSTANT_Q_BINS],
    pub cens: Chroma,
}

/// The names of what is measured of a frame, in the order of [`values`]; with the tones or without.
pub fn columns(tones: bool) -> Vec<String> {
    let single = [
        "rms",
        "zero_crossing_rate",
        "centroid",
        "bandwidth",
        "rolloff",
        "flatness",
        "flux",
        "onset_strength",
        "pitch",
    ];
    let numbered = |name: &'static str, count: usize| {
        (1..=count).map(move |number| format!("{name}_{number}"))
    };
    let single = single.into_iter().map(str::to_owned);
    let mut names: Vec<_> = single
        .chain(numbered("contrast", 7))
        .chain(numbered("mfcc", 20))
        .chain(NOTES.map(|note| format!("chroma_{note}")))
        .collect();
    if tones {
        let octaves = 1..=CONSTANT_Q_BINS / NOTES.len();
        names.extend(octaves.flat_map(|octave| NOTES.map(|note| format!("cqt_{note}{octave}"))));
        names.extend(NOTES.map(|note| format!("cens_{note}")));
    }
    names
}

/// What is measured of a frame; only the pitch may be missing.
pub fn values(moment: &Moment) -> impl Iterator<Item = Option<f64>> {
    let frame = &moment.values;
    let shape = frame.shape;
    let single = [
        Some(frame.rms),
        Some(frame.zero_crossing_rate),
        Some(shape.centroid),
        Some(shape.bandwidth),
        Some(shape.rolloff),
        Some(shape.flatness),
        Some(shape.flux),
        Some(frame.onsets.mean),
        frame.pitch.pitch(),
    ];
    let tones = moment.tones.into_iter();
    let tones = tones.flat_map(|tones| tones.magnitudes.into_iter().chain(tones.cens));
    let several = frame.contrast.into_iter().chain(frame.mfcc);
    let several = several.chain(frame.chroma).chain(tones).map(Some);
    single.into_iter().chain(several)
}
