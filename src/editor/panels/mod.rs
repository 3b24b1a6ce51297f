pub mod listen;
pub mod morph;
pub mod presets;
pub mod spectrum;
