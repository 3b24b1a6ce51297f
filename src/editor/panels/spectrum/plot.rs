//! The plot of input, output and curve over frequency.

use egui::{
    Align2, Color32, CornerRadius, Mesh, Pos2, Rect, Response, Role, Sense, Shape, Stroke, Ui,
    Vec2, WidgetInfo,
    text::{LayoutJob, TextFormat},
};

use super::{frequency, head, settings::SpectrumSettings};
use crate::editor::look::{self, Metrics};
use crate::model::MelDb;
use crate::telemetry::{HIGHEST_HZ, LOWEST_HZ, Levels, POINTS, Spectrum, point_hz};

/// The level at the top, in dB; a full-scale sine is 0.
const TOP: f32 = 0.0;

/// The room left of the plot, in spacing units.
pub const LEFT: f32 = 5.0;

/// How far a line may be from its points, in logical pixels: nobody sees it.
const UNSEEN: f32 = 0.2;

/// What there is to draw.
pub struct Curves<'a> {
    /// Centres of the curve's bands, in Hz.
    pub band_hz: &'a [f32],
    /// The newest levels.
    pub spectrum: &'a Spectrum,
    /// The gain between them, in dB; `None` without a model.
    pub curve: Option<&'a MelDb>,
    /// The output's highest levels; `None` before the first sound.
    pub peaks: Option<&'a Levels>,
    /// What of them is drawn, and how.
    pub settings: SpectrumSettings,
}

/// The curves and where they go.
struct Plot<'a> {
    rect: Rect,
    curves: &'a Curves<'a>,
}

impl Plot<'_> {
    /// The level at the bottom.
    fn bottom(&self) -> f32 {
        TOP - self.curves.settings.range.db()
    }

    /// The curve's gain that is drawn where the level is 0 dB: both have the same lines and the same dB to a line.
    fn curve_shift(&self) -> f32 {
        0.5 * self.curves.settings.range.db()
    }

    fn y(&self, level: f32) -> f32 {
        let bottom = self.bottom();
        let level = if level.is_finite() { level } else { bottom };
        let down = ((TOP - level) / (TOP - bottom)).clamp(0.0, 1.0);
        self.rect.top() + down * self.rect.height()
    }

    fn x(&self, hz: f32) -> f32 {
        self.rect.left() + frequency::share(hz) * self.rect.width()
    }

    /// Lays a spectrum as a line, tilted as the user wants it.
    fn line(&self, levels: &Levels) -> Vec<Pos2> {
        let tilt = self.curves.settings.tilt;
        let points = levels.iter().enumerate().map(|(point, level)| {
            let hz = point_hz(point);
            Pos2::new(self.x(hz), self.y(level + tilt.at(hz)))
        });
        simplified(&points.collect::<Vec<_>>(), UNSEEN)
    }

    /// Lays the curve as a line from one end of the axis to the other: beyond its bands it is what it is in the last of them.
    fn curve_line(&self, curve: &MelDb) -> Vec<Pos2> {
        let at = |hz: f32, gain: f32| {
            let hz = hz.clamp(LOWEST_HZ, HIGHEST_HZ);
            Pos2::new(self.x(hz), self.y(gain - self.curve_shift()))
        };
        let bands = self.curves.band_hz.iter().zip(curve);
        let mut line: Vec<Pos2> = bands.map(|(hz, gain)| at(*hz, *gain)).collect();
        if let (Some(first), Some(last)) = (curve.first(), curve.last())
            && !line.is_empty()
        {
            line.insert(0, at(LOWEST_HZ, *first));
            line.push(at(HIGHEST_HZ, *last));
        }
        line
    }
}

/// Draws the plot into `rect`. A click on it is up to who asks the response.
pub fn draw(ui: &Ui, metrics: Metrics, rect: Rect, curves: &Curves<'_>) -> Response {
    let palette = metrics.palette;
    let right = if curves.settings.curve { 6.0 } else { 0.5 };
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
    let Curves {
        spectrum,
        settings,
        peaks,
        curve,
        ..
    } = *plot.curves;
    let [input, output, gain, held] = head::colors(metrics);
    if settings.output {
        let line = plot.line(&spectrum.output);
        let thick = Stroke::new(metrics.units(0.2), output);
        ui.painter().add(fill(&line, plot.rect, output));
        ui.painter().add(Shape::line(line, thick));
    }
    if settings.input {
        let thin = Stroke::new(metrics.units(0.125), input);
        ui.painter()
            .add(Shape::line(plot.line(&spectrum.input), thin));
    }
    if let Some(curve) = curve.filter(|_| settings.curve) {
        let line = plot.curve_line(curve);
        let stroke = Stroke::new(metrics.units(0.25), gain);
        let (dash, gap) = (metrics.units(0.75), metrics.units(0.5));
        ui.painter()
            .extend(Shape::dashed_line(&line, stroke, dash, gap));
    }
    if let Some(peaks) = peaks.filter(|_| settings.peaks) {
        let stroke = Stroke::new(metrics.units(0.12), held);
        ui.painter().add(Shape::line(plot.line(peaks), stroke));
    }
}

/// Says in words where the output is loudest.
fn loudest(curves: &Curves<'_>) -> String {
    let levels = curves.spectrum.output.iter().enumerate();
    let (point, level) = levels
        .max_by(|a, b| a.1.total_cmp(b.1))
        .unwrap_or((0, &TOP));
    let at = frequency::words(point_hz(point));
    format!("output loudest at {at}, {level:.0} dB")
}

