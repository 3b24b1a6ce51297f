//! Presets: which one is in use, the menu and the questions, undo and redo, and two settings to compare.

mod bar;
mod compare;
mod current;
mod dialog;
mod menu;
mod parts;

pub use bar::PresetBar;
pub use parts::FULL_WIDTH;
