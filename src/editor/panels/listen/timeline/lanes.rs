//! The lanes of the timeline: which tags they are for, and their mesh, which is kept from frame to frame.

use std::sync::Arc;

use egui::{Mesh, Pos2, Rect, Vec2};

use super::super::bar_scale;
use crate::{
    editor::look::{self, Metrics, Theme},
    model::{TagInfo, TagKind},
    params::ViewSettings,
    telemetry::{ListenState, Moment, Snapshot},
};

/// The most lanes, and the least height of one in spacing units.
const MOST_LANES: usize = 12;
const LEAST_LANE: f32 = 3.0;
/// The largest height of a lane, in spacing units.
const MOST_LANE: f32 = 5.0;
/// How long ago an answer counts 37 % of the newest one when the strongest tags are chosen, in seconds.
const MEMORY: f32 = 5.0;
/// What lies between two answers of which the later doesn't say how much later it is: the host started anew.
const UNKNOWN_STEP: f32 = 0.5;
/// Answers that are nearer to each other than this are drawn as one, in points.
const NARROWEST: f32 = 1.5;

/// Everything that the lanes depend on.
#[derive(Debug, PartialEq)]
pub struct Origin {
    /// Answers since the beginning.
    pub answers: u64,
    /// The tagger's outputs.
    pub tags: Arc<[TagInfo]>,
    /// What is pinned.
    pub settings: ViewSettings,
    /// The place of all lanes.
    pub chart: Rect,
    /// What the chart's width stands for, in seconds.
    pub span: f32,
    /// The colours.
    pub theme: Theme,
}

/// The lanes as they were drawn last: most frames show the same.
#[derive(Debug)]
pub struct Lanes {
    /// What they were drawn from.
    pub origin: Origin,
    /// Indices of the tags, from top to bottom.
    pub tags: Vec<usize>,
    /// How long ago each answer was, the newest first, in seconds; none that is older than the span.
    pub ages: Vec<f32>,
    /// Where they are.
    pub places: Places,
    /// All of them, to be painted.
    pub mesh: Arc<Mesh>,
}

/// Where everything is.
#[derive(Debug, Clone, Copy)]
pub struct Places {
    /// The place of all lanes.
    pub chart: Rect,
    /// Height of a lane.
    pitch: f32,
    /// What the chart's width stands for, in seconds.
    span: f32,
}

impl Places {
    /// Where the moment is that was so many seconds ago.
    pub fn x(self, age: f32) -> f32 {
        self.chart.right() - age / self.span * self.chart.width()
    }

    /// The lane with that index, from the top.
    pub fn lane(self, index: usize) -> Rect {
        let top = self.chart.top() + index as f32 * self.pitch;
        self.chart.with_min_y(top).with_max_y(top + self.pitch)
    }
}

/// What is drawn into one lane.
struct Lane {
    rect: Rect,
    /// Index of the tag.
    tag: usize,
    kind: TagKind,
}

impl Lanes {
    /// Builds the lanes for the answers in `snapshot`.
    pub fn new(metrics: Metrics, snapshot: &Snapshot, origin: Origin) -> Self {
        let chart = origin.chart;
        let ages = ages(snapshot, origin.span);
        let fit = (chart.height() / metrics.units(LEAST_LANE)) as usize;
        let tags = strongest(snapshot, &origin.settings, &ages, fit.min(MOST_LANES));
        let count = tags.len().max(1) as f32;
        let mut lanes = Self {
            places: Places {
                chart,
                pitch: (chart.height() / count).min(metrics.units(MOST_LANE)),
                span: origin.span,
            },
            tags,
            ages,
            mesh: Arc::default(),
            origin,
        };
        let mut mesh = Mesh::default();
        for (index, tag) in lanes.tags.iter().enumerate() {
            if let Some(info) = snapshot.tags.get(*tag) {
                let lane = Lane {
                    rect: lanes.places.lane(index).shrink2(Vec2::new(0.0, 1.0)),
                    tag: *tag,
                    kind: info.kind,
                };
                lanes.add_lane(&mut mesh, metrics, snapshot, &lane);
            }
        }
        lanes.mesh = Arc::new(mesh);
        lanes
    }

    /// Returns the index of the answer that is nearest to `x`, the newest being 0.
    pub fn nearest(&self, x: f32) -> usize {
        let places = self.places;
        let age = (places.chart.right() - x) / places.chart.width().max(1.0) * places.span;
        let after = self.ages.partition_point(|other| *other < age);
        let before = after.saturating_sub(1);
        let apart = |index: usize| self.ages.get(index).map(|other| (other - age).abs());
        match (apart(before), apart(after)) {
            (Some(one), Some(other)) if other < one => after,
            _ => before,
        }
    }

