//! The large words: of each kind the one tag that is the headline, and how likely it is.

use egui::{Align2, FontId, Rect, Role, Sense, Ui, WidgetInfo};

use super::rows::percent;
use crate::{
    editor::{
        look::{self, Metrics},
        widgets::help,
    },
    model::TagKind,
    telemetry::{ListenState, Snapshot, likely_from},
};

/// What stands where nothing is likely enough.
const UNSURE: &str = "unsure";
/// Its size, and that of the percentage, as shares of the headline's.
const UNSURE_SIZE: f32 = 0.6;
const PERCENT_SIZE: f32 = 0.4;
/// The part of a line of text that is below its letters' feet, as a share of its size.
const DESCENT: f32 = 0.2;

/// Whether what is shown is the last answer before a silence.
pub fn is_held(snapshot: &Snapshot) -> bool {
    snapshot.readout.state == ListenState::Silence
}

/// A kind's headline and its probability on average; `None` while nothing is likely enough.
pub fn headline(snapshot: &Snapshot, kind: TagKind) -> Option<(&str, f32)> {
    let readout = &snapshot.readout;
    let index = readout.headlines.get(kind)?;
    let tag = snapshot.tags.get(index)?;
    let average = readout.average.get(index).copied().unwrap_or(0.0);
    Some((&tag.name, average.clamp(0.0, 1.0)))
}

/// Draws a kind's headline into `rect`.
pub fn draw(ui: &Ui, metrics: Metrics, rect: Rect, snapshot: &Snapshot, kind: TagKind) {
    let rect = rect.with_max_y(rect.bottom() - metrics.units(0.5));
    let most = metrics.display(rect.height() / metrics.unit);
    let palette = metrics.palette;
    let (place, words) = match headline(snapshot, kind) {
        Some((name, average)) => {
            let color = if is_held(snapshot) {
                palette.dim
            } else {
                palette.text
            };
            let number = percent(average);
            let smaller = |font: &FontId| FontId {
                size: (PERCENT_SIZE * font.size).floor().max(metrics.small().size),
                ..font.clone()
            };
            let gap = metrics.units(1.0);
            let beside = gap + look::text_width(ui, &number, smaller(&most)) + 1.0;
            let font = look::fitting(ui, name, rect.width() - beside, most);
            let (place, _) =
                look::paint_text(ui, rect, Align2::LEFT_CENTER, name, font.clone(), color);
            let small = smaller(&font);
            // On one foot line.
            let foot = place.bottom() - DESCENT * (font.size - small.size);
            let beside = rect.with_min_x(place.right() + gap).with_max_y(foot);
            look::paint_text(ui, beside, Align2::LEFT_BOTTOM, &number, small, palette.dim);
            let words = format!("{}: {name}, {number}", kind.title());
            (
                place.with_max_x(rect.right().min(place.right() + gap)),
                words,
            )
        }
        None => {
            let font = FontId {
                size: (UNSURE_SIZE * most.size).floor(),
                ..most
            };
            let (place, _) =
                look::paint_text(ui, rect, Align2::LEFT_CENTER, UNSURE, font, palette.dim);
            (place, format!("{}: {UNSURE}", kind.title()))
        }
    };
    let id = ui.scope_id().with(("headline", kind.id()));
    let response = ui.interact(place, id, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
    help::tip_with(response, || {
        let least = percent(likely_from(kind));
        format!(
            "{words}\nChanges when another is clearly ahead for about two seconds; below {least} it is {UNSURE}"
        )
    });
}
