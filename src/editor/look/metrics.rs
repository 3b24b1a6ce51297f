//! The sizes: one spacing unit and one type scale, which grow with the window.

use egui::{FontFamily, FontId, Vec2};

use super::palette::{Palette, Theme};

/// What a frame is drawn with: sizes, all of them multiples of one unit that grows with the window, and colours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Metrics {
    /// The spacing unit, in logical pixels.
    pub unit: f32,
    /// Which of the two themes.
    pub theme: Theme,
    /// The theme's colours.
    pub palette: &'static Palette,
}

impl Metrics {
    /// Chooses them for a window of `size`, in logical pixels.
    pub fn new(size: Vec2, theme: Theme) -> Self {
        let scale = (size.x / 960.0).min(size.y / 620.0);
        // A larger window has larger type and more room: half of what it is larger goes to each.
        let scale = scale.min(1.0 + 0.5 * (scale - 1.0)).clamp(0.875, 1.625);
        // In steps: every new size of type costs room in the font texture.
        let scale = (scale * 16.0).floor() / 16.0;
        Self {
            unit: 8.0 * scale,
            theme,
            palette: theme.palette(),
        }
    }

    /// `units` spacing units, in logical pixels.
    pub fn units(self, units: f32) -> f32 {
        self.unit * units
    }

    fn font(self, size: f32) -> FontId {
        FontId::new(self.unit / 8.0 * size, FontFamily::Proportional)
    }

    /// The type of the status line.
    pub fn small(self) -> FontId {
        self.font(11.5)
    }

    /// The type of nearly everything.
    pub fn body(self) -> FontId {
        self.font(13.0)
    }

    /// The type of the heads of panels.
    pub fn heading(self) -> FontId {
        self.font(16.0)
    }

    /// The type of the product's name and of the one large line of an empty panel.
    pub fn title(self) -> FontId {
        self.font(20.0)
    }

    /// The type of what is read from across the room: letters as high as `units` spacing units allow.
    pub fn display(self, units: f32) -> FontId {
        FontId::new(
            (self.units(units) * 0.8).floor().max(1.0),
            FontFamily::Proportional,
        )
    }
}

/// Makes `size` a corner radius; egui keeps them in a byte.
pub fn rounded(size: f32) -> u8 {
    size.clamp(0.0, 255.0) as u8
}

/// The size of the corner that the window is dragged by, in logical pixels.
pub fn grip(metrics: Metrics) -> f32 {
    metrics.units(2.75).max(20.0)
}
