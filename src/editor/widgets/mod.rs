//! The controls, and the one-line help. They see the parameter that they are for, and what they are moved with.

mod control;
mod marks;
mod number;

pub mod button;
pub mod help;
pub mod knob;
pub mod slider;
pub mod switch;

pub use control::{Control, menu_id, offer_menu};
pub use marks::{live_mark, shaped_mark};
