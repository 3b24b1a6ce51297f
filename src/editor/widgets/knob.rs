//! The latent knob: value, and where the sound itself is.

use std::f32::consts::TAU;

use egui::{Align2, Pos2, Rect, Response, Sense, Shape, Stroke, Ui, Vec2};
use nice_plug::prelude::{FloatParam, Param};

use super::{
    control::Control,
    marks::{live_mark, shaped_mark},
    number::{Number, number},
};
use crate::editor::{
    input::{Edit, Travel, assist},
    look::{self, Metrics},
};
use crate::params::KNOB_RANGE;

/// The knob turns through three quarters of a circle.
const SWEEP: f32 = 0.75 * TAU;

/// The largest dial's radius, in spacing units.
const LARGEST: f32 = 8.5;

/// A dial's height in radii: its lower quarter is open, but its face is round.
const REACH: f32 = 1.8;

/// Where the sound is on a knob's axis, in standard deviations.
#[derive(Debug, Clone, Copy)]
pub struct KnobLatents {
    /// The input.
    pub live: f32,
    /// The sound after Follow, knobs and Morph.
    pub shaped: f32,
}

/// Returns a direction on the dial; `normalized` runs from 0 (lower left) to 1 (lower right).
fn direction(normalized: f32) -> Vec2 {
    // Screen angles run clockwise from the right; the middle of the range points up.
    Vec2::angled(0.75 * TAU + (normalized - 0.5) * SWEEP)
}

fn arc(ui: &Ui, center: Pos2, radius: f32, from: f32, to: f32, stroke: Stroke) {
    let steps = ((to - from).abs() * 32.0).ceil().max(1.0);
    let points = (0..=steps as usize)
        .map(|step| center + radius * direction(from + (to - from) * step as f32 / steps))
        .collect();
    ui.painter().add(Shape::line(points, stroke));
}

/// Turns standard deviations into the dial's range, clipped to what it shows.
fn normalized(sigma: f32) -> f32 {
    let sigma = if sigma.is_finite() { sigma } else { 0.0 };
    (sigma.clamp(-KNOB_RANGE, KNOB_RANGE) / KNOB_RANGE + 1.0) / 2.0
}

/// Height of the name above the dial, and of the value below it, in spacing units.
const LINE: f32 = 2.0;

/// The height that a knob makes use of where it is so wide.
pub fn height(metrics: Metrics, width: f32) -> f32 {
    let outer = (width / 2.0).min(metrics.units(LARGEST));
    outer * REACH + metrics.units(2.0 * LINE)
}

/// Draws the knob into `rect`, from top to bottom: name, dial, value.
pub fn knob(
    ui: &Ui,
    metrics: Metrics,
    rect: Rect,
    param: &FloatParam,
    place: Option<KnobLatents>,
    edit: &mut Edit<'_>,
) -> Response {
    let id = ui.scope_id().with(("knob", param.name()));
    // Name and value stay close to the dial, however much room there is.
    let line = metrics.units(LINE);
    let outer = (rect.width() / 2.0)
        .min((rect.height() - 2.0 * line) / REACH)
        .min(metrics.units(LARGEST))
        .max(metrics.units(1.5));
    let height = (outer * REACH + 2.0 * line).min(rect.height());
    let rect = Rect::from_center_size(rect.center(), Vec2::new(rect.width(), height));
    let mut response = ui.interact(rect, id, Sense::click_and_drag());
    let value = edit.steer(
        ui,
        &mut response,
        param,
        Travel::Vertical(metrics.units(25.0)),
    );
    let text = param.normalized_value_to_string(value, true);
    assist::describe(ui, &response, param, value, &text);

    let dial = Rect::from_min_max(
        rect.min + Vec2::new(0.0, line),
        rect.max - Vec2::new(0.0, line),
    );
    let hot = response.hovered() || response.dragged() || response.has_focus();
    let (name, _) = look::paint_text(
        ui,
        Rect::from_min_max(rect.min, Pos2::new(rect.right(), dial.top())),
        Align2::CENTER_CENTER,
        param.name(),
        metrics.body(),
        if hot {
            metrics.palette.text
        } else {
            look::mix(metrics.palette.dim, metrics.palette.text, 0.5)
        },
    );
    let width = look::text_width(ui, &text, metrics.body()) + metrics.units(1.0);
    let below = Rect::from_min_max(Pos2::new(rect.left(), dial.bottom()), rect.max);
    let value_text = Number {
        param,
        text: &text,
        place: Rect::from_center_size(
            below.center(),
            Vec2::new(width.min(below.width()), below.height()),
        ),
        align: Align2::CENTER_CENTER,
        color: if hot {
            metrics.palette.text
        } else {
            metrics.palette.dim
        },
    };
    number(ui, metrics, &mut response, &value_text, edit);

    let center = Pos2::new(dial.center().x, dial.top() + outer);
    let face = Dial {
        center,
        // Room for the marks.
        outer: outer - metrics.units(0.5),
        hot,
        focused: response.has_focus(),
    };
    face.draw(ui, metrics, value, place);
    let control = Control {
        param: param.as_ptr(),
        name,
        is_typed: true,
    };
    control.finish(ui, metrics, edit.recorder, &response);
    response
}

/// The round part of a knob.
struct Dial {
    center: Pos2,
    /// Radius of the outer ring.
    outer: f32,
    hot: bool,
    focused: bool,
}

impl Dial {
    /// Draws it at `value`, normalized, with the sound's marks.
    fn draw(&self, ui: &Ui, metrics: Metrics, value: f32, place: Option<KnobLatents>) {
        let Self { center, outer, .. } = *self;
        let thick = metrics.units(0.45);
        let inner = outer - metrics.units(1.1);

        // The outer ring: the sound's own axis.
        arc(
            ui,
            center,
            outer,
            0.0,
            1.0,
            Stroke::new(1.0, metrics.palette.edge),
        );
        // The inner ring: the knob's.
        arc(
            ui,
            center,
            inner,
            0.0,
            1.0,
            Stroke::new(thick, metrics.palette.track),
        );
        if (value - 0.5).abs() > 1e-4 {
            arc(
                ui,
                center,
                inner,
                0.5,
                value,
                Stroke::new(thick, metrics.palette.accent),
            );
        }
        let body = inner - thick;
        ui.painter().circle(
            center,
            body,
            if self.hot {
                metrics.palette.face_hot
            } else {
                metrics.palette.face
            },
            Stroke::new(
                1.0,
                if self.focused {
                    metrics.palette.accent
                } else {
                    metrics.palette.edge
                },
            ),
        );
        ui.painter().line_segment(
            [
                center + body * 0.35 * direction(value),
                center + body * 0.9 * direction(value),
            ],
            Stroke::new(metrics.units(0.3), metrics.palette.text),
        );
        if let Some(place) = place {
            let (live, shaped) = (normalized(place.live), normalized(place.shaped));
            arc(
                ui,
                center,
                outer,
                live,
                shaped,
                Stroke::new(
                    metrics.units(0.2),
                    look::mix(metrics.palette.panel, metrics.palette.accent, 0.6),
                ),
            );
            live_mark(ui, metrics, center + outer * direction(live));
            shaped_mark(ui, metrics, center + outer * direction(shaped));
        }
    }
}
