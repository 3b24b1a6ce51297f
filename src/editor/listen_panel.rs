//! What is heard: three columns of tags, the likeliest first, and how they came and went in the last minutes.

use egui::{Align2, CornerRadius, Pos2, Rect, Shape as Drawn, Stroke, Ui, Vec2};
use nice_plug::prelude::Param;

use super::{
    control::Edit,
    help, listen_tools,
    slider::{self, Shape},
    tag_columns::{self, Columns},
    theme::{self, Metrics},
    timeline,
};
use crate::telemetry::Snapshot;
use crate::{listen::ListenState, model::TagKind, params::MoodringParams};

/// Height of the head and the gap below it, in spacing units.
const HEAD: f32 = 3.5;

/// The height at which the panel is full; more would only leave it empty below.
pub(super) fn most_height(metrics: Metrics) -> f32 {
    metrics.units(2.0 + HEAD + tag_columns::MOST_HEIGHT + timeline::MOST_HEIGHT)
}

/// Draws the panel into `rect`: the columns, and the timeline if there is room for both.
pub(super) fn draw(
    ui: &Ui,
    metrics: Metrics,
    rect: Rect,
    params: &MoodringParams,
    snapshot: &Snapshot,
    edit: &mut Edit<'_>,
) {
    let inside = theme::panel(ui, metrics, rect);
    let head = inside.with_max_y(inside.top() + metrics.units(3.0));
    draw_head(ui, metrics, head, params, snapshot, edit);

    let mut body = inside.with_min_y(inside.top() + metrics.units(HEAD));
    let height = (0.36 * body.height()).clamp(
        metrics.units(timeline::LEAST_HEIGHT),
        metrics.units(timeline::MOST_HEIGHT),
    );
    // With room to spare the large words come first, then the past.
    let wanted = metrics.units(tag_columns::LARGE_HEIGHT + 1.0);
    let timeline = (body.height() - height >= wanted).then(|| {
        let (columns, timeline) = body.split_top_bottom_at_y(body.bottom() - height);
        body = columns.with_max_y(columns.bottom() - metrics.unit);
        timeline
    });
    let list = tag_columns::draw_titles(ui, metrics, body);
    match message(snapshot) {
        Some(message) => draw_message(ui, metrics, list, &message),
        None => {
            let average = &params.average;
            let columns = Columns {
                snapshot,
                view: &params.view,
                thread: edit.setter.thread(),
                averaging: average
                    .normalized_value_to_string(average.unmodulated_normalized_value(), true),
            };
            tag_columns::draw(ui, metrics, list, &columns);
        }
    }
    if let Some(rect) = timeline {
        let settings = params.view.get(edit.setter.thread());
        let timeline = &mut edit.state.timeline;
        timeline::draw(ui, metrics, rect, snapshot, &settings, timeline);
    }
}

fn draw_head(
    ui: &Ui,
    metrics: Metrics,
    rect: Rect,
    params: &MoodringParams,
    snapshot: &Snapshot,
    edit: &mut Edit<'_>,
) {
    let (title, _) = theme::paint_text(
        ui,
        rect,
        Align2::LEFT_CENTER,
        "Listen",
        metrics.heading(),
        metrics.palette.text,
    );
    let tools = rect.shrink2(Vec2::new(0.0, metrics.units(0.25)));
    let room = listen_tools::draw(ui, metrics, tools, params, snapshot, edit);
    let width = if rect.width() < metrics.units(105.0) {
        21.0
    } else {
        28.0
    };
    let slider = rect
        .with_max_x(room.right() - metrics.units(0.5))
        .with_min_x(room.right() - metrics.units(width));
    help::tip(
        slider::slider(ui, metrics, slider, Shape::Flat, &params.average, edit),
        "How long the answers are averaged: short follows the music, long sums it up; double-click: reset",
    );
    let badge = Rect::from_min_max(
        Pos2::new(title.right() + metrics.units(1.0), rect.top()),
        Pos2::new(slider.left() - metrics.unit, rect.bottom()),
    );
    draw_badge(ui, metrics, badge, snapshot, edit.state.frozen.is_some());
}

