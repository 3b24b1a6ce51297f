//! What the editor writes with.

use std::sync::Arc;

use egui::{Context, FontData, FontDefinitions, FontFamily};
use epaint_default_fonts::UBUNTU_LIGHT;

/// The name by which egui asks for the one font.
const NAME: &str = "Ubuntu-Light";

/// Lets `context` write, from its next frame on. Nothing is done if it can already.
pub fn load_fonts(context: &Context) {
    let mut fonts = FontDefinitions::empty();
    let font = Arc::new(FontData::from_static(UBUNTU_LIGHT));
    fonts.font_data.insert(NAME.to_owned(), font);
    // Nothing here is written in letters of one width, but egui wants a font for that, too.
    for family in [FontFamily::Proportional, FontFamily::Monospace] {
        fonts.families.insert(family, vec![NAME.to_owned()]);
    }
    context.set_fonts(fonts);
}
