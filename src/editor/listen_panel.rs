//! What is heard: three columns of tags, the likeliest first.

use egui::{Align2, CornerRadius, Pos2, Rect, Role, Sense, Ui, Vec2, WidgetInfo};
use nice_plug::prelude::Param;

use super::{
    Snapshot,
    control::Edit,
    slider::{self, Shape},
    theme::{self, Metrics},
};
use crate::{
    listen::ListenState,
    model::{TagInfo, TagKind},
    params::MoodringParams,
};

/// The most tags that a column shows.
const MOST_ROWS: usize = 8;

/// The largest distance between two lines, in spacing units.
const MOST_PITCH: f32 = 3.75;

/// One line of a column.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Row<'a> {
    tag: &'a TagInfo,
    average: f32,
    latest: f32,
}

/// The height at which the list is full; more would only leave it empty below.
pub(super) fn most_height(metrics: Metrics) -> f32 {
    metrics.units(2.0 + 3.0 + 0.5 + 2.25 + MOST_ROWS as f32 * MOST_PITCH)
}

/// Draws the panel into `rect`.
pub(super) fn draw(
    ui: &Ui,
    metrics: Metrics,
    rect: Rect,
    params: &MoodringParams,
    snapshot: &Snapshot,
    edit: &mut Edit<'_>,
) {
    let inside = theme::panel(ui, metrics, rect);
    let (head, body) = inside.split_top_bottom_at_y(inside.top() + metrics.units(3.0));
    draw_head(ui, metrics, head, params, snapshot, edit);

    let body = body.with_min_y(body.top() + metrics.units(0.5));
    let gap = metrics.units(2.0);
    let kinds = TagKind::ALL.len() as f32;
    let width = (body.width() - gap * (kinds - 1.0)) / kinds;
    let message = message(snapshot);
    for (index, kind) in TagKind::ALL.into_iter().enumerate() {
        let left = body.left() + index as f32 * (width + gap);
        let column = Rect::from_min_max(
            Pos2::new(left, body.top()),
            Pos2::new(left + width, body.bottom()),
        );
        let (heading, list) = column.split_top_bottom_at_y(column.top() + metrics.units(2.25));
        ui.painter().circle_filled(
            heading.left_center() + Vec2::new(metrics.units(0.5), 0.0),
            metrics.units(0.4),
            metrics.palette.kind(kind),
        );
        theme::label(
            ui,
            heading.with_min_x(heading.left() + metrics.units(1.5)),
            Align2::LEFT_CENTER,
            kind.title(),
            metrics.body(),
            metrics.palette.kind(kind),
        );
        if message.is_none() {
            draw_column(ui, metrics, list, params, snapshot, kind);
        }
    }
    if let Some((title, text)) = message {
        draw_message(
            ui,
            metrics,
            body.with_min_y(body.top() + metrics.units(2.25)),
            title,
            &text,
        );
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
    let slider = rect.with_min_x(rect.right() - metrics.units(28.0));
    slider::slider(ui, metrics, slider, Shape::Flat, &params.average, edit).on_hover_text(
        "How long the answers are averaged: short follows the music, long sums it up.\n\
         Double-click: back to the default.",
    );

    let (text, color) = match snapshot.readout.state {
        ListenState::Live => ("live", metrics.palette.kind(TagKind::Genre)),
        ListenState::WarmingUp => ("warming up", metrics.palette.kind(TagKind::Instrument)),
        ListenState::Silence => ("silence: holding the last answer", metrics.palette.dim),
        ListenState::Unavailable => ("no tagger", metrics.palette.warning),
        ListenState::Waiting => return,
    };
    let pad = metrics.units(1.0);
    let room = Rect::from_min_max(
        Pos2::new(
            title.right() + metrics.units(1.5),
            rect.center().y - metrics.units(1.1),
        ),
        Pos2::new(slider.left() - pad, rect.center().y + metrics.units(1.1)),
    );
    let width =
        (theme::text_width(ui, text, metrics.small()).ceil() + 1.0 + 2.0 * pad).min(room.width());
    let badge = Rect::from_min_size(room.min, Vec2::new(width, room.height()));
    ui.painter().rect_filled(
        badge,
        CornerRadius::same(theme::rounded(badge.height() / 2.0)),
        theme::mix(metrics.palette.panel, color, 0.18),
    );
    theme::label(
        ui,
        badge.shrink2(Vec2::new(pad, 0.0)),
        Align2::CENTER_CENTER,
        text,
        metrics.small(),
        color,
    )
    .on_hover_text(match snapshot.readout.state {
        ListenState::WarmingUp => "A first guess: less than a full window has been heard",
        ListenState::Silence => "Nothing has been loud enough to name for a second",
        ListenState::Unavailable => "The status line says why",
        _ => "The answer describes the last seconds of sound",
    });
}

/// What is said instead of columns, when there is nothing to list.
fn message(snapshot: &Snapshot) -> Option<(&'static str, String)> {
    match snapshot.readout.state {
        ListenState::Unavailable => {
            let fault = snapshot.status.fault.as_deref();
            let text = fault.unwrap_or("The tagger could not be loaded");
            Some(("No tagger", text.to_owned()))
        }
        _ if !snapshot.readout.average.is_empty() || !snapshot.readout.probabilities.is_empty() => {
            None
        }
        ListenState::WarmingUp | ListenState::Live => Some((
            "Listening",
            "The first answer comes within a second".to_owned(),
        )),
        ListenState::Waiting | ListenState::Silence => Some((
            "Play something",
            "Genre, instrument and mood appear within a second of sound".to_owned(),
        )),
    }
}

fn draw_message(ui: &Ui, metrics: Metrics, rect: Rect, title: &str, text: &str) {
    let middle = rect.center().y;
    theme::label(
        ui,
        Rect::from_min_max(
            Pos2::new(rect.left(), middle - metrics.units(3.0)),
            Pos2::new(rect.right(), middle),
        ),
        Align2::CENTER_CENTER,
        title,
        metrics.title(),
        metrics.palette.text,
    );
    theme::label(
        ui,
        Rect::from_min_max(
            Pos2::new(rect.left(), middle),
            Pos2::new(rect.right(), middle + metrics.units(2.5)),
        ),
        Align2::CENTER_CENTER,
        text,
        metrics.body(),
        metrics.palette.dim,
    );
}

/// A kind's tags, the likeliest on average first; equals in the order of their names, so that they don't change places.
fn rows(snapshot: &Snapshot, kind: TagKind) -> Vec<Row<'_>> {
    let readout = &snapshot.readout;
    let sound = |value: Option<&f32>| value.copied().filter(|value| value.is_finite());
    let mut rows: Vec<_> = snapshot
        .tags
        .iter()
        .enumerate()
        .filter(|(_, tag)| tag.kind == kind)
        .filter_map(|(index, tag)| {
            let latest = sound(readout.probabilities.get(index));
            let average = sound(readout.average.get(index)).or(latest)?;
            Some(Row {
                tag,
                average: average.clamp(0.0, 1.0),
                latest: latest.unwrap_or(average).clamp(0.0, 1.0),
            })
        })
        .collect();
    rows.sort_by(|one, other| {
        other
            .average
            .total_cmp(&one.average)
            .then_with(|| one.tag.name.cmp(&other.tag.name))
    });
    rows
}

