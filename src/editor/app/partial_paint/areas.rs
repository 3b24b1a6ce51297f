//! Parts of the window in whole pixels, none of which overlaps another.

use egui::Rect;

/// Sides of a tile, in pixels.
const TILE: i64 = 8;
/// So many tiles between two parts of a row are painted with them: they cost less than one part more.
const GAP: usize = 5;
/// Where there would be more parts than this, the room around all of them is the only one.
const MOST: usize = 40;
/// How far anti-aliased edges reach beyond what is drawn, in pixels.
const FEATHER: f32 = 1.5;

/// A part of the window, in pixels from its left top corner: from the first to behind the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    left: i64,
    top: i64,
    right: i64,
    bottom: i64,
}

impl Area {
    /// What is drawn within `rect`, which is in points, may touch these pixels.
    pub fn touched(rect: Rect, pixels_per_point: f32) -> Self {
        let rect = (rect * pixels_per_point).expand(FEATHER);
        Self {
            left: rect.left().floor() as i64,
            top: rect.top().floor() as i64,
            right: rect.right().ceil() as i64,
            bottom: rect.bottom().ceil() as i64,
        }
    }

    /// The pixels within a clip rectangle in points, as egui's painter rounds it.
    pub fn clipped(rect: Rect, pixels_per_point: f32) -> Self {
        let rect = rect * pixels_per_point;
        Self {
            left: rect.left().round() as i64,
            top: rect.top().round() as i64,
            right: rect.right().round() as i64,
            bottom: rect.bottom().round() as i64,
        }
    }

    /// The same as a rectangle in points.
    pub fn rect(self, pixels_per_point: f32) -> Rect {
        let at = |pixels: i64| pixels as f32 / pixels_per_point;
        Rect {
            min: egui::pos2(at(self.left), at(self.top)),
            max: egui::pos2(at(self.right), at(self.bottom)),
        }
    }

    /// The same as OpenGL counts within `window`, which is in points: left, bottom from below, width, height.
    pub fn counted_from_below(self, window: Rect, pixels_per_point: f32) -> [i32; 4] {
        let height = Self::clipped(window, pixels_per_point).bottom;
        let sizes = [self.right - self.left, self.bottom - self.top];
        [self.left, height - self.bottom, sizes[0], sizes[1]].map(|pixels| pixels as i32)
    }

    /// What both have; it may be empty.
    pub fn intersect(self, other: Self) -> Self {
        Self {
            left: self.left.max(other.left),
            top: self.top.max(other.top),
            right: self.right.min(other.right),
            bottom: self.bottom.min(other.bottom),
        }
    }

    /// Whether no pixel is in it.
    pub fn is_empty(self) -> bool {
        self.left >= self.right || self.top >= self.bottom
    }

    /// Whether a pixel is in both.
    pub fn overlaps(self, other: Self) -> bool {
        !self.intersect(other).is_empty()
    }

    /// What is in one of both but not well inside of both, in parts that may overlap: where the edges are of a rectangle that has moved.
    pub fn unlike(self, other: Self) -> impl Iterator<Item = Self> {
        let both = self.join(other);
        let inside = self.intersect(other);
        let edge = 2 * FEATHER.ceil() as i64;
        let above = Self {
            bottom: inside.top + edge,
            ..both
        };
        let below = Self {
            top: inside.bottom - edge,
            ..both
        };
        let left = Self {
            right: inside.left + edge,
            ..both
        };
        let right = Self {
            left: inside.right - edge,
            ..both
        };
        [
            (self.top != other.top, above),
            (self.bottom != other.bottom, below),
            (self.left != other.left, left),
            (self.right != other.right, right),
        ]
        .into_iter()
        .filter_map(|(has_moved, part)| has_moved.then_some(part))
    }

    /// The smallest area with both.
    fn join(self, other: Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }
}

/// The tiles of a window, of which some are to be painted.
pub struct Tiles {
    window: Area,
    /// Tiles in a row.
    columns: usize,
    /// Row by row.
    chosen: Vec<bool>,
}

impl Tiles {
    /// Those of a window whose first pixel is at 0, 0; none is chosen.
    pub fn new(window: Area) -> Self {
        let columns = tiles(window.right);
        Self {
            window,
            columns,
            chosen: vec![false; columns * tiles(window.bottom)],
        }
    }

    /// Chooses all tiles that an area touches.
    pub fn choose(&mut self, area: Area) {
        let area = area.intersect(self.window);
        if area.is_empty() {
            return;
        }
        let columns = (area.left / TILE) as usize..tiles(area.right);
        for row in (area.top / TILE) as usize..tiles(area.bottom) {
            let first = row * self.columns;
            let row = self
                .chosen
                .get_mut(first + columns.start..first + columns.end);
            row.unwrap_or_default().fill(true);
        }
    }

    /// The areas that all chosen tiles lie in.
    pub fn areas(&self) -> Vec<Area> {
        let mut done: Vec<Area> = Vec::new();
        // Those that end with the row before, and may go on.
        let mut open: Vec<Area> = Vec::new();
        for (row, tiles) in self.chosen.chunks(self.columns.max(1)).enumerate() {
            let top = row as i64 * TILE;
            let mut next = Vec::new();
            for (first, end) in runs(tiles) {
                let (left, right) = (first as i64 * TILE, end as i64 * TILE);
                let above = open
                    .iter()
                    .position(|area| (area.left, area.right) == (left, right));
                let top = above.map_or(top, |at| open.swap_remove(at).top);
                let bottom = (row as i64 + 1) * TILE;
                next.push(Area {
                    left,
                    top,
                    right,
                    bottom,
                });
            }
            done.append(&mut open);
            open = next;
        }
        done.append(&mut open);
        if done.len() > MOST {
            done = done.into_iter().reduce(Area::join).into_iter().collect();
        }
        done.iter()
            .map(|area| area.intersect(self.window))
            .collect()
    }
}

/// The tiles that so many pixels touch.
fn tiles(pixels: i64) -> usize {
    (pixels.max(0) as usize).div_ceil(TILE as usize)
}

/// First and end of each run of chosen tiles in a row; small gaps are part of it.
fn runs(row: &[bool]) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    let chosen = row.iter().enumerate().filter(|(_, chosen)| **chosen);
    for (at, _) in chosen {
        match runs.last_mut() {
            Some((_, end)) if at <= *end + GAP => *end = at + 1,
            _ => runs.push((at, at + 1)),
        }
    }
    runs
}
