//! How it is felt: a bar for each attribute.

use egui::{Align2, CornerRadius, Rect, Ui};

use super::Reading;
use crate::{
    editor::look::{self, Metrics},
    telemetry::Timbre,
};

/// How many times as large rows are as in the usual window, at most.
const LARGEST: f32 = 1.5;

/// Draws the bars above each other into `rect`, each with its name, its number and, where there is room, its words.
pub fn draw(ui: &Ui, metrics: Metrics, rect: Rect, timbre: Option<&Timbre>) {
    let of = |value: fn(&Timbre) -> f64| timbre.map(value);
    let rows = [
        (
            "Brightness",
            of(|timbre| timbre.brightness),
            "how much of it is high",
        ),
        (
            "Depth",
            of(|timbre| timbre.depth),
            "how low it is and how long its notes last",
        ),
        (
            "Hardness",
            of(|timbre| timbre.hardness),
            "how suddenly and how bright notes begin",
        ),
        (
            "Warmth",
            of(|timbre| timbre.warmth),
            "how full and smooth it is",
        ),
        (
            "Sharpness",
            of(|timbre| timbre.sharpness),
            "how piercing it is",
        ),
        (
            "Boominess",
            of(|timbre| timbre.boominess),
            "how much the bass booms",
        ),
        (
            "Roughness",
            of(|timbre| timbre.roughness),
            "how much its partials beat",
        ),
        (
            "Reverb",
            of(|timbre| 100.0 * timbre.reverb),
            "how surely it has any",
        ),
    ];
    let height = rect.height() / rows.len() as f32;
    // In a large window they are larger, so that they have the same room as what is beside them. In steps: each size of type costs.
    let larger = (height / metrics.units(6.0)).clamp(1.0, LARGEST);
    let metrics = Metrics {
        unit: metrics.unit * (8.0 * larger).floor() / 8.0,
        ..metrics
    };
    for (index, (name, value, words)) in rows.into_iter().enumerate() {
        let top = rect.top() + index as f32 * height;
        let row = rect.with_min_y(top).with_max_y(top + height);
        let reading = Reading {
            name,
            text: value.map_or_else(|| "–".to_owned(), |value| format!("{value:.0}")),
            words,
        };
        draw_row(ui, metrics, row, &reading, value);
    }
}

fn draw_row(ui: &Ui, metrics: Metrics, rect: Rect, reading: &Reading<'_>, value: Option<f64>) {
    let palette = metrics.palette;
    // The words are below the name where there is room for two lines, else nowhere but in the help.
    let line = metrics.units(1.9);
    let is_tall = rect.height() >= 2.5 * line;
    let first = rect.with_max_y(rect.top() + if is_tall { line } else { rect.height() });
    let widest = look::text_width(ui, "Brightness", metrics.body()) + metrics.units(1.0);
    let (name, rest) = first.split_left_right_at_x(first.left() + widest);
    let (align, body) = (Align2::LEFT_CENTER, metrics.body());
    look::paint_text(ui, name, align, reading.name, body.clone(), palette.text);
    let number = look::text_width(ui, "100", body.clone()) + metrics.units(0.75);
    let (bar, number) = rest.split_left_right_at_x(rest.right() - number);
    look::paint_text(
        ui,
        number,
        Align2::RIGHT_CENTER,
        &reading.text,
        body,
        palette.text,
    );
    let thick = metrics.units(1.0).min(bar.height());
    let bar = Rect::from_center_size(bar.center(), egui::vec2(bar.width(), thick));
    let corner = CornerRadius::same(look::rounded(metrics.units(0.3)));
    ui.painter().rect_filled(bar, corner, palette.track);
    if let Some(value) = value {
        let share = (value / 100.0).clamp(0.0, 1.0) as f32;
        let full = bar.with_max_x(bar.left() + share * bar.width());
        ui.painter().rect_filled(full, corner, palette.accent);
    }
    if is_tall {
        let below = rest
            .with_min_y(first.bottom())
            .with_max_y(first.bottom() + line);
        reading.explain(ui, metrics, below);
    }
    reading.place(ui, rect);
}
