//! The handle on the map: two parameters that are dragged as one.

use egui::{Color32, PointerButton, Rect, Response, Role, Sense, Stroke, Ui, Vec2, WidgetInfo};
use nice_plug::prelude::{FloatParam, Param};

use super::{super::aim, transform::MapTransform};
use crate::{
    editor::{
        input::{Edit, steps},
        look::Metrics,
        scene::Scene,
        widgets::{help, offer_menu},
    },
    model::MapPlace,
    params::MorphSource,
};

/// Share of the map that one press of an arrow key is.
const STEP: f32 = 1.0 / 50.0;

/// Makes the map's free room fetch the handle when it is pressed. Call it before what lies on the map is drawn.
pub fn pad(ui: &Ui, rect: Rect) -> Response {
    // No part of the Tab order: the handle is.
    ui.interact(rect, ui.scope_id().with("map"), Sense::CLICK | Sense::DRAG)
}

/// Draws the handle and moves it. `nearest` tells the named timbre next to a place.
pub fn draw<'a>(
    ui: &Ui,
    scene: &mut Scene<'_>,
    plane: MapTransform,
    pad: &Response,
    nearest: impl Fn([f32; 2]) -> Option<&'a MapPlace>,
) {
    let (metrics, params) = (scene.metrics, scene.params);
    let id = ui.scope_id().with("map handle");
    let axes = [("x", &params.map_x), ("y", &params.map_y)].map(|(name, param)| Axis {
        id: id.with(name),
        param,
    });
    let size = Vec2::splat(metrics.units(2.5));
    let before = values(ui, &scene.edit, axes);
    let grip = Rect::from_center_size(plane.point(before), size);
    let mut handle = ui.interact(grip, id, Sense::click_and_drag());
    let after = steer(ui, scene, plane, axes, &mut handle, pad);

    let at = [
        params.map_x.preview_plain(after[0]),
        params.map_y.preview_plain(after[1]),
    ];
    handle.widget_info(|| WidgetInfo {
        label: Some("Map handle".to_owned()),
        current_text_value: Some(describe(at, nearest(at))),
        ..WidgetInfo::new(Role::Slider)
    });
    let both = [&params.map_x, &params.map_y].map(|param| param.as_ptr());
    for response in [&handle, pad] {
        offer_menu(ui, scene.edit.recorder, response, &both, false);
    }
    let leads = params.morph_source.unmodulated_plain_value() == MorphSource::Map;
    let hot = handle.hovered() || handle.dragged() || handle.has_focus();
    let center = plane.point(after);
    let radius = metrics.units(if hot { 1.25 } else { 1.1 });
    let ink = color(metrics, leads || hot);
    let painter = ui.painter();
    // A halo keeps it apart from whatever it lies on.
    painter.circle_stroke(
        center,
        radius,
        Stroke::new(metrics.units(0.55), metrics.palette.background),
    );
    let stroke = Stroke::new(metrics.units(0.25), ink);
    painter.circle_stroke(center, radius, stroke);
    for arm in [Vec2::X, -Vec2::X, Vec2::Y, -Vec2::Y] {
        painter.line_segment(
            [center + 0.55 * radius * arm, center + 1.5 * radius * arm],
            stroke,
        );
    }
    help::tip_with(handle, || {
        let near = nearest(at).map_or(String::new(), |place| format!(", near {}", place.name));
        format!(
            "Drag, or arrow keys (Shift: fine), to lead Morph anywhere{near}; double-click or Alt-click: the middle"
        )
    });
}

/// Says a place in words.
fn describe(at: [f32; 2], nearest: Option<&MapPlace>) -> String {
    let [x, y] = at;
    let near = nearest.map_or("nothing", |place| &place.name);
    format!("{x:+.2} across, {y:+.2} up, near {near}")
}

/// One of the handle's two parameters.
#[derive(Clone, Copy)]
struct Axis<'a> {
    id: egui::Id,
    param: &'a FloatParam,
}

/// Returns where the handle is, as the parameters are.
fn values(ui: &Ui, edit: &Edit<'_>, axes: [Axis<'_>; 2]) -> [f32; 2] {
    let now = ui.input(|input| input.time);
    axes.map(|axis| edit.value(axis.id, axis.param, now))
}

/// Moves a place that is given as the parameters are.
fn moved(from: [f32; 2], by: [f32; 2]) -> [f32; 2] {
    [from[0] + by[0], from[1] + by[1]].map(|value| value.clamp(0.0, 1.0))
}

/// Handles drag, click, keys and double-click, and returns where the handle is, as the parameters are.
fn steer(
    ui: &Ui,
    scene: &mut Scene<'_>,
    plane: MapTransform,
    axes: [Axis<'_>; 2],
    handle: &mut Response,
    pad: &Response,
) -> [f32; 2] {
    let before = values(ui, &scene.edit, axes);
    let mut after = before;
    let pace = steps::pace(ui);
    let fetched = pad.drag_started_by(PointerButton::Primary);
    if fetched || handle.drag_started_by(PointerButton::Primary) {
        scene.edit.end_gestures();
        for (axis, value) in axes.iter().zip(before) {
            scene.edit.begin(axis.id, axis.param, value);
        }
        lead_here(ui, scene);
    }
    let edit = &mut scene.edit;
    if axes.iter().any(|axis| edit.is_dragging(axis.id)) {
        if fetched && let Some(position) = pad.interact_pointer_pos() {
            after = plane.normalized(position);
        } else {
            let by = plane.shift(handle.drag_delta() + pad.drag_delta());
            after = moved(after, by.map(|by| pace * by));
        }
        let released = !ui.input(|input| input.pointer.any_down());
        for (axis, value) in axes.iter().zip(after) {
            if edit.drag_to(axis.id, axis.param, value) {
                handle.mark_changed();
            }
            if released || handle.drag_stopped() || pad.drag_stopped() {
                edit.end(ui, axis.id, axis.param);
            }
        }
        return after;
    }

    if steps::is_reset(ui, handle) {
        after = axes.map(|axis| axis.param.default_normalized_value());
    } else if pad.clicked_by(PointerButton::Primary)
        && let Some(position) = pad.interact_pointer_pos()
    {
        after = plane.normalized(position);
    }
    if handle.has_focus() {
        let (right, up) = steps::arrows(ui, handle.id);
        after = moved(after, [right, up].map(|steps| steps * STEP * pace));
    }
    if handle.clicked() || after != before {
        lead_here(ui, scene);
    }
    let edit = &mut scene.edit;
    for ((axis, value), before) in axes.iter().zip(after).zip(before) {
        if value != before {
            edit.set_once(ui, axis.id, axis.param, value);
            handle.mark_changed();
        }
    }
    after
}

/// Makes the handle what Morph leads to.
fn lead_here(ui: &Ui, scene: &mut Scene<'_>) {
    scene
        .edit
        .choose(&scene.params.morph_source, MorphSource::Map);
    aim::make_heard(ui, scene);
}

/// Returns the colour of the handle while Morph leads to it, and while it doesn't.
fn color(metrics: Metrics, leads: bool) -> Color32 {
    if leads {
        metrics.palette.accent
    } else {
        metrics.palette.dim
    }
}
