//! How loud it is: large numbers.

use egui::{Align2, CornerRadius, Rect, Ui};

use super::Reading;
use crate::editor::look::{self, Metrics};
use crate::telemetry::Loudness;

/// The levels at the ends of the bars, in LUFS.
const QUIETEST: f64 = -60.0;
const LOUDEST: f64 = 0.0;

/// From here on a peak may be clipped by what it is encoded with, in dBTP: EBU R 128 has it as the most that is allowed.
const TOO_HIGH: f64 = -1.0;

/// Draws five numbers beside each other into `rect`, each with its name, its unit and, where there is room, its words.
pub fn draw(ui: &Ui, metrics: Metrics, rect: Rect, loudness: &Loudness) {
    let cells = [
        ("Momentary", loudness.momentary, "LUFS", "the last 0.4 s"),
        ("Short-Term", loudness.short_term, "LUFS", "the last 3 s"),
        (
            "Integrated",
            loudness.integrated,
            "LUFS",
            "all but what is quiet",
        ),
        ("Range", loudness.range, "LU", "how much it varies"),
        (
            "True Peak",
            loudness.true_peak,
            "dBTP",
            "between samples, too",
        ),
    ];
    let width = rect.width() / cells.len() as f32;
    for (index, (name, value, unit, words)) in cells.into_iter().enumerate() {
        let left = rect.left() + index as f32 * width;
        let cell = rect.with_min_x(left).with_max_x(left + width);
        let cell = cell.with_max_x(cell.right() - metrics.units(1.0));
        let reading = Reading {
            name,
            text: format!("{} {unit}", written(value)),
            words,
        };
        let is_wrong = name == "True Peak" && value > TOO_HIGH;
        draw_cell(ui, metrics, cell, &reading, (value, unit), is_wrong);
    }
}

fn draw_cell(
    ui: &Ui,
    metrics: Metrics,
    rect: Rect,
    reading: &Reading<'_>,
    (value, unit): (f64, &str),
    is_wrong: bool,
) {
    let palette = metrics.palette;
    let (align, small) = (Align2::LEFT_CENTER, metrics.small());
    let (caption, rest) = rect.split_top_bottom_at_y(rect.top() + metrics.units(1.75));
    look::paint_text(ui, caption, align, reading.name, small.clone(), palette.dim);
    let (rest, words) = rest.split_top_bottom_at_y(rest.bottom() - metrics.units(1.75));
    let (rest, bar) = rest.split_top_bottom_at_y(rest.bottom() - metrics.units(1.0));
    let unit_width = look::text_width(ui, unit, small.clone()) + metrics.units(0.5);
    let height = rest.height() / metrics.unit;
    let font = metrics.display(height.min(8.0));
    let font = look::fitting(ui, "-88.8", rest.width() - unit_width, font);
    let ink = match (is_wrong, reading.name) {
        (true, _) => palette.warning,
        (false, "Integrated") => palette.accent,
        (false, _) => palette.text,
    };
    let (number, _) = look::paint_text(ui, rest, align, written(value), font, ink);
    let beside = rest
        .with_min_x(number.right() + metrics.units(0.5))
        .with_max_y(number.bottom() - metrics.units(0.5));
    look::paint_text(ui, beside, Align2::LEFT_BOTTOM, unit, small, palette.dim);
    if unit != "LU" {
        let bar = bar.shrink2(egui::vec2(0.0, metrics.units(0.25)));
        let share = ((value - QUIETEST) / (LOUDEST - QUIETEST)).clamp(0.0, 1.0) as f32;
        let corner = CornerRadius::same(look::rounded(metrics.units(0.25)));
        ui.painter().rect_filled(bar, corner, palette.track);
        let full = bar.with_max_x(bar.left() + share * bar.width());
        let fill = if is_wrong {
            palette.warning
        } else {
            palette.accent
        };
        ui.painter().rect_filled(full, corner, fill);
    }
    reading.explain(ui, metrics, words);
    reading.place(ui, rect);
}

/// A level as it is written; where there is none it is a dash.
fn written(level: f64) -> String {
    if level > -100.0 {
        // "-0.0" would be a strange thing to read.
        let level = if level.abs() < 0.05 { 0.0 } else { level };
        format!("{level:.1}")
    } else {
        "–".to_owned()
    }
}
