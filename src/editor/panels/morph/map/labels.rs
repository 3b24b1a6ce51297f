//! Finds room for the names on the map: beside their places, or else a little away, with a line to them; never over another name or place.
//! A name without room is left out.

use std::sync::Arc;

use egui::{Galley, Pos2, Rect, Ui, Vec2};

use crate::editor::look::Metrics;

/// A name and its place on the screen.
pub struct Label {
    /// The name, laid out.
    pub galley: Arc<Galley>,
    /// The place that was found for it.
    pub rect: Rect,
    /// Where the line to its place begins, if it is away from that.
    pub leader: Option<Pos2>,
}

/// The names that want room.
pub struct Wanted<'a> {
    /// The names, in the order in which they get room.
    pub names: Vec<&'a str>,
    /// The place of each on the screen.
    pub dots: &'a [Pos2],
    /// The name that comes before all others.
    pub first: Option<usize>,
    /// What no name may lie on.
    pub taken: Vec<Rect>,
}

/// Finds room inside `map` for the names, in their order. The same places give the same answer, so nothing moves while the
/// sound does.
pub fn lay_out(ui: &Ui, metrics: Metrics, map: Rect, wanted: Wanted<'_>) -> Vec<Option<Label>> {
    let galleys: Vec<Arc<Galley>> = wanted
        .names
        .iter()
        .map(|name| {
            ui.painter()
                .layout_no_wrap((*name).to_owned(), metrics.small(), metrics.palette.dim)
        })
        .collect();
    let sizes: Vec<Vec2> = galleys.iter().map(|galley| galley.size()).collect();
    let places = place(
        map.shrink(metrics.units(0.25)),
        metrics.units(0.55),
        wanted.dots,
        &sizes,
        wanted.first,
        wanted.taken,
    );
    galleys
        .into_iter()
        .zip(places)
        .map(|(galley, found)| {
            found.map(|(rect, leader)| Label {
                galley,
                rect,
                leader,
            })
        })
        .collect()
}

/// A name's place, and where the line begins that leads to it, if it is away from its dot.
type Found = (Rect, Option<Pos2>);

/// Ways to go from a dot to a name that is away from it, for as many gaps.
const AWAY: [f32; 4] = [2.5, 4.5, 7.0, 10.0];
/// Directions to look in.
const DIRECTIONS: usize = 16;

/// The geometry of [`lay_out`]: rectangles of `sizes` beside `dots`, `gap` away from them, or further.
fn place(
    map: Rect,
    gap: f32,
    dots: &[Pos2],
    sizes: &[Vec2],
    first: Option<usize>,
    mut taken: Vec<Rect>,
) -> Vec<Option<Found>> {
    let dot_room = |dot: &Pos2| Rect::from_center_size(*dot, Vec2::splat(1.2 * gap));
    taken.extend(dots.iter().map(dot_room));
    let mut places = vec![None; sizes.len()];
    let others = (0..sizes.len()).filter(|index| Some(*index) != first);
    let mut without = Vec::new();
    for index in first.into_iter().chain(others) {
        let (Some(dot), Some(size)) = (dots.get(index), sizes.get(index)) else {
            continue;
        };
        let (aside, over) = (gap + size.x / 2.0, gap + size.y / 2.0);
        let found = [
            (aside, 0.0),
            (-aside, 0.0),
            (0.0, -over),
            (0.0, over),
            (aside, -over),
            (aside, over),
            (-aside, -over),
            (-aside, over),
        ]
        .into_iter()
        .map(|(x, y)| Rect::from_center_size(*dot + Vec2::new(x, y), *size))
        .find(|rect| {
            map.contains_rect(*rect) && taken.iter().all(|other| !rect.intersects(*other))
        });
        match (found, places.get_mut(index)) {
            (Some(rect), Some(place)) => {
                // Two names in a row are not one.
                taken.push(rect.expand2(Vec2::new(gap, 0.0)));
                *place = Some((rect, None));
            }
            _ => without.push(index),
        }
    }
    // Only now: what is beside its place is read more easily.
    for index in without {
        if let (Some(dot), Some(size), Some(place)) =
            (dots.get(index), sizes.get(index), places.get_mut(index))
        {
            *place = away(map, gap, *dot, *size, &taken);
            if let Some((rect, Some(end))) = *place {
                taken.push(rect.expand2(Vec2::new(gap, 0.0)));
                // What is drawn over a line can't be told from a name of the dot behind it.
                let middle = rect.clamp(*dot) + 0.5 * (end - rect.clamp(*dot));
                taken.push(Rect::from_center_size(middle, Vec2::splat(gap)));
            }
        }
    }
    places
}

