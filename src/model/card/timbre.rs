//! The timbre model's card, with its anchors.

use serde::Deserialize;

use super::{
    check::{
        SCHEMA, check_frames, check_header, expect_ids, expect_name, expect_names, expect_range,
        expect_shape, expect_text, parse,
    },
    entry::{FileEntry, NetworkEntry, TensorEntry},
    map::Projection,
};
use crate::model::{BANDS, LATENTS, Latent, ModelError};

/// The timbre model's front-end: mel envelope levels of one STFT frame.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct TimbreFrontEnd {
    /// Rate that the model was trained at, in Hz; at other rates the window is scaled by a power of two.
    pub sample_rate: u32,
    /// Always `mono mean`.
    pub channels: String,
    /// Always `hann periodic`.
    pub window: String,
    /// Length of window and FFT at `sample_rate`, in samples.
    pub n_fft: usize,
    /// Distance between frames at `sample_rate`, in samples.
    pub hop: usize,
    /// Always `none`.
    pub padding: String,
    /// Always `power over (sum(window)/2)^2`: a full-scale sine has 0 dB in its bin.
    pub spectrum: String,
    /// Mel bands per frame.
    pub bands: usize,
    /// Always `slaney`.
    pub mel_scale: String,
    /// Always `sum`: a band is the weighted mean of its bins.
    pub mel_norm: String,
    /// Lower edge of the first band, in Hz.
    pub f_min: f32,
    /// Upper edge of the last band, in Hz.
    pub f_max: f32,
    /// Always `10*log10(x + floor)`.
    pub scaling: String,
    /// Power added before the logarithm.
    pub floor: f32,
    /// Levels further than this below the frame's strongest band are raised to it, in dB.
    pub range_db: f32,
    /// One unit of the encoder's input and the decoder's output, in dB.
    pub unit_db: f32,
}

impl TimbreFrontEnd {
    /// The figures that design.md names, for an instance without any readable card: it only delays, and needs to know by
    /// how much.
    pub fn fallback() -> Self {
        Self {
            sample_rate: 48_000,
            channels: "mono mean".to_owned(),
            window: "hann periodic".to_owned(),
            n_fft: 2048,
            hop: 512,
            padding: "none".to_owned(),
            spectrum: "power over (sum(window)/2)^2".to_owned(),
            bands: BANDS,
            mel_scale: "slaney".to_owned(),
            mel_norm: "sum".to_owned(),
            f_min: 30.0,
            f_max: 20_000.0,
            scaling: "10*log10(x + floor)".to_owned(),
            floor: 1e-14,
            range_db: 80.0,
            unit_db: 20.0,
        }
    }
}

/// One latent dimension.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct LatentInfo {
    /// The knob's name.
    pub name: String,
    /// What moving it does, in words.
    pub descriptor: String,
    /// Mean over the training data, in latent units.
    pub mean: f32,
    /// Standard deviation over the training data, in latent units: one unit of the knob.
    pub std: f32,
    /// Standard deviation over the training data of the figure that the latent stands for, in that figure's unit; `None` where it stands for none that this version
    /// measures, and then its knob isn't steered.
    pub measure_std: Option<f32>,
}

/// A named place in the latent space.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Anchor {
    /// The name that is shown.
    pub name: String,
    /// The name that is saved: never changed.
    pub id: String,
    /// Mean latent of its sounds, in latent units.
    pub mean: Latent,
    /// Their standard deviation, in latent units.
    pub std: Latent,
}

/// What the timbre model says of itself.
#[derive(Debug, Clone)]
pub struct TimbreCard {
    /// Its name, for people.
    pub name: String,
    /// Its version.
    pub version: String,
    /// How to turn a spectrum into its input.
    pub front_end: TimbreFrontEnd,
    /// Its latent dimensions, [`LATENTS`] of them.
    pub latents: Vec<LatentInfo>,
    /// Its named places, at least one.
    pub anchors: Vec<Anchor>,
    pub(in crate::model) projection: Projection,
    pub(in crate::model) encoder: NetworkEntry,
    pub(in crate::model) decoder: NetworkEntry,
}

#[derive(Deserialize)]
struct RawTimbre {
    name: String,
    version: String,
    files: RawTimbreFiles,
    encoder: RawNetwork,
    decoder: RawNetwork,
    frontend: TimbreFrontEnd,
    latents: Vec<LatentInfo>,
    map: Option<Projection>,
}

#[derive(Deserialize)]
struct RawTimbreFiles {
    encoder: FileEntry,
    decoder: FileEntry,
    anchors: FileEntry,
}

#[derive(Deserialize)]
struct RawNetwork {
    input: TensorEntry,
    output: TensorEntry,
}

#[derive(Deserialize)]
struct RawAnchors {
    schema: u32,
    anchors: Vec<Anchor>,
}

/// No latent is farther from 0, nor spread by more.
const LARGEST_LATENT: f32 = 1e3;

