//! The header: mark, mood, presets, tabs, the view's menu and Bypass.

use egui::{Align2, Popup, Pos2, Rect, Shape, Stroke, Ui, Vec2};

use super::{
    Snapshot,
    button::{self, Kind},
    control::{Edit, UiState},
    help,
    pages::Page,
    slider,
    theme::{self, Metrics, Theme},
};
use crate::{model::TagKind, params::MoodringParams};

/// Draws the header into `rect` and returns the room that it leaves for the presets.
pub(super) fn draw(
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

/// The ring, and the product's name. Returns where they end.
fn draw_mark(ui: &Ui, metrics: Metrics, rect: Rect, _: &Snapshot, _: &UiState) -> f32 {
    let radius = metrics.units(1.0);
    let center = Pos2::new(rect.left() + metrics.units(2.0), rect.center().y);
    for (index, kind) in TagKind::ALL.into_iter().enumerate() {
        let third = std::f32::consts::TAU / 3.0;
        let points = (0..=16)
            .map(|step| {
                let angle = third * (index as f32 + 0.05 + 0.9 * step as f32 / 16.0);
                center + radius * Vec2::angled(angle)
            })
            .collect();
        let stroke = Stroke::new(metrics.units(0.45), metrics.palette.kind(kind));
        ui.painter().add(Shape::line(points, stroke));
    }
    let name = theme::label(
        ui,
        rect.with_min_x(center.x + metrics.units(2.0)),
        Align2::LEFT_CENTER,
        "Moodring",
        metrics.title(),
        metrics.palette.text,
    );
    name.rect.right() + metrics.units(1.5)
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
