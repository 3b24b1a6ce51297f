//! The header: ring, name, presets, tabs, the view's menu and Bypass.

use std::f32::consts::TAU;

use egui::{
    Align2, CursorIcon, Popup, Pos2, Rect, Role, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo,
};

use super::{
    mood_ring::{self, MoodRing},
    page::Page,
    preferences::KeptPreferences,
};
use crate::{
    editor::{
        look::{self, Metrics, Theme},
        panels::{
            about::AboutPanel,
            listen::{headline, percent},
        },
        scene::Scene,
        widgets::{
            button::{self, Kind},
            help, switch,
        },
    },
    model::{Affect, TagKind},
    telemetry::Snapshot,
};

/// The product's name.
const NAME: &str = "Moodring";

/// Draws the header into `rect` and returns the room that it leaves for the presets.
pub fn draw(
    ui: &Ui,
    scene: &mut Scene<'_>,
    rect: Rect,
    mood_ring: &MoodRing,
    about: &mut AboutPanel,
    preferences: &mut KeptPreferences,
) -> Rect {
    let (metrics, params) = (scene.metrics, scene.params);
    let ring = preferences.get().mood_ring.then_some(mood_ring);
    let left = draw_mark(ui, metrics, rect, scene.snapshot, ring, about);
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
        let kind = Kind::Tab(preferences.get().page == page && !about.is_open);
        let response = button::button(ui, metrics, tab, page.title(), page.title(), kind);
        if help::tip(response, page.words()).clicked() {
            about.is_open = false;
            preferences.change(|preferences| preferences.page = page);
        }
        right = tab.left() - metrics.units(0.25);
    }
    row.with_min_x(left).with_max_x(right - metrics.units(0.75))
}

/// The ring and the product's name, a button that opens what there is to read about it. Returns where their room ends.
fn draw_mark(
    ui: &Ui,
    metrics: Metrics,
    rect: Rect,
    snapshot: &Snapshot,
    ring: Option<&MoodRing>,
    about: &mut AboutPanel,
) -> f32 {
    let center = Pos2::new(rect.left() + metrics.units(2.0), rect.center().y);
    draw_ring(ui, metrics, center, snapshot, ring);
    let room = rect.with_min_x(center.x + metrics.units(2.0));
    let room = room.with_max_x(room.left() + metrics.units(13.5));
    draw_name(ui, metrics, room, about);
    room.right() + metrics.units(1.0)
}

/// The ring, in the colour of the mood while one is heard, else in those of the kinds of tags.
fn draw_ring(
    ui: &Ui,
    metrics: Metrics,
    center: Pos2,
    snapshot: &Snapshot,
    ring: Option<&MoodRing>,
) {
    let radius = metrics.units(1.0);
    let mood = headline(snapshot, TagKind::Mood);
    let felt = mood_ring::felt(snapshot);
    let ring = ring.filter(|_| mood.is_some() || felt.is_some());
    for (index, kind) in TagKind::COLUMNS.into_iter().enumerate() {
        let third = TAU / 3.0;
        let points = (0..=16)
            .map(|step| {
                let angle = third * (index as f32 + 0.05 + 0.9 * step as f32 / 16.0);
                center + radius * Vec2::angled(angle)
            })
            .collect();
        let color = match ring {
            Some(ring) => ring.color(metrics),
            None => metrics.palette.kind(kind),
        };
        let stroke = Stroke::new(metrics.units(0.45), color);
        ui.painter().add(Shape::line(points, stroke));
    }
    if ring.is_none() {
        return;
    }
    let around = Rect::from_center_size(center, Vec2::splat(2.5 * radius));
    let response = ui.interact(around, ui.scope_id().with("mood"), Sense::hover());
    let name = mood.map_or("unsure", |(name, _)| name);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("The mood: {name}")));
    help::tip_with(response, || {
        let number = mood.map_or(String::new(), |(_, value)| format!(" {}", percent(value)));
        let felt = felt.map_or(String::new(), |Affect { valence, arousal }| {
            format!(", valence {valence:+.1} σ, arousal {arousal:+.1} σ")
        });
        format!("The mood: {name}{number}{felt}; the ring and the frame take its colour")
    });
}

/// The product's name and version; a press opens and closes About.
fn draw_name(ui: &Ui, metrics: Metrics, room: Rect, about: &mut AboutPanel) {
    let palette = metrics.palette;
    let version = env!("CARGO_PKG_VERSION");
    let gap = metrics.units(0.75);
    let beside = gap + look::text_width(ui, version, metrics.small()) + 1.0;
    let font = look::fitting(ui, NAME, room.width() - beside, metrics.title());
    let width = look::text_width(ui, NAME, font.clone());
    let id = ui.scope_id().with("about");
    let place = Rect::from_center_size(
        Pos2::new(room.left() + (width + beside) / 2.0, room.center().y),
        Vec2::new(width + beside, metrics.units(3.0)),
    );
    let response = ui.interact(place, id, Sense::click());
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    let hot = response.hovered() || response.has_focus() || about.is_open;
    let ink = if hot { palette.accent } else { palette.text };
    let foot = room.center().y + font.size / 2.0;
    look::paint_text(ui, room, Align2::LEFT_CENTER, NAME, font, ink);
    let number = room.with_min_x(room.left() + width + gap).with_max_y(foot);
    let small = metrics.small();
    look::paint_text(ui, number, Align2::LEFT_BOTTOM, version, small, palette.dim);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, "About Moodring"));
    let response = help::tip(
        response,
        "About: the manual, a glossary, shortcuts, licences and diagnostics",
    );
    if response.clicked() {
        about.is_open = !about.is_open;
        ui.ctx().request_repaint();
    }
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