/// Says in a word what the numbers mean at the moment.
fn draw_badge(ui: &Ui, metrics: Metrics, rect: Rect, snapshot: &Snapshot, frozen: bool) {
    let palette = metrics.palette;
    let (text, color, words) = match snapshot.readout.state {
        _ if frozen => (
            "frozen",
            palette.accent,
            "What was heard when Freeze was pressed; press it again to go on",
        ),
        ListenState::Live => (
            "live",
            palette.kind(TagKind::Genre),
            "The answer describes the last seconds of sound",
        ),
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
    let width = theme::text_width(ui, text, metrics.small()).ceil() + 1.0 + 2.0 * pad;
    let badge = Rect::from_center_size(
        Pos2::new(rect.left() + width.min(rect.width()) / 2.0, rect.center().y),
        Vec2::new(width.min(rect.width()), metrics.units(2.2)),
    );
    ui.painter().rect_filled(
        badge,
        CornerRadius::same(theme::rounded(badge.height() / 2.0)),
        theme::mix(palette.panel, color, 0.18),
    );
    let label = theme::label(
        ui,
        badge.shrink2(Vec2::new(pad, 0.0)),
        Align2::CENTER_CENTER,
        text,
        metrics.small(),
        color,
    );
    help::tip(label, words);
}

/// What is shown instead of columns.
struct Message {
    title: &'static str,
    text: String,
    /// What can be done about it.
    hint: &'static str,
    sign: Sign,
}

/// The drawing above a message.
enum Sign {
    /// A triangle, as on a play button.
    Play,
    /// Three bars that are being listened to.
    Listening,
    /// A ring that is struck through.
    Missing,
}

/// What there is to say when there is nothing to list.
fn message(snapshot: &Snapshot) -> Option<Message> {
    let readout = &snapshot.readout;
    match readout.state {
        ListenState::Unavailable => {
            let fault = snapshot.status.fault.as_deref();
            let text = fault.unwrap_or("The tagger could not be loaded");
            Some(Message {
                title: "No tagger",
                text: text.to_owned(),
                hint: "Morph works without it; other models: click on their names at the bottom right",
                sign: Sign::Missing,
            })
        }
        _ if !readout.average.is_empty() || !readout.probabilities.is_empty() => None,
        ListenState::WarmingUp | ListenState::Live => Some(Message {
            title: "Listening",
            text: "The first answer comes within a second".to_owned(),
            hint: "",
            sign: Sign::Listening,
        }),
        ListenState::Waiting | ListenState::Silence => Some(Message {
            title: "Play something",
            text: "Genre, instrument and mood appear within a second of sound".to_owned(),
            hint: "",
            sign: Sign::Play,
        }),
    }
}

fn draw_message(ui: &Ui, metrics: Metrics, rect: Rect, message: &Message) {
    let sign = metrics.units(2.5);
    let with_sign = rect.height() >= metrics.units(14.0);
    let middle = rect.center().y + if with_sign { sign } else { 0.0 };
    if with_sign {
        let center = Pos2::new(rect.center().x, middle - metrics.units(4.25) - sign);
        draw_sign(ui, metrics, center, sign, &message.sign);
    }
    theme::label(
        ui,
        rect.with_min_y(middle - metrics.units(3.0))
            .with_max_y(middle),
        Align2::CENTER_CENTER,
        message.title,
        metrics.title(),
        metrics.palette.text,
    );
    theme::label(
        ui,
        rect.with_min_y(middle)
            .with_max_y(middle + metrics.units(2.5)),
        Align2::CENTER_CENTER,
        &message.text,
        metrics.body(),
        metrics.palette.dim,
    );
    if message.hint.is_empty() {
        return;
    }
    let below = middle + metrics.units(2.5);
    theme::label(
        ui,
        rect.with_min_y(below)
            .with_max_y(below + metrics.units(2.5)),
        Align2::CENTER_CENTER,
        message.hint,
        metrics.small(),
        metrics.palette.dim,
    );
}

fn draw_sign(ui: &Ui, metrics: Metrics, center: Pos2, radius: f32, sign: &Sign) {
    let palette = metrics.palette;
    let stroke = Stroke::new(metrics.units(0.35), palette.dim);
    let painter = ui.painter();
    match sign {
        Sign::Play => {
            painter.circle_stroke(center, radius, stroke);
            let corners = [(-0.3, -0.5), (0.55, 0.0), (-0.3, 0.5)]
                .map(|(x, y)| center + radius * Vec2::new(x, y));
            painter.add(Drawn::convex_polygon(
                corners.to_vec(),
                palette.text,
                Stroke::NONE,
            ));
        }
        Sign::Listening => {
            for (kind, (x, height)) in
                TagKind::ALL
                    .into_iter()
                    .zip([(-0.6, 0.5), (0.0, 1.0), (0.6, 0.7)])
            {
                let bar = Rect::from_center_size(
                    center + radius * Vec2::new(x, 0.0),
                    radius * Vec2::new(0.35, 2.0 * height),
                );
                painter.rect_filled(bar, CornerRadius::same(2), palette.kind(kind));
            }
        }
        Sign::Missing => {
            let stroke = Stroke::new(stroke.width, palette.warning);
            painter.circle_stroke(center, radius, stroke);
            let across = radius * Vec2::angled(std::f32::consts::FRAC_PI_4);
            painter.line_segment([center - across, center + across], stroke);
        }
    }
}
