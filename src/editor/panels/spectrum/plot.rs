//! The plot of input, output and curve over frequency.

use egui::{
    Align2, Color32, CornerRadius, Mesh, Pos2, Rect, Response, Role, Sense, Shape, Stroke, Ui,
    Vec2, WidgetInfo,
};

use super::frequency::{self, Axis};
use crate::editor::look::{self, Metrics};
use crate::model::{BANDS, MelDb};
use crate::telemetry::Spectrum;

/// The level at the top, in dB; a full-scale sine is 0.
const TOP: f32 = 0.0;
/// The level at the bottom.
const BOTTOM: f32 = -100.0;
/// Between two lines, in dB.
const DIVISION: f32 = 20.0;
/// The curve's gain that is drawn where the level is 0 dB: both have the same lines and the same dB to a line.
const CURVE_SHIFT: f32 = 40.0;

/// The room left of the plot, in spacing units.
pub const LEFT: f32 = 5.0;

/// Which lines are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// What goes in.
    pub input: bool,
    /// What comes out.
    pub output: bool,
    /// The gain between them.
    pub curve: bool,
    /// The output's highest levels.
    pub peaks: bool,
}

impl Default for Shown {
    fn default() -> Self {
        Self {
            input: true,
            output: true,
            curve: true,
            peaks: true,
        }
    }
}

/// What there is to draw.
pub struct Curves<'a> {
    /// The axis of frequencies.
    pub axis: Axis,
    /// Centres of the bands, in Hz.
    pub band_hz: &'a [f32],
    /// The newest levels and the curve.
    pub spectrum: &'a Spectrum,
    /// The output's highest levels; `None` before the first sound.
    pub peaks: Option<&'a MelDb>,
    /// Which of them are drawn.
    pub shown: Shown,
}

/// The curves and where they go.
struct Plot<'a> {
    rect: Rect,
    curves: &'a Curves<'a>,
}

impl Plot<'_> {
    fn y(&self, level: f32) -> f32 {
        let level = if level.is_finite() { level } else { BOTTOM };
        let down = ((TOP - level) / (TOP - BOTTOM)).clamp(0.0, 1.0);
        self.rect.top() + down * self.rect.height()
    }

    fn x(&self, hz: f32) -> f32 {
        self.rect.left() + self.curves.axis.share(hz) * self.rect.width()
    }

    /// Lays a spectrum as a line.
    fn line(&self, levels: &MelDb, shift: f32) -> Vec<Pos2> {
        self.curves
            .band_hz
            .iter()
            .zip(levels)
            .map(|(hz, level)| Pos2::new(self.x(*hz), self.y(level + shift)))
            .collect()
    }
}

/// Draws the plot into `rect`. A click on it is up to who asks the response.
pub fn draw(ui: &Ui, metrics: Metrics, rect: Rect, curves: &Curves<'_>) -> Response {
    let palette = metrics.palette;
    let right = if curves.shown.curve { 6.0 } else { 0.5 };
    let plot = Plot {
        rect: Rect::from_min_max(
            rect.min + Vec2::new(metrics.units(LEFT), metrics.units(1.0)),
            rect.max - Vec2::new(metrics.units(right), metrics.units(2.0)),
        ),
        curves,
    };
    ui.painter()
        .rect_filled(plot.rect, CornerRadius::ZERO, palette.background);
    draw_grid(ui, metrics, rect, &plot);
    draw_lines(ui, metrics, &plot);
    let response = ui.interact(plot.rect, ui.scope_id().with("spectrum"), Sense::click());
    response.widget_info(|| WidgetInfo {
        current_text_value: Some(loudest(curves)),
        ..WidgetInfo::labeled(Role::Button, true, "Spectrum Plot")
    });
    if response.has_focus() {
        let stroke = Stroke::new(1.0, palette.accent);
        let inside = egui::StrokeKind::Inside;
        ui.painter()
            .rect_stroke(plot.rect, CornerRadius::ZERO, stroke, inside);
    }
    if let Some(at) = response.hover_pos() {
        draw_reading(ui, metrics, &plot, at);
    }
    response
}

/// Draws the lines that are shown, the output's first: it is filled.
fn draw_lines(ui: &Ui, metrics: Metrics, plot: &Plot<'_>) {
    let palette = metrics.palette;
    let Curves {
        spectrum,
        shown,
        peaks,
        ..
    } = *plot.curves;
    if shown.output {
        let line = plot.line(&spectrum.output, 0.0);
        let thick = Stroke::new(metrics.units(0.25), palette.accent);
        ui.painter().add(fill(&line, plot.rect, palette.accent));
        ui.painter().add(Shape::line(line, thick));
    }
    if shown.input {
        let line = plot.line(&spectrum.input, 0.0);
        let thin = Stroke::new(metrics.units(0.15), palette.dim);
        ui.painter().add(Shape::line(line, thin));
    }
    if shown.curve {
        let line = plot.line(&spectrum.curve, -CURVE_SHIFT);
        let stroke = Stroke::new(metrics.units(0.25), palette.text);
        let (dash, gap) = (metrics.units(0.75), metrics.units(0.5));
        ui.painter()
            .extend(Shape::dashed_line(&line, stroke, dash, gap));
    }
    if let Some(peaks) = peaks.filter(|_| shown.peaks) {
        let color = look::mix(palette.background, palette.accent, 0.65);
        let stroke = Stroke::new(metrics.units(0.12), color);
        ui.painter().add(Shape::line(plot.line(peaks, 0.0), stroke));
    }
}

