//! Who exports networks, and what theirs hear: the front-ends of published taggers, as cards have them.

use std::path::Path;

use serde_json::{Value, json};

use super::{ImportError, exported::Tensor};

/// AudioSet's labels, as EfficientAT has them, and as YAMNet has them.
const AUDIOSET: usize = 527;
const YAMNET: usize = 521;

/// Frames of EfficientAT's that one answer looks at where the network takes any number: 3.7 s, as in the tagger that ships.
const EFFICIENTAT_FRAMES: usize = 370;

/// The least samples that an input is a waveform with: half a second at 16 kHz.
const LEAST_SAMPLES: usize = 8_000;

/// Whose networks are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Exporter {
    /// Won et al., SMC 2020: sota-music-tagging-models; 96 or 128 mel bands, or the waveform
    Sota,
    /// Essentia's networks that hear as Musicnn does, Effnet-Discogs among them: 96 bands, frame by frame
    EssentiaMusicnn,
    /// Essentia's networks that hear as VGGish does: 64 bands, frame by frame
    EssentiaVggish,
    /// Schmid et al.: EfficientAT's AudioSet taggers, mn04 among them; 128 bands, 527 labels
    Efficientat,
    /// YAMNet behind its own spectrogram: 64 bands, frame by frame, 521 labels
    Yamnet,
}

/// What a network hears.
pub(super) struct Hearing {
    /// The input's shape, of one answer.
    pub shape: Vec<usize>,
    /// The card's sections.
    pub front_end: Value,
    pub normalisation: Option<Value>,
}

impl Exporter {
    /// What is known of each, for messages.
    pub(super) const KNOWN: &str = "sota has [1, 1, 96 or 128, frames] or [1, samples], essentia-musicnn [1, frames, 96], essentia-vggish and yamnet \
         [1, 96, 64], efficientat [1, 1, 128, frames]";

    /// The word for it, as the command line has it.
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Sota => "sota",
            Self::EssentiaMusicnn => "essentia-musicnn",
            Self::EssentiaVggish => "essentia-vggish",
            Self::Efficientat => "efficientat",
            Self::Yamnet => "yamnet",
        }
    }

    /// The one whose input an algorithm of Essentia's makes.
    fn of_algorithm(algorithm: &str) -> Option<Self> {
        match algorithm {
            // The latter has the former's input (essentia.upf.edu/reference).
            "TensorflowPredictMusiCNN" | "TensorflowPredictEffnetDiscogs" => {
                Some(Self::EssentiaMusicnn)
            }
            "TensorflowPredictVGGish" => Some(Self::EssentiaVggish),
            _ => None,
        }
    }

    /// The one whose networks have such an input and so many tags.
    fn of_shape(shape: &[Option<usize>], tags: usize) -> Option<Self> {
        match *sizes(shape) {
            [Some(128), _] if tags == AUDIOSET => Some(Self::Efficientat),
            [Some(96), Some(64)] if tags == YAMNET => Some(Self::Yamnet),
            [Some(96), Some(64)] => Some(Self::EssentiaVggish),
            [Some(_), Some(96)] => Some(Self::EssentiaMusicnn),
            [Some(96 | 128), Some(_)] => Some(Self::Sota),
            [Some(samples)] if samples >= LEAST_SAMPLES => Some(Self::Sota),
            _ => None,
        }
    }

    /// What a network of this exporter's hears with an input of that shape; `None` if its networks have no such input.
    fn hearing(self, shape: &[Option<usize>]) -> Option<Hearing> {
        let (front_end, free) = match (self, &*sizes(shape)) {
            (Self::Sota, [Some(samples)]) => (waveform(*samples), 0),
            (Self::Sota, [Some(bands @ (96 | 128)), Some(frames)]) => (sota(*bands, *frames), 0),
            (Self::EssentiaMusicnn, [Some(frames), Some(96)]) => (essentia_musicnn(*frames), 0),
            (Self::EssentiaVggish, [Some(96), Some(64)]) => (vggish("hann symmetric", 0.01), 0),
            (Self::Yamnet, [Some(96), Some(64)]) => (vggish("hann periodic", 0.001), 0),
            (Self::Efficientat, [Some(128), frames]) => {
                let frames = frames.unwrap_or(EFFICIENTAT_FRAMES);
                (efficientat(frames), frames)
            }
            _ => return None,
        };
        // A free size that isn't the frames' is the batch's.
        let last = shape.len().saturating_sub(1);
        let sizes = shape
            .iter()
            .enumerate()
            .map(|(place, size)| size.unwrap_or(if place == last && free > 0 { free } else { 1 }));
        Some(Hearing {
            shape: sizes.collect(),
            front_end,
            // EfficientAT's own: (x + 4.5) / 5.
            normalisation: (self == Self::Efficientat)
                .then(|| json!({"kind": "fixed", "mean": -4.5, "deviation": 5.0})),
        })
    }
}

