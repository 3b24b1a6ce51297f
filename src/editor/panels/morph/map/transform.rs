//! Where the map's -1 to 1 is on the screen.

use egui::{Pos2, Rect, Vec2};

use crate::editor::look::Metrics;

/// The way from places on the map to points of the screen, and back.
#[derive(Debug, Clone, Copy)]
pub struct MapTransform {
    /// The whole map.
    pub rect: Rect,
    /// From -1 to 1: a little less, so that marks at the edge are seen whole.
    inside: Rect,
}

impl MapTransform {
    /// The way for a map drawn into `rect`.
    pub fn new(metrics: Metrics, rect: Rect) -> Self {
        let margin = metrics
            .units(1.5)
            .min(rect.width().min(rect.height()) / 4.0);
        Self {
            rect,
            inside: rect.shrink(margin),
        }
    }

    /// The point of a place; beyond the map it is at its edge.
    pub fn screen(&self, at: [f32; 2]) -> Pos2 {
        self.point(at.map(|value| {
            let value = if value.is_finite() { value } else { 0.0 };
            (value.clamp(-1.0, 1.0) + 1.0) / 2.0
        }))
    }

    /// The point of a place that is given as the parameters are: 0 to 1, from left to right and from bottom to top.
    pub fn point(&self, normalized: [f32; 2]) -> Pos2 {
        Pos2::new(
            self.inside.left() + normalized[0] * self.inside.width(),
            self.inside.bottom() - normalized[1] * self.inside.height(),
        )
    }

    /// The way back from [`point`](Self::point).
    pub fn normalized(&self, point: Pos2) -> [f32; 2] {
        let from = self.shift(point - self.inside.left_bottom());
        from.map(|value| value.clamp(0.0, 1.0))
    }

    /// A movement on the screen, as the parameters are.
    pub fn shift(&self, by: Vec2) -> [f32; 2] {
        [
            by.x / self.inside.width().max(1.0),
            -by.y / self.inside.height().max(1.0),
        ]
    }

    /// A length on the map, on the screen: the mean of its two directions.
    pub fn length(&self, length: f32) -> f32 {
        length * (self.inside.width() + self.inside.height()) / 4.0
    }
}
