//! The tagger's card.

use serde::{Deserialize, Serialize};

use super::{
    check::{check_frames, check_header, expect_range, expect_shape, expect_text, parse},
    entry::{FileEntry, TensorEntry},
};
use crate::model::ModelError;

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
    /// The name of the wider tag that it is a case of, as a piano is a keyboard; `None` if there is none.
    #[serde(default)]
    pub parent: Option<String>,
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

/// What the tagger says of itself.
///
/// ```
/// use moodring::model::TaggerCard;
///
/// # fn main() -> Result<(), moodring::model::ModelError> {
/// # let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/models/tagger/card.json");
/// # let text = std::fs::read_to_string(shipped).unwrap_or_default();
/// let card = TaggerCard::parse("card.json", text.as_bytes())?;
/// assert!(card.tags.iter().any(|tag| tag.name == "rock"));
///
/// // A front-end that this version can't honour is refused by the field's name.
/// let other = text.replace("hann periodic", "kaiser");
/// let why = TaggerCard::parse("card.json", other.as_bytes()).unwrap_err();
/// assert!(why.to_string().contains("frontend.window"));
/// # Ok(())
/// # }
/// ```
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
    pub(in crate::model) model: FileEntry,
    pub(in crate::model) input: TensorEntry,
    pub(in crate::model) output: TensorEntry,
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
