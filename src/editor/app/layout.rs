//! How the window's room is shared out, and what is painted around the panels.

use egui::{Color32, Rect, Stroke, StrokeKind, Ui, Vec2};

use super::mood_ring::MoodRing;
use crate::editor::{
    look::{Metrics, grip},
    panels::meters,
};

/// The smallest window, in logical pixels.
pub const LEAST_SIZE: (f32, f32) = (640.0, 400.0);

/// The window's parts, from top to bottom.
#[derive(Debug, Clone, Copy)]
pub struct WindowLayout {
    /// Mark, presets, tabs and switches.
    pub header: Rect,
    /// The page.
    pub page: Rect,
    /// The meters beside it.
    pub meters: Rect,
    /// The one-line help.
    pub help: Rect,
    /// Costs, models and faults.
    pub status: Rect,
}

impl WindowLayout {
    /// The parts of `window`.
    pub fn new(metrics: Metrics, window: Rect) -> Self {
        let inside = window.shrink2(Vec2::new(metrics.unit, 0.0));
        let (header, rest) = inside.split_top_bottom_at_y(inside.top() + metrics.units(4.5));
        let (page, footer) = rest.split_top_bottom_at_y(rest.bottom() - metrics.units(5.0));
        let (page, meters) =
            page.split_left_right_at_x(page.right() - metrics.units(meters::WIDTH));
        let page = page.with_max_x(page.right() - metrics.unit);
        let footer = footer.with_max_y(footer.bottom() - metrics.units(0.25));
        // The corner is the window's grip.
        let footer = footer
            .with_min_x(footer.left() + metrics.unit)
            .with_max_x(inside.right() + metrics.unit - grip(metrics) - metrics.units(0.25));
        let (help, status) = footer.split_top_bottom_at_y(footer.center().y);
        Self {
            header,
            page,
            meters,
            help,
            status,
        }
    }
}

/// Paints what is around `panels`, which are within `page`: the background, and the `ring`, if there is one, around the window
/// and behind the header. What is within the panels is not touched: see [`panel`](crate::editor::look::panel).
pub fn draw_around(
    ui: &Ui,
    metrics: Metrics,
    window: Rect,
    page: Rect,
    panels: &[Rect],
    ring: Option<&MoodRing>,
) {
    let background = metrics.palette.background;
    let tint = ring.map_or(background, |ring| ring.over(metrics, background, 0.16));
    let fill = |rect: Rect, color: Color32| {
        ui.painter().rect_filled(rect, 0, color);
    };
    let header = page.top() - metrics.units(0.25);
    fill(window.with_max_y(header), tint);
    fill(window.with_min_y(header).with_max_y(page.top()), background);
    fill(window.with_min_y(page.bottom()), background);
    let beside = page.with_min_x(window.left()).with_max_x(page.left());
    fill(beside, background);
    let beside = page.with_min_x(page.right()).with_max_x(window.right());
    fill(beside, background);
    for pair in panels.windows(2) {
        if let [one, other] = pair {
            let between = if one.bottom() < other.top() {
                page.with_min_y(one.bottom()).with_max_y(other.top())
            } else {
                page.with_min_x(one.right()).with_max_x(other.left())
            };
            fill(between, background);
        }
    }
    if let Some(ring) = ring {
        let stroke = Stroke::new(metrics.units(0.4), ring.over(metrics, background, 0.9));
        ui.painter()
            .rect_stroke(window, 0, stroke, StrokeKind::Inside);
    }
}

/// The Overview's two rooms, Listen's and Morph's: side by side in a wide and low window, else one above the other.
/// `least` is the height that Morph needs, `wanted` the one that it has even if Listen suffers, `full` the one beyond which Listen gains
/// nothing.
pub fn overview(metrics: Metrics, page: Rect, least: f32, wanted: f32, full: f32) -> [Rect; 2] {
    let gap = metrics.unit;
    let narrowest = metrics.units(87.0);
    if page.width() >= 2.0 * narrowest + gap && page.width() > 2.5 * page.height() {
        let middle = page.center().x;
        return [
            page.with_max_x(middle - gap / 2.0),
            page.with_min_x(middle + gap / 2.0),
        ];
    }
    // Both gain from a taller window.
    let spare = (page.height() - gap - 2.0 * least).max(0.0);
    let morph = (least + 0.45 * spare).max(wanted);
    let top = (page.bottom() - morph).min(page.top() + full + gap);
    [page.with_max_y(top - gap), page.with_min_y(top)]
}
