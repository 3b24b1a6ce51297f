//! The two marks of where the sound is, on knobs, on the map and in the legend.

use egui::{Pos2, Stroke, Ui};

use crate::editor::look::Metrics;

/// The mark of the input's place: a ring.
pub fn live_mark(ui: &Ui, metrics: Metrics, center: Pos2) {
    ui.painter().circle(
        center,
        metrics.units(0.45),
        metrics.palette.panel,
        Stroke::new(metrics.units(0.15), metrics.palette.text),
    );
}

/// The mark of the place after the knobs: a dot.
pub fn shaped_mark(ui: &Ui, metrics: Metrics, center: Pos2) {
    ui.painter()
        .circle_filled(center, metrics.units(0.35), metrics.palette.accent);
}
