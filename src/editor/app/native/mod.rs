//! What the system's window is, and what baseview and its like get wrong about it: its first frame, its size, its corner,
//! its pixels, its keymap.

pub mod early_map;
pub mod grip;
pub mod host_size;
#[cfg(target_os = "linux")]
mod keymap;
pub mod renderer;
