//! The header: mark, mood, presets, tabs, the view's menu and Bypass.

use std::f32::consts::TAU;

use egui::{Align2, Popup, Pos2, Rect, Role, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo};

use crate::editor::{
    app::{mood_ring, pages::Page},
    input::control::{Edit, UiState},
    look::theme::{self, Metrics, Theme},
    panels::listen::tag_columns::percent,
    widgets::{
        button::{self, Kind},
        help, slider,
    },
};
use crate::telemetry::Snapshot;
use crate::{model::TagKind, params::MoodringParams};

/// Draws the header into `rect` and returns the room that it leaves for the presets.
pub fn draw(
    ui: &Ui,
    metrics: Metrics,
    rect: Rect,
    params: &MoodringParams,
    snapshot: &Snapshot,
    edit: &mut Edit<'_>,
) -> Rect {
    let left = draw_mark(ui, metrics, rect, snapshot, edit.state);
    let row = rect.shrink2(Vec2::new(0.0, metrics.units(0.75)));
    let width = slider::switch_width(ui, metrics, &params.bypass);
    let bypass = row.with_min_x(row.right() - width);
    help::tip(
        slider::switch(
            ui,
            metrics,
            bypass,
            &params.bypass,
            metrics.palette.warning,
            edit.setter,
        ),
        "Lets the input through untouched, delayed as the output is",
    );
    let view = button::width(ui, metrics, "View");
    let right = bypass.left() - metrics.units(1.0);
    let view = row.with_max_x(right).with_min_x(right - view);
    draw_view(ui, metrics, view, edit.state);

    let mut right = view.left() - metrics.units(1.0);
    for page in Page::ALL.into_iter().rev() {
        let width = button::width(ui, metrics, page.title());
        let tab = row.with_max_x(right).with_min_x(right - width);
        let kind = Kind::Tab(edit.state.preferences.page == page);
        let response = button::button(ui, metrics, tab, page.title(), page.title(), kind);
        if help::tip(response, page.words()).clicked() {
            edit.state.prefer(|preferences| preferences.page = page);
        }
        right = tab.left() - metrics.units(0.25);
    }
    row.with_min_x(left).with_max_x(right - metrics.units(0.75))
}

/// The ring, and beside it the mood in large letters, or the product's name while there is none. Returns where their room
/// ends.
fn draw_mark(ui: &Ui, metrics: Metrics, rect: Rect, snapshot: &Snapshot, state: &UiState) -> f32 {
    let radius = metrics.units(1.0);
    let center = Pos2::new(rect.left() + metrics.units(2.0), rect.center().y);
    let mood = mood_ring::likeliest(snapshot).filter(|_| state.preferences.mood_ring);
    for (index, kind) in TagKind::ALL.into_iter().enumerate() {
        let third = TAU / 3.0;
        let points = (0..=16)
            .map(|step| {
                let angle = third * (index as f32 + 0.05 + 0.9 * step as f32 / 16.0);
                center + radius * Vec2::angled(angle)
            })
            .collect();
        let color = match mood {
            Some(_) => state.mood_ring.color(metrics),
            None => metrics.palette.kind(kind),
        };
        let stroke = Stroke::new(metrics.units(0.45), color);
        ui.painter().add(Shape::line(points, stroke));
    }
    let room = rect.with_min_x(center.x + metrics.units(2.0));
    let room = room.with_max_x(room.left() + metrics.units(13.5));
    let (text, words) = match mood {
        Some((tag, probability)) => (
            tag.name.as_str(),
            format!(
                "The mood: {}, {}; the ring and the frame take its colour",
                tag.name,
                percent(probability)
            ),
        ),
        None => (
            "Moodring",
            "Names what it hears, morphs its timbre".to_owned(),
        ),
    };
    let font = theme::fitting(ui, text, room.width() - 1.0, metrics.title());
    let (place, _) = theme::paint_text(
        ui,
        room,
        Align2::LEFT_CENTER,
        text,
        font,
        metrics.palette.text,
    );
    let response = ui.interact(place, ui.scope_id().with("mark"), Sense::hover());
    response.widget_info(|| match mood {
        Some((tag, _)) => WidgetInfo::labeled(Role::Label, true, format!("The mood: {}", tag.name)),
        None => WidgetInfo::labeled(Role::Label, true, "Moodring"),
    });
    help::tip(response, &words);
    room.right() + metrics.units(1.0)
}

/// The menu of looks.
fn draw_view(ui: &Ui, metrics: Metrics, rect: Rect, state: &mut UiState) {
    let response = button::button(ui, metrics, rect, "View", "View", Kind::Push);
    let response = help::tip(
        response,
        "The look: dark or light, and whether the frame follows the mood",
    );
    Popup::menu(&response).show(|ui| {
        let mut chosen = state.preferences.clone();
        let light = &mut (chosen.theme == Theme::Light);
        let words = "Dark letters on light panels, for daylight";
        if help::tip(ui.checkbox(light, "Light theme"), words).changed() {
            chosen.theme = if *light { Theme::Light } else { Theme::Dark };
        }
        help::tip(
            ui.checkbox(&mut chosen.mood_ring, "Mood ring"),
            "The window's frame takes the mood's colour, slowly",
        );
        if chosen != state.preferences {
            state.prefer(|preferences| *preferences = chosen);
        }
    });
}
