//! The Listen panel: three columns of tags, the likeliest first, how they came and went in the last minutes, and the map of music.

use std::path::PathBuf;

use egui::{Align2, CornerRadius, Pos2, Rect, Ui, Vec2};
use nice_plug::prelude::Param;

use self::{
    music_map::MusicMapPanel,
    tag_columns::Columns,
    timeline::Timeline,
    tools::{ListenTools, ToolPlaces},
};
use crate::{
    editor::{
        look::{self, Metrics},
        scene::Scene,
        widgets::{
            button::{self, Kind},
            help,
            slider::{self, Shape},
        },
    },
    model::TagKind,
    telemetry::{ListenState, Snapshot},
};

mod bar_scale;
mod folder_opening;
mod headline;
mod message;
mod music_map;
mod output_menu;
mod readout_file;
mod rows;
mod tag_columns;
mod timeline;
mod tools;

pub use headline::headline;
pub use music_map::MapShown;
pub use rows::percent;

/// Height of the head and the gap below it, in spacing units.
const HEAD: f32 = 3.5;

/// The height at which the panel is full; more would only leave it empty below.
pub fn most_height(metrics: Metrics) -> f32 {
    metrics.units(2.0 + HEAD + tag_columns::MOST_HEIGHT + timeline::MOST_HEIGHT)
}

/// What the panel remembers between two frames, on the window's thread.
#[derive(Debug, Default)]
pub struct ListenPanel {
    tools: ListenTools,
    timeline: Timeline,
    music_map: MusicMapPanel,
}

impl ListenPanel {
    /// Makes a panel that saves readouts to a folder; `None` is nowhere.
    pub fn new(readouts: Option<PathBuf>) -> Self {
        Self {
            tools: ListenTools::new(readouts),
            timeline: Timeline::default(),
            music_map: MusicMapPanel::default(),
        }
    }

    /// Returns `present`, or what was heard when the user froze the readout.
    pub fn shown<'a>(&'a self, present: &'a Snapshot) -> &'a Snapshot {
        self.tools.frozen().unwrap_or(present)
    }

    /// Draws the panel into `rect`: the columns, the timeline if there is room for both, and the map of music if it is to be `shown` and
    /// the tagger has one. On the Overview it isn't even asked for.
    pub fn draw(
        &mut self,
        ui: &Ui,
        scene: &mut Scene<'_>,
        rect: Rect,
        shown: Option<&mut MapShown>,
    ) {
        let frozen = self.tools.share_frozen();
        let snapshot = frozen.as_deref().unwrap_or(scene.snapshot);
        let metrics = scene.metrics;
        let scene = &mut scene.with_snapshot(snapshot);
        let inside = look::panel(ui, metrics, rect);
        let head = inside.with_max_y(inside.top() + metrics.units(3.0));
        self.draw_head(ui, scene, head);

        let body = inside.with_min_y(inside.top() + metrics.units(HEAD));
        let map = snapshot.music_map.as_deref();
        let (Some(map), Some(shown)) = (map, shown) else {
            self.draw_tags(ui, scene, body, 0.0);
            return;
        };
        let width = draw_switch(ui, metrics, body, shown) + metrics.units(0.5);
        let rooms = shown.rooms(metrics, body);
        if let Some(tags) = rooms.tags {
            let taken = if rooms.map.is_none() { width } else { 0.0 };
            self.draw_tags(ui, scene, tags, taken);
        }
        if let Some(rect) = rooms.map {
            self.music_map.draw(ui, scene, rect, width, map);
        }
    }

    /// Draws columns and timeline into `body`; at the right end of the columns' titles, so much room is `taken`.
    fn draw_tags(&mut self, ui: &Ui, scene: &mut Scene<'_>, mut body: Rect, taken: f32) {
        let (metrics, params, snapshot) = (scene.metrics, scene.params, scene.snapshot);
        let height = (0.36 * body.height()).clamp(
            metrics.units(timeline::LEAST_HEIGHT),
            metrics.units(timeline::MOST_HEIGHT),
        );
        // The tags come first, then the past.
        let wanted = metrics.units(tag_columns::WANTED_HEIGHT + 1.0);
        let timeline = (body.height() - height >= wanted).then(|| {
            let (columns, timeline) = body.split_top_bottom_at_y(body.bottom() - height);
            body = columns.with_max_y(columns.bottom() - metrics.unit);
            timeline
        });
        let list = tag_columns::draw_titles(ui, metrics, body, &snapshot.tags, taken);
        match message::message(snapshot) {
            Some(said) => message::draw(ui, metrics, list, &said),
            None => {
                let average = &params.average;
                let thread = scene.edit.recorder.thread();
                let columns = Columns {
                    snapshot,
                    view: &params.view,
                    settings: params.view.get(thread),
                    thread,
                    averaging: average
                        .normalized_value_to_string(average.unmodulated_normalized_value(), true),
                };
                tag_columns::draw(ui, metrics, list, &columns);
            }
        }
        if let Some(rect) = timeline {
            self.timeline.draw(ui, scene, rect);
        }
    }

