//! Shares out the Morph panel's room, whatever its size: map and controls side by side, one above the other, or, where
//! there is no room for both, one at a time.

use egui::{Rect, Vec2};

use super::captures;
use crate::editor::{look::Metrics, widgets::knob};

/// The least height of a row of knobs, in spacing units.
const KNOBS: f32 = 7.0;
/// The least width of a knob.
const KNOB: f32 = 7.5;
/// Knobs.
const KNOB_COUNT: usize = crate::model::LATENTS;
/// A cell: name and value above a slider.
const TALL: Vec2 = Vec2::new(15.0, 5.0);
/// A cell: name, slider and value on one line.
const FLAT: Vec2 = Vec2::new(25.0, 2.75);
/// Cells.
pub const CELLS: usize = 6;
/// Between two cells, and between the panel's parts.
const GAP: Vec2 = Vec2::new(1.5, 0.5);
/// The least size of the map.
const MAP: Vec2 = Vec2::new(26.5, 12.0);
/// The height from which on the map shares its column with the captures.
const MAP_AND_CAPTURES: f32 = 23.0;

/// What a panel without room for both shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MorphTab {
    /// The map.
    #[default]
    Map,
    /// Knobs and sliders.
    Knobs,
}

/// Where the parts go.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PanelLayout {
    /// The map, unless the tab of knobs is shown in its place.
    pub map: Option<Rect>,
    /// The captured timbres, where there is room.
    pub captures: Option<Rect>,
    /// Knobs and sliders, unless the tab of the map is shown in their place.
    pub controls: Option<ControlsLayout>,
}

/// Where knobs and sliders go.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ControlsLayout {
    /// All knobs.
    pub knobs: Rect,
    /// All cells.
    pub cells: Rect,
    /// Cells in a row.
    pub columns: usize,
    /// Whether a cell is one line.
    pub flat: bool,
}

impl ControlsLayout {
    /// The best arrangement that fits into `rect`: as few rows of knobs as their width allows, tall cells if they have room.
    fn fitting(metrics: Metrics, rect: Rect) -> Option<Self> {
        let size = rect.size() / metrics.unit;
        let rows = if size.x >= KNOB * KNOB_COUNT as f32 {
            1
        } else {
            2
        };
        let knobs = KNOBS * rows as f32;
        [(TALL, false), (FLAT, true)]
            .into_iter()
            .find_map(|(cell, flat)| {
                let columns = [6, 3, 2]
                    .into_iter()
                    .find(|columns| across(*columns, cell.x) <= size.x)?;
                let rows = CELLS / columns;
                let cells = rows as f32 * (cell.y + GAP.y) - GAP.y;
                // Knobs that would be squeezed for the sake of taller cells are not worth it.
                let knobs = if flat { knobs } else { 1.25 * knobs };
                if knobs + GAP.y + cells > size.y + 0.01 {
                    return None;
                }
                Some(Self::spread(metrics, rect, cells, columns, flat))
            })
    }

    /// Shares out `rect` between knobs and cells, which need so many units of its height. What both have no use for goes between them and
    /// into taller cells, so that nowhere is a hole.
    fn spread(metrics: Metrics, rect: Rect, cells: f32, columns: usize, flat: bool) -> Self {
        let gap = metrics.units(GAP.y);
        let room = rect.height() - metrics.units(cells) - gap;
        let rows = knob_rows(metrics, Vec2::new(rect.width(), room));
        let width = rect.width() / KNOB_COUNT.div_ceil(rows) as f32;
        let used = rows as f32 * (knob::height(metrics, width) + metrics.units(1.0));
        let spare = (room - used).max(0.0);
        let taller = if flat {
            0.0
        } else {
            (0.4 * spare).min((CELLS / columns) as f32 * metrics.units(2.5))
        };
        let top = rect.bottom() - metrics.units(cells) - taller;
        let around = (spare - taller) / 3.0;
        Self {
            knobs: rect
                .with_min_y(rect.top() + around)
                .with_max_y(top - gap - around),
            cells: rect.with_min_y(top),
            columns,
            flat,
        }
    }

    /// The room of the cell with that index.
    pub fn cell(&self, metrics: Metrics, index: usize) -> Rect {
        let gap = GAP * metrics.unit;
        let rows = CELLS / self.columns;
        let count = Vec2::new(self.columns as f32, rows as f32);
        let size = (self.cells.size() + gap) / count - gap;
        let at = Vec2::new((index % self.columns) as f32, (index / self.columns) as f32);
        Rect::from_min_size(self.cells.min + at * (size + gap), size)
    }
}

/// The rows of knobs in a room of this size: one, or two where that leaves room for larger dials.
pub fn knob_rows(metrics: Metrics, size: Vec2) -> usize {
    let text = metrics.units(4.0);
    let dial = |rows: usize| {
        let width = size.x / KNOB_COUNT.div_ceil(rows) as f32;
        width.min(size.y / rows as f32 - text)
    };
    if dial(2) > dial(1) { 2 } else { 1 }
}

/// The width of so many things of one width, and the gaps between them.
fn across(count: usize, each: f32) -> f32 {
    count as f32 * (each + GAP.x) - GAP.x
}

