//! Takes what the user does to the host: gestures, keys, typed text, undo.

mod gestures;
mod recorder;
mod text_entry;
mod travel;
mod undo;

pub mod assist;
pub mod button_frames;
pub mod keys;
pub mod steps;

pub use gestures::{Edit, Gestures};
pub use recorder::Recorder;
pub use text_entry::{Outcome, TextEntry};
pub use travel::Travel;
pub use undo::{EditHistory, UnautomatedSettings};
