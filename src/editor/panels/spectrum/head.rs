//! The head of the Spectrum panel: its title, how it is measured and drawn, and which lines are seen.

use egui::{Align2, Color32, Popup, Pos2, Rect, Stroke, Ui, Vec2};

use super::settings::{LevelRange, SpectrumSettings, Tilt};
use crate::{
    editor::{
        look::{self, Metrics},
        widgets::{
            button::{self, Kind},
            help,
        },
    },
    telemetry::Speed,
};

/// Height of a row, in spacing units.
const ROW: f32 = 3.0;

/// The menus' names.
const SPEED: &str = "Spectrum Speed";
const RANGE: &str = "Spectrum Range";
const TILT: &str = "Spectrum Tilt";

/// The lines' names, and what they are.
const LINES: [(&str, &str); 4] = [
    (
        "Input",
        "Thin grey line: what goes in, at the time of what comes out",
    ),
    ("Output", "Thick filled line: what comes out"),
    (
        "Curve",
        "Dashed line: the gain that turns the input into the output; its dB are at the right edge",
    ),
    (
        "Peak Hold",
        "Thin line: the output’s highest levels; click into the picture to forget them",
    ),
];

/// The colours of input, output, curve and peaks.
pub fn colors(metrics: Metrics) -> [Color32; 4] {
    let palette = metrics.palette;
    [
        palette.dim,
        palette.accent,
        palette.text,
        look::mix(palette.background, palette.accent, 0.65),
    ]
}

fn gap(metrics: Metrics) -> f32 {
    metrics.units(0.5)
}

/// What the menu of speeds says: the average, in words.
fn speed_text(speed: Speed) -> String {
    format!("{} {} s", speed.name(), speed.seconds())
}

/// A menu's button has a mark as well.
fn menu_width(ui: &Ui, metrics: Metrics, text: &str) -> f32 {
    button::width(ui, metrics, text) + metrics.units(1.75)
}

fn widths(ui: &Ui, metrics: Metrics, settings: &SpectrumSettings) -> (f32, f32) {
    let menus = [
        speed_text(settings.speed),
        settings.range.name().to_owned(),
        settings.tilt.name().to_owned(),
    ]
    .map(|text| menu_width(ui, metrics, &text) + gap(metrics));
    let lines = LINES.map(|(name, _)| button::width(ui, metrics, name) + gap(metrics));
    let freeze = button::width(ui, metrics, "Freeze") + gap(metrics);
    (
        menus.iter().sum::<f32>() + freeze,
        lines.iter().sum::<f32>(),
    )
}

/// The head's height in a panel of this width: one row or two.
pub fn height(ui: &Ui, metrics: Metrics, width: f32, settings: &SpectrumSettings) -> f32 {
    let title = look::text_width(ui, "Spectrum", metrics.heading()) + metrics.units(1.5);
    let (menus, lines) = widths(ui, metrics, settings);
    if title + menus + lines <= width {
        metrics.units(ROW)
    } else {
        metrics.units(2.0 * ROW)
    }
}

/// Draws the head into `rect`; `frozen` is whether the picture stands.
pub fn draw(
    ui: &Ui,
    metrics: Metrics,
    rect: Rect,
    settings: &mut SpectrumSettings,
    frozen: &mut bool,
) {
    let first = rect.with_max_y(rect.top() + metrics.units(ROW));
    look::paint_text(
        ui,
        first,
        Align2::LEFT_CENTER,
        "Spectrum",
        metrics.heading(),
        metrics.palette.text,
    );
    let (_, lines) = widths(ui, metrics, settings);
    if rect.height() > metrics.units(1.5 * ROW) {
        let second = rect.with_min_y(first.bottom());
        draw_lines(ui, metrics, second, settings);
        draw_menus(ui, metrics, first, settings, frozen);
    } else {
        draw_lines(ui, metrics, first, settings);
        draw_menus(
            ui,
            metrics,
            first.with_max_x(first.right() - lines),
            settings,
            frozen,
        );
    }
}

/// A cell of this width at the right of a row.
fn cell(metrics: Metrics, row: Rect, right: f32, width: f32) -> Rect {
    Rect::from_min_size(
        Pos2::new(right - width, row.top()),
        Vec2::new(width, metrics.units(2.5)),
    )
}

/// Draws the lines' switches, from the right, each with its line's colour.
fn draw_lines(ui: &Ui, metrics: Metrics, row: Rect, settings: &mut SpectrumSettings) {
    let shown = [
        &mut settings.input,
        &mut settings.output,
        &mut settings.curve,
        &mut settings.peaks,
    ];
    let mut right = row.right();
    let all = LINES.into_iter().zip(shown).zip(colors(metrics));
    for (((name, words), on), color) in all.rev() {
        let cell = cell(metrics, row, right, button::width(ui, metrics, name));
        let response = button::button(ui, metrics, cell, name, name, Kind::Toggle(*on));
        if *on {
            let foot = cell.bottom() - metrics.units(0.3);
            let stroke = Stroke::new(metrics.units(0.25), color);
            let along = cell.x_range().shrink(metrics.units(0.75));
            ui.painter().hline(along, foot, stroke);
        }
        if help::tip(response, words).clicked() {
            *on = !*on;
        }
        right = cell.left() - gap(metrics);
    }
}

/// Draws Freeze and the menus, from the right.
fn draw_menus(
    ui: &Ui,
    metrics: Metrics,
    row: Rect,
    settings: &mut SpectrumSettings,
    frozen: &mut bool,
) {
    let freeze = cell(
        metrics,
        row,
        row.right(),
        button::width(ui, metrics, "Freeze"),
    );
    let name = "Freeze Spectrum";
    let response = button::button(ui, metrics, freeze, name, "Freeze", Kind::Toggle(*frozen));
    if help::tip(response, "Keeps the picture as it is, to read it").clicked() {
        *frozen = !*frozen;
    }
    let mut right = freeze.left() - gap(metrics);
    let mut menu = |name: &str, text: &str, words: &str| {
        let cell = cell(metrics, row, right, menu_width(ui, metrics, text));
        right = cell.left() - gap(metrics);
        let response = button::button(ui, metrics, cell, name, text, Kind::Menu);
        help::tip(response, words)
    };
    let tilt = menu(
        TILT,
        settings.tilt.name(),
        "Turns the levels around 1 kHz: at 4.5 dB an octave most music is level; the pointer reads them as they are",
    );
    let range = menu(
        RANGE,
        settings.range.name(),
        "The levels that are seen, in decibels down from full scale",
    );
    let speed = menu(
        SPEED,
        &speed_text(settings.speed),
        "How long input, output and curve are averaged over, all of them alike",
    );
    Popup::menu(&tilt).show(|ui| {
        for tilt in Tilt::ALL {
            ui.selectable_value(&mut settings.tilt, tilt, tilt.name());
        }
    });
    Popup::menu(&range).show(|ui| {
        for range in LevelRange::ALL {
            ui.selectable_value(&mut settings.range, range, range.name());
        }
    });
    Popup::menu(&speed).show(|ui| {
        for speed in Speed::ALL {
            ui.selectable_value(&mut settings.speed, speed, speed_text(speed));
        }
    });
}
