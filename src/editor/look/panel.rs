//! Paints the edge of a panel.

use egui::{CornerRadius, Rect, Stroke, Ui, Vec2};

use super::metrics::{Metrics, rounded};

/// Paints a panel's edge and returns the room inside. Its face is what the window is cleared with, so that it costs nothing:
/// drawn by software, an editor costs what it paints over. So it is the corners that are painted, as background.
pub fn panel(ui: &Ui, metrics: Metrics, rect: Rect) -> Rect {
    /// Straight pieces in the curve of a corner.
    const PIECES: u32 = 6;
    let palette = metrics.palette;
    let radius = metrics.units(1.0);
    let mut mesh = egui::Mesh::default();
    for (corner, x, y) in [
        (rect.left_top(), 1.0, 1.0),
        (rect.right_top(), -1.0, 1.0),
        (rect.right_bottom(), -1.0, -1.0),
        (rect.left_bottom(), 1.0, -1.0),
    ] {
        let first = mesh.vertices.len() as u32;
        mesh.colored_vertex(corner, palette.background);
        let center = corner + radius * Vec2::new(x, y);
        for piece in 0..=PIECES {
            let turn = std::f32::consts::FRAC_PI_2 * piece as f32 / PIECES as f32;
            let (down, across) = turn.sin_cos();
            let at = center - radius * Vec2::new(x * across, y * down);
            mesh.colored_vertex(at, palette.background);
            if piece > 0 {
                mesh.add_triangle(first, first + piece, first + piece + 1);
            }
        }
    }
    ui.painter().add(mesh);
    ui.painter().rect_stroke(
        rect,
        CornerRadius::same(rounded(radius)),
        Stroke::new(1.0, palette.edge),
        egui::StrokeKind::Inside,
    );
    rect.shrink2(Vec2::new(metrics.units(1.5), metrics.units(1.0)))
}
