//! The look: colours, sizes, type. It knows nothing of what is drawn with it.

mod focus;
mod fonts;
mod metrics;
mod palette;
mod panel;
mod style;
mod text;

pub use focus::focus_ring;
pub use fonts::load_fonts;
pub use metrics::{Metrics, grip, rounded};
pub use palette::{Theme, mix};
pub use panel::panel;
pub use style::apply;
pub use text::{fitting, label, paint_text, text_width};
