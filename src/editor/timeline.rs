//! How the strongest tags came and went in the last minutes: a lane for each, the newest answer at the right edge.

use std::sync::Arc;

use egui::{
    Align2, Color32, EventFilter, Key, Mesh, Modifiers, Pos2, Rect, Response, Role, Sense, Shape,
    Stroke, Ui, WidgetInfo,
};

use super::{
    control, help,
    tag_columns::percent,
    theme::{self, Metrics, Theme},
};
use crate::{
    model::{TagInfo, TagKind},
    params::ViewSettings,
    telemetry::{ListenState, Moment, Snapshot},
};

/// The smallest and the largest height, in spacing units.
pub(super) const LEAST_HEIGHT: f32 = 11.0;
pub(super) const MOST_HEIGHT: f32 = 32.0;

/// The choices of how much is shown, in seconds.
const SPANS: [f32; 4] = [60.0, 120.0, 300.0, 600.0];
/// The most lanes, and the least height of one in spacing units.
const MOST_LANES: usize = 12;
const LEAST_LANE: f32 = 2.0;
/// Room for the names, in spacing units.
const NAMES: f32 = 13.0;
/// Height of the line with the times, in spacing units.
const TIMES: f32 = 2.0;
/// What lies between two answers of which the later doesn't say how much later it is: the host started anew.
const UNKNOWN_STEP: f32 = 0.5;
/// Answers that are nearer to each other than this are drawn as one, in points.
const NARROWEST: f32 = 1.5;
/// The most values that the help line names.
const MOST_NAMED: usize = 4;

/// What the timeline remembers between two frames.
#[derive(Debug)]
pub(super) struct Timeline {
    /// Index in [`SPANS`].
    span: usize,
    /// The answer that the keys have chosen: how many there were after it.
    chosen: Option<usize>,
    drawn: Option<Drawn>,
}

impl Default for Timeline {
    fn default() -> Self {
        Self {
            span: 1,
            chosen: None,
            drawn: None,
        }
    }
}

/// Everything that the picture depends on.
#[derive(Debug, PartialEq)]
struct Origin {
    answers: u64,
    tags: Arc<[TagInfo]>,
    settings: ViewSettings,
    place: Rect,
    span: usize,
    theme: Theme,
}

/// The lanes as they were drawn last: most frames show the same.
#[derive(Debug)]
struct Drawn {
    origin: Origin,
    /// Indices of the tags, from top to bottom.
    lanes: Vec<usize>,
    /// How long ago each answer was, the newest first, in seconds; none that is older than the span.
    ages: Vec<f32>,
    mesh: Arc<Mesh>,
}

/// Where everything is.
#[derive(Debug, Clone, Copy)]
struct Places {
    chart: Rect,
    /// Height of a lane.
    pitch: f32,
    /// What the chart's width stands for, in seconds.
    span: f32,
}

impl Places {
    fn x(self, age: f32) -> f32 {
        self.chart.right() - age / self.span * self.chart.width()
    }

    fn lane(self, index: usize) -> Rect {
        let top = self.chart.top() + index as f32 * self.pitch;
        self.chart.with_min_y(top).with_max_y(top + self.pitch)
    }
}

