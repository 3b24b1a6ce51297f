//! What the map's two axes are: each says at its end what the named timbres have the more of the further they are there. Where timbres lie all
//! around a line's end it says nothing.

use egui::{Align2, Pos2, Rect, Ui, Vec2};

use super::transform::MapTransform;
use crate::{
    editor::look::{self, Metrics},
    model::TimbreMap,
};

/// Draws the names, and returns where they are.
pub fn draw(ui: &Ui, metrics: Metrics, plane: MapTransform, map: &TimbreMap) -> Vec<Rect> {
    let inside = plane.rect.shrink(metrics.units(0.5));
    let middle = plane.screen([0.0, 0.0]);
    let line = metrics.units(1.75);
    let mut places = Vec::new();
    for (index, axis) in map.axes.iter().enumerate() {
        let Some(axis) = axis else {
            continue;
        };
        let words = format!("more {}", axis.name);
        let width = look::text_width(ui, &words, metrics.small()) + 1.0;
        let size = Vec2::new(width, line);
        // Along the line, at the end to which there is more or not far from it, on one side or the other.
        let beside = [
            middle.x + metrics.units(0.5),
            middle.x - metrics.units(0.5) - width,
        ];
        let over = [middle.y - line, middle.y];
        let inwards = [0.0, 0.5, 1.0, 1.5, 2.0];
        let corner = |side: usize, inwards: f32| match (index, axis.rises) {
            (0, true) => Pos2::new(inside.right() - (1.0 + inwards) * width, over[side]),
            (0, false) => Pos2::new(inside.left() + inwards * width, over[side]),
            (_, true) => Pos2::new(beside[side], inside.top() + inwards * line),
            (_, false) => Pos2::new(beside[side], inside.bottom() - (1.0 + inwards) * line),
        };
        let dots = map.places.iter().map(|place| plane.screen(place.at));
        let dots: Vec<Pos2> = dots.collect();
        let free = |rect: &Rect| {
            let around = rect.expand(metrics.units(0.4));
            !dots.iter().any(|dot| around.contains(*dot))
        };
        let corners = inwards.into_iter();
        let corners = corners.flat_map(|inwards| [0, 1].map(|side| corner(side, inwards)));
        let mut rects = corners.map(|corner| Rect::from_min_size(corner, size));
        let Some(rect) = rects.find(free) else {
            continue;
        };
        let ink = look::mix(metrics.palette.background, metrics.palette.accent, 0.85);
        look::label(
            ui,
            rect,
            Align2::CENTER_CENTER,
            &words,
            metrics.small(),
            ink,
        );
        places.push(rect);
    }
    places
}
