//! The named timbres on the map: a dot each, and a name where there is room for it. Names are drawn over everything else.

use std::sync::Arc;

use egui::{Color32, CornerRadius, Galley, Pos2, Rect, Role, Sense, Stroke, Ui, Vec2, WidgetInfo};
use nice_plug::prelude::{Enum, Param};

use super::{
    super::aim,
    labels::{self, Label, Wanted},
    transform::MapTransform,
};
use crate::{
    editor::{
        input::{FocusGroup, steps},
        look::{self, Metrics},
        scene::Scene,
        widgets::{help, offer_menu},
    },
    model::TimbreMap,
    params::{MorphSource, Target},
};

/// The names on the map, for when everything else has been drawn.
pub struct Names<'a> {
    written: Vec<(Pos2, Arc<Galley>, Color32)>,
    /// A timbre that is pointed at and has no name beside it.
    unnamed: Option<(Pos2, &'a str)>,
}

impl Names<'_> {
    /// Draws them. What lies below them shows through, but stays below.
    pub fn draw(self, ui: &Ui, metrics: Metrics, map: Rect) {
        for (at, galley, color) in self.written {
            ui.painter()
                .galley_with_override_text_color(at, galley, color);
        }
        if let Some((dot, name)) = self.unnamed {
            draw_hovered_name(ui, metrics, map, dot, name);
        }
    }
}

/// Draws the named timbres; a click on one makes it the target. No name gets a place in what is `taken` by others. Returns the names, which are
/// still to be drawn.
pub fn draw<'a>(
    ui: &Ui,
    scene: &mut Scene<'_>,
    plane: MapTransform,
    map: &'a TimbreMap,
    taken: Vec<Rect>,
) -> Names<'a> {
    let (metrics, params) = (scene.metrics, scene.params);
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
    let wanted = Wanted {
        names: map.places.iter().map(|place| place.name.as_str()).collect(),
        dots: &dots,
        first: chosen,
        taken,
    };
    let labels = labels::lay_out(ui, metrics, plane.rect, wanted);

    let mut names = Names {
        written: Vec::new(),
        unnamed: None,
    };
    let group = &mut FocusGroup::new(ui, "places");
    let place_id = |index: usize| ui.scope_id().with(("place", index));
    for (index, ((place, dot), label)) in map
        .places
        .iter()
        .zip(dots.iter().copied())
        .zip(labels)
        .enumerate()
    {
        let around = Rect::from_center_size(dot, Vec2::splat(metrics.units(1.5)));
        // A name that is away from its dot has others between the two.
        let named = label.as_ref().filter(|label| label.leader.is_none());
        let room = named.map_or(around, |label| around.union(label.rect));
        let id = place_id(index);
        let sense = group.sense(id, Sense::CLICK, Some(index) == chosen);
        let response = ui.interact(room, id, sense);
        group.tell(&response);
        let recorder = scene.edit.recorder;
        offer_menu(ui, recorder, &response, &[params.target.as_ptr()], false);
        if response.has_focus()
            && let Some(next) = beside(&dots, index, steps::arrows(ui, id))
        {
            group.go_to(place_id(next));
        }
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
        if let Some(Label {
            leader: Some(end), ..
        }) = label
        {
            let faint = look::mix(palette.background, color, 0.5);
            ui.painter()
                .line_segment([dot, end], Stroke::new(1.0, faint));
        }
        ui.painter().circle_filled(dot, metrics.units(0.3), color);
        if lit {
            // How far the sounds of that name reach, and that this is the one.
            let reach = plane.length(place.spread).max(metrics.units(0.7));
            ui.painter().with_clip_rect(plane.rect).circle_stroke(
                dot,
                reach,
                Stroke::new(1.0, look::mix(palette.background, color, 0.6)),
            );
            ui.painter()
                .circle_stroke(dot, metrics.units(0.7), Stroke::new(1.0, color));
        }
        match label {
            Some(label) => names.written.push((label.rect.min, label.galley, color)),
            None if hot => names.unnamed = Some((dot, place.name.as_str())),
            None => {}
        }
        let response = help::tip_with(response, || {
            format!("{}: click to make it the target of Morph", place.name)
        });
        let ids = Target::ids().unwrap_or_default();
        if response.clicked()
            && let Some(index) = ids.iter().position(|id| *id == place.id)
        {
            scene.edit.choose(&params.target, Target(index));
            scene.edit.choose(&params.morph_source, MorphSource::Named);
            aim::make_heard(ui, scene);
        }
    }
    names
}

/// The place next to one in the direction of an arrow key: `right` and `up` count its presses. What is straight ahead is nearer than what lies
/// aside.
fn beside(dots: &[Pos2], from: usize, (right, up): (f32, f32)) -> Option<usize> {
    let way = Vec2::new(right, -up);
    if way == Vec2::ZERO {
        return None;
    }
    let (way, start) = (way.normalized(), *dots.get(from)?);
    let away = |dot: &Pos2| {
        let by = *dot - start;
        let ahead = by.dot(way);
        let aside = by.dot(way.rot90()).abs();
        (ahead > aside.max(1.0)).then_some(ahead + 2.0 * aside)
    };
    let others = dots.iter().enumerate().filter(|(index, _)| *index != from);
    let ahead = others.filter_map(|(index, dot)| Some((index, away(dot)?)));
    ahead
        .min_by(|(_, one), (_, other)| one.total_cmp(other))
        .map(|(index, _)| index)
}

/// Draws the name of a place that has no room for it, on a plate of its own.
fn draw_hovered_name(ui: &Ui, metrics: Metrics, map: Rect, dot: Pos2, name: &str) {
    let palette = metrics.palette;
    let galley = ui
        .painter()
        .layout_no_wrap(name.to_owned(), metrics.small(), palette.text);
    let size = galley.size() + Vec2::splat(metrics.units(0.75));
    let above = dot - Vec2::new(0.0, metrics.units(1.0) + size.y / 2.0);
    let inside = map.shrink2(size / 2.0);
    let plate = Rect::from_center_size(inside.clamp(above), size);
    ui.painter().rect(
        plate,
        CornerRadius::same(look::rounded(metrics.units(0.25))),
        palette.panel,
        Stroke::new(1.0, palette.edge),
        egui::StrokeKind::Inside,
    );
    let at = plate.center() - galley.size() / 2.0;
    ui.painter().galley(at, galley, palette.text);
}
