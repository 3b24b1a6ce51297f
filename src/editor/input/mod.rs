//! Takes what the user does to the host: gestures, keys, typed text, undo.

mod control_menu;
mod focus_group;
mod gestures;
mod host_menu;
mod host_side;
mod recorder;
mod text_entry;
mod travel;
mod undo;

pub mod assist;
pub mod button_frames;
pub mod keys;
pub mod steps;

pub use control_menu::{
    Automation, Indication, Mapping, Mark, Marks, MenuAction, MenuWish, copied, copy, lines,
};
pub use focus_group::FocusGroup;
pub use gestures::{Edit, Gestures};
pub use host_menu::{EntryKind, HostAnswer, HostEntry, HostWish};
pub use host_side::HostSide;
pub use recorder::Recorder;
pub use text_entry::{Outcome, TextEntry};
pub use travel::Travel;
pub use undo::{EditHistory, UnautomatedSettings};