    fn add_lane(&self, mesh: &mut Mesh, metrics: Metrics, snapshot: &Snapshot, lane: &Lane) {
        let Lane { rect, tag, kind } = *lane;
        let color = metrics.palette.kind(kind);
        let middle = Rect::from_min_max(
            Pos2::new(rect.left(), rect.center().y - 0.5),
            Pos2::new(rect.right(), rect.center().y + 0.5),
        );
        let faint = look::mix(metrics.palette.panel, metrics.palette.edge, 0.7);
        mesh.add_colored_rect(middle, faint);
        let floor = Rect::from_min_max(
            Pos2::new(rect.left(), rect.bottom() - 1.0),
            rect.right_bottom(),
        );
        mesh.add_colored_rect(floor, metrics.palette.track);
        let mut last_x = f32::INFINITY;
        let mut joined = false;
        for (age, moment) in self.ages.iter().zip(snapshot.history.moments().rev()) {
            let x = self.places.x(*age);
            if last_x - x < NARROWEST {
                continue;
            }
            last_x = x;
            let Some(value) = value(moment, tag) else {
                joined = false;
                continue;
            };
            let strength = if moment.state == ListenState::Silence {
                0.3
            } else {
                0.85
            };
            let ink = look::mix(metrics.palette.panel, color, strength);
            let first = mesh.vertices.len() as u32;
            let height = bar_scale::length(kind, value) * rect.height();
            let top = rect.bottom() - height.max(1.0);
            mesh.colored_vertex(
                Pos2::new(x, rect.bottom()),
                look::mix(metrics.palette.panel, color, 0.35 * strength),
            );
            mesh.colored_vertex(Pos2::new(x, top), ink);
            // A soft edge, half a point high.
            mesh.colored_vertex(Pos2::new(x, top - 0.5), ink.gamma_multiply(0.0));
            if joined {
                for [a, b, c] in [[0, 1, 3], [3, 1, 4], [1, 2, 4], [4, 2, 5]] {
                    let before = first - 3;
                    mesh.add_triangle(before + a, before + b, before + c);
                }
            }
            joined = true;
        }
    }
}

/// Returns how many seconds ago each answer within `span` seconds was, the newest first.
fn ages(snapshot: &Snapshot, span: f32) -> Vec<f32> {
    let mut age = 0.0;
    let mut later: Option<f64> = None;
    let mut ages = Vec::new();
    for moment in snapshot.history.moments().rev() {
        if let Some(later) = later {
            let step = (later - moment.seconds) as f32;
            age += if step >= 0.0 { step } else { UNKNOWN_STEP };
        }
        later = Some(moment.seconds);
        if age > span {
            break;
        }
        ages.push(age);
    }
    ages
}

/// Returns a tag's probability, 0 to 1; `None` where that answer knew nothing of it.
pub fn value(moment: &Moment, tag: usize) -> Option<f32> {
    let value = *moment.average.get(tag)?;
    value.is_finite().then_some(value.clamp(0.0, 1.0))
}

/// Returns the tags that get a lane, kind by kind: pinned ones, the headline, then the strongest now and lately, as many of each kind as there is room
/// for. `ages` are those of the answers that are shown, the newest first.
fn strongest(snapshot: &Snapshot, settings: &ViewSettings, ages: &[f32], fit: usize) -> Vec<usize> {
    if ages.is_empty() {
        return Vec::new();
    }
    let mut sums = vec![0.0; snapshot.tags.len()];
    for (age, moment) in ages.iter().zip(snapshot.history.moments().rev()) {
        let weight = (-age / MEMORY).exp();
        for (tag, sum) in sums.iter_mut().enumerate() {
            *sum += weight * value(moment, tag).unwrap_or(0.0);
        }
    }
    let mut ranked = TagKind::COLUMNS.map(|kind| {
        let mut tags: Vec<_> = (0..snapshot.tags.len())
            .filter(|tag| snapshot.tags[*tag].kind == kind)
            .collect();
        tags.sort_by(|one, other| {
            let first = |tag: &usize| {
                let headline = snapshot.readout.headlines.get(kind);
                (
                    settings.is_pinned(&snapshot.tags[*tag]),
                    headline == Some(*tag),
                )
            };
            first(other)
                .cmp(&first(one))
                .then(sums[*other].total_cmp(&sums[*one]))
        });
        tags
    });
    // In turn, until the room or the tags are used up.
    let each = |room: usize, index: usize| {
        (room + TagKind::COLUMNS.len() - 1 - index) / TagKind::COLUMNS.len()
    };
    for (index, tags) in ranked.iter_mut().enumerate() {
        tags.truncate(each(fit, index));
    }
    ranked.concat()
}
