//! Whether the map is shown, and where.

use egui::Rect;
use serde::{Deserialize, Serialize};

use crate::editor::look::Metrics;

/// The least width of the panel beside whose tags the map has room, in spacing units.
const WIDE: f32 = 100.0;
/// The map's share of a wide panel, and its least and its greatest width, in spacing units.
const SHARE: f32 = 0.34;
const LEAST: f32 = 34.0;
const MOST: f32 = 60.0;

/// Whether the user wants it: in a wide window, where it has room beside the tags, and in a narrow one, where it takes theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MapShown {
    /// Beside the tags.
    pub beside: bool,
    /// In their place.
    pub instead: bool,
}

impl Default for MapShown {
    fn default() -> Self {
        Self {
            beside: true,
            instead: false,
        }
    }
}

/// The rooms of the tags and of the map, either of which may be without.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Room {
    /// The tags' and the timeline's.
    pub tags: Option<Rect>,
    /// The map's.
    pub map: Option<Rect>,
}

impl MapShown {
    /// Whether it is shown in a panel of that width.
    pub fn is_in(self, metrics: Metrics, width: f32) -> bool {
        if width >= metrics.units(WIDE) {
            self.beside
        } else {
            self.instead
        }
    }

    /// Shows it in a panel of that width, or hides it.
    pub fn toggle_in(&mut self, metrics: Metrics, width: f32) {
        if width >= metrics.units(WIDE) {
            self.beside = !self.beside;
        } else {
            self.instead = !self.instead;
        }
    }

    /// The rooms in `body`.
    pub fn rooms(self, metrics: Metrics, body: Rect) -> Room {
        let is_shown = self.is_in(metrics, body.width());
        if !is_shown {
            return Room {
                tags: Some(body),
                map: None,
            };
        }
        if body.width() < metrics.units(WIDE) {
            return Room {
                tags: None,
                map: Some(body),
            };
        }
        let width = (SHARE * body.width()).clamp(metrics.units(LEAST), metrics.units(MOST));
        let (tags, map) = body.split_left_right_at_x(body.right() - width);
        Room {
            tags: Some(tags.with_max_x(tags.right() - metrics.units(2.0))),
            map: Some(map),
        }
    }
}
