//! The three columns of tags: the likeliest first, in large letters where there is room, and the pinned ones on top.

use egui::{Align2, CornerRadius, Pos2, Rect, Role, Sense, Stroke, Ui, Vec2, WidgetInfo};

use super::rows::{Row, percent, rows};
use crate::{
    editor::{
        look::{self, Metrics},
        widgets::help,
    },
    model::TagKind,
    params::{EditorView, ViewSettings},
    telemetry::{ListenState, Snapshot},
    thread::EditorThread,
};

/// The most tags that a column shows.
const MOST_ROWS: usize = 8;
/// The largest and the smallest distance between two lines, in spacing units.
const MOST_PITCH: f32 = 3.75;
const LEAST_PITCH: f32 = 2.4;
/// Height of a column's title, in spacing units.
const TITLE: f32 = 2.25;
/// Height of the smallest and of the largest large word, in spacing units.
const LEAST_HEADLINE: f32 = 4.0;
const MOST_HEADLINE: f32 = 14.0;

/// The large words' share of the height below the titles.
const HEADLINE_SHARE: f32 = 0.25;

/// The height from which there are large words, in spacing units.
pub const LARGE_HEIGHT: f32 = TITLE + LEAST_HEADLINE / HEADLINE_SHARE;
/// The height beyond which columns gain nothing, in spacing units.
pub const MOST_HEIGHT: f32 = TITLE + MOST_HEADLINE + MOST_ROWS as f32 * MOST_PITCH;

/// What the columns show.
pub struct Columns<'a> {
    /// What is heard.
    pub snapshot: &'a Snapshot,
    /// Where pins are kept.
    pub view: &'a EditorView,
    /// What is pinned and hidden.
    pub settings: ViewSettings,
    /// The thread that draws them.
    pub thread: &'a EditorThread,
    /// Length of the average, as it is shown.
    pub averaging: String,
}

/// The columns' places in `rect`.
fn places(metrics: Metrics, rect: Rect) -> [Rect; 3] {
    let gap = metrics.units(2.0);
    let width = (rect.width() - 2.0 * gap) / 3.0;
    [0.0, 1.0, 2.0].map(|index| {
        let left = rect.left() + index * (width + gap);
        rect.with_min_x(left).with_max_x(left + width)
    })
}

/// Draws the columns' titles at the top of `rect` and returns the room below them.
pub fn draw_titles(ui: &Ui, metrics: Metrics, rect: Rect) -> Rect {
    let (titles, rest) = rect.split_top_bottom_at_y(rect.top() + metrics.units(TITLE));
    for (kind, title) in TagKind::COLUMNS.into_iter().zip(places(metrics, titles)) {
        ui.painter().circle_filled(
            title.left_center() + Vec2::new(metrics.units(0.5), 0.0),
            metrics.units(0.4),
            metrics.palette.kind(kind),
        );
        let response = look::label(
            ui,
            title.with_min_x(title.left() + metrics.units(1.5)),
            Align2::LEFT_CENTER,
            kind.title(),
            metrics.body(),
            metrics.palette.kind(kind),
        );
        help::tip(
            response,
            match kind {
                TagKind::Genre => {
                    "The styles that the music is likest to; click on one to watch it"
                }
                TagKind::Instrument => "What is probably playing; click on one to watch it",
                TagKind::Mood | TagKind::Feel => {
                    "How the music feels, or what it is for; click on one to watch it"
                }
            },
        );
    }
    rest
}

/// Draws the tags into `rect`, below the titles.
pub fn draw(ui: &Ui, metrics: Metrics, rect: Rect, columns: &Columns<'_>) {
    let large = (HEADLINE_SHARE * rect.height()).min(metrics.units(MOST_HEADLINE));
    for (kind, column) in TagKind::COLUMNS.into_iter().zip(places(metrics, rect)) {
        let rows = rows(columns.snapshot, kind, &columns.settings);
        let list = match rows.first() {
            Some(top) if large >= metrics.units(LEAST_HEADLINE) => {
                let (headline, list) = column.split_top_bottom_at_y(column.top() + large);
                draw_headline(ui, metrics, headline, columns.snapshot, top);
                list
            }
            _ => column,
        };
        draw_list(ui, metrics, list, columns, rows);
    }
}

/// Whether what is shown is the last answer before a silence.
fn is_held(snapshot: &Snapshot) -> bool {
    snapshot.readout.state == ListenState::Silence
}

fn draw_headline(ui: &Ui, metrics: Metrics, rect: Rect, snapshot: &Snapshot, top: &Row<'_>) {
    let rect = rect.with_max_y(rect.bottom() - metrics.units(0.5));
    let name = top.tag.name.as_str();
    let most = metrics.display(rect.height() / metrics.unit);
    let font = look::fitting(ui, name, rect.width() - 1.0, most);
    let color = if is_held(snapshot) {
        metrics.palette.dim
    } else {
        metrics.palette.text
    };
    let (place, _) = look::paint_text(ui, rect, Align2::LEFT_CENTER, name, font, color);
    let kind = top.tag.kind;
    let id = ui.scope_id().with(("headline", kind.id()));
    let response = ui.interact(place, id, Sense::hover());
    let words = format!("{}: {name}, {}", kind.title(), percent(top.average));
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
    help::tip_with(response, || format!("{words}: the likeliest on average"));
}

