//! What Listen, Morph and the audio chain tell of themselves: plain values, each of one type from whoever makes it to whoever reads it.
//!
//! The engine's threads fill a [`Readout`] and a [`MorphView`], which `triple_buffer` hands over. The plugin copies the newest of both,
//! with the [`ReadoutHistory`] and the [`Status`], into the [`Snapshot`] that the editor draws from and the status log reads.

mod headline;
mod history;
mod measures;
mod meters;
mod morph_view;
mod readout;
mod snapshot;
mod song;
mod spectrum;
mod status;

pub use headline::{HeadlineChange, Headlines, NARROWER, likely_from};
pub use history::{HISTORY_LENGTH, Moment, ReadoutHistory};
pub use measures::Measures;
// What measures are made of.
pub use crate::dsp::descriptors::{Loudness, Timbre, note_name};
pub use meters::{Meter, Meters};
pub use morph_view::{Latents, MorphView};
pub use readout::{ListenState, Readout};
pub use snapshot::{Sidechain, Snapshot, Wanted};
pub use song::{SongClock, SongPosition};
pub use spectrum::{
    COLUMNS, Column, HIGHEST_HZ, LOWEST_HZ, Levels, POINTS, ROWS, SILENT_DB, SPECTRUM_RATE,
    Spectra, Spectrum, SpectrumHistory, Speed, point_hz,
};
pub use status::Status;
