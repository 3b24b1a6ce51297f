pub mod control;
pub mod keys;
pub mod recorder;
pub mod text_entry;
pub mod undo;
