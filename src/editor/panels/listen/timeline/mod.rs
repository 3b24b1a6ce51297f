//! The timeline: shows how the strongest tags came and went in the last minutes, a lane for each, the newest answer at the right
//! edge.

use egui::{
    Align2, EventFilter, Key, Modifiers, Pos2, Rect, Response, Role, Sense, Shape, Stroke, Ui,
    Vec2, WidgetInfo,
};

use self::lanes::{Lanes, Origin, value};
use super::rows::percent;
use crate::{
    editor::{
        input::steps,
        look::{self, Metrics},
        scene::Scene,
        widgets::help,
    },
    model::TagInfo,
    telemetry::{ListenState, Moment, Snapshot},
};

mod lanes;

/// The smallest height, in spacing units.
pub const LEAST_HEIGHT: f32 = 11.0;
/// The largest height, in spacing units.
pub const MOST_HEIGHT: f32 = 32.0;

/// The choices of how much is shown, in seconds.
const SPANS: [f32; 4] = [60.0, 120.0, 300.0, 600.0];
/// Room for the names, in spacing units.
const NAMES: f32 = 13.0;
/// Height of the line with the times, in spacing units.
const TIMES: f32 = 2.0;
/// The most values that the help line names.
const MOST_NAMED: usize = 4;

/// What the timeline remembers between two frames, on the window's thread.
#[derive(Debug)]
pub struct Timeline {
    /// Index in [`SPANS`].
    span: usize,
    /// The answer that the keys have chosen: how many there were after it.
    chosen: Option<usize>,
    drawn: Option<Lanes>,
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

impl Timeline {
    /// Draws the timeline into `rect`.
    pub fn draw(&mut self, ui: &Ui, scene: &Scene<'_>, rect: Rect) {
        let (metrics, snapshot) = (scene.metrics, scene.snapshot);
        let response = ui.interact(rect, ui.scope_id().with("timeline"), Sense::click());
        self.steer(ui, &response);
        let span = SPANS.get(self.span).copied().unwrap_or(SPANS[0]);
        let (chart, times) = rect.split_top_bottom_at_y(rect.bottom() - metrics.units(TIMES));
        let chart = chart.with_min_x(chart.left() + metrics.units(NAMES));
        draw_times(ui, metrics, times, chart, span);

        let origin = Origin {
            answers: snapshot.history.count(),
            tags: snapshot.tags.clone(),
            settings: scene.params.view.get(scene.edit.recorder.thread()),
            chart,
            span,
            theme: metrics.theme,
        };
        let drawn = self.drawn.take().filter(|drawn| drawn.origin == origin);
        let drawn = drawn.unwrap_or_else(|| Lanes::new(metrics, snapshot, origin));
        let lanes = &*self.drawn.insert(drawn);
        if lanes.tags.is_empty() {
            look::label(
                ui,
                chart,
                Align2::CENTER_CENTER,
                "The last minutes appear here",
                metrics.small(),
                metrics.palette.dim,
            );
        }
        ui.painter().add(Shape::mesh(lanes.mesh.clone()));
        for (lane, tag) in lanes.tags.iter().enumerate() {
            if let Some(tag) = snapshot.tags.get(*tag) {
                draw_name(ui, metrics, rect, lanes.places.lane(lane), tag);
            }
        }

        let pointed = response.hover_pos().map(|at| lanes.nearest(at.x));
        let chosen = self.chosen.filter(|_| response.has_focus());
        let shown = pointed
            .or(chosen)
            .map(|index| index.min(lanes.ages.len().saturating_sub(1)))
            .and_then(|index| Some((*lanes.ages.get(index)?, moment(snapshot, index)?)));
        if let Some((age, moment)) = shown {
            draw_values(ui, metrics, lanes, age, moment);
        }
        let words = match shown {
            Some((age, moment)) => said(snapshot, &lanes.tags, age, moment),
            None => "The strongest tags of the last minutes; point at a moment to read its values"
                .to_owned(),
        };
        response.widget_info(|| WidgetInfo {
            current_text_value: Some(words.clone()),
            ..WidgetInfo::labeled(Role::Image, true, "Timeline")
        });
        help::tip_with(response, || {
            format!(
                "{words}\nThe line through each lane is where its tag is likely\n\
                 Wheel: one to ten minutes; arrow keys: from answer to answer"
            )
        });
    }

    /// Answers the wheel with another span, and the arrow keys with another answer.
    fn steer(&mut self, ui: &Ui, response: &Response) {
        if response.clicked() {
            response.request_focus();
        }
        let mut zoom = 0;
        if response.hovered() {
            let wheel = steps::wheel(ui);
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

/// Returns the answer that so many others came after.
fn moment(snapshot: &Snapshot, back: usize) -> Option<&Moment> {
    snapshot.history.moments().rev().nth(back)
}

/// Draws the times below the chart, and a line through it at each.
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
        look::paint_text(ui, room, align, text, metrics.small(), metrics.palette.dim);
        let stroke = Stroke::new(
            1.0,
            look::mix(metrics.palette.panel, metrics.palette.edge, 0.7),
        );
        ui.painter().vline(
            x.clamp(chart.left(), chart.right() - 1.0),
            chart.y_range(),
            stroke,
        );
    }
}

/// Writes a time that has passed, as minutes and seconds.
fn clock(seconds: f32) -> String {
    let seconds = seconds.round() as u32;
    format!("-{}:{:02}", seconds / 60, seconds % 60)
}

/// Draws the name of a lane's tag, left of it.
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
    let font = look::fitting(ui, &tag.name, room.width() - 1.0, metrics.small());
    look::paint_text(
        ui,
        room,
        Align2::LEFT_CENTER,
        tag.name.as_str(),
        font,
        palette.dim,
    );
}

/// Draws the line at a moment, and the lanes' values beside it.
fn draw_values(ui: &Ui, metrics: Metrics, lanes: &Lanes, age: f32, moment: &Moment) {
    let palette = metrics.palette;
    let places = lanes.places;
    let x = places.x(age);
    ui.painter()
        .vline(x, places.chart.y_range(), Stroke::new(1.0, palette.text));
    let width = metrics.units(5.0);
    let left = if x + width > places.chart.right() {
        x - width
    } else {
        x
    };
    for (lane, tag) in lanes.tags.iter().enumerate() {
        let Some(value) = value(moment, *tag) else {
            continue;
        };
        let lane = places.lane(lane);
        let room = lane
            .with_min_x(left + metrics.units(0.25))
            .with_max_x(left + width - metrics.units(0.25))
            .shrink2(Vec2::new(0.0, 1.0));
        ui.painter()
            .rect_filled(room, 2, look::mix(palette.background, palette.panel, 0.5));
        look::paint_text(
            ui,
            room,
            Align2::CENTER_CENTER,
            percent(value),
            metrics.small(),
            palette.text,
        );
    }
}

/// Says a moment in words: how long ago it was, and the strongest of the lanes.
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
