//! Cards, loading and the networks themselves; the only room that names tract.
//!
//! A model is a folder: a `card.json` that says everything the code needs (front-end, shapes, names, file hashes)
//! and the ONNX files that it lists. The models that ship are embedded in the plugin file, see [`ModelSource`].

mod card;
mod chord_ear;
mod cost;
mod costs;
mod error;
mod import;
mod map;
mod network;
mod notes;
mod profile;
mod reference;
mod registry;
mod source;
mod tagger;
mod timbre;
mod vector_state;

pub use card::{
    Affect, Anchor, Circumplex, FARTHEST, InputOrder, LONGEST_NAME, LatentInfo, ListenFrontEnd,
    LogMelFrontEnd, MusicMap, MusicPlace, NEAREST_SONGS, Normalisation, Song, TagInfo, TagKind,
    TaggerCard, TimbreCard, TimbreFrontEnd, WaveformFrontEnd,
};
pub use chord_ear::{ChordEar, EAR_EVIDENCE, EAR_PITCHES};
pub use cost::NetworkCost;
pub use costs::{ModelCosts, ModelKind};
pub use error::ModelError;
pub use import::{Exporter, Import, ImportError};
pub use map::{MapPlace, TimbreMap};
pub use notes::{
    Colour, HARMONICS, NOISE_BANDS, NoteFrame, NotePlayers, PlayedNote, noise_edges_hz,
};
pub use profile::OperatorTime;
pub use reference::{ModelReference, library, library_folder};
pub use registry::{ModelRegistry, Models};
pub use source::{MODELS_VARIABLE, ModelSource};
pub use tagger::TaggerModel;
pub use timbre::TimbreModel;

#[cfg(all(test, unix))]
pub(crate) use registry::tests;

/// Number of latent dimensions, and so of latent knobs: fixed by the parameter list, which a host's project relies on.
pub const LATENTS: usize = 8;

/// Number of mel bands of the timbre front-end: fixed, so that frames and curves can be plain arrays between threads.
pub const BANDS: usize = 128;

/// A point in the latent space, in the encoder's own units.
pub type Latent = [f32; LATENTS];

/// A level or a gain per mel band, in dB.
pub type MelDb = [f32; BANDS];

/// A spectral shape in the encoder's units, per mel band: see [`TimbreModel::normalise`].
pub type MelShape = [f32; BANDS];
