//! The header: ring, name, presets, tabs, the view's menu and Bypass.

use std::f32::consts::TAU;

use egui::{
    Align2, CursorIcon, Popup, Pos2, Rect, Role, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo,
};

use nice_plug::prelude::Param;

use super::{
    mood_ring::{self, MoodRing},
    page::Page,
    preferences::KeptPreferences,
};
use crate::{
    editor::{
        input::FocusGroup,
        look::{self, Metrics, Theme},
        panels::{
            about::AboutPanel,
            listen::{headline, percent},
            presets,
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
/// What Bypass says while it is on.
const BYPASSED: &str = "Bypassed";

/// Where the header's parts are, from left to right.
#[derive(Debug, Clone, Copy)]
pub struct HeaderLayout {
    /// Ring, name and version; the ring alone where there is no room for more.
    mark: Rect,
    /// Presets, undo and the two settings.
    pub presets: Rect,
    /// The tabs of the pages.
    tabs: [Rect; Page::ALL.len()],
    view: Rect,
    bypass: Rect,
    /// Whether there is room for the product's name.
    is_named: bool,
}

impl HeaderLayout {
    /// The parts of `rect`. What is played with comes first: where room is scarce, the product's name goes.
    pub fn new(ui: &Ui, metrics: Metrics, rect: Rect) -> Self {
        let row = rect.shrink2(Vec2::new(0.0, metrics.units(0.75)));
        let bypass = row.with_min_x(row.right() - switch::width(ui, metrics, BYPASSED));
        let view = button::width(ui, metrics, "View");
        let right = bypass.left() - metrics.units(1.0);
        let view = row.with_max_x(right).with_min_x(right - view);
        let place_tabs = |less: f32| {
            let mut right = view.left() - metrics.units(1.0);
            let mut tabs = [row; Page::ALL.len()];
            for (page, tab) in Page::ALL.into_iter().zip(&mut tabs).rev() {
                let width = button::width(ui, metrics, page.title()) - metrics.units(less);
                *tab = row.with_max_x(right).with_min_x(right - width);
                right = tab.left() - metrics.units(0.25);
            }
            (tabs, right - metrics.units(0.75))
        };
        let (tabs, right) = place_tabs(0.0);
        let mark = |width: f32| rect.with_max_x(rect.left() + metrics.units(width));
        let (full, short) = (mark(17.5), mark(4.0));
        let is_named = right - full.right() >= metrics.units(presets::FULL_WIDTH + 1.0);
        // Where room is scarce, the tabs' words have less around them.
        let (tabs, right) = if is_named {
            (tabs, right)
        } else {
            place_tabs(0.5)
        };
        let mark = if is_named { full } else { short };
        let left = mark.right() + metrics.units(if is_named { 1.0 } else { 0.5 });
        Self {
            mark,
            presets: row.with_min_x(left).with_max_x(right),
            tabs,
            view,
            bypass,
            is_named,
        }
    }

    /// Draws the ring and the product's name, a button that opens what there is to read about it.
    pub fn draw_mark(
        &self,
        ui: &Ui,
        scene: &Scene<'_>,
        mood_ring: &MoodRing,
        about: &mut AboutPanel,
        preferences: &KeptPreferences,
    ) {
        let metrics = scene.metrics;
        let ring = preferences.get().mood_ring.then_some(mood_ring);
        let rect = self.mark;
        let center = Pos2::new(rect.left() + metrics.units(2.0), rect.center().y);
        draw_ring(ui, metrics, center, scene.snapshot, ring);
        let room = rect.with_min_x(center.x + metrics.units(2.0));
        let place = if self.is_named {
            draw_name(ui, metrics, room, about)
        } else {
            Rect::from_center_size(center, Vec2::splat(metrics.units(3.0)))
        };
        let id = ui.scope_id().with("about");
        let response = ui.interact(place, id, Sense::click());
        let response = response.on_hover_cursor(CursorIcon::PointingHand);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, "About Moodring"));
        if response.has_focus() {
            look::focus_ring(ui, metrics, place);
        }
        let response = help::tip(
            response,
            "About: the manual, a glossary, shortcuts, licences and diagnostics",
        );
        if response.clicked() {
            about.is_open = !about.is_open;
            ui.ctx().request_repaint();
        }
    }

    /// Draws what stands right of the presets: tabs, the view's menu, and Bypass.
    pub fn draw_rest(
        &self,
        ui: &Ui,
        scene: &Scene<'_>,
        about: &mut AboutPanel,
        preferences: &mut KeptPreferences,
    ) {
        let (metrics, params) = (scene.metrics, scene.params);
        let mut group = FocusGroup::new(ui, "pages");
        for (page, tab) in Page::ALL.into_iter().zip(self.tabs) {
            let kind = Kind::Tab(preferences.get().page == page && !about.is_open);
            let title = page.title();
            let response = button::member(ui, metrics, tab, title, title, kind, &mut group);
            if help::tip(response, page.words()).clicked() {
                about.is_open = false;
                preferences.change(|preferences| preferences.page = page);
            }
        }
        drop(group);
        draw_view(ui, metrics, self.view, preferences);
        let is_bypassed = params.bypass.unmodulated_plain_value();
        help::tip(
            switch::labelled(
                ui,
                metrics,
                self.bypass,
                &params.bypass,
                if is_bypassed {
                    BYPASSED
                } else {
                    params.bypass.name()
                },
                metrics.palette.warning,
                scene.edit.recorder,
            ),
            "Lets the input through untouched, delayed as the output is",
        );
    }
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

/// The product's name and version. Returns where they are.
fn draw_name(ui: &Ui, metrics: Metrics, room: Rect, about: &AboutPanel) -> Rect {
    let palette = metrics.palette;
    let version = env!("CARGO_PKG_VERSION");
    let gap = metrics.units(0.75);
    let beside = gap + look::text_width(ui, version, metrics.small()) + 1.0;
    let font = look::fitting(ui, NAME, room.width() - beside, metrics.title());
    let width = look::text_width(ui, NAME, font.clone());
    let place = Rect::from_center_size(
        Pos2::new(room.left() + (width + beside) / 2.0, room.center().y),
        Vec2::new(width + beside, metrics.units(3.0)),
    );
    let is_hot = ui.rect_contains_pointer(place) || about.is_open;
    let ink = if is_hot { palette.accent } else { palette.text };
    let foot = room.center().y + font.size / 2.0;
    look::paint_text(ui, room, Align2::LEFT_CENTER, NAME, font, ink);
    let number = room.with_min_x(room.left() + width + gap).with_max_y(foot);
    let small = metrics.small();
    look::paint_text(ui, number, Align2::LEFT_BOTTOM, version, small, palette.dim);
    place
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
