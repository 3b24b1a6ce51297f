//! The editor: draws what a [`Snapshot`](crate::telemetry::Snapshot) says, and never touches the engine.
//!
//! Each of these knows those above it only:
//!
//! - `look`: colours, sizes, type
//! - `input`: gestures, keys, typed text, undo, and the way of every edit to the host
//! - `widgets`: the controls, and the line of help
//! - `scene`: what a frame is drawn from, handed down to all that is drawn
//! - `panels`: what is heard, what is done to it, its spectrum, presets, and what there is to read; each owns what it remembers between two frames
//! - `app`: the window, and what is around the panels; composes their state
//!
//! All of it runs on the window's thread, but for [`MoodringEditor`] and its window, which the host opens and closes on its main
//! thread.
//!
//! The window draws when the user does something, when the host changes a parameter, and when whoever owns the
//! [`RepaintNotifier`](nice_plug_egui::RepaintNotifier) has news. Nothing here asks for the next frame by itself, but for a
//! colour that is on its way, and for a press or release that came too soon behind another.

mod app;
mod input;
mod look;
mod panels;
mod scene;
mod widgets;

pub use app::{
    LEAST_SIZE, MoodringEditor, PREFERENCES_VARIABLE, Page, Preferences, UiState, UserFiles,
    create, draw,
};
pub use input::{
    Automation, EntryKind, HostAnswer, HostEntry, HostSide, HostWish, Indication, Mapping,
    MenuAction,
};
pub use look::{Theme, load_fonts};
