//! The header: mark, mood, presets, tabs, the view's menu and Bypass.

use std::f32::consts::TAU;

use egui::{Align2, Popup, Pos2, Rect, Role, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo};

use super::{
    mood_ring::{self, MoodRing},
    page::Page,
    preferences::KeptPreferences,
};
use crate::{
    editor::{
        look::{self, Metrics, Theme},
        panels::listen::percent,
        scene::Scene,
        widgets::{
            button::{self, Kind},
            help, switch,
        },
    },
    model::TagKind,
    telemetry::Snapshot,
};

/// Draws the header into `rect` and returns the room that it leaves for the presets.
pub fn draw(
    ui: &Ui,
    scene: &mut Scene<'_>,
    rect: Rect,
    mood_ring: &MoodRing,
    preferences: &mut KeptPreferences,
) -> Rect {
    let (metrics, params) = (scene.metrics, scene.params);
    let ring = preferences.get().mood_ring.then_some(mood_ring);
    let left = draw_mark(ui, metrics, rect, scene.snapshot, ring);
    let row = rect.shrink2(Vec2::new(0.0, metrics.units(0.75)));
    let width = switch::width(ui, metrics, &params.bypass);
    let bypass = row.with_min_x(row.right() - width);
    help::tip(
        switch::switch(
            ui,
            metrics,
            bypass,
            &params.bypass,
            metrics.palette.warning,
            scene.edit.recorder,
        ),
        "Lets the input through untouched, delayed as the output is",
    );
    let view = button::width(ui, metrics, "View");
    let right = bypass.left() - metrics.units(1.0);
    let view = row.with_max_x(right).with_min_x(right - view);
    draw_view(ui, metrics, view, preferences);

    let mut right = view.left() - metrics.units(1.0);
    for page in Page::ALL.into_iter().rev() {
        let width = button::width(ui, metrics, page.title());
        let tab = row.with_max_x(right).with_min_x(right - width);
        let kind = Kind::Tab(preferences.get().page == page);
        let response = button::button(ui, metrics, tab, page.title(), page.title(), kind);
        if help::tip(response, page.words()).clicked() {
            preferences.change(|preferences| preferences.page = page);
        }
        right = tab.left() - metrics.units(0.25);
    }
    row.with_min_x(left).with_max_x(right - metrics.units(0.75))
}

/// The ring, and beside it the mood in large letters, or the product's name while there is none. Returns where their room
/// ends.
fn draw_mark(
    ui: &Ui,
    metrics: Metrics,
    rect: Rect,
    snapshot: &Snapshot,
    ring: Option<&MoodRing>,
) -> f32 {
    let radius = metrics.units(1.0);
    let center = Pos2::new(rect.left() + metrics.units(2.0), rect.center().y);
    let mood = ring.and_then(|ring| Some((ring, mood_ring::likeliest(snapshot)?)));
    for (index, kind) in TagKind::COLUMNS.into_iter().enumerate() {
        let third = TAU / 3.0;
        let points = (0..=16)
            .map(|step| {
                let angle = third * (index as f32 + 0.05 + 0.9 * step as f32 / 16.0);
                center + radius * Vec2::angled(angle)
            })
            .collect();
        let color = match mood {
            Some((ring, _)) => ring.color(metrics),
            None => metrics.palette.kind(kind),
        };
        let stroke = Stroke::new(metrics.units(0.45), color);
        ui.painter().add(Shape::line(points, stroke));
    }
    let room = rect.with_min_x(center.x + metrics.units(2.0));
    let room = room.with_max_x(room.left() + metrics.units(13.5));
    let (text, words) = match mood {
        Some((_, (tag, probability))) => (
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
    let font = look::fitting(ui, text, room.width() - 1.0, metrics.title());
    let (place, _) = look::paint_text(
        ui,
        room,
        Align2::LEFT_CENTER,
        text,
        font,
        metrics.palette.text,
    );
    let response = ui.interact(place, ui.scope_id().with("mark"), Sense::hover());
    response.widget_info(|| match mood {
        Some((_, (tag, _))) => {
            WidgetInfo::labeled(Role::Label, true, format!("The mood: {}", tag.name))
        }
        None => WidgetInfo::labeled(Role::Label, true, "Moodring"),
    });
    help::tip(response, &words);
    room.right() + metrics.units(1.0)
}

/// The menu of looks.
fn draw_view(ui: &Ui, metrics: Metrics, rect: Rect, preferences: &mut KeptPreferences) {
    let response = button::button(ui, metrics, rect, "View", "View", Kind::Push);
    let response = help::tip(
        response,
        "The look: dark or light, and whether the frame follows the mood",
    );
    Popup::menu(&response).show(|ui| {
        let mut chosen = preferences.get().clone();
        let light = &mut (chosen.theme == Theme::Light);
        let words = "Dark letters on light panels, for daylight";
        if help::tip(ui.checkbox(light, "Light theme"), words).changed() {
            chosen.theme = if *light { Theme::Light } else { Theme::Dark };
        }
        help::tip(
            ui.checkbox(&mut chosen.mood_ring, "Mood ring"),
            "The window's frame takes the mood's colour, slowly",
        );
        if chosen != *preferences.get() {
            preferences.change(|preferences| *preferences = chosen);
        }
    });
}