/// Says in words where the output is loudest.
fn loudest(curves: &Curves<'_>) -> String {
    let (hz, level) = curves
        .band_hz
        .iter()
        .zip(&curves.spectrum.output)
        .max_by(|a, b| a.1.total_cmp(b.1))
        .map_or((0.0, BOTTOM), |(hz, level)| (*hz, *level));
    format!("output loudest at {}, {level:.0} dB", frequency::words(hz))
}

fn draw_grid(ui: &Ui, metrics: Metrics, rect: Rect, plot: &Plot<'_>) {
    let palette = metrics.palette;
    let grid = Stroke::new(1.0, palette.edge);
    let inside = plot.rect;
    let text = |place: Rect, align: Align2, text: String| {
        look::paint_text(ui, place, align, text, metrics.small(), palette.dim);
    };
    let row = metrics.units(2.0);
    // As many lines as there is room to name.
    let all = ((TOP - BOTTOM) / DIVISION) as usize;
    let each = if inside.height() / all as f32 >= row {
        1
    } else {
        2
    };
    // The lowest is the axis itself, and has the frequencies below it.
    for step in (0..all).step_by(each) {
        let level = TOP - step as f32 * DIVISION;
        let unit = if step == 0 { " dB" } else { "" };
        let y = plot.y(level);
        ui.painter().hline(inside.x_range(), y, grid);
        let around = |left: f32, right: f32| {
            Rect::from_min_max(
                Pos2::new(left, y - row / 2.0),
                Pos2::new(right, y + row / 2.0),
            )
        };
        let pad = metrics.units(0.5);
        let left = around(rect.left(), inside.left() - pad);
        text(left, Align2::RIGHT_CENTER, format!("{level:.0}{unit}"));
        if plot.curves.shown.curve {
            let gain = level + CURVE_SHIFT;
            let sign = if gain > 0.0 { "+" } else { "" };
            let right = around(inside.right() + pad, rect.right());
            text(right, Align2::LEFT_CENTER, format!("{sign}{gain:.0}{unit}"));
        }
    }
    for (share, name) in plot.curves.axis.lines(inside.width(), metrics.units(4.5)) {
        let x = inside.left() + share * inside.width();
        ui.painter().vline(x, inside.y_range(), grid);
        let place = Rect::from_center_size(
            Pos2::new(x, inside.bottom() + metrics.units(1.0)),
            Vec2::new(metrics.units(4.0), row),
        );
        text(place, Align2::CENTER_CENTER, name);
    }
}

/// Fills the room below a line, light at the line and clear at the bottom.
fn fill(line: &[Pos2], rect: Rect, color: Color32) -> Mesh {
    let mut mesh = Mesh::default();
    for point in line {
        let height = (rect.bottom() - point.y) / rect.height().max(1.0);
        mesh.colored_vertex(*point, color.gamma_multiply(0.05 + 0.35 * height));
        mesh.colored_vertex(
            Pos2::new(point.x, rect.bottom()),
            color.gamma_multiply(0.05),
        );
    }
    for index in 1..line.len() as u32 {
        let left = 2 * (index - 1);
        mesh.add_triangle(left, left + 1, left + 2);
        mesh.add_triangle(left + 1, left + 2, left + 3);
    }
    mesh
}

/// Draws frequency and levels under the pointer.
fn draw_reading(ui: &Ui, metrics: Metrics, plot: &Plot<'_>, at: Pos2) {
    let palette = metrics.palette;
    let Curves {
        axis,
        band_hz,
        spectrum,
        shown,
        ..
    } = *plot.curves;
    let share = (at.x - plot.rect.left()) / plot.rect.width().max(1.0);
    let Some(band) = frequency::nearest_band(band_hz, axis.hz(share)) else {
        return;
    };
    let hz = band_hz.get(band).copied().unwrap_or_default();
    let x = plot.x(hz);
    let rule = Stroke::new(1.0, palette.dim);
    ui.painter().vline(x, plot.rect.y_range(), rule);
    let down = (at.y - plot.rect.top()) / plot.rect.height().max(1.0);
    let mut text = format!(
        "{}, pointer at {:.0} dB",
        frequency::words(hz),
        TOP - down * (TOP - BOTTOM)
    );
    for (on, name, levels) in [
        (shown.input, "input", &spectrum.input),
        (shown.output, "output", &spectrum.output),
        (shown.curve, "curve", &spectrum.curve),
    ] {
        if on && let Some(level) = levels.get(band.min(BANDS - 1)) {
            text += &format!("\n{name} {level:+.1} dB");
        }
    }
    let galley = ui
        .painter()
        .layout_no_wrap(text.clone(), metrics.small(), palette.text);
    let size = galley.size() + Vec2::splat(metrics.units(1.0));
    // On the side of the line that has more room.
    let left = if x < plot.rect.center().x {
        x + metrics.units(1.0)
    } else {
        x - metrics.units(1.0) - size.x
    };
    let plate = Rect::from_min_size(Pos2::new(left, plot.rect.top() + metrics.units(1.0)), size);
    ui.painter().rect(
        plate,
        CornerRadius::same(look::rounded(metrics.units(0.5))),
        palette.panel,
        Stroke::new(1.0, palette.edge),
        egui::StrokeKind::Inside,
    );
    let corner = plate.min + Vec2::splat(metrics.units(0.5));
    ui.painter().galley(corner, galley, palette.text);
    let response = ui.interact(plate, ui.scope_id().with("reading"), Sense::HOVER);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &text));
}
