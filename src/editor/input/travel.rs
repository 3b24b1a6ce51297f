//! Moves continuous controls: by drag, click, wheel and keys, resets them, and does what screen readers ask.

use egui::{PointerButton, Rect, Response, Ui};
use nice_plug::prelude::{FloatParam, Param};

use super::{
    assist,
    gestures::Edit,
    steps::{arrows, is_fine, is_reset, pace, wheel},
};

/// Share of the range that one step of the wheel or of an arrow key is.
const STEP: f32 = 1.0 / 60.0;

/// Which way a control is dragged.
#[derive(Debug, Clone, Copy)]
pub enum Travel {
    /// Up is more; the whole range takes this many points.
    Vertical(f32),
    /// The value follows the pointer along this track.
    Along(Rect),
}

impl Edit<'_> {
    /// Moves `param` by drag, click, wheel and keys on `response`, or resets it, and returns the normalized value to draw.
    pub fn steer(
        &mut self,
        ui: &Ui,
        response: &mut Response,
        param: &FloatParam,
        travel: Travel,
    ) -> f32 {
        let now = ui.input(|input| input.time);
        let pace = pace(ui);
        let before = self.value(response.id, param, now);
        let mut after = before;

        if response.drag_started_by(PointerButton::Primary) {
            self.end_gestures();
            if let Travel::Along(track) = travel
                && !is_fine(ui)
                && let Some(origin) = ui.input(|input| input.pointer.press_origin())
                && track.contains(origin)
            {
                after = along(track, origin.x);
            }
            self.begin(response.id, param, before);
        }
        if self.is_dragging(response.id) {
            if response.dragged_by(PointerButton::Primary) {
                let delta = response.drag_delta();
                after += pace
                    * match travel {
                        Travel::Vertical(points) => -delta.y / points.max(1.0),
                        Travel::Along(track) => delta.x / track.width().max(1.0),
                    };
            }
            after = after.clamp(0.0, 1.0);
            if self.drag_to(response.id, param, after) {
                response.mark_changed();
            }
            if response.drag_stopped() || !ui.input(|input| input.pointer.any_down()) {
                self.end(ui, response.id, param);
            }
            return after;
        }

        let reset = is_reset(ui, response);
        if reset {
            after = param.default_normalized_value();
        } else if response.clicked_by(PointerButton::Primary)
            && let Travel::Along(track) = travel
            && let Some(position) = response.interact_pointer_pos()
            && track.contains(position)
        {
            after = along(track, position.x);
        }
        let mut steps = 0.0;
        if is_under_pointer(ui, response) {
            steps += wheel(ui);
        }
        if response.has_focus() {
            let (right, up) = arrows(ui, response.id);
            steps += right + up;
        }
        steps += assist::steps(ui, response.id);
        if steps != 0.0 {
            after = (after + steps * STEP * pace).clamp(0.0, 1.0);
        }
        if let Some(asked) = assist::value(ui, response.id, param) {
            after = asked;
        }
        // A reset is told to the host even when nothing changes here: it may have missed the last change.
        if after != before || reset {
            self.set_once(ui, response.id, param, after);
            response.mark_changed();
        }
        after
    }
}

/// Whether the pointer is on a control, or on its number, which lies over it, and not on a menu that covers both.
fn is_under_pointer(ui: &Ui, response: &Response) -> bool {
    let at = ui.input(|input| input.pointer.hover_pos());
    response.contains_pointer()
        && at.and_then(|at| ui.ctx().layer_id_at(at)) == Some(response.layer_id)
}

/// Returns where `x` is along the track, 0 to 1.
fn along(track: Rect, x: f32) -> f32 {
    ((x - track.left()) / track.width().max(1.0)).clamp(0.0, 1.0)
}
