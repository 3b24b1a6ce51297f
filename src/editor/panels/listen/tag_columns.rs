//! The columns of tags, three, and one more where a tagger names other kinds: the likeliest first, in large letters where there is room, and the pinned ones on top.

use egui::{Align2, CornerRadius, Popup, Pos2, Rect, Role, Sense, Stroke, Ui, Vec2, WidgetInfo};

use super::{
    bar_scale, headline,
    rows::{Row, percent, rows},
};
use crate::{
    editor::{
        input::FocusGroup,
        look::{self, Metrics},
        widgets::help,
    },
    model::{TagInfo, TagKind},
    params::{EditorView, ViewSettings},
    telemetry::Snapshot,
    thread::EditorThread,
};

/// The most tags that a column shows, and those that it shows even if their lines are as close as they can be.
const MOST_ROWS: usize = 12;
const WANTED_ROWS: usize = 8;
/// The largest distance between two lines, the one from which on there are more lines instead, and the smallest, in spacing units.
const MOST_PITCH: f32 = 3.75;
const GOOD_PITCH: f32 = 2.75;
const LEAST_PITCH: f32 = 2.4;
/// Height of a column's title, in spacing units.
pub const TITLE: f32 = 2.25;
/// Height of the smallest and of the largest large word, in spacing units.
const LEAST_HEADLINE: f32 = 4.0;
const MOST_HEADLINE: f32 = 14.0;

/// The large words' share of the height below the titles.
const HEADLINE_SHARE: f32 = 0.25;

/// The height from which there are large words and as many tags as are wanted, in spacing units.
pub const WANTED_HEIGHT: f32 =
    TITLE + WANTED_ROWS as f32 * LEAST_PITCH / (1.0 - HEADLINE_SHARE) + 0.1;
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

/// The columns for these tags, with their places in `rect`.
fn places(metrics: Metrics, rect: Rect, tags: &[TagInfo]) -> impl Iterator<Item = (TagKind, Rect)> {
    let kinds: Vec<_> = TagKind::columns(tags).collect();
    let count = kinds.len().max(1) as f32;
    let gap = metrics.units(2.0);
    let width = (rect.width() - (count - 1.0) * gap) / count;
    kinds.into_iter().enumerate().map(move |(index, kind)| {
        let left = rect.left() + index as f32 * (width + gap);
        (kind, rect.with_min_x(left).with_max_x(left + width))
    })
}

/// Draws the columns' titles at the top of `rect` and returns the room below them. So much of the line's right end is `taken`.
pub fn draw_titles(ui: &Ui, metrics: Metrics, rect: Rect, tags: &[TagInfo], taken: f32) -> Rect {
    let (titles, rest) = rect.split_top_bottom_at_y(rect.top() + metrics.units(TITLE));
    for (kind, title) in places(metrics, titles, tags) {
        ui.painter().circle_filled(
            title.left_center() + Vec2::new(metrics.units(0.5), 0.0),
            metrics.units(0.4),
            metrics.palette.kind(kind),
        );
        let response = look::label(
            ui,
            title
                .with_min_x(title.left() + metrics.units(1.5))
                .with_max_x(title.right().min(rect.right() - taken)),
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
                TagKind::Other => "What else this tagger names; click on one to watch it",
            },
        );
    }
    rest
}

/// Draws the tags into `rect`, below the titles.
pub fn draw(ui: &Ui, metrics: Metrics, rect: Rect, columns: &Columns<'_>) {
    let large = (HEADLINE_SHARE * rect.height()).min(metrics.units(MOST_HEADLINE));
    for (kind, column) in places(metrics, rect, &columns.snapshot.tags) {
        let rows = rows(columns.snapshot, kind, &columns.settings);
        let list = if !rows.is_empty() && large >= metrics.units(LEAST_HEADLINE) {
            let (words, list) = column.split_top_bottom_at_y(column.top() + large);
            // What isn't known to be of one kind has no large word.
            if TagKind::COLUMNS.contains(&kind) {
                headline::draw(ui, metrics, words, columns.snapshot, kind);
            }
            list
        } else {
            column
        };
        draw_list(ui, metrics, list, columns, rows);
    }
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
    let fit = fitting_rows(rect.height() / metrics.unit);
    let pitch = (rect.height() / fit as f32).min(metrics.units(MOST_PITCH));
    let kind = rows.first().map_or("", |row| row.tag.kind.id());
    let group = &mut FocusGroup::new(ui, kind);
    for (index, row) in rows.iter().take(fit).enumerate() {
        let top = rect.top() + index as f32 * pitch;
        let line = Rect::from_min_max(
            Pos2::new(rect.left(), top),
            Pos2::new(rect.right(), top + pitch - metrics.units(0.35)),
        );
        draw_row(ui, metrics, line, columns, row, group);
    }
}

/// How many lines fit into a height, in spacing units.
fn fitting_rows(height: f32) -> usize {
    let close = (height / LEAST_PITCH) as usize;
    let good = (height / GOOD_PITCH) as usize;
    good.max(close.min(WANTED_ROWS)).clamp(1, MOST_ROWS)
}

fn draw_row(
    ui: &Ui,
    metrics: Metrics,
    line: Rect,
    columns: &Columns<'_>,
    row: &Row<'_>,
    group: &mut FocusGroup,
) {
    let palette = metrics.palette;
    let name = row.tag.name.as_str();
    let kind = row.tag.kind;
    let id = ui.scope_id().with((kind.id(), name));
    let response = ui.interact(line, id, group.sense(id, Sense::click(), false));
    group.follow(ui, &response);
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

    let held = headline::is_held(columns.snapshot);
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
    // No bar reaches the numbers, which stand beside it.
    let numbers = look::text_width(ui, &percent(1.0), metrics.body()) + metrics.units(1.0);
    let track = line.with_max_x(line.right() - numbers);
    ui.painter().rect_filled(track, radius, back);
    // Faint behind the words, which must stay readable; the bright edge below them carries the value.
    let length = track.width() * bar_scale::length(kind, row.average);
    let filled = track.with_max_x(track.left() + length);
    ui.painter()
        .rect_filled(filled, radius, look::mix(back, color, 0.28));
    let edge = filled.with_min_y(filled.bottom() - metrics.units(0.3));
    ui.painter().rect_filled(edge, CornerRadius::same(1), color);
    if response.has_focus() {
        let stroke = Stroke::new(metrics.units(0.2), palette.accent);
        ui.painter()
            .rect_stroke(line, radius, stroke, egui::StrokeKind::Inside);
    }

    Popup::context_menu(&response).show(|ui| {
        if ui.selectable_label(row.pinned, "Keep on top").clicked() {
            columns.view.toggle(row.tag, columns.thread);
        }
        if ui.button(format!("Copy “{name}: {text}”")).clicked() {
            ui.ctx().copy_text(format!("{name}: {text}"));
        }
    });

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
    let right = Align2::RIGHT_CENTER;
    look::paint_text(ui, line, right, &text, metrics.body(), ink);
    let room = track
        .with_min_x(left)
        .with_max_x(track.right() - metrics.units(0.5));
    let font = look::fitting(ui, name, room.width(), metrics.body());
    look::paint_text(ui, room, Align2::LEFT_CENTER, name, font, ink);
    help::tip_with(response, || {
        format!(
            "{name}: {} on average over {}, {} in the latest answer; click to {}\n{}: {}",
            percent(row.average),
            columns.averaging,
            percent(row.latest),
            if row.pinned {
                "let it go"
            } else {
                "keep it on top"
            },
            kind.title(),
            bar_scale::words(kind),
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
