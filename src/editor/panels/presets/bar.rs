//! The bar of presets in the header: which preset it is, the one before and the next, undo and redo, and two settings to
//! compare.

use std::f32::consts::PI;

use egui::{Key, Modifiers, Popup, Pos2, Rect, Role, Shape, Stroke, Ui, Vec2, WidgetInfo};

use super::{
    current::Presets,
    dialog::{self, Dialog},
    menu::PresetMenu,
    parts::{COPY_WORDS, FULL_WIDTH, Part, copy_name, parts, travel_words},
};
use crate::{
    editor::{
        input::FocusGroup,
        look::{self, Metrics},
        scene::Scene,
        widgets::{
            button::{self, Kind},
            help,
        },
    },
    library::Library,
};

/// The most that the preset's name takes where there is room, in units.
const MOST_NAME: f32 = 26.0;

/// What the bar remembers between two frames, on the window's thread.
#[derive(Debug, Default)]
pub struct PresetBar {
    presets: Presets,
    menu: PresetMenu,
    dialog: Option<Dialog>,
    /// Whether this frame had a use for a key that hosts have a use for, too.
    took_key: bool,
}

impl PresetBar {
    /// Makes a bar for the presets in `library`.
    pub fn new(library: Library) -> Self {
        Self {
            presets: Presets::new(library),
            ..Self::default()
        }
    }

    /// Takes over what outlives a window.
    pub fn take_over(&mut self, from: Self) {
        self.presets.take_over(from.presets);
    }

    /// Whether the last frame had a use for a key that hosts have a use for, too.
    pub fn took_key(&self) -> bool {
        self.took_key
    }

    /// Draws the bar into `rect`, and answers Ctrl+Z and Ctrl+Shift+Z. What has no room is in the menu.
    pub fn draw(&mut self, ui: &Ui, scene: &mut Scene<'_>, rect: Rect) {
        self.presets.refresh(scene);
        self.take_shortcuts(ui, scene);

        let metrics = scene.metrics;
        let is_short = rect.width() < metrics.units(FULL_WIDTH);
        let parts = parts(rect.width() / metrics.unit, is_short);
        let has = |part| parts.contains(&part);
        let beside: f32 = parts.iter().map(|part| part.width(is_short)).sum();
        let name = (rect.width() - metrics.units(beside)).min(metrics.units(MOST_NAME));

        let mut left = rect.left();
        let mut take = |units: f32, gap: f32| {
            let taken = rect
                .with_min_x(left)
                .with_max_x(left + metrics.units(units));
            left = taken.right() + metrics.units(gap);
            taken
        };
        let group = &mut FocusGroup::new(ui, "presets");
        if has(Part::Steps) {
            for (name, text, forward, words) in [
                ("Previous preset", "‹", false, "The preset before this one"),
                ("Next preset", "›", true, "The preset after this one"),
            ] {
                let place = take(2.5, 0.25);
                let response = button::member(ui, metrics, place, name, text, Kind::Push, group);
                if help::tip(response, words).clicked() {
                    self.presets.step(ui, scene, forward);
                }
            }
        }
        let place = take(name / metrics.unit, 0.75);
        let hidden: Vec<_> = Part::ALL.into_iter().filter(|part| !has(*part)).collect();
        self.draw_name(ui, scene, place, &hidden, group);
        let group = &mut FocusGroup::new(ui, "edits");
        if has(Part::Undo) {
            let width = Part::Undo.width(is_short) / 2.0 - 0.375;
            for back in [true, false] {
                let place = take(width, 0.25);
                self.draw_travel(ui, scene, place, back, is_short, group);
            }
            take(0.0, 0.5);
        }
        if has(Part::Compare) {
            for number in [1, 2] {
                self.draw_setting(ui, scene, take(2.5, 0.0), number, group);
            }
            take(0.0, 0.5);
        }
        if has(Part::Copy) {
            self.draw_copy(ui, scene, take(4.75, 0.0), group);
        }
        dialog::draw(ui, scene, &mut self.presets, &mut self.dialog);
    }

    /// Draws the preset's name, which opens the menu.
    fn draw_name(
        &mut self,
        ui: &Ui,
        scene: &mut Scene<'_>,
        rect: Rect,
        hidden: &[Part],
        group: &mut FocusGroup,
    ) {
        let presets = &mut self.presets;
        let thread = scene.edit.recorder.thread();
        let edited = presets.is_edited(scene.params, ui.input(|input| input.time), thread);
        let text = format!("{}{}", presets.name(), if edited { " •" } else { "" });
        let metrics = scene.metrics;
        let response = button::member(ui, metrics, rect, "Preset", &text, Kind::Menu, group);
        let value = format!("{}{}", presets.name(), if edited { ", edited" } else { "" });
        response.widget_info(|| WidgetInfo {
            current_text_value: Some(value.clone()),
            ..WidgetInfo::labeled(Role::Button, true, "Preset")
        });
        let response = help::tip_with(response, || {
            let words = presets.words();
            let line = match (edited, words.is_empty()) {
                (true, _) => format!("{}, edited since it was loaded", presets.name()),
                (false, true) => presets.name().to_owned(),
                (false, false) => format!("{}: {words}", presets.name()),
            };
            format!("{line}\nClick for all presets")
        });
        if response.secondary_clicked() {
            Popup::open_id(ui.ctx(), Popup::default_response_id(&response));
        }
        if let Some(asked) = self.menu.show(&response, scene, presets, hidden) {
            self.dialog = Some(asked);
        }
    }

