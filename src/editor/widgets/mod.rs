pub mod button;
pub mod help;
pub mod knob;
pub mod slider;
