//! What is heard and done, as plain values that are filled anew for every frame of the editor.

use std::{sync::Arc, time::Duration};

use super::{Latents, Measures, Meters, Readout, ReadoutHistory, Spectra, SpectrumHistory, Status};
use crate::model::{MelDb, MusicMap, TagInfo, TimbreMap};

/// Everything that is shown besides the parameters; owned by the editor's thread, and at deactivation by the main thread.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// The tagger's outputs, in order.
    pub tags: Arc<[TagInfo]>,
    /// Length of the sound that one answer looks at, in seconds; 0 without a tagger.
    pub answer_seconds: f32,
    /// Time from one answer to the next, in seconds; 0 without a tagger.
    pub answer_pace: f32,
    /// Where songs are for the tagger; `None` without one, and of a tagger without a map.
    pub music_map: Option<Arc<MusicMap>>,
    /// The tagger's latest answer.
    pub readout: Readout,
    /// The readouts of the last minutes.
    pub history: ReadoutHistory,
    /// The input's latent and the latent after the knobs; `None` while there is none (no sound yet, no model).
    pub latents: Option<Latents>,
    /// The plane of the latent space with the named timbres; `None` without a model.
    pub map: Option<Arc<TimbreMap>>,
    /// The sidechain input.
    pub sidechain: Sidechain,
    /// How loud input and output are.
    pub meters: Meters,
    /// What is measured of the output; `None` while nobody wants it.
    pub measures: Option<Measures>,
    /// The newest spectra; `None` before the first sound.
    pub spectra: Option<Spectra>,
    /// The output of the last seconds.
    pub spectrum_history: SpectrumHistory,
    /// The gain curve in dB, averaged as the spectra are: indexed by [`Speed`](super::Speed); `None` before the first sound, and without a model.
    pub curves: Option<[MelDb; 3]>,
    /// Centres of the curve's bands, in Hz; empty without a model.
    pub band_hz: Arc<[f32]>,
    /// The status line's values.
    pub status: Status,
}

impl Snapshot {
    /// How often there are answers, as words that go on where `there is an answer` ends.
    pub fn answers_come(&self) -> String {
        if self.answer_pace <= 0.5 {
            "twice a second".to_owned()
        } else {
            format!("every {} s", self.answer_pace)
        }
    }
}

/// What whoever looks wants to see.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The least time between two looks that the editor is woken for; `None` if it wants none.
    pub motion: Option<Duration>,
    /// For how many spectra, of [`SPECTRUM_RATE`](super::SPECTRUM_RATE) a second, one that is measured stands; 0 is 1.
    pub spectra_together: u32,
    /// Whether [`Measures`] are wanted: 0 is no, and another number than before begins them anew.
    pub measures: u32,
}

/// What is known of the sidechain input.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sidechain {
    /// Whether anything has been heard there since the plugin was activated.
    pub connected: bool,
    /// Where its sound is on the map; `None` unless Morph leads there and it has been heard.
    pub at: Option<[f32; 2]>,
}