    /// Draws title, badge, length of the average, and tools.
    fn draw_head(&mut self, ui: &Ui, scene: &mut Scene<'_>, rect: Rect) {
        let metrics = scene.metrics;
        let (title, _) = look::paint_text(
            ui,
            rect,
            Align2::LEFT_CENTER,
            "Listen",
            metrics.heading(),
            metrics.palette.text,
        );
        let tools = rect.shrink2(Vec2::new(0.0, metrics.units(0.25)));
        let places = ToolPlaces::new(ui, metrics, tools);
        let room = places.rest;
        let width = if rect.width() < metrics.units(105.0) {
            18.0
        } else {
            28.0
        };
        let slider = rect
            .with_max_x(room.right() - metrics.units(0.5))
            .with_min_x(room.right() - metrics.units(width));
        let average = &scene.params.average;
        help::tip(
            slider::slider(ui, metrics, slider, Shape::Flat, average, &mut scene.edit),
            "How long the answers are averaged: short follows the music, long sums it up; double-click or Alt-click: reset",
        );
        self.tools.draw(ui, scene, places);
        let badge = Rect::from_min_max(
            Pos2::new(title.right() + metrics.units(1.0), rect.top()),
            Pos2::new(slider.left() - metrics.unit, rect.bottom()),
        );
        let frozen = self.tools.frozen().is_some();
        draw_badge(ui, metrics, badge, scene.snapshot, frozen);
    }
}

/// Draws the switch of the map at the right end of the line of titles, and does as it says; gives its width.
fn draw_switch(ui: &Ui, metrics: Metrics, body: Rect, shown: &mut MapShown) -> f32 {
    let width = button::width(ui, metrics, "Map");
    let line = body.with_max_y(body.top() + metrics.units(tag_columns::TITLE));
    let place = line.with_min_x(line.right() - width);
    let kind = Kind::Toggle(shown.is_in(metrics, body.width()));
    let button = button::button(ui, metrics, place, "Map of music shown", "Map", kind);
    let words = "Shows songs as a map, and where among them the sound is: beside the tags, or in their place in a small window";
    if help::tip(button, words).clicked() {
        shown.toggle_in(metrics, body.width());
        ui.ctx().request_repaint();
    }
    width
}

/// Draws a word that says what the numbers mean at the moment.
fn draw_badge(ui: &Ui, metrics: Metrics, rect: Rect, snapshot: &Snapshot, frozen: bool) {
    let palette = metrics.palette;
    let window = format!("last {:.1} s", snapshot.answer_seconds);
    let live = format!(
        "There is an answer {}, each looks back over this long, and bars and numbers average them",
        snapshot.answers_come()
    );
    let (text, color, words) = match snapshot.readout.state {
        _ if frozen => (
            "frozen",
            palette.accent,
            "What was heard when Freeze was pressed; press it again to go on",
        ),
        ListenState::Live => (window.as_str(), palette.kind(TagKind::Genre), live.as_str()),
        ListenState::WarmingUp => (
            "warming up",
            palette.kind(TagKind::Instrument),
            "A first guess: less than a full window has been heard",
        ),
        ListenState::Silence => (
            "silence",
            palette.dim,
            "Nothing has been loud enough to name for a second: this is the last answer",
        ),
        ListenState::Unavailable => (
            "no tagger",
            palette.warning,
            "There is no network that could name the sound: the status line says why",
        ),
        ListenState::Waiting => return,
    };
    let pad = metrics.units(1.0);
    let width = look::text_width(ui, text, metrics.small()).ceil() + 1.0 + 2.0 * pad;
    let badge = Rect::from_center_size(
        Pos2::new(rect.left() + width.min(rect.width()) / 2.0, rect.center().y),
        Vec2::new(width.min(rect.width()), metrics.units(2.2)),
    );
    ui.painter().rect_filled(
        badge,
        CornerRadius::same(look::rounded(badge.height() / 2.0)),
        look::mix(palette.panel, color, 0.18),
    );
    let label = look::label(
        ui,
        badge.shrink2(Vec2::new(pad, 0.0)),
        Align2::CENTER_CENTER,
        text,
        metrics.small(),
        color,
    );
    help::tip(label, words);
}
