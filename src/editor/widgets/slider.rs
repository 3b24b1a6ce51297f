//! The horizontal slider and the switch.

use egui::{Align2, CornerRadius, Pos2, Rect, Response, Role, Sense, Stroke, Ui, Vec2, WidgetInfo};
use nice_plug::prelude::{BoolParam, FloatParam, Param};

use crate::editor::{
    input::{
        control::{Edit, Travel, describe},
        recorder::Recorder,
    },
    look::theme::{self, Metrics},
};

/// How a slider is moved.
pub const HOW: &str = "Drag or click, or use the wheel; Shift: fine; double-click: reset; \
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
    let (name, band, number) = match shape {
        Shape::Tall => {
            let (caption, band) = rect.split_top_bottom_at_y(rect.top() + metrics.units(2.25));
            (caption, band, caption)
        }
        Shape::Flat => {
            let name = theme::text_width(ui, param.name(), metrics.body()) + metrics.unit;
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
    let value = edit.gestures(ui, &mut response, param, Travel::Along(track));
    let text = param.normalized_value_to_string(value, true);
    describe(ui, &response, param, value, &text);

    let hot = response.hovered() || response.dragged() || response.has_focus();
    let width = theme::text_width(ui, &text, metrics.body()).ceil() + 1.0;
    let number = number.with_min_x(number.left().max(number.right() - width));
    if !edit.typed(ui, metrics, &mut response, param, number, &text) {
        theme::paint_text(
            ui,
            number,
            Align2::RIGHT_CENTER,
            text,
            metrics.body(),
            metrics.palette.text,
        );
    }
    let name = Rect::from_min_max(
        name.min,
        Pos2::new(
            name.right().min(number.left() - metrics.units(0.5)),
            name.bottom(),
        ),
    );
    theme::paint_text(
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
    let radius = CornerRadius::same(theme::rounded(metrics.units(0.25)));
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
            theme::mix(metrics.palette.dim, metrics.palette.text, 0.6)
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
    response
}

/// The room that a switch wants.
pub fn switch_width(ui: &Ui, metrics: Metrics, param: &BoolParam) -> f32 {
    metrics.units(4.5) + theme::text_width(ui, param.name(), metrics.body()).ceil() + 1.0
}

/// Draws a switch at the left of `rect`, its name behind it; a click anywhere on it turns it over.
pub fn switch(
    ui: &Ui,
    metrics: Metrics,
    rect: Rect,
    param: &BoolParam,
    color: egui::Color32,
    setter: &Recorder<'_>,
) -> Response {
    let id = ui.scope_id().with(("switch", param.name()));
    let mut response = ui.interact(rect, id, Sense::click());
    let mut on = param.unmodulated_plain_value();
    if response.clicked() {
        on = !on;
        setter.begin_set_parameter(param);
        setter.set_parameter(param, on);
        setter.end_set_parameter(param);
        response.mark_changed();
    }
    response.widget_info(|| WidgetInfo {
        current_text_value: Some(param.normalized_value_to_string(f32::from(u8::from(on)), true)),
        ..WidgetInfo::selected(Role::CheckBox, true, on, param.name())
    });

    let pill = Rect::from_center_size(
        Pos2::new(rect.left() + metrics.units(1.75), rect.center().y),
        Vec2::new(metrics.units(3.25), metrics.units(1.75)),
    );
    let hot = response.hovered() || response.has_focus();
    let radius = CornerRadius::same(theme::rounded(pill.height() / 2.0));
    ui.painter().rect(
        pill,
        radius,
        if on { color } else { metrics.palette.track },
        Stroke::new(
            1.0,
            if hot {
                metrics.palette.dim
            } else {
                metrics.palette.edge
            },
        ),
        egui::StrokeKind::Inside,
    );
    let inset = pill.height() / 2.0;
    let x = if on {
        pill.right() - inset
    } else {
        pill.left() + inset
    };
    ui.painter().circle_filled(
        Pos2::new(x, pill.center().y),
        inset - metrics.units(0.25),
        if on {
            metrics.palette.background
        } else {
            metrics.palette.dim
        },
    );
    theme::paint_text(
        ui,
        Rect::from_min_max(
            Pos2::new(rect.left() + metrics.units(4.25), rect.top()),
            rect.max,
        ),
        Align2::LEFT_CENTER,
        param.name(),
        metrics.body(),
        if hot || on {
            metrics.palette.text
        } else {
            metrics.palette.dim
        },
    );
    response
}