/// Draws the timeline into `rect`.
pub(super) fn draw(
    ui: &Ui,
    metrics: Metrics,
    rect: Rect,
    snapshot: &Snapshot,
    settings: &ViewSettings,
    timeline: &mut Timeline,
) {
    let response = ui.interact(rect, ui.scope_id().with("timeline"), Sense::click());
    timeline.steer(ui, &response);
    let span = SPANS.get(timeline.span).copied().unwrap_or(SPANS[0]);
    let (chart, times) = rect.split_top_bottom_at_y(rect.bottom() - metrics.units(TIMES));
    let chart = chart.with_min_x(chart.left() + metrics.units(NAMES));
    draw_times(ui, metrics, times, chart, span);

    let origin = Origin {
        answers: snapshot.history.count(),
        tags: snapshot.tags.clone(),
        settings: settings.clone(),
        place: chart,
        span: timeline.span,
        theme: metrics.theme,
    };
    if timeline
        .drawn
        .as_ref()
        .is_none_or(|drawn| drawn.origin != origin)
    {
        timeline.drawn = Some(Drawn::new(metrics, snapshot, origin, span));
    }
    let Some(drawn) = &timeline.drawn else {
        return;
    };
    let places = drawn.places(metrics, chart, span);
    if drawn.lanes.is_empty() {
        theme::label(
            ui,
            chart,
            Align2::CENTER_CENTER,
            "The last minutes appear here",
            metrics.small(),
            metrics.palette.dim,
        );
    }
    ui.painter().add(Shape::mesh(drawn.mesh.clone()));
    for (lane, tag) in drawn.lanes.iter().enumerate() {
        if let Some(tag) = snapshot.tags.get(*tag) {
            draw_name(ui, metrics, rect, places.lane(lane), tag);
        }
    }

    let pointed = response.hover_pos().map(|at| drawn.nearest(places, at.x));
    let chosen = timeline.chosen.filter(|_| response.has_focus());
    let shown = pointed
        .or(chosen)
        .map(|index| index.min(drawn.ages.len().saturating_sub(1)))
        .and_then(|index| Some((*drawn.ages.get(index)?, moment(snapshot, index)?)));
    if let Some((age, moment)) = shown {
        draw_values(ui, metrics, places, &drawn.lanes, age, moment);
    }
    let words = match shown {
        Some((age, moment)) => said(snapshot, &drawn.lanes, age, moment),
        None => "The strongest tags of the last minutes; point at a moment to read its values"
            .to_owned(),
    };
    response.widget_info(|| WidgetInfo {
        current_text_value: Some(words.clone()),
        ..WidgetInfo::labeled(Role::Image, true, "Timeline")
    });
    help::tip_with(response, || {
        format!("{words}\nWheel: one to ten minutes; arrow keys: from answer to answer")
    });
}

impl Timeline {
    /// Wheel and arrow keys.
    fn steer(&mut self, ui: &Ui, response: &Response) {
        if response.clicked() {
            response.request_focus();
        }
        let mut zoom = 0;
        if response.hovered() {
            let wheel = control::wheel(ui);
            zoom = i32::from(wheel < 0.0) - i32::from(wheel > 0.0);
        }
        if response.has_focus() {
            let filter = EventFilter {
                horizontal_arrows: true,
                vertical_arrows: true,
                ..EventFilter::default()
            };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
            let pressed = |key| {
                ui.input_mut(|input| input.count_and_consume_key(Modifiers::NONE, key)) as i32
            };
            zoom += pressed(Key::ArrowDown) - pressed(Key::ArrowUp);
            let back = pressed(Key::ArrowLeft) - pressed(Key::ArrowRight);
            if back != 0 {
                let before = self.chosen.map_or(-1, |chosen| chosen as i32);
                let most = self.drawn.as_ref().map_or(0, |drawn| drawn.ages.len());
                let after = (before + back).clamp(0, most.saturating_sub(1) as i32);
                self.chosen = Some(after as usize);
            }
        }
        let longest = SPANS.len() as i32 - 1;
        self.span = (self.span as i32 + zoom).clamp(0, longest) as usize;
    }
}

impl Drawn {
    fn new(metrics: Metrics, snapshot: &Snapshot, origin: Origin, span: f32) -> Self {
        let ages = ages(snapshot, span);
        let fit = (origin.place.height() / metrics.units(LEAST_LANE)) as usize;
        let lanes = strongest(snapshot, &origin.settings, ages.len(), fit.min(MOST_LANES));
        let mut drawn = Self {
            lanes,
            ages,
            mesh: Arc::default(),
            origin,
        };
        let places = drawn.places(metrics, drawn.origin.place, span);
        let mut mesh = Mesh::default();
        for (lane, tag) in drawn.lanes.iter().enumerate() {
            if let Some(info) = snapshot.tags.get(*tag) {
                let color = metrics.palette.kind(info.kind);
                let rect = places.lane(lane).shrink2(egui::Vec2::new(0.0, 0.5));
                drawn.add_lane(&mut mesh, metrics, places, rect, snapshot, *tag, color);
            }
        }
        drawn.mesh = Arc::new(mesh);
        drawn
    }

