//! Where the map's -1 to 1 is on the screen.

use egui::{Align2, CornerRadius, Pos2, Rect, Ui, Vec2};

use crate::editor::look::{self, Metrics};

/// The way from places on the map to points of the screen.
#[derive(Debug, Clone, Copy)]
pub struct Plane {
    /// All of it.
    pub rect: Rect,
    inside: Rect,
}

impl Plane {
    /// The way for a plane that is drawn into `rect`.
    pub fn new(metrics: Metrics, rect: Rect) -> Self {
        let margin = metrics
            .units(1.25)
            .min(rect.width().min(rect.height()) / 4.0);
        let inside = rect.shrink(margin);
        Self { rect, inside }
    }

    /// The point of a place; what is beyond the map is at its edge.
    pub fn screen(&self, at: [f32; 2]) -> Pos2 {
        let [x, y] = at.map(|value| {
            let value = if value.is_finite() { value } else { 0.0 };
            (value.clamp(-1.0, 1.0) + 1.0) / 2.0
        });
        Pos2::new(
            self.inside.left() + x * self.inside.width(),
            self.inside.bottom() - y * self.inside.height(),
        )
    }

    /// Writes a name beside a point, on a ground of its own, within the plane.
    pub fn name(&self, ui: &Ui, metrics: Metrics, dot: Pos2, text: &str) {
        let palette = metrics.palette;
        let (pad, gap) = (metrics.units(0.5), metrics.units(1.0));
        let most = self.rect.width() - 2.0 * pad;
        let width = look::text_width(ui, text, metrics.small()).ceil() + 1.0 + 2.0 * pad;
        let size = Vec2::new(width.min(most), metrics.units(2.2));
        let left = if dot.x + gap + size.x <= self.rect.right() {
            dot.x + gap
        } else {
            (dot.x - gap - size.x).max(self.rect.left() + pad)
        };
        let top = (dot.y - size.y - metrics.units(0.5)).max(self.rect.top() + 1.0);
        let ground = Rect::from_min_size(Pos2::new(left, top), size);
        let radius = CornerRadius::same(look::rounded(metrics.units(0.4)));
        ui.painter().rect_filled(ground, radius, palette.face_hot);
        look::paint_text(
            ui,
            ground.shrink2(Vec2::new(pad, 0.0)),
            Align2::LEFT_CENTER,
            text,
            metrics.small(),
            palette.text,
        );
    }
}
