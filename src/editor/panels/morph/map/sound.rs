//! The sound on the map: the input with its trail, the output, the sidechain, and what was captured of it.

use std::collections::VecDeque;

use egui::{Align2, Pos2, Rect, Role, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo};

use super::transform::MapTransform;
use crate::{
    editor::{
        look::{self, Metrics},
        widgets::{help, live_mark, shaped_mark},
    },
    params::Slot,
    telemetry::Snapshot,
};

/// How long the live sound's trail is, in seconds.
const TRAIL: f64 = 0.8;
/// The most points of the trail.
const POINTS: usize = 32;
/// Points of one stretch of the trail, all of one colour.
const STRETCH: usize = 6;
/// Movements below this, in the map's units, add no point: the sound stands still.
const STILL: f32 = 0.002;

/// Where the input was lately, and when on egui's clock; the newest last. On the window's thread.
#[derive(Debug, Default)]
pub struct Trail(VecDeque<(f64, [f32; 2])>);

impl Trail {
    /// Adds the place where the input is now; `None` while there is no sound.
    pub fn follow(&mut self, now: f64, at: Option<[f32; 2]>) {
        let Some(at) = at.filter(|at| at.iter().all(|value| value.is_finite())) else {
            self.0.clear();
            return;
        };
        self.0.retain(|(then, _)| now - then < TRAIL);
        let moved = self
            .0
            .back()
            .is_none_or(|(_, last)| (last[0] - at[0]).hypot(last[1] - at[1]) > STILL);
        if moved {
            if self.0.len() == POINTS {
                self.0.pop_front();
            }
            self.0.push_back((now, at));
        }
    }
}

/// Draws the input with its trail, the output, and the sidechain.
pub fn draw(ui: &Ui, metrics: Metrics, plane: MapTransform, snapshot: &Snapshot, trail: &Trail) {
    let palette = metrics.palette;
    let points: Vec<Pos2> = trail.0.iter().map(|(_, at)| plane.screen(*at)).collect();
    // From the newest back, a stretch at a time, each paler than the last.
    let mut rest = points.as_slice();
    while rest.len() > 1 {
        let (older, stretch) = rest.split_at(rest.len().saturating_sub(STRETCH + 1));
        let age = (points.len() - rest.len()) as f32 / points.len() as f32;
        let color = look::mix(palette.background, palette.text, 0.6 * (1.0 - age));
        let stroke = Stroke::new(metrics.units(0.2), color);
        ui.painter().add(Shape::line(stretch.to_vec(), stroke));
        // The next one ends where this one begins.
        rest = rest
            .get(..=older.len())
            .filter(|_| !older.is_empty())
            .unwrap_or_default();
    }
    if let Some(at) = snapshot.sidechain.at {
        let center = plane.screen(at);
        let arm = metrics.units(0.9);
        let corners = [(0.0, -arm), (arm, 0.0), (0.0, arm), (-arm, 0.0)];
        ui.painter().add(Shape::convex_polygon(
            corners.map(|(x, y)| center + Vec2::new(x, y)).to_vec(),
            palette.panel,
            Stroke::new(metrics.units(0.2), palette.warning),
        ));
        point_out(
            ui,
            metrics,
            center,
            "sidechain on the map",
            "Diamond: where the sidechain's sound is",
        );
    }
    let Some(latents) = snapshot.latents else {
        return;
    };
    let (live, shaped) = (
        plane.screen(latents.live_at),
        plane.screen(latents.shaped_at),
    );
    let way = look::mix(palette.background, palette.accent, 0.7);
    ui.painter()
        .line_segment([live, shaped], Stroke::new(metrics.units(0.15), way));
    live_mark(ui, metrics, live);
    shaped_mark(ui, metrics, shaped);
}

/// Draws the letter of a captured timbre.
pub fn draw_letter(ui: &Ui, metrics: Metrics, center: Pos2, slot: Slot) {
    let palette = metrics.palette;
    ui.painter().circle(
        center,
        metrics.units(1.0),
        palette.panel,
        Stroke::new(metrics.units(0.15), palette.accent),
    );
    ui.painter().text(
        center,
        Align2::CENTER_CENTER,
        slot.letter(),
        metrics.small(),
        palette.text,
    );
    let name = format!("{} on the map", slot.letter());
    let words = format!("Where the captured timbre {} is", slot.letter());
    point_out(ui, metrics, center, &name, &words);
}

/// Gives words to a mark that can't be clicked.
fn point_out(ui: &Ui, metrics: Metrics, center: Pos2, name: &str, words: &str) {
    let rect = Rect::from_center_size(center, Vec2::splat(metrics.units(2.0)));
    let response = ui.interact(rect, ui.scope_id().with(name), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, name));
    help::tip(response, words);
}
