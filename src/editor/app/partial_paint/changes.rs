//! Finds what differs between two frames' shapes, and keeps of the newer ones what is to be painted for it.

use egui::{
    CornerRadius, Rect, Shape, StrokeKind, TextureId,
    epaint::{ClippedShape, RectShape},
};

use super::areas::{Area, Tiles};

/// How many shapes in a row may differ before the rest is taken to differ, too, and by how many more or fewer there may be of them. Where frames
/// are taken to differ in more than they do, more is painted than has to be, no less.
const LONGEST_RUN: usize = 400;
const MOST_ADDED: usize = 12;
/// Outlines are four strips, unless they are so small that one area is no loss, in points.
const SMALL: f32 = 60.0;

/// The parts of the window in which two frames differ. Outside of them the same shapes are painted over each other in the same order.
/// `window` is all of it; `is_new` says which textures have other content than before.
pub fn changes(
    before: &[ClippedShape],
    now: &[ClippedShape],
    (window, pixels_per_point): (Rect, f32),
    is_new: impl Fn(TextureId) -> bool,
) -> Vec<Area> {
    let mut tiles = Tiles::new(Area::clipped(window, pixels_per_point));
    let add = |tiles: &mut Tiles, shape: &ClippedShape| {
        for area in touched(shape, pixels_per_point) {
            tiles.choose(area);
        }
    };
    let same = |(one, other): &(&ClippedShape, &ClippedShape)| {
        one == other && !is_new(other.shape.texture_id())
    };
    let behind = before.iter().rev().zip(now.iter().rev());
    let behind = behind.take_while(same).count();
    let mut before = before.get(..before.len() - behind).unwrap_or_default();
    let mut now = now.get(..now.len() - behind).unwrap_or_default();
    while let ([one, rest_before @ ..], [other, rest_now @ ..]) = (before, now) {
        if one == other {
            if is_new(other.shape.texture_id()) {
                add(&mut tiles, other);
            }
            (before, now) = (rest_before, rest_now);
            continue;
        }
        let (gone, come) = next_pair(before, now);
        let (old, rest_before) = before.split_at(gone);
        let (new, rest_now) = now.split_at(come);
        (before, now) = (rest_before, rest_now);
        let pairs = if gone == come { gone } else { 0 };
        for (old, new) in old.iter().zip(new).take(pairs) {
            match both_fill(old, new) {
                Some((one, other)) => {
                    let [one, other] =
                        [one, other].map(|rect| Area::touched(rect, pixels_per_point));
                    let clip = Area::clipped(new.clip_rect, pixels_per_point);
                    for part in one.unlike(other) {
                        tiles.choose(part.intersect(clip));
                    }
                }
                None => {
                    add(&mut tiles, old);
                    add(&mut tiles, new);
                }
            }
        }
        for shape in old.iter().chain(new).skip(2 * pairs) {
            add(&mut tiles, shape);
        }
    }
    for shape in before.iter().chain(now) {
        add(&mut tiles, shape);
    }
    tiles.areas()
}

/// The rectangles of two shapes that fill one each, in the same way: the bar of a meter that has moved. Where both are nothing changes.
fn both_fill(old: &ClippedShape, new: &ClippedShape) -> Option<(Rect, Rect)> {
    let (Shape::Rect(one), Shape::Rect(other)) = (&old.shape, &new.shape) else {
        return None;
    };
    let is_plain = one.corner_radius == CornerRadius::ZERO
        && one.stroke.is_empty()
        && one.brush.is_none()
        && one.blur_width == 0.0
        && one.angle == 0.0;
    let moved = ClippedShape {
        shape: Shape::Rect(RectShape {
            rect: other.rect,
            ..one.clone()
        }),
        ..old.clone()
    };
    (is_plain && moved == *new).then_some((one.rect, other.rect))
}

/// How many shapes of either frame come before the next that both have; all of them if none is found.
fn next_pair(before: &[ClippedShape], now: &[ClippedShape]) -> (usize, usize) {
    let is_pair = |(gone, come): &(usize, usize)| {
        let pair = before.get(*gone).zip(now.get(*come));
        pair.is_some_and(|(one, other)| one == other)
    };
    // Most often as many have come as are gone.
    let lengths = (0..=LONGEST_RUN).flat_map(|run| {
        let more = (1..=MOST_ADDED).flat_map(move |more| [(run, run + more), (run + more, run)]);
        std::iter::once((run, run)).chain(more)
    });
    let found = lengths.filter(|lengths| *lengths != (0, 0)).find(is_pair);
    found.unwrap_or((before.len(), now.len()))
}

/// The pixels that a shape may touch.
fn touched(shape: &ClippedShape, pixels_per_point: f32) -> Vec<Area> {
    let clip = Area::clipped(shape.clip_rect, pixels_per_point);
    rects(&shape.shape)
        .into_iter()
        .filter(|rect| rect.is_finite())
        .map(|rect| shape.transform_after_tessellation * rect)
        .map(|rect| Area::touched(rect, pixels_per_point).intersect(clip))
        .filter(|area| !area.is_empty())
        .collect()
}

/// The rectangles within which a shape draws, in points.
fn rects(shape: &Shape) -> Vec<Rect> {
    let around = shape.visual_bounding_rect();
    let Shape::Rect(outline) = shape else {
        return vec![around];
    };
    let is_hollow = outline.fill == egui::Color32::TRANSPARENT
        && outline.brush.is_none()
        && outline.blur_width == 0.0
        && outline.angle == 0.0;
    if !is_hollow || around.size().min_elem() < SMALL {
        return vec![around];
    }
    let inwards = match outline.stroke_kind {
        StrokeKind::Inside => outline.stroke.width,
        StrokeKind::Middle => outline.stroke.width / 2.0,
        StrokeKind::Outside => 0.0,
    };
    let radii = outline.corner_radius;
    let radius = radii.nw.max(radii.ne).max(radii.sw).max(radii.se);
    let inside = outline.rect.shrink(inwards.max(radius.into()));
    vec![
        around.with_max_y(inside.top()),
        around.with_min_y(inside.bottom()),
        around.with_max_x(inside.left()),
        around.with_min_x(inside.right()),
    ]
}

/// The shapes of a frame as they are painted in some areas alone.
pub fn within(shapes: &[ClippedShape], areas: &[Area], pixels_per_point: f32) -> Vec<ClippedShape> {
    let reach: Vec<Vec<Area>> = shapes
        .iter()
        .map(|shape| touched(shape, pixels_per_point))
        .collect();
    let mut left = Vec::new();
    for area in areas.iter().copied() {
        for (shape, reach) in shapes.iter().zip(&reach) {
            if reach.iter().any(|part| part.overlaps(area)) {
                let clip = Area::clipped(shape.clip_rect, pixels_per_point).intersect(area);
                left.push(ClippedShape {
                    clip_rect: clip.rect(pixels_per_point),
                    ..shape.clone()
                });
            }
        }
    }
    left
}

#[cfg(test)]
mod tests;