    fn places(&self, metrics: Metrics, chart: Rect, span: f32) -> Places {
        let lanes = self.lanes.len().max(1) as f32;
        Places {
            chart,
            pitch: (chart.height() / lanes).min(metrics.units(4.0)),
            span,
        }
    }

    /// An answer's index, the newest being 0.
    fn nearest(&self, places: Places, x: f32) -> usize {
        let age = (places.chart.right() - x) / places.chart.width().max(1.0) * places.span;
        let after = self.ages.partition_point(|other| *other < age);
        let before = after.saturating_sub(1);
        let apart = |index: usize| self.ages.get(index).map(|other| (other - age).abs());
        match (apart(before), apart(after)) {
            (Some(one), Some(other)) if other < one => after,
            _ => before,
        }
    }

    #[expect(clippy::too_many_arguments, reason = "what a lane is made of")]
    fn add_lane(
        &self,
        mesh: &mut Mesh,
        metrics: Metrics,
        places: Places,
        lane: Rect,
        snapshot: &Snapshot,
        tag: usize,
        color: Color32,
    ) {
        let floor = Rect::from_min_max(
            Pos2::new(lane.left(), lane.bottom() - 1.0),
            lane.right_bottom(),
        );
        mesh.add_colored_rect(floor, metrics.palette.track);
        let mut last_x = f32::INFINITY;
        let mut joined = false;
        for (age, moment) in self.ages.iter().zip(snapshot.history.moments().rev()) {
            let x = places.x(*age);
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
            let ink = theme::mix(metrics.palette.panel, color, strength);
            let first = mesh.vertices.len() as u32;
            let top = lane.bottom() - (value * lane.height()).max(1.0);
            mesh.colored_vertex(
                Pos2::new(x, lane.bottom()),
                theme::mix(metrics.palette.panel, color, 0.35 * strength),
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

/// How long ago each answer within `span` seconds was, the newest first.
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

/// The answer that so many others came after.
fn moment(snapshot: &Snapshot, back: usize) -> Option<&Moment> {
    snapshot.history.moments().rev().nth(back)
}

/// A tag's probability, 0 to 1; `None` where that answer knew nothing of it.
fn value(moment: &Moment, tag: usize) -> Option<f32> {
    let value = *moment.average.get(tag)?;
    value.is_finite().then_some(value.clamp(0.0, 1.0))
}

/// The tags that get a lane, kind by kind: pinned ones, then those with the highest mean over the newest `answers`, as many
/// of each kind as there is room for.
fn strongest(
    snapshot: &Snapshot,
    settings: &ViewSettings,
    answers: usize,
    fit: usize,
) -> Vec<usize> {
    if answers == 0 {
        return Vec::new();
    }
    let mut sums = vec![0.0; snapshot.tags.len()];
    for moment in snapshot.history.moments().rev().take(answers) {
        for (tag, sum) in sums.iter_mut().enumerate() {
            *sum += value(moment, tag).unwrap_or(0.0);
        }
    }
    let mut ranked = TagKind::ALL.map(|kind| {
        let mut tags: Vec<_> = (0..snapshot.tags.len())
            .filter(|tag| snapshot.tags[*tag].kind == kind)
            .collect();
        tags.sort_by(|one, other| {
            let pinned = |tag: &usize| settings.is_pinned(&snapshot.tags[*tag]);
            pinned(other)
                .cmp(&pinned(one))
                .then(sums[*other].total_cmp(&sums[*one]))
        });
        tags
    });
    // In turn, until the room or the tags are used up.
    let each =
        |room: usize, index: usize| (room + TagKind::ALL.len() - 1 - index) / TagKind::ALL.len();
    for (index, tags) in ranked.iter_mut().enumerate() {
        tags.truncate(each(fit, index));
    }
    ranked.concat()
}

fn draw_times(ui: &Ui, metrics: Metrics, rect: Rect, chart: Rect, span: f32) {
    for quarter in 0..=4_u8 {
        let share = f32::from(quarter) / 4.0;
        let x = chart.left() + share * chart.width();
        let ago = span * (1.0 - share);
        let (text, align) = match quarter {
            0 => (clock(ago), Align2::LEFT_CENTER),
            4 => ("now".to_owned(), Align2::RIGHT_CENTER),
            _ => (clock(ago), Align2::CENTER_CENTER),
        };
        let half = metrics.units(4.0);
        let room = Rect::from_min_max(
            Pos2::new((x - half).max(chart.left()), rect.top()),
            Pos2::new((x + half).min(chart.right()), rect.bottom()),
        );
        theme::paint_text(ui, room, align, text, metrics.small(), metrics.palette.dim);
        let stroke = Stroke::new(
            1.0,
            theme::mix(metrics.palette.panel, metrics.palette.edge, 0.7),
        );
        ui.painter().vline(
            x.clamp(chart.left(), chart.right() - 1.0),
            chart.y_range(),
            stroke,
        );
    }
}

/// A time that has passed, as minutes and seconds.
fn clock(seconds: f32) -> String {
    let seconds = seconds.round() as u32;
    format!("-{}:{:02}", seconds / 60, seconds % 60)
}

fn draw_name(ui: &Ui, metrics: Metrics, rect: Rect, lane: Rect, tag: &TagInfo) {
    let palette = metrics.palette;
    let room = Rect::from_min_max(
        Pos2::new(rect.left(), lane.top()),
        Pos2::new(lane.left() - metrics.units(0.75), lane.bottom()),
    );
    let dot = metrics.units(0.3);
    ui.painter().circle_filled(
        Pos2::new(room.left() + dot, room.center().y),
        dot,
        palette.kind(tag.kind),
    );
    let room = room.with_min_x(room.left() + metrics.units(1.25));
    let font = theme::fitting(ui, &tag.name, room.width() - 1.0, metrics.small());
    theme::paint_text(
        ui,
        room,
        Align2::LEFT_CENTER,
        tag.name.as_str(),
        font,
        palette.dim,
    );
}

/// The line at a moment, and the lanes' values beside it.
fn draw_values(
    ui: &Ui,
    metrics: Metrics,
    places: Places,
    lanes: &[usize],
    age: f32,
    moment: &Moment,
) {
    let palette = metrics.palette;
    let x = places.x(age);
    ui.painter()
        .vline(x, places.chart.y_range(), Stroke::new(1.0, palette.text));
    let width = metrics.units(5.0);
    let left = if x + width > places.chart.right() {
        x - width
    } else {
        x
    };
    for (lane, tag) in lanes.iter().enumerate() {
        let Some(value) = value(moment, *tag) else {
            continue;
        };
        let lane = places.lane(lane);
        let room = lane
            .with_min_x(left + metrics.units(0.25))
            .with_max_x(left + width - metrics.units(0.25))
            .shrink2(egui::Vec2::new(0.0, 1.0));
        ui.painter()
            .rect_filled(room, 2, theme::mix(palette.background, palette.panel, 0.5));
        theme::paint_text(
            ui,
            room,
            Align2::CENTER_CENTER,
            percent(value),
            metrics.small(),
            palette.text,
        );
    }
}

/// A moment in words: how long ago, and the strongest of the lanes.
fn said(snapshot: &Snapshot, lanes: &[usize], age: f32, moment: &Moment) -> String {
    let mut values: Vec<_> = lanes
        .iter()
        .filter_map(|tag| Some((snapshot.tags.get(*tag)?, value(moment, *tag)?)))
        .collect();
    values.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    let named: Vec<_> = values
        .iter()
        .take(MOST_NAMED)
        .map(|(tag, value)| format!("{} {}", tag.name, percent(*value)))
        .collect();
    let state = if moment.state == ListenState::Silence {
        " (silence)"
    } else {
        ""
    };
    format!("{age:.1} s ago{state}: {}", named.join(", "))
}
