//! When something begins, how fast it goes, and on which beats.

mod beat;
mod onset;
mod tempo;

pub use beat::beats;
pub use onset::{OnsetStrength, Onsets};
pub use tempo::TempoTracker;
