//! The switch: on or off.

use egui::{
    Align2, Color32, CornerRadius, Pos2, Rect, Response, Role, Sense, Stroke, Ui, Vec2, WidgetInfo,
};
use nice_plug::prelude::{BoolParam, Param};

use super::control::Control;
use crate::editor::{
    input::Recorder,
    look::{self, Metrics},
};

/// Returns the width that a switch with `text` behind it wants.
pub fn width(ui: &Ui, metrics: Metrics, text: &str) -> f32 {
    metrics.units(4.5) + look::text_width(ui, text, metrics.body()).ceil() + 1.0
}

/// Draws a switch at the left of `rect`, its name behind it; a click anywhere on it turns it over.
pub fn switch(
    ui: &Ui,
    metrics: Metrics,
    rect: Rect,
    param: &BoolParam,
    color: Color32,
    recorder: &Recorder<'_>,
) -> Response {
    labelled(ui, metrics, rect, param, param.name(), color, recorder)
}

/// Draws a switch as [`switch`] does, with `text` where its name would be.
pub fn labelled(
    ui: &Ui,
    metrics: Metrics,
    rect: Rect,
    param: &BoolParam,
    text: &str,
    color: Color32,
    recorder: &Recorder<'_>,
) -> Response {
    let id = ui.scope_id().with(("switch", param.name()));
    let mut response = ui.interact(rect, id, Sense::click());
    let mut on = param.unmodulated_plain_value();
    if response.clicked() {
        on = !on;
        recorder.begin_set_parameter(param);
        recorder.set_parameter(param, on);
        recorder.end_set_parameter(param);
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
    let radius = CornerRadius::same(look::rounded(pill.height() / 2.0));
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
    if response.has_focus() {
        look::focus_ring(ui, metrics, pill);
    }
    let name = Rect::from_min_max(
        Pos2::new(rect.left() + metrics.units(4.25), rect.top()),
        rect.max,
    );
    let (name, _) = look::paint_text(
        ui,
        name,
        Align2::LEFT_CENTER,
        text,
        metrics.body(),
        if hot || on {
            metrics.palette.text
        } else {
            metrics.palette.dim
        },
    );
    let control = Control {
        param: param.as_ptr(),
        name,
        is_typed: false,
    };
    control.finish(ui, metrics, recorder, &response);
    response
}
