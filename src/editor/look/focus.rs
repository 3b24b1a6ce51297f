//! Paints what has the focus.

use egui::{CornerRadius, Rect, Stroke, StrokeKind, Ui};

use super::metrics::{Metrics, rounded};

/// Paints a ring around `rect`: what it is around has the focus, chosen or not.
pub fn focus_ring(ui: &Ui, metrics: Metrics, rect: Rect) {
    let ring = rect.expand(metrics.units(0.15));
    let radius = CornerRadius::same(rounded(metrics.units(0.6)));
    let stroke = Stroke::new(metrics.units(0.25), metrics.palette.accent);
    ui.painter()
        .rect_stroke(ring, radius, stroke, StrokeKind::Outside);
}