/// Who exported a network, and what it hears: as the user says, or the metadata, or the input's shape. `network` is for messages.
///
/// # Errors
/// [`ImportError::Unknown`] and [`ImportError::Algorithm`].
pub(super) fn hearing(
    network: &Path,
    said: Option<Exporter>,
    algorithm: Option<&str>,
    input: &Tensor,
    tags: usize,
) -> Result<(Exporter, Hearing), ImportError> {
    let by_algorithm = match algorithm {
        Some(algorithm) if said.is_none() => {
            let known = Exporter::of_algorithm(algorithm);
            Some(known.ok_or_else(|| ImportError::Algorithm {
                network: network.to_owned(),
                algorithm: algorithm.to_owned(),
            })?)
        }
        _ => None,
    };
    let chosen = said.or(by_algorithm);
    let exporter = chosen.or_else(|| Exporter::of_shape(&input.shape, tags));
    let hearing = exporter.and_then(|exporter| Some((exporter, exporter.hearing(&input.shape)?)));
    hearing.ok_or_else(|| ImportError::Unknown {
        network: network.to_owned(),
        input: input.name.clone(),
        shape: input.told(),
        whose: match chosen {
            Some(exporter) => format!("is no input of {}'s", exporter.id()),
            None => "is no input of those that are known".to_owned(),
        },
    })
}

/// The sizes that aren't 1 and aren't the batch's, which comes first where there is more than one size.
fn sizes(shape: &[Option<usize>]) -> Vec<Option<usize>> {
    let of_one = match shape {
        [None, rest @ ..] if !rest.is_empty() => rest,
        whole => whole,
    };
    let sizes = of_one.iter().copied();
    sizes.filter(|size| *size != Some(1)).collect()
}

fn waveform(samples: usize) -> Value {
    json!({"kind": "waveform", "sample_rate": 16_000, "channels": "mono mean", "samples": samples})
}

/// M. Won et al., "Evaluation of CNN-based automatic music tagging models", SMC 2020: torchaudio's mel spectrogram in dB.
fn sota(bands: usize, frames: usize) -> Value {
    json!({
        "kind": "log-mel", "sample_rate": 16_000, "channels": "mono mean",
        "window": "hann periodic", "n_fft": 512, "hop": 256, "padding": "reflect", "spectrum": "power",
        "bands": bands, "mel_scale": "htk", "mel_norm": "none", "f_min": 0.0, "f_max": 8_000.0,
        "scaling": "10*log10(max(x, floor))", "floor": 1e-10, "frames": frames,
    })
}

/// J. Pons and X. Serra, "musicnn: pre-trained convolutional neural networks for music audio tagging", 2019, as Essentia's
/// TensorflowInputMusiCNN computes it.
fn essentia_musicnn(frames: usize) -> Value {
    json!({
        "kind": "log-mel", "sample_rate": 16_000, "channels": "mono mean",
        "window": "hann symmetric", "n_fft": 512, "hop": 256, "padding": "zeros", "spectrum": "power",
        "bands": 96, "mel_scale": "slaney", "mel_norm": "slaney", "f_min": 0.0, "f_max": 8_000.0,
        "scaling": "log10(1 + factor*x)", "factor": 10_000.0, "frames": frames,
    })
}

/// S. Hershey et al., "CNN architectures for large-scale audio classification", ICASSP 2017, as Essentia's TensorflowInputVGGish computes it; YAMNet's
/// own is the same but for the window's last sample and the number that is added.
fn vggish(window: &str, added: f64) -> Value {
    json!({
        "kind": "log-mel", "sample_rate": 16_000, "channels": "mono mean",
        "window": window, "window_length": 400, "n_fft": 512, "hop": 160,
        "padding": "none, frames as long as the window", "spectrum": "magnitude",
        "bands": 64, "mel_scale": "htk",
        "mel_shape": "triangles of height 1, straight on the mel scale, edges equally spaced", "mel_norm": "none",
        "f_min": 125.0, "f_max": 7_500.0, "scaling": "ln(x + floor)", "floor": added, "frames": 96,
    })
}

/// F. Schmid et al., "Efficient large-scale audio tagging via Transformer-to-CNN knowledge distillation", ICASSP 2023.
fn efficientat(frames: usize) -> Value {
    json!({
        "kind": "log-mel", "sample_rate": 32_000, "channels": "mono mean", "preemphasis": 0.97,
        "window": "hann symmetric", "window_length": 800, "n_fft": 1_024, "hop": 320, "padding": "reflect", "spectrum": "power",
        "bands": 128, "mel_scale": "htk",
        "mel_shape": "triangles of height 1, straight on the mel scale, edges equally spaced", "mel_norm": "none",
        "f_min": 0.0, "f_max": 15_000.0, "scaling": "ln(x + floor)", "floor": 1e-5, "frames": frames,
    })
}
