//! The horizontal slider.

use egui::{Align2, CornerRadius, Pos2, Rect, Response, Sense, Stroke, Ui, Vec2};
use nice_plug::prelude::{FloatParam, Param};

use super::{
    control::Control,
    number::{Number, number},
};
use crate::editor::{
    input::{Edit, Travel, assist},
    look::{self, Metrics},
};

/// How a slider is moved.
pub const HOW: &str = "Drag or click, or use the wheel; Shift: fine; double-click or Alt-click: reset; \
                              click the number, or Enter: type";

/// How a slider is laid out.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// Name and value above the track.
    Tall,
    /// Name, track and value on one line.
    Flat,
}

/// Draws a slider into `rect`.
pub fn slider(
    ui: &Ui,
    metrics: Metrics,
    rect: Rect,
    shape: Shape,
    param: &FloatParam,
    edit: &mut Edit<'_>,
) -> Response {
    let id = ui.scope_id().with(("slider", param.name()));
    let mut response = ui.interact(rect, id, Sense::click_and_drag());
    let knob = metrics.units(0.75);
    let (name, band, caption) = match shape {
        Shape::Tall => {
            let (caption, band) = rect.split_top_bottom_at_y(rect.top() + metrics.units(2.25));
            (caption, band, caption)
        }
        Shape::Flat => {
            let name = look::text_width(ui, param.name(), metrics.body()) + metrics.unit;
            let number = metrics.units(6.0);
            let (name, rest) = rect.split_left_right_at_x(rect.left() + name);
            let (band, number) = rest.split_left_right_at_x(rest.right() - number);
            (name, band, number)
        }
    };
    let track = Rect::from_center_size(
        band.center(),
        Vec2::new((band.width() - 2.0 * knob).max(1.0), band.height()),
    );
    let value = edit.steer(ui, &mut response, param, Travel::Along(track));
    let text = param.normalized_value_to_string(value, true);
    assist::describe(ui, &response, param, value, &text);

    let hot = response.hovered() || response.dragged() || response.has_focus();
    let width = look::text_width(ui, &text, metrics.body()).ceil() + 1.0;
    let place = caption.with_min_x(caption.left().max(caption.right() - width));
    let value_text = Number {
        param,
        text: &text,
        place,
        align: Align2::RIGHT_CENTER,
        color: metrics.palette.text,
    };
    number(ui, metrics, &mut response, &value_text, edit);
    let name = Rect::from_min_max(
        name.min,
        Pos2::new(
            name.right().min(place.left() - metrics.units(0.5)),
            name.bottom(),
        ),
    );
    let (name, _) = look::paint_text(
        ui,
        name,
        Align2::LEFT_CENTER,
        param.name(),
        metrics.body(),
        if hot {
            metrics.palette.text
        } else {
            metrics.palette.dim
        },
    );

    let at =
        |normalized: f32| Pos2::new(track.left() + normalized * track.width(), track.center().y);
    let groove = Rect::from_center_size(
        track.center(),
        Vec2::new(band.width().max(1.0), metrics.units(0.5)),
    );
    let radius = CornerRadius::same(look::rounded(metrics.units(0.25)));
    ui.painter()
        .rect_filled(groove, radius, metrics.palette.track);
    // A range with zero inside fills from zero.
    let zero = param.preview_normalized(0.0);
    let bipolar = zero > 0.01 && zero < 0.99;
    let start = if bipolar {
        at(zero)
    } else {
        groove.left_center()
    };
    let filled =
        Rect::from_two_pos(start, at(value)).expand2(Vec2::new(0.0, groove.height() / 2.0));
    ui.painter()
        .rect_filled(filled, radius, metrics.palette.accent);
    if bipolar {
        ui.painter().vline(
            start.x,
            track.center().y - metrics.units(0.6)..=track.center().y + metrics.units(0.6),
            Stroke::new(1.0, metrics.palette.dim),
        );
    }
    ui.painter().circle(
        at(value),
        knob,
        if hot {
            metrics.palette.text
        } else {
            look::mix(metrics.palette.dim, metrics.palette.text, 0.6)
        },
        Stroke::new(metrics.units(0.25), metrics.palette.panel),
    );
    if response.has_focus() {
        ui.painter().circle_stroke(
            at(value),
            knob,
            Stroke::new(metrics.units(0.2), metrics.palette.accent),
        );
    }
    let control = Control {
        param: param.as_ptr(),
        name,
        is_typed: true,
    };
    control.finish(ui, metrics, edit.recorder, &response);
    response
}
