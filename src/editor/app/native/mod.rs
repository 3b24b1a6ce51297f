//! What the system's window is, and what baseview and its like get wrong about it: its first frame, its size, its corner, its pixels.

pub mod early_map;
pub mod grip;
pub mod host_size;
pub mod renderer;