/// A probability as it is read: in per cent.
fn percent(probability: f32) -> String {
    format!("{:.0} %", probability * 100.0)
}

fn draw_column(
    ui: &Ui,
    metrics: Metrics,
    rect: Rect,
    params: &MoodringParams,
    snapshot: &Snapshot,
    kind: TagKind,
) {
    let rows = rows(snapshot, kind);
    if rows.is_empty() {
        theme::label(
            ui,
            rect.with_max_y(rect.top() + metrics.units(2.5)),
            Align2::LEFT_CENTER,
            "The tagger has no tags of this kind",
            metrics.small(),
            metrics.palette.dim,
        );
        return;
    }
    let least = metrics.units(2.4);
    let fit = ((rect.height() / least) as usize).clamp(1, MOST_ROWS);
    let pitch = (rect.height() / fit as f32).min(metrics.units(MOST_PITCH));
    let held = snapshot.readout.state == ListenState::Silence;
    let color = metrics.palette.kind(kind);
    let color = if held {
        theme::mix(metrics.palette.track, color, 0.45)
    } else {
        color
    };
    let averaging = params
        .average
        .normalized_value_to_string(params.average.unmodulated_normalized_value(), true);

    for (index, row) in rows.iter().take(fit).enumerate() {
        let top = rect.top() + index as f32 * pitch;
        let line = Rect::from_min_max(
            Pos2::new(rect.left(), top),
            Pos2::new(rect.right(), top + pitch - metrics.units(0.35)),
        );
        let response = ui.interact(line, ui.scope_id().with((kind.id(), index)), Sense::hover());
        let text = percent(row.average);
        response.widget_info(|| WidgetInfo {
            value: Some(f64::from(row.average)),
            current_text_value: Some(text.clone()),
            ..WidgetInfo::labeled(Role::Meter, true, &row.tag.name)
        });

        let radius = CornerRadius::same(theme::rounded(metrics.units(0.4)));
        let back = if response.hovered() {
            metrics.palette.face_hot
        } else {
            metrics.palette.face
        };
        ui.painter().rect_filled(line, radius, back);
        // Faint behind the words, which must stay readable; the bright edge below them carries the value.
        let filled = line.with_max_x(line.left() + line.width() * row.average);
        ui.painter()
            .rect_filled(filled, radius, theme::mix(back, color, 0.28));
        let edge = filled.with_min_y(filled.bottom() - metrics.units(0.3));
        ui.painter().rect_filled(edge, CornerRadius::same(1), color);

        let strength = if held { 0.0 } else { 0.35 + row.average };
        let (number, _) = theme::paint_text(
            ui,
            line.shrink2(Vec2::new(metrics.units(0.75), 0.0)),
            Align2::RIGHT_CENTER,
            text,
            metrics.body(),
            theme::mix(metrics.palette.dim, metrics.palette.text, strength),
        );
        theme::paint_text(
            ui,
            Rect::from_min_max(
                Pos2::new(line.left() + metrics.units(1.0), line.top()),
                Pos2::new(number.left() - metrics.units(0.5), line.bottom()),
            ),
            Align2::LEFT_CENTER,
            row.tag.name.as_str(),
            metrics.body(),
            theme::mix(metrics.palette.dim, metrics.palette.text, strength),
        );
        response.on_hover_text(format!(
            "{}: {} on average over {averaging}, {} in the latest answer",
            row.tag.name,
            percent(row.average),
            percent(row.latest),
        ));
    }
}
