//! The panels. Each owns what it remembers between two frames, and knows no other.

pub mod about;
pub mod listen;
pub mod measure;
pub mod meters;
pub mod morph;
pub mod presets;
pub mod spectrum;
