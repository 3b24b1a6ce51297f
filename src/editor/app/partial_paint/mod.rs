//! Paints only what has changed, where the processor computes the pixels: there a whole picture costs some ten milliseconds, and what moves
//! all the time is a small part of it.
//!
//! egui and its painter know whole pictures alone. So each frame's [`shapes`](egui::FullOutput::shapes) are compared with those of the frame
//! before, and only what touches a difference is handed on, clipped to it. This needs a window that keeps its picture from one frame to the next
//! ([`surface::keep_picture`]), and a painter that doesn't clear it: see [`surface::end_picture`].

use std::sync::Arc;

use egui::{
    Color32, Context, FullOutput, PaintCallback, Plugin, Rect, Shape, epaint::ClippedShape,
};
use egui_glow::CallbackFn;

use self::{
    areas::Area,
    changes::{changes, within},
};

mod areas;
mod changes;
pub mod surface;

/// A picture is painted whole when the last that was is so old, in seconds: whatever the window has lost of it comes back.
const WHOLE_EVERY: f64 = 10.0;

/// What was painted last; an egui plugin, on the window's thread. It does nothing before [`begin`](Self::begin).
#[derive(Default)]
pub struct PartialPaint {
    is_on: bool,
    /// What lies under everything.
    face: Color32,
    painted: Option<Painted>,
}

/// A frame that the window shows.
struct Painted {
    shapes: Vec<ClippedShape>,
    face: Color32,
    window: Rect,
    pixels_per_point: f32,
    /// When all of it was painted, on egui's clock.
    whole_at: f64,
}

impl PartialPaint {
    /// From the next frame on only what has changed is painted, over `face`.
    pub fn begin(&mut self, face: Color32) {
        self.is_on = true;
        self.face = face;
    }
}

impl Plugin for PartialPaint {
    fn debug_name(&self) -> &'static str {
        "PartialPaint"
    }

    fn output_hook(&mut self, context: &Context, output: &mut FullOutput) {
        if !self.is_on {
            return;
        }
        let (window, now) = context.input(|input| (input.viewport_rect(), input.time));
        let pixels_per_point = output.pixels_per_point;
        let before = self.painted.take().filter(|before| {
            before.window == window
                && before.pixels_per_point == pixels_per_point
                && before.face == self.face
                && now - before.whole_at < WHOLE_EVERY
        });
        let set = &output.textures_delta.set;
        // Letters are added to the font's texture, and never changed.
        let is_new = |id| id != egui::TextureId::default() && set.contains_key(&id);
        let (areas, whole_at) = match &before {
            Some(before) => (
                changes(
                    &before.shapes,
                    &output.shapes,
                    (window, pixels_per_point),
                    is_new,
                ),
                before.whole_at,
            ),
            None => (vec![Area::clipped(window, pixels_per_point)], now),
        };
        let limited = within(&output.shapes, &areas, pixels_per_point);
        let shapes = std::mem::replace(&mut output.shapes, limited);
        let (face, grounds) = (self.face, areas);
        output.shapes.insert(
            0,
            callback(window, move |painter| {
                surface::begin_picture(painter);
                for area in &grounds {
                    surface::clear(
                        painter,
                        area.counted_from_below(window, pixels_per_point),
                        face,
                    );
                }
            }),
        );
        output.shapes.push(callback(window, surface::end_picture));
        // The pass may be repeated, and another one painted in its place.
        if !output.platform_output.requested_discard() {
            self.painted = Some(Painted {
                shapes,
                face: self.face,
                window,
                pixels_per_point,
                whole_at,
            });
        }
    }
}

/// Has the painter call `function` between two shapes.
fn callback(
    window: Rect,
    function: impl Fn(&egui_glow::Painter) + Send + Sync + 'static,
) -> ClippedShape {
    let callback = CallbackFn::new(move |_, painter| function(painter));
    let callback = PaintCallback {
        rect: window,
        callback: Arc::new(callback),
    };
    ClippedShape::new(window, Shape::Callback(callback))
}
