//! The cards: what a model says of itself. Parsed strictly, so that a front-end that the code can't honour is refused by name.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{BANDS, LATENTS, Latent, ModelError, map::Projection};
use crate::json_text;

/// The one card schema that this version reads.
const SCHEMA: u32 = 1;

/// What a tag describes; one column of the editor each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TagKind {
    /// A style of music.
    Genre,
    /// Something that sounds.
    Instrument,
    /// How it feels, or what it is for.
    Mood,
}

impl TagKind {
    /// Every kind, in the order in which the columns stand.
    pub const ALL: [Self; 3] = [Self::Genre, Self::Instrument, Self::Mood];

    /// The heading of its column.
    pub fn title(self) -> &'static str {
        match self {
            Self::Genre => "Genre",
            Self::Instrument => "Instrument",
            Self::Mood => "Mood",
        }
    }

    /// The word that stands for it in the readout's files.
    pub fn id(self) -> &'static str {
        match self {
            Self::Genre => "genre",
            Self::Instrument => "instrument",
            Self::Mood => "mood",
        }
    }
}

/// One output of the tagger.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct TagInfo {
    /// The word that is shown.
    pub name: String,
    /// What it describes.
    pub kind: TagKind,
}

/// The tagger's front-end: log-mel levels of the sound at a fixed rate.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ListenFrontEnd {
    /// Rate that the tagger listens at, in Hz.
    pub sample_rate: u32,
    /// Always `mono mean`.
    pub channels: String,
    /// Always `hann periodic`.
    pub window: String,
    /// Length of window and FFT, in samples.
    pub n_fft: usize,
    /// Distance between frames, in samples.
    pub hop: usize,
    /// Always `reflect`: frames are centred, the first on sample 0.
    pub padding: String,
    /// Always `power`.
    pub spectrum: String,
    /// Mel bands per frame.
    pub bands: usize,
    /// Always `htk`.
    pub mel_scale: String,
    /// Always `none`: triangles of height 1.
    pub mel_norm: String,
    /// Lower edge of the first band, in Hz.
    pub f_min: f32,
    /// Upper edge of the last band, in Hz.
    pub f_max: f32,
    /// Always `10*log10(max(x, floor))`.
    pub scaling: String,
    /// Least power before the logarithm.
    pub floor: f32,
    /// Frames that one answer looks at.
    pub frames: usize,
}

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

/// A file of the model, relative to the card's folder.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct FileEntry {
    pub file: String,
    pub sha256: String,
}

/// One tensor of a network.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct TensorEntry {
    pub name: String,
    pub shape: Vec<usize>,
}

/// What the tagger says of itself.
#[derive(Debug, Clone)]
pub struct TaggerCard {
    /// Its name, for people.
    pub name: String,
    /// Its version.
    pub version: String,
    /// How to turn sound into its input.
    pub front_end: ListenFrontEnd,
    /// Its outputs, in order.
    pub tags: Vec<TagInfo>,
    pub(super) model: FileEntry,
    pub(super) input: TensorEntry,
    pub(super) output: TensorEntry,
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
    pub(super) projection: Projection,
    pub(super) encoder: NetworkEntry,
    pub(super) decoder: NetworkEntry,
}

/// A network and its tensors.
#[derive(Debug, Clone)]
pub(super) struct NetworkEntry {
    pub file: FileEntry,
    pub input: TensorEntry,
    pub output: TensorEntry,
}

/// The two fields that are read first, so that a card of another schema is told as such and not as a lack of fields.
#[derive(Deserialize)]
struct Header {
    schema: u32,
    kind: String,
}

#[derive(Deserialize)]
struct RawTagger {
    name: String,
    version: String,
    files: RawTaggerFiles,
    input: TensorEntry,
    output: TensorEntry,
    frontend: ListenFrontEnd,
    tags: Vec<TagInfo>,
}

#[derive(Deserialize)]
struct RawTaggerFiles {
    model: FileEntry,
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
    map: Option<RawMap>,
}