/// Shares out `rect`. The captures have their place where there is room, and anyway if they are `wanted`; `view` is what is
/// shown where there isn't room for both map and controls.
pub fn lay_out(metrics: Metrics, rect: Rect, wanted: bool, view: MorphTab) -> PanelLayout {
    let gap = GAP * metrics.unit;
    let map = MAP * metrics.unit;
    // Side by side: the controls as narrow as they can be, but no map wider than it looks well.
    let side_by_side = || {
        [50.0, 62.0, 98.0].into_iter().find_map(|least| {
            let most = rect.width() - gap.x - map.x;
            let width = metrics
                .units(least)
                .max(rect.width() - gap.x - 1.7 * rect.height());
            let right = rect.with_min_x(rect.right() - width);
            (width <= most && rect.height() >= map.y)
                .then(|| ControlsLayout::fitting(metrics, right))
                .flatten()
                .map(|controls| (rect.with_max_x(right.left() - gap.x), controls))
        })
    };
    // One above the other: the map has what the controls leave.
    let stacked = || {
        [38.0, 30.0, 22.0, 14.5].into_iter().find_map(|least| {
            let below = rect.with_min_y(rect.bottom() - metrics.units(least));
            let above = rect.with_max_y(below.top() - gap.y);
            (above.height() >= map.y.max(rect.height() / 3.0))
                .then(|| ControlsLayout::fitting(metrics, below))
                .flatten()
                .map(|controls| (above, controls))
        })
    };
    let both = if rect.height() > 0.9 * rect.width() {
        stacked().or_else(side_by_side)
    } else {
        side_by_side().or_else(stacked)
    };
    if let Some((rest, controls)) = both {
        return PanelLayout {
            controls: Some(controls),
            ..with_map(metrics, rest, wanted)
        };
    }
    match ControlsLayout::fitting(metrics, rect).filter(|_| view == MorphTab::Knobs) {
        Some(controls) => PanelLayout {
            map: None,
            captures: None,
            controls: Some(controls),
        },
        None => with_map(metrics, rect, wanted),
    }
}

/// The map's room: beside the captures where it is low, above them otherwise.
fn with_map(metrics: Metrics, rect: Rect, wanted: bool) -> PanelLayout {
    let gap = 2.0 * GAP * metrics.unit;
    if !wanted && rect.height() < metrics.units(MAP_AND_CAPTURES) {
        return PanelLayout {
            map: Some(rect),
            captures: None,
            controls: None,
        };
    }
    let low = rect.height() < metrics.units(MAP.y + 2.0 * GAP.y + captures::LEAST);
    let (map, captures) = if low && rect.width() >= 2.0 * metrics.units(MAP.x) + gap.x {
        let middle = rect.center().x;
        (
            rect.with_max_x(middle - gap.x / 2.0),
            rect.with_min_x(middle + gap.x / 2.0),
        )
    } else {
        let height = metrics.units(captures::LEAST);
        let height = height.max(0.2 * rect.height()).min(rect.height() / 2.0);
        let captures = rect.with_min_y(rect.bottom() - height);
        (rect.with_max_y(captures.top() - gap.y), captures)
    };
    PanelLayout {
        map: Some(map),
        captures: Some(captures),
        controls: None,
    }
}

#[cfg(test)]
mod tests {
    use egui::Pos2;

    use super::*;
    use crate::editor::look::Theme;

    #[test]
    fn parts_stay_inside_and_apart_at_any_size() {
        for width in (30..240).step_by(7) {
            for height in (14..120).step_by(3) {
                let metrics = Metrics::new(Vec2::new(960.0, 620.0), Theme::Dark);
                let size = Vec2::new(width as f32, height as f32) * metrics.unit;
                let rect = Rect::from_min_size(Pos2::new(3.0, 5.0), size);
                for (wanted, view) in [
                    (false, MorphTab::Map),
                    (true, MorphTab::Map),
                    (false, MorphTab::Knobs),
                    (true, MorphTab::Knobs),
                ] {
                    let rooms = lay_out(metrics, rect, wanted, view);
                    let mut parts: Vec<_> =
                        [rooms.map, rooms.captures].into_iter().flatten().collect();
                    if let Some(controls) = rooms.controls {
                        parts.push(controls.knobs);
                        parts.extend((0..CELLS).map(|index| controls.cell(metrics, index)));
                    }
                    let at = format!("{width} x {height}, {wanted}, {view:?}");
                    assert!(rooms.map.is_some() || rooms.controls.is_some(), "{at}");
                    if view == MorphTab::Knobs && width >= 84 {
                        assert!(rooms.controls.is_some(), "{at}");
                    }
                    if wanted && rooms.map.is_some() {
                        assert!(rooms.captures.is_some(), "{at}");
                    }
                    for (index, part) in parts.iter().enumerate() {
                        assert!(rect.expand(0.1).contains_rect(*part), "{part} at {at}");
                        assert!(part.is_positive(), "{part} at {at}");
                        for other in &parts[index + 1..] {
                            let both = part.intersect(*other);
                            assert!(both.width() < 0.1 || both.height() < 0.1, "{at}");
                        }
                    }
                }
            }
        }
    }
}
