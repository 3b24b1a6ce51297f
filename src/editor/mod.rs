//! What is seen: draws from a [`Snapshot`](crate::telemetry::Snapshot), never touches the engine's insides.
//!
//! - `look`: colours, sizes, type
//! - `input`: gestures, keys, and the way of every edit to the host
//! - `widgets`: the controls, and the line of help
//! - `panels`: what is heard, what is done to it, its spectrum, and presets
//! - `app`: the window and what is around the panels
//!
//! Nothing here asks for the next frame by itself, but for a colour that is on its way: the window draws when the user does something, when the host changes a
//! parameter, and when whoever owns the [`RepaintNotifier`](nice_plug_egui::RepaintNotifier) has news.

mod app;
mod input;
mod look;
mod panels;
mod widgets;

pub use app::{
    EditorApp, LEAST_SIZE, create, draw,
    pages::Page,
    preferences::{PREFERENCES_VARIABLE, Preferences, UserFiles},
    window::MoodringEditor,
};
pub use input::control::UiState;
pub use look::theme::Theme;