fn draw_list(ui: &Ui, metrics: Metrics, rect: Rect, columns: &Columns<'_>, mut rows: Vec<Row<'_>>) {
    let threshold = columns.settings.threshold();
    let known = !rows.is_empty();
    rows.retain(|row| row.pinned || row.average >= threshold);
    if rows.is_empty() {
        let text = if known {
            format!("Nothing above {}", percent(threshold))
        } else {
            "The tagger has no such tags".to_owned()
        };
        let line = rect.with_max_y(rect.top() + metrics.units(LEAST_PITCH));
        look::label(
            ui,
            line,
            Align2::LEFT_CENTER,
            &text,
            metrics.small(),
            metrics.palette.dim,
        );
        return;
    }
    // Stable: both halves stay sorted.
    rows.sort_by_key(|row| !row.pinned);
    let least = metrics.units(LEAST_PITCH);
    let fit = ((rect.height() / least) as usize).clamp(1, MOST_ROWS);
    let pitch = (rect.height() / fit as f32).min(metrics.units(MOST_PITCH));
    for (index, row) in rows.iter().take(fit).enumerate() {
        let top = rect.top() + index as f32 * pitch;
        let line = Rect::from_min_max(
            Pos2::new(rect.left(), top),
            Pos2::new(rect.right(), top + pitch - metrics.units(0.35)),
        );
        draw_row(ui, metrics, line, columns, row);
    }
}

fn draw_row(ui: &Ui, metrics: Metrics, line: Rect, columns: &Columns<'_>, row: &Row<'_>) {
    let palette = metrics.palette;
    let name = row.tag.name.as_str();
    let kind = row.tag.kind;
    let id = ui.scope_id().with((kind.id(), name));
    let response = ui.interact(line, id, Sense::click());
    let text = percent(row.average);
    response.widget_info(|| WidgetInfo {
        value: Some(f64::from(row.average)),
        current_text_value: Some(text.clone()),
        selected: Some(row.pinned),
        ..WidgetInfo::labeled(Role::Meter, true, name)
    });
    if response.clicked() {
        columns.view.toggle(row.tag, columns.thread);
        ui.ctx().request_repaint();
    }

    let held = is_held(columns.snapshot);
    let color = palette.kind(kind);
    let color = if held {
        look::mix(palette.track, color, 0.45)
    } else {
        color
    };
    let radius = CornerRadius::same(look::rounded(metrics.units(0.4)));
    let back = if response.hovered() {
        palette.face_hot
    } else {
        palette.face
    };
    ui.painter().rect_filled(line, radius, back);
    // Faint behind the words, which must stay readable; the bright edge below them carries the value.
    let filled = line.with_max_x(line.left() + line.width() * row.average);
    ui.painter()
        .rect_filled(filled, radius, look::mix(back, color, 0.28));
    let edge = filled.with_min_y(filled.bottom() - metrics.units(0.3));
    ui.painter().rect_filled(edge, CornerRadius::same(1), color);
    if response.has_focus() {
        let stroke = Stroke::new(metrics.units(0.2), palette.accent);
        ui.painter()
            .rect_stroke(line, radius, stroke, egui::StrokeKind::Inside);
    }

    let mut left = line.left() + metrics.units(1.0);
    if row.pinned {
        draw_pin(ui, metrics, Pos2::new(left, line.center().y));
        left += metrics.units(1.0);
    }
    let strength = match (held, row.pinned) {
        (true, _) => 0.0,
        (false, true) => 1.0,
        (false, false) => 0.35 + row.average,
    };
    let ink = look::mix(palette.dim, palette.text, strength);
    let (number, _) = look::paint_text(
        ui,
        line.shrink2(Vec2::new(metrics.units(0.75), 0.0)),
        Align2::RIGHT_CENTER,
        text,
        metrics.body(),
        ink,
    );
    let room = Rect::from_min_max(
        Pos2::new(left, line.top()),
        Pos2::new(number.left() - metrics.units(0.5), line.bottom()),
    );
    let font = look::fitting(ui, name, room.width(), metrics.body());
    look::paint_text(ui, room, Align2::LEFT_CENTER, name, font, ink);
    help::tip_with(response, || {
        format!(
            "{name}: {} on average over {}, {} in the latest answer; click to {}",
            percent(row.average),
            columns.averaging,
            percent(row.latest),
            if row.pinned {
                "let it go"
            } else {
                "keep it on top"
            },
        )
    });
}

/// The mark of a tag that stays on top: a pin.
fn draw_pin(ui: &Ui, metrics: Metrics, center: Pos2) {
    let half = metrics.units(0.6);
    let ink = metrics.palette.text;
    ui.painter().line_segment(
        [center, center + Vec2::new(0.0, half)],
        Stroke::new(metrics.units(0.2), ink),
    );
    ui.painter()
        .circle_filled(center - Vec2::new(0.0, half / 3.0), metrics.units(0.4), ink);
}