fn draw_grid(ui: &Ui, metrics: Metrics, rect: Rect, plot: &Plot<'_>) {
    let palette = metrics.palette;
    let grid = Stroke::new(1.0, palette.edge);
    let inside = plot.rect;
    let text = |place: Rect, align: Align2, text: String, color: Color32| {
        look::paint_text(ui, place, align, text, metrics.small(), color);
    };
    let row = metrics.units(2.0);
    let division = plot.curves.settings.range.division();
    // As many lines as there is room to name.
    let all = ((TOP - plot.bottom()) / division) as usize;
    let each = if inside.height() / all as f32 >= row {
        1
    } else {
        2
    };
    let [_, _, gain_color, _] = head::colors(metrics);
    // The lowest is the axis itself, and has the frequencies below it.
    for step in (0..all).step_by(each) {
        let level = TOP - step as f32 * division;
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
        let words = format!("{level:.0}{unit}");
        text(left, Align2::RIGHT_CENTER, words, palette.dim);
        if plot.curves.settings.curve {
            let gain = level + plot.curve_shift();
            let sign = if gain > 0.0 { "+" } else { "" };
            let right = around(inside.right() + pad, rect.right());
            let words = format!("{sign}{gain:.0}{unit}");
            text(right, Align2::LEFT_CENTER, words, gain_color);
        }
    }
    for (share, name) in frequency::lines(inside.width(), metrics.units(4.5)) {
        let x = inside.left() + share * inside.width();
        ui.painter().vline(x, inside.y_range(), grid);
        let place = Rect::from_center_size(
            Pos2::new(x, inside.bottom() + metrics.units(1.0)),
            Vec2::new(metrics.units(4.0), row),
        );
        text(place, Align2::CENTER_CENTER, name, palette.dim);
    }
}

/// Leaves out the points of a line, from left to right, that it passes anyway, at most so far above or below (D. H. Douglas and T. K. Peucker, 1973): by
/// software each one costs several triangles.
fn simplified(line: &[Pos2], most: f32) -> Vec<Pos2> {
    let (Some(first), Some(last)) = (line.first(), line.last()) else {
        return Vec::new();
    };
    let mut left = vec![*first];
    let mut parts = vec![line];
    while let Some(part) = parts.pop() {
        let [from, inside @ .., to] = part else {
            continue;
        };
        let slope = (to.y - from.y) / (to.x - from.x).max(f32::EPSILON);
        let off = |point: &Pos2| (point.y - from.y - slope * (point.x - from.x)).abs();
        let worst = inside.iter().map(off).enumerate();
        match worst.max_by(|one, other| one.1.total_cmp(&other.1)) {
            Some((at, off)) if off > most => {
                let (before, behind) = (part.get(..at + 2), part.get(at + 1..));
                // What is on the left is looked at first.
                parts.extend(behind);
                parts.extend(before);
            }
            _ => left.push(*to),
        }
    }
    if left.last() != Some(last) {
        left.push(*last);
    }
    left
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

/// Draws frequency, note and levels under the pointer, each level in its line's colour. They are as measured, however the picture is tilted.
fn draw_reading(ui: &Ui, metrics: Metrics, plot: &Plot<'_>, at: Pos2) {
    let palette = metrics.palette;
    let Curves {
        band_hz,
        spectrum,
        settings,
        curve,
        ..
    } = *plot.curves;
    let share = (at.x - plot.rect.left()) / plot.rect.width().max(1.0);
    let point = (share.clamp(0.0, 1.0) * (POINTS - 1) as f32).round() as usize;
    let hz = point_hz(point);
    let x = plot.x(hz);
    let rule = Stroke::new(1.0, palette.dim);
    ui.painter().vline(x, plot.rect.y_range(), rule);
    let heading = format!("{}, {}", frequency::words(hz), frequency::note(hz));
    let mut lines = vec![(heading, palette.text)];
    let gain = frequency::nearest_band(band_hz, hz).and_then(|band| curve?.get(band));
    let [input, output, gain_color, _] = head::colors(metrics);
    for (on, name, level, color) in [
        (settings.input, "input", spectrum.input.get(point), input),
        (
            settings.output,
            "output",
            spectrum.output.get(point),
            output,
        ),
        (settings.curve, "curve", gain, gain_color),
    ] {
        if let Some(level) = level.filter(|_| on) {
            lines.push((format!("\n{name} {level:+.1} dB"), color));
        }
    }
    let mut job = LayoutJob::default();
    for (line, color) in &lines {
        job.append(line, 0.0, TextFormat::simple(metrics.small(), *color));
    }
    let text: String = lines.into_iter().map(|(line, _)| line).collect();
    let galley = ui.painter().layout_job(job);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_with_fewer_points_is_where_it_was() {
        let line: Vec<Pos2> = (0..480)
            .map(|index| {
                let x = index as f32;
                let smooth = 100.0 * (-((x - 100.0) / 60.0).powi(2)).exp();
                let rough = if index > 300 {
                    (index * 37 % 50) as f32
                } else {
                    0.0
                };
                Pos2::new(1.6 * x, smooth + rough)
            })
            .collect();
        let fewer = simplified(&line, UNSEEN);
        assert!(fewer.len() < 260, "{}", fewer.len());
        assert!(fewer.windows(2).all(|pair| pair[0].x < pair[1].x));
        assert_eq!((fewer.first(), fewer.last()), (line.first(), line.last()));
        for point in &line {
            let behind = fewer.iter().position(|other| other.x >= point.x).unwrap();
            let (to, from) = (fewer[behind], fewer[behind.saturating_sub(1)]);
            let along = (point.x - from.x) / (to.x - from.x).max(f32::EPSILON);
            let off = point.y - from.y - along * (to.y - from.y);
            assert!(off.abs() <= UNSEEN + 1e-3, "{point}: {off}");
        }
        // Where there is nothing to leave out nothing is.
        assert_eq!(simplified(&line[..2], UNSEEN), &line[..2]);
        assert!(simplified(&[], UNSEEN).is_empty());
    }
}
