//! How fast it is, in which key, how it is tuned, and which notes sound.

use std::f32::consts::TAU;

use egui::{Align2, Pos2, Rect, Shape, Stroke, Ui, Vec2};

use super::Reading;
use crate::{
    editor::look::{self, Metrics},
    telemetry::{Measures, note_name},
};

/// From one note of the wheel to the next, in semitones: fifths, so that a key's notes are beside each other.
const FIFTH: usize = 7;

/// The greatest height of a number with its name and its words, in spacing units.
const TALLEST: f32 = 10.0;

/// Draws tempo, key and tuning above each other at the left of `rect`, and the wheel of notes at the right.
pub fn draw(ui: &Ui, metrics: Metrics, rect: Rect, measures: &Measures) {
    let size = rect.height().min(0.55 * rect.width());
    let (numbers, wheel) = rect.split_left_right_at_x(rect.right() - size);
    let dash = || "–".to_owned();
    let key = measures.key;
    let readings = [
        Reading {
            name: "Tempo",
            text: measures
                .tempo
                .map_or_else(dash, |tempo| format!("{tempo:.0}")),
            words: "beats a minute",
        },
        Reading {
            name: "Key",
            text: key.map_or_else(dash, |key| key.to_string()),
            words: "whose notes fit best",
        },
        Reading {
            name: "Tuning",
            text: measures
                .tuning
                .map_or_else(dash, |tuning| format!("{:+.0}", 100.0 * tuning)),
            words: "cents off A = 440 Hz",
        },
    ];
    // The first is at the top and the last at the bottom, as the bars beside them.
    let height = (numbers.height() / readings.len() as f32).min(metrics.units(TALLEST));
    let step = (numbers.height() - height) / (readings.len() - 1) as f32;
    for (index, reading) in readings.iter().enumerate() {
        let top = numbers.top() + index as f32 * step;
        let cell = numbers.with_min_y(top).with_max_y(top + height);
        draw_number(
            ui,
            metrics,
            cell.with_max_x(cell.right() - metrics.unit),
            reading,
        );
    }
    draw_wheel(ui, metrics, wheel, measures);
}

fn draw_number(ui: &Ui, metrics: Metrics, rect: Rect, reading: &Reading<'_>) {
    let palette = metrics.palette;
    let align = Align2::LEFT_CENTER;
    let (caption, rest) = rect.split_top_bottom_at_y(rect.top() + metrics.units(1.75));
    look::paint_text(
        ui,
        caption,
        align,
        reading.name,
        metrics.small(),
        palette.dim,
    );
    let words_height = metrics.units(1.75);
    // The words keep apart from the next number's name.
    let apart = metrics.units(0.5);
    let number_height = (rest.height() - words_height - apart).min(metrics.units(6.5));
    let (number, words) = rest.split_top_bottom_at_y(rest.top() + number_height);
    let font = metrics.display(number_height / metrics.unit);
    let font = look::fitting(ui, &reading.text, number.width(), font);
    look::paint_text(ui, number, align, &reading.text, font, palette.text);
    let words = words.with_max_y(words.top() + words_height);
    reading.explain(ui, metrics, words);
    reading.place(ui, rect.with_max_y(words.bottom()));
}

/// The notes around a circle, each a slice that is as long as the note is strong; the key's tonic has the colour of what is chosen.
fn draw_wheel(ui: &Ui, metrics: Metrics, rect: Rect, measures: &Measures) {
    /// Corners along a slice's rim.
    const CORNERS: usize = 6;
    let palette = metrics.palette;
    let room = metrics.units(2.25);
    let radius = 0.5 * rect.width().min(rect.height()) - room;
    let center = rect.center();
    let painter = ui.painter();
    let edge = Stroke::new(1.0, palette.edge);
    painter.circle(center, radius, palette.track, edge);
    let tonic = measures.key.map(|key| key.tonic);
    let notes = Measures::NOTES;
    for place in 0..notes {
        let note = place * FIFTH % notes;
        let strength = measures.chroma.get(note).copied().unwrap_or_default() as f32;
        let step = TAU / notes as f32;
        // From the top on, clockwise.
        let middle = place as f32 * step - TAU / 4.0;
        let is_tonic = tonic == Some(note);
        let fill = if is_tonic {
            palette.accent
        } else {
            look::mix(palette.track, palette.accent, 0.5)
        };
        let mut corners = vec![center];
        corners.extend((0..=CORNERS).map(|corner| {
            let share = corner as f32 / CORNERS as f32 - 0.5;
            center + strength.clamp(0.0, 1.0) * radius * Vec2::angled(middle + 0.92 * step * share)
        }));
        if strength > 0.02 {
            painter.add(Shape::convex_polygon(corners, fill, Stroke::NONE));
        }
        let at: Pos2 = center + (radius + 0.6 * room) * Vec2::angled(middle);
        let ink = if is_tonic { palette.text } else { palette.dim };
        let label = Rect::from_center_size(at, Vec2::splat(1.25 * room));
        let (align, font) = (Align2::CENTER_CENTER, metrics.small());
        look::paint_text(ui, label, align, note_name(note), font, ink);
    }
    let reading = Reading {
        name: "Notes",
        text: strongest(measures),
        words: "how strong each is in the last 20 s, around the circle of fifths, whatever its octave",
    };
    reading.place(ui, rect);
}

/// The notes that are at least half as strong as the strongest, in words.
fn strongest(measures: &Measures) -> String {
    let notes = measures.chroma.iter().enumerate();
    let strong = notes.filter(|(_, strength)| **strength >= 0.5);
    let names: Vec<_> = strong.map(|(note, _)| note_name(note)).collect();
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}
