//! The map of timbres: the named ones as places, the sound as a moving dot, and the handle that Morph can be led by.

use std::collections::VecDeque;

use egui::{Align2, Color32, CornerRadius, Pos2, Rect, Role, Sense, Shape, Stroke, Ui, WidgetInfo};
use nice_plug::prelude::{Enum, Param};

use crate::editor::{
    input::control::Edit,
    look::theme::{self, Metrics},
    panels::morph::map::{handle as map_handle, handle::MapTransform, labels as map_labels},
    widgets::{help, knob},
};
use crate::{
    model::{MapPlace, TimbreMap},
    params::{MoodringParams, MorphSource, Slot, Target},
    telemetry::Snapshot,
};

pub mod handle;
pub mod labels;

/// How long the live sound's trail is, in seconds.
const TRAIL: f64 = 0.8;
/// The most points of the trail.
const POINTS: usize = 32;
/// Points of one stretch of the trail, all of one colour.
const STRETCH: usize = 6;
/// Movements below this, in the map's units, add no point: the sound stands still.
const STILL: f32 = 0.002;

/// What the map remembers between two frames.
#[derive(Debug, Default)]
pub struct MapState {
    /// Where the live sound was lately, and when on egui's clock; the newest last.
    trail: VecDeque<(f64, [f32; 2])>,
}

impl MapState {
    fn follow(&mut self, now: f64, at: Option<[f32; 2]>) {
        let Some(at) = at.filter(|at| at.iter().all(|value| value.is_finite())) else {
            self.trail.clear();
            return;
        };
        self.trail.retain(|(then, _)| now - then < TRAIL);
        let moved = self
            .trail
            .back()
            .is_none_or(|(_, last)| (last[0] - at[0]).hypot(last[1] - at[1]) > STILL);
        if moved {
            if self.trail.len() == POINTS {
                self.trail.pop_front();
            }
            self.trail.push_back((now, at));
        }
    }
}