fn check_anchors(file: &str, anchors: &[Anchor]) -> Result<(), ModelError> {
    let ids = anchors.iter().map(|anchor| anchor.id.as_str());
    expect_ids(file, |index| format!("anchors[{index}].id"), ids)?;
    let names = anchors.iter().map(|anchor| anchor.name.as_str());
    expect_names(file, |index| format!("anchors[{index}].name"), names)?;
    for (index, anchor) in anchors.iter().enumerate() {
        let field = |part: &str| format!("anchors[{index}].{part}");
        for mean in anchor.mean {
            expect_range(file, &field("mean"), mean, -LARGEST_LATENT, LARGEST_LATENT)?;
        }
        for std in anchor.std {
            expect_range(file, &field("std"), std, 0.0, LARGEST_LATENT)?;
        }
    }
    Ok(())
}

impl TimbreCard {
    /// Name and version: tells one model's latents from another's.
    pub fn full_name(&self) -> String {
        format!("{} {}", self.name, self.version)
    }

    /// Reads the card; `anchors` gives the bytes and the path of the anchors file that the card names.
    ///
    /// # Errors
    /// [`ModelError`] when it isn't a timbre model's card of this schema, asks for a front-end that this version can't
    /// honour, or its anchors can't be had.
    pub(in crate::model) fn parse(
        file: &str,
        bytes: &[u8],
        anchors: impl FnOnce(&FileEntry) -> Result<(String, Vec<u8>), ModelError>,
    ) -> Result<Self, ModelError> {
        check_header(file, bytes, "timbre", SCHEMA)?;
        let raw: RawTimbre = parse(file, bytes)?;
        expect_name(file, "name", &raw.name)?;
        expect_name(file, "version", &raw.version)?;
        let front_end = raw.frontend;
        for (field, found, expected) in [
            ("frontend.channels", &front_end.channels, "mono mean"),
            ("frontend.window", &front_end.window, "hann periodic"),
            ("frontend.padding", &front_end.padding, "none"),
            (
                "frontend.spectrum",
                &front_end.spectrum,
                "power over (sum(window)/2)^2",
            ),
            ("frontend.mel_scale", &front_end.mel_scale, "slaney"),
            ("frontend.mel_norm", &front_end.mel_norm, "sum"),
            (
                "frontend.scaling",
                &front_end.scaling,
                "10*log10(x + floor)",
            ),
        ] {
            expect_text(file, field, found, expected)?;
        }
        check_frames(
            file,
            front_end.sample_rate,
            front_end.n_fft,
            front_end.hop,
            front_end.f_min,
            front_end.f_max,
        )?;
        // Overlap-add with Hann windows on both sides needs 75 % overlap.
        expect_range(
            file,
            "frontend.hop",
            front_end.hop,
            front_end.n_fft / 4,
            front_end.n_fft / 4,
        )?;
        expect_range(file, "frontend.bands", front_end.bands, BANDS, BANDS)?;
        expect_range(file, "frontend.floor", front_end.floor, 1e-30, 1.0)?;
        expect_range(file, "frontend.range_db", front_end.range_db, 10.0, 200.0)?;
        expect_range(file, "frontend.unit_db", front_end.unit_db, 0.1, 200.0)?;
        expect_range(
            file,
            "latents (their number)",
            raw.latents.len(),
            LATENTS,
            LATENTS,
        )?;
        for (index, latent) in raw.latents.iter().enumerate() {
            let field = |part: &str| format!("latents[{index}].{part}");
            expect_name(file, &field("name"), &latent.name)?;
            expect_range(
                file,
                &field("mean"),
                latent.mean,
                -LARGEST_LATENT,
                LARGEST_LATENT,
            )?;
            expect_range(file, &field("std"), latent.std, 1e-3, LARGEST_LATENT)?;
            if let Some(std) = latent.measure_std {
                expect_range(file, &field("measure_std"), std, 1e-3, LARGEST_LATENT)?;
            }
        }
        expect_shape(
            file,
            "encoder.input.shape",
            &raw.encoder.input.shape,
            &[1, BANDS],
        )?;
        expect_shape(
            file,
            "encoder.output.shape",
            &raw.encoder.output.shape,
            &[1, LATENTS],
        )?;
        expect_shape(
            file,
            "decoder.input.shape",
            &raw.decoder.input.shape,
            &[1, LATENTS],
        )?;
        expect_shape(
            file,
            "decoder.output.shape",
            &raw.decoder.output.shape,
            &[1, BANDS],
        )?;

        let (anchors_file, anchors_bytes) = anchors(&raw.files.anchors)?;
        let anchors: RawAnchors = parse(&anchors_file, &anchors_bytes)?;
        if anchors.schema != SCHEMA {
            return Err(ModelError::field(
                &anchors_file,
                "schema",
                anchors.schema,
                SCHEMA,
            ));
        }
        expect_range(
            &anchors_file,
            "anchors (their number)",
            anchors.anchors.len(),
            1,
            1_000,
        )?;
        check_anchors(&anchors_file, &anchors.anchors)?;
        let projection = match raw.map {
            Some(projection) => projection.checked(file)?,
            None => {
                let latents = raw.latents.iter();
                Projection::of_first_latents(latents.map(|latent| (latent.mean, latent.std)))
            }
        };
        Ok(Self {
            name: raw.name,
            version: raw.version,
            front_end,
            latents: raw.latents,
            anchors: anchors.anchors,
            projection,
            encoder: NetworkEntry {
                file: raw.files.encoder,
                input: raw.encoder.input,
                output: raw.encoder.output,
            },
            decoder: NetworkEntry {
                file: raw.files.decoder,
                input: raw.decoder.input,
                output: raw.decoder.output,
            },
        })
    }
}