/// The card's plane through the latent space: see [`super::TimbreMap`].
#[derive(Deserialize)]
pub(super) struct RawMap {
    pub matrix: [Latent; 2],
    pub offset: [f32; 2],
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

fn parse<T: DeserializeOwned>(file: &str, bytes: &[u8]) -> Result<T, ModelError> {
    json_text::parse(bytes).map_err(|why| ModelError::BadJson {
        file: file.to_owned(),
        why,
    })
}

fn check_header(file: &str, bytes: &[u8], kind: &str) -> Result<(), ModelError> {
    let header: Header = parse(file, bytes)?;
    if header.schema != SCHEMA {
        return Err(ModelError::field(file, "schema", header.schema, SCHEMA));
    }
    expect_text(file, "kind", &header.kind, kind)
}

fn expect_text(file: &str, field: &str, found: &str, expected: &str) -> Result<(), ModelError> {
    if found == expected {
        Ok(())
    } else {
        Err(ModelError::field(
            file,
            field,
            format!("`{found}`"),
            format!("`{expected}`"),
        ))
    }
}

fn expect_range<T: PartialOrd + std::fmt::Display>(
    file: &str,
    field: &str,
    found: T,
    least: T,
    most: T,
) -> Result<(), ModelError> {
    if found >= least && found <= most {
        Ok(())
    } else {
        Err(ModelError::field(
            file,
            field,
            found,
            format!("{least} to {most}"),
        ))
    }
}

fn expect_shape(
    file: &str,
    field: &str,
    found: &[usize],
    expected: &[usize],
) -> Result<(), ModelError> {
    if found == expected {
        Ok(())
    } else {
        Err(ModelError::field(
            file,
            field,
            format!("{found:?}"),
            format!("{expected:?}"),
        ))
    }
}

/// Checks that hold for both front-ends: a window and a hop that the streaming code can honour, and a sane range.
fn check_frames(
    file: &str,
    sample_rate: u32,
    n_fft: usize,
    hop: usize,
    f_min: f32,
    f_max: f32,
) -> Result<(), ModelError> {
    expect_range(file, "frontend.sample_rate", sample_rate, 8_000, 96_000)?;
    expect_range(file, "frontend.n_fft", n_fft, 64, 8_192)?;
    if !n_fft.is_power_of_two() {
        return Err(ModelError::field(
            file,
            "frontend.n_fft",
            n_fft,
            "a power of two",
        ));
    }
    expect_range(file, "frontend.hop", hop, 1, n_fft)?;
    expect_range(file, "frontend.f_max", f_max, 1.0, sample_rate as f32 / 2.0)?;
    expect_range(file, "frontend.f_min", f_min, 0.0, f_max - 1.0)
}

impl TaggerCard {
    /// Reads the card.
    ///
    /// # Errors
    /// [`ModelError`] when it isn't a tagger's card of this schema, or asks for a front-end that this version can't honour.
    pub fn parse(file: &str, bytes: &[u8]) -> Result<Self, ModelError> {
        check_header(file, bytes, "tagger")?;
        let raw: RawTagger = parse(file, bytes)?;
        let front_end = raw.frontend;
        for (field, found, expected) in [
            ("frontend.channels", &front_end.channels, "mono mean"),
            ("frontend.window", &front_end.window, "hann periodic"),
            ("frontend.padding", &front_end.padding, "reflect"),
            ("frontend.spectrum", &front_end.spectrum, "power"),
            ("frontend.mel_scale", &front_end.mel_scale, "htk"),
            ("frontend.mel_norm", &front_end.mel_norm, "none"),
            (
                "frontend.scaling",
                &front_end.scaling,
                "10*log10(max(x, floor))",
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
        expect_range(file, "frontend.bands", front_end.bands, 8, 512)?;
        expect_range(file, "frontend.frames", front_end.frames, 8, 4_096)?;
        expect_range(file, "frontend.floor", front_end.floor, 1e-30, 1.0)?;
        expect_range(file, "tags (their number)", raw.tags.len(), 1, 1_000)?;
        expect_shape(
            file,
            "input.shape",
            &raw.input.shape,
            &[1, 1, front_end.bands, front_end.frames],
        )?;
        expect_shape(
            file,
            "output.shape",
            &raw.output.shape,
            &[1, raw.tags.len()],
        )?;
        Ok(Self {
            name: raw.name,
            version: raw.version,
            front_end,
            tags: raw.tags,
            model: raw.files.model,
            input: raw.input,
            output: raw.output,
        })
    }
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
    pub(super) fn parse(
        file: &str,
        bytes: &[u8],
        anchors: impl FnOnce(
            &FileEntry,
        ) -> Result<(String, std::borrow::Cow<'static, [u8]>), ModelError>,
    ) -> Result<Self, ModelError> {
        check_header(file, bytes, "timbre")?;
        let raw: RawTimbre = parse(file, bytes)?;
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
            expect_range(
                file,
                &format!("latents[{index}].std"),
                latent.std,
                1e-3,
                1e3,
            )?;
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
        let projection = match raw.map {
            Some(map) => Projection::parse(file, map)?,
            None => Projection::of_first_latents(&raw.latents),
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