/// Draws the map into `rect`.
pub fn draw(
    ui: &Ui,
    metrics: Metrics,
    rect: Rect,
    params: &MoodringParams,
    snapshot: &Snapshot,
    edit: &mut Edit<'_>,
) {
    let palette = metrics.palette;
    ui.painter().rect(
        rect,
        CornerRadius::same(theme::rounded(metrics.units(0.5))),
        palette.background,
        Stroke::new(1.0, palette.edge),
        egui::StrokeKind::Inside,
    );
    let Some(map) = &snapshot.map else {
        theme::label(
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
    let grid = Stroke::new(1.0, theme::mix(palette.background, palette.edge, 0.6));
    ui.painter()
        .hline(rect.x_range().shrink(1.0), middle.y, grid);
    ui.painter()
        .vline(middle.x, rect.y_range().shrink(1.0), grid);

    let pad = map_handle::pad(ui, rect);
    let captured = Slot::ALL.map(|slot| {
        let captured = edit.state.captures.get(slot)?;
        Some(plane.screen(map.project(&captured.latent)))
    });
    let unnamed = draw_places(ui, metrics, plane, map, params, captured, edit);

    let now = ui.input(|input| input.time);
    let live = snapshot.latents.map(|latents| latents.live_at);
    edit.state.map.follow(now, live);
    draw_sound(ui, metrics, plane, snapshot, &edit.state.map);
    for (slot, center) in Slot::ALL.into_iter().zip(captured) {
        if let Some(center) = center {
            draw_letter(ui, metrics, center, slot);
        }
    }
    let nearest = |at| nearest(map, at);
    map_handle::draw(ui, metrics, plane, &pad, params, nearest, edit);
    if let Some((dot, name)) = unnamed {
        draw_hovered_name(ui, metrics, plane.rect, dot, name);
    }
}

/// The named timbre that is nearest to a place.
fn nearest(map: &TimbreMap, at: [f32; 2]) -> Option<&MapPlace> {
    let distance = |place: &MapPlace| (place.at[0] - at[0]).hypot(place.at[1] - at[1]);
    map.places
        .iter()
        .min_by(|a, b| distance(a).total_cmp(&distance(b)))
}

/// The named timbres: a dot each, and a name where there is room for it. Returns the one that is pointed at and has none.
fn draw_places<'a>(
    ui: &Ui,
    metrics: Metrics,
    plane: MapTransform,
    map: &'a TimbreMap,
    params: &MoodringParams,
    captured: [Option<Pos2>; 2],
    edit: &mut Edit<'_>,
) -> Option<(Pos2, &'a str)> {
    let palette = metrics.palette;
    let source = params.morph_source.unmodulated_plain_value();
    let target = params.target.unmodulated_plain_value();
    let target = Target::ids().and_then(|ids| ids.get(target.to_index()));
    let chosen = map
        .places
        .iter()
        .position(|place| source == MorphSource::Named && Some(&place.id.as_str()) == target);

    let dots: Vec<Pos2> = map
        .places
        .iter()
        .map(|place| plane.screen(place.at))
        .collect();
    let names = map.places.iter().map(|place| place.name.as_str());
    let taken = captured
        .into_iter()
        .flatten()
        .map(|center| Rect::from_center_size(center, egui::Vec2::splat(metrics.units(2.5))));
    let labels = map_labels::lay_out(ui, metrics, plane.rect, &dots, names, chosen, taken);

    let mut unnamed = None;
    for (index, ((place, dot), label)) in map.places.iter().zip(dots).zip(labels).enumerate() {
        let around = Rect::from_center_size(dot, egui::Vec2::splat(metrics.units(1.5)));
        let room = label
            .as_ref()
            .map_or(around, |label| around.union(label.rect));
        let id = ui.scope_id().with(("place", index));
        let response = ui.interact(room, id, Sense::CLICK | Sense::FOCUSABLE);
        response.widget_info(|| {
            let selected = Some(index) == chosen;
            WidgetInfo::selected(Role::Button, true, selected, &place.name)
        });
        let hot = response.hovered() || response.has_focus();
        let lit = hot || Some(index) == chosen;
        let color = if Some(index) == chosen {
            palette.accent
        } else if hot {
            palette.text
        } else {
            palette.dim
        };
        ui.painter().circle_filled(dot, metrics.units(0.3), color);
        if lit {
            // How far the sounds of that name reach, and that this is the one.
            let reach = plane.length(place.spread).max(metrics.units(0.7));
            ui.painter().with_clip_rect(plane.rect).circle_stroke(
                dot,
                reach,
                Stroke::new(1.0, theme::mix(palette.background, color, 0.6)),
            );
            ui.painter()
                .circle_stroke(dot, metrics.units(0.7), Stroke::new(1.0, color));
        }
        match label {
            Some(label) => {
                ui.painter()
                    .galley_with_override_text_color(label.rect.min, label.galley, color)
            }
            None if hot => unnamed = Some((dot, place.name.as_str())),
            None => {}
        }
        let response = help::tip_with(response, || {
            format!("{}: click to make it the target of Morph", place.name)
        });
        let ids = Target::ids().unwrap_or_default();
        if response.clicked()
            && let Some(index) = ids.iter().position(|id| *id == place.id)
        {
            edit.choose(&params.target, Target(index));
            edit.choose(&params.morph_source, MorphSource::Named);
        }
    }
    unnamed
}

/// The name of a place that has no room for it, on a plate of its own.
fn draw_hovered_name(ui: &Ui, metrics: Metrics, map: Rect, dot: Pos2, name: &str) {
    let palette = metrics.palette;
    let galley = ui
        .painter()
        .layout_no_wrap(name.to_owned(), metrics.small(), palette.text);
    let size = galley.size() + egui::Vec2::splat(metrics.units(0.75));
    let above = dot - egui::Vec2::new(0.0, metrics.units(1.0) + size.y / 2.0);
    let inside = map.shrink2(size / 2.0);
    let plate = Rect::from_center_size(inside.clamp(above), size);
    ui.painter().rect(
        plate,
        CornerRadius::same(theme::rounded(metrics.units(0.25))),
        palette.panel,
        Stroke::new(1.0, palette.edge),
        egui::StrokeKind::Inside,
    );
    let at = plate.center() - galley.size() / 2.0;
    ui.painter().galley(at, galley, palette.text);
}

/// The live sound with its trail, the output, and the sidechain.
fn draw_sound(
    ui: &Ui,
    metrics: Metrics,
    plane: MapTransform,
    snapshot: &Snapshot,
    state: &MapState,
) {
    let palette = metrics.palette;
    let points: Vec<Pos2> = state
        .trail
        .iter()
        .map(|(_, at)| plane.screen(*at))
        .collect();
    // From the newest back, a stretch at a time, each paler than the last.
    let mut rest = points.as_slice();
    while rest.len() > 1 {
        let (older, stretch) = rest.split_at(rest.len().saturating_sub(STRETCH + 1));
        let age = (points.len() - rest.len()) as f32 / points.len() as f32;
        let color = theme::mix(palette.background, palette.text, 0.6 * (1.0 - age));
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
            corners
                .map(|(x, y)| center + egui::Vec2::new(x, y))
                .to_vec(),
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
    let way = theme::mix(palette.background, palette.accent, 0.7);
    ui.painter()
        .line_segment([live, shaped], Stroke::new(metrics.units(0.15), way));
    knob::live_mark(ui, metrics, live);
    knob::shaped_mark(ui, metrics, shaped);
}

/// A captured timbre's letter.
fn draw_letter(ui: &Ui, metrics: Metrics, center: Pos2, slot: Slot) {
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

/// Words for a mark that can't be clicked.
fn point_out(ui: &Ui, metrics: Metrics, center: Pos2, name: &str, words: &str) {
    let rect = Rect::from_center_size(center, egui::Vec2::splat(metrics.units(2.0)));
    let response = ui.interact(rect, ui.scope_id().with(name), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, name));
    help::tip(response, words);
}

/// The colour of the handle while Morph leads to it, and while it doesn't.
pub fn handle_color(metrics: Metrics, leads: bool) -> Color32 {
    if leads {
        metrics.palette.accent
    } else {
        metrics.palette.dim
    }
}
