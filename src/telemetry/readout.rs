//! What Listen says: a probability per tag, how that feels, and of which audio.

use crate::model::{Affect, MusicPlace};

use super::{HeadlineChange, Headlines, SongPosition};

/// What the numbers of a [`Readout`] mean at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ListenState {
    /// Nothing has been heard yet.
    #[default]
    Waiting,
    /// Less than a full window of sound has been heard; the answer is a first guess.
    WarmingUp,
    /// The answer describes a full window.
    Live,
    /// Silence: the last answer is kept.
    Silence,
    /// There is no tagger; the status line says why.
    Unavailable,
}

impl ListenState {
    /// The word that stands for it in the readout's files.
    pub fn id(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::WarmingUp => "warming up",
            Self::Live => "live",
            Self::Silence => "silence",
            Self::Unavailable => "unavailable",
        }
    }
}

/// The latest answer; made on Listen's thread.
#[derive(Debug, Clone, Default)]
pub struct Readout {
    /// What the numbers mean.
    pub state: ListenState,
    /// End of the audio that the answer describes, in seconds since the last reset.
    pub seconds: f64,
    /// Probability of each tag in this answer, 0 to 1, in the card's order; empty before the first answer.
    pub probabilities: Vec<f32>,
    /// The same, averaged over the user's averaging time.
    pub average: Vec<f32>,
    /// Valence and arousal, averaged over the same time; `None` before the first answer, and of a tagger that doesn't know.
    pub affect: Option<Affect>,
    /// Where it is among songs, averaged over the same time; `None` before the first answer, in silence, and of a tagger without a map.
    pub place: Option<MusicPlace>,
    /// Where the host's song was, if the host tells it.
    pub song: Option<SongPosition>,
    /// Time that the tagger took for this answer, in ms.
    pub inference_ms: f32,
    /// What is named in large letters from this answer on.
    pub headlines: Headlines,
    /// Which of them are new with this answer.
    pub headline_changes: Vec<HeadlineChange>,
}