    /// Draws the button of undo, or of redo.
    fn draw_travel(
        &mut self,
        ui: &Ui,
        scene: &Scene<'_>,
        rect: Rect,
        back: bool,
        is_short: bool,
        group: &mut FocusGroup,
    ) {
        let recorder = scene.edit.recorder;
        let (name, step) = if back {
            ("Undo", recorder.undo_name())
        } else {
            ("Redo", recorder.redo_name())
        };
        let text = if is_short { "" } else { name };
        let kind = if step.is_some() {
            Kind::Push
        } else {
            Kind::Idle
        };
        let response = button::member(ui, scene.metrics, rect, name, text, kind, group);
        if is_short {
            draw_turn(ui, scene.metrics, rect.center(), back, step.is_some());
        }
        let response = help::tip_with(response, || travel_words(back, step.as_deref()));
        if response.clicked() {
            self.presets.travel(ui, scene, back);
        }
    }

    /// Draws the button of one of the two settings.
    fn draw_setting(
        &mut self,
        ui: &Ui,
        scene: &Scene<'_>,
        rect: Rect,
        number: usize,
        group: &mut FocusGroup,
    ) {
        let heard = self.presets.compare.heard() == number;
        let name = format!("Setting {number}");
        let (text, kind) = (number.to_string(), Kind::Choice(heard));
        let response = button::member(ui, scene.metrics, rect, &name, &text, kind, group);
        let response = help::tip(
            response,
            "Two settings to compare: 1 and 2, each with its own steps to undo",
        );
        if response.clicked() && !heard {
            self.presets.switch(ui, scene);
        }
    }

    /// Draws the button that makes the two settings the same.
    fn draw_copy(&mut self, ui: &Ui, scene: &Scene<'_>, rect: Rect, group: &mut FocusGroup) {
        let compare = &mut self.presets.compare;
        let text = format!("{} › {}", compare.heard(), compare.other());
        let name = copy_name(compare);
        let response = button::member(ui, scene.metrics, rect, &name, &text, Kind::Push, group);
        if help::tip(response, COPY_WORDS).clicked() {
            compare.copy(scene.params, scene.edit.recorder.thread());
        }
    }

    /// Undoes on Ctrl+Z, and does again on Ctrl+Shift+Z and Ctrl+Y, unless someone is typing: then they are the text's.
    fn take_shortcuts(&mut self, ui: &Ui, scene: &Scene<'_>) {
        self.took_key = false;
        if ui.ctx().text_edit_focused() || self.dialog.is_some() {
            return;
        }
        let recorder = scene.edit.recorder;
        for (modifiers, key, back) in [
            (Modifiers::COMMAND | Modifiers::SHIFT, Key::Z, false),
            (Modifiers::COMMAND, Key::Z, true),
            (Modifiers::COMMAND, Key::Y, false),
        ] {
            let available = if back {
                recorder.undo_name().is_some()
            } else {
                recorder.redo_name().is_some()
            };
            // A key with nothing to do here is the host's.
            if available && ui.input_mut(|input| input.consume_key(modifiers, key)) {
                self.took_key |= self.presets.travel(ui, scene, back);
            }
        }
    }
}

/// An arrow that turns back, or on: the sign of undo, or of redo.
fn draw_turn(ui: &Ui, metrics: Metrics, center: Pos2, back: bool, is_lit: bool) {
    let palette = metrics.palette;
    let ink = if is_lit {
        palette.text
    } else {
        look::mix(palette.face, palette.dim, 0.5)
    };
    let side = if back { 1.0 } else { -1.0 };
    let radius = metrics.units(0.65);
    let at = |angle: f32| center + radius * Vec2::new(side * angle.cos(), angle.sin());
    // From the lower left around the right to the upper left, where its head is.
    let (from, to) = (0.8 * PI, -0.75 * PI);
    let arc = (0..=12).map(|step| at(from + (to - from) * step as f32 / 12.0));
    let stroke = Stroke::new(metrics.units(0.2), ink);
    ui.painter().add(Shape::line(arc.collect(), stroke));
    let tip = at(to) + radius * Vec2::new(-0.75 * side, 0.45);
    let head = [
        at(to) + radius * Vec2::new(0.25 * side, 0.6),
        at(to) - radius * Vec2::new(0.25 * side, 0.55),
        tip,
    ];
    ui.painter()
        .add(Shape::convex_polygon(head.to_vec(), ink, Stroke::NONE));
}