/// A place for a name of `size` away from its dot, and where the line to it begins: neither touches what is taken.
fn away(map: Rect, gap: f32, dot: Pos2, size: Vec2, taken: &[Rect]) -> Option<Found> {
    let own = Rect::from_center_size(dot, Vec2::splat(1.3 * gap));
    let free = |rect: Rect, end: Pos2| {
        let crosses = |other: &Rect| {
            (1..=8).any(|step| other.contains(dot + (end - dot) * (step as f32 / 8.0)))
        };
        map.contains_rect(rect)
            && taken.iter().all(|other| {
                !rect.intersects(*other) && (own.contains_rect(*other) || !crosses(other))
            })
    };
    AWAY.iter()
        .flat_map(|gaps| (0..DIRECTIONS).map(move |turn| (*gaps, turn)))
        .map(|(gaps, turn)| {
            let direction = Vec2::angled(std::f32::consts::TAU * turn as f32 / DIRECTIONS as f32);
            let end = dot + gaps * gap * direction;
            // The name goes on from the line's end, in the direction in which it points.
            let side = Vec2::new(
                direction.x.signum(),
                if direction.y.abs() < 0.5 {
                    0.0
                } else {
                    direction.y.signum()
                },
            );
            (Rect::from_center_size(end + 0.5 * side * size, size), end)
        })
        .find(|(rect, end)| free(*rect, *end))
        .map(|(rect, end)| (rect, Some(end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAP: Rect = Rect {
        min: Pos2::ZERO,
        max: Pos2::new(300.0, 200.0),
    };

    /// Places as a real map has them: a few alone, many crowded.
    fn dots() -> Vec<Pos2> {
        (0..29)
            .map(|n| {
                let angle = n as f32 * 2.4;
                MAP.center() + (n as f32 * 3.4) * Vec2::angled(angle)
            })
            .collect()
    }

    #[test]
    fn names_stay_inside_and_touch_neither_each_other_nor_a_place() {
        let dots = dots();
        let sizes = vec![Vec2::new(60.0, 12.0); dots.len()];
        let letter = Rect::from_center_size(Pos2::new(100.0, 60.0), Vec2::splat(20.0));
        let places = place(MAP, 5.0, &dots, &sizes, Some(7), vec![letter]);
        let found: Vec<Rect> = places.iter().flatten().map(|(rect, _)| *rect).collect();
        assert!(found.len() >= 18, "{} of {}", found.len(), dots.len());
        for (dot, place) in dots.iter().zip(&places) {
            if let Some((rect, Some(end))) = place {
                assert!(
                    rect.expand(0.1).contains(*end),
                    "the line leads to its name"
                );
                assert!(end.distance(*dot) < 60.0);
            }
        }
        assert!(places[7].is_some(), "the first in line has a name");
        for (index, rect) in found.iter().enumerate() {
            assert!(MAP.contains_rect(*rect));
            assert!(!rect.intersects(letter));
            assert!(dots.iter().all(|dot| !rect.contains(*dot)));
            assert!(
                found[index + 1..]
                    .iter()
                    .all(|other| !rect.intersects(*other))
            );
        }
    }

    #[test]
    fn a_name_too_long_for_the_map_is_left_out() {
        let places = place(
            MAP,
            5.0,
            &[MAP.center()],
            &[Vec2::new(400.0, 12.0)],
            None,
            Vec::new(),
        );
        assert_eq!(places, [None]);
    }
}
