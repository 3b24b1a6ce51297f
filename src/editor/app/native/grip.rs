//! The corner that the window is dragged by, in the place of nice-plug-egui's, which is 11 pixels wide and has no pointer of its own.

use egui::{
    CentralPanel, CursorIcon, Id, Pos2, Rect, Sense, Stroke, Ui, UiBuilder, Vec2, ViewportCommand,
};

use crate::editor::{
    app::layout::LEAST_SIZE,
    look::{Metrics, grip},
};

/// Between two of the corner's lines, in spacing units.
const STEP: f32 = 0.6;

/// Draws the window's content, and behind it the corner. `is_fixed`: the host lets the window have no other size.
pub fn show(ui: &mut Ui, metrics: Metrics, is_fixed: bool, add_contents: impl FnOnce(&mut Ui)) {
    CentralPanel::default().show(ui, |ui| {
        let window = ui.clip_rect();
        let room = UiBuilder::new().max_rect(window);
        add_contents(&mut ui.new_child(room.layout(*ui.layout())));
        if !is_fixed {
            corner(ui, metrics, window);
        }
    });
}

fn corner(ui: &Ui, metrics: Metrics, window: Rect) {
    let rect = Rect::from_min_max(window.max - Vec2::splat(grip(metrics)), window.max);
    let id = Id::unique("window corner");
    // No stop of Tab: hosts resize windows by the keyboard, if any do.
    let response = ui
        .interact(rect, id, Sense::DRAG)
        .on_hover_and_drag_cursor(CursorIcon::ResizeNwSe);
    if response.drag_started() {
        ui.data_mut(|data| data.insert_temp(id, window.size()));
    }
    let begun: Option<Vec2> = ui.data(|data| data.get_temp(id));
    if response.dragged()
        && let (Some(begun), Some(by)) = (begun, response.total_drag_delta())
    {
        let size = (begun + by).max(Vec2::from(LEAST_SIZE));
        ui.send_viewport_cmd(ViewportCommand::InnerSize(size));
    }
    let is_hot = response.hovered() || response.dragged();
    let ink = if is_hot {
        metrics.palette.text
    } else {
        metrics.palette.dim
    };
    let stroke = Stroke::new(metrics.units(0.15), ink);
    let end = rect.max - Vec2::splat(metrics.units(0.7));
    for line in 1..=3 {
        let reach = metrics.units(STEP * line as f32);
        ui.painter().line_segment(
            [
                Pos2::new(end.x - reach, end.y),
                Pos2::new(end.x, end.y - reach),
            ],
            stroke,
        );
    }
}
