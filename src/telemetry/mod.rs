//! What Listen, Morph and the audio chain tell of themselves: plain values, each of one type from whoever makes it to whoever reads it.
//!
//! The engine's threads fill a [`Readout`] and a [`MorphView`], which `triple_buffer` hands over. The plugin copies the newest of both,
//! with the [`ReadoutHistory`] and the [`Status`], into the [`Snapshot`] that the editor draws from and the status log reads.

mod headline;
mod history;
mod morph_view;
mod readout;
mod snapshot;
mod song;
mod status;

pub use headline::{HeadlineChange, Headlines, NARROWER, likely_from};
pub use history::{HISTORY_LENGTH, Moment, ReadoutHistory};
pub use morph_view::{Latents, MorphView, Spectrum};
pub use readout::{ListenState, Readout};
pub use snapshot::{Sidechain, Snapshot};
pub use song::{SongClock, SongPosition};
pub use status::Status;
