//! The map of timbres: the named ones as places, the sound as a moving dot, and the handle that Morph can be led by.

use egui::{Align2, CornerRadius, Rect, Stroke, Ui, Vec2};
use nice_plug::prelude::Param;

use self::{sound::Trail, transform::MapTransform};
use super::captures::CapturePanel;
use crate::{
    editor::{look, scene::Scene},
    model::{MapPlace, TimbreMap},
    params::Slot,
};

mod axes;
mod handle;
mod labels;
mod places;
mod sound;
mod transform;

/// What the map remembers between two frames, on the window's thread.
#[derive(Debug, Default)]
pub struct MapPanel {
    trail: Trail,
    /// Where the handle was, as the parameters are, before the drag that is under way: names make room for it, but don't run from it.
    handle: Option<[f32; 2]>,
}

impl MapPanel {
    /// Draws the map into `rect`, with the letters of what is captured.
    pub fn draw(&mut self, ui: &Ui, scene: &mut Scene<'_>, rect: Rect, captures: &CapturePanel) {
        let (metrics, snapshot) = (scene.metrics, scene.snapshot);
        let palette = metrics.palette;
        ui.painter().rect(
            rect,
            CornerRadius::same(look::rounded(metrics.units(0.5))),
            palette.background,
            Stroke::new(1.0, palette.edge),
            egui::StrokeKind::Inside,
        );
        let Some(map) = &snapshot.map else {
            look::label(
                ui,
                rect.shrink(metrics.unit),
                Align2::CENTER_CENTER,
                "No map without a timbre model",
                metrics.body(),
                palette.dim,
            );
            return;
        };
        let plane = MapTransform::new(metrics, rect);
        let middle = plane.screen([0.0, 0.0]);
        let grid = Stroke::new(1.0, look::mix(palette.background, palette.edge, 0.6));
        ui.painter()
            .hline(rect.x_range().shrink(1.0), middle.y, grid);
        ui.painter()
            .vline(middle.x, rect.y_range().shrink(1.0), grid);

        let pad = handle::pad(ui, rect);
        let captured = Slot::ALL.map(|slot| {
            let captured = captures.get(slot)?;
            Some(plane.screen(map.project(&captured.latent)))
        });
        let params = scene.params;
        if self.handle.is_none() || !ui.input(|input| input.pointer.any_down()) {
            let axes = [&params.map_x, &params.map_y];
            self.handle = Some(axes.map(|axis| axis.unmodulated_normalized_value()));
        }
        let marks = captured.into_iter().flatten();
        let marks = marks.chain(self.handle.map(|at| plane.point(at)));
        let mark = |center| Rect::from_center_size(center, Vec2::splat(metrics.units(3.2)));
        let mut taken: Vec<Rect> = marks.map(mark).collect();
        taken.extend(axes::draw(ui, metrics, plane, map));
        let names = places::draw(ui, scene, plane, map, taken);

        let now = ui.input(|input| input.time);
        let live = snapshot.latents.map(|latents| latents.live_at);
        self.trail.follow(now, live);
        sound::draw(ui, metrics, plane, snapshot, &self.trail);
        for (slot, center) in Slot::ALL.into_iter().zip(captured) {
            if let Some(center) = center {
                sound::draw_letter(ui, metrics, center, slot);
            }
        }
        handle::draw(ui, scene, plane, &pad, |at| nearest(map, at));
        names.draw(ui, metrics, plane.rect);
    }
}

/// Returns the named timbre that is nearest to a place.
fn nearest(map: &TimbreMap, at: [f32; 2]) -> Option<&MapPlace> {
    let distance = |place: &MapPlace| (place.at[0] - at[0]).hypot(place.at[1] - at[1]);
    map.places
        .iter()
        .min_by(|a, b| distance(a).total_cmp(&distance(b)))
}
