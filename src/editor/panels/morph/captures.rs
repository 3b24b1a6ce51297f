//! The captured timbres: taken from the live sound, seen as small pictures, cleared, kept as files and loaded.

use std::collections::BTreeMap;

use egui::{
    Align2, ComboBox, CornerRadius, Popup, PopupCloseBehavior, Pos2, Rect, Role, Sense, Shape,
    Stroke, Ui, UiBuilder, WidgetInfo,
};

use super::{aim, timbre_menu::TimbreMenu};
use crate::{
    editor::{
        input::{FocusGroup, UnautomatedSettings},
        look::{self, Metrics},
        scene::Scene,
        widgets::{
            button::{self, Kind},
            help,
        },
    },
    library::Library,
    params::{Captured, Slot},
};

/// What a capture can be averaged over, in seconds.
const LENGTHS: [f32; 5] = [0.5, 1.0, 2.0, 4.0, 8.0];

/// The range of levels that a picture shows, in dB from its highest down.
const PICTURE_RANGE: f32 = 60.0;

/// The height below which the panel loses its pictures, in spacing units.
pub const LEAST: f32 = 6.5;

/// What is remembered of the captured timbres between two frames, on the window's thread.
#[derive(Debug)]
pub struct CapturePanel {
    /// Where timbres are kept as files.
    library: Library,
    /// What is averaged over, in seconds.
    seconds: f32,
    /// Which change of the captures the copies are from.
    seen: Option<u32>,
    copies: [Option<Captured>; 2],
    /// Which of them waited for sound when this was last looked at.
    waiting: [bool; 2],
    menus: [TimbreMenu; 2],
}

impl Default for CapturePanel {
    fn default() -> Self {
        Self::new(Library::default())
    }
}

impl CapturePanel {
    /// Makes a panel that keeps timbres in `library`.
    pub fn new(library: Library) -> Self {
        Self {
            library,
            seconds: 2.0,
            seen: None,
            copies: [None, None],
            waiting: [false; 2],
            menus: Default::default(),
        }
    }

    /// Returns what is in a slot.
    pub fn get(&self, slot: Slot) -> Option<&Captured> {
        self.copies[slot as usize].as_ref()
    }

    /// Copies the captures anew if they have changed. One that the sound has filled can be undone.
    pub fn follow(&mut self, ui: &Ui, scene: &mut Scene<'_>) {
        let params = scene.params;
        let captures = &params.captures;
        let thread = scene.edit.recorder.thread();
        let waiting = Slot::ALL.map(|slot| captures.pending(slot, thread));
        let changes = captures.changes();
        if self.seen == Some(changes) {
            self.waiting = waiting;
            return;
        }
        let first = self.seen.replace(changes).is_none();
        let before = std::mem::replace(&mut self.copies, captures.both(thread));
        let waited = std::mem::replace(&mut self.waiting, waiting);
        let filled = Slot::ALL.into_iter().find(|slot| {
            let slot = *slot as usize;
            waited[slot] && self.copies[slot] != before[slot]
        });
        if let Some(slot) = filled.filter(|_| !first) {
            let after = UnautomatedSettings::of(params, thread);
            let before = UnautomatedSettings {
                captures: before,
                ..after.clone()
            };
            let name = format!("Capture {}", slot.letter());
            scene.edit.recorder.happened(&name, before, after);
            aim::lead_to_captures(ui, scene);
        }
    }

    /// Draws both captured timbres and the averaging time into `rect`.
    pub fn draw(&mut self, ui: &mut Ui, scene: &mut Scene<'_>, rect: Rect) {
        let metrics = scene.metrics;
        let gap = metrics.units(1.0);
        let time = metrics.units(9.0);
        let (slots, time) = rect.split_left_right_at_x(rect.right() - time);
        draw_time(ui, metrics, time, &mut self.seconds);
        let width = slots.width() / 2.0;
        let group = &mut FocusGroup::new(ui, "captures");
        for (index, slot) in Slot::ALL.into_iter().enumerate() {
            let left = slots.left() + index as f32 * width;
            let cell = slots.with_min_x(left).with_max_x(left + width - gap);
            self.draw_slot(ui, scene, cell, slot, group);
        }
    }

    /// Draws one captured timbre: the button that takes it, its menu, and its picture.
    fn draw_slot(
        &mut self,
        ui: &Ui,
        scene: &mut Scene<'_>,
        rect: Rect,
        slot: Slot,
        group: &mut FocusGroup,
    ) {
        let (metrics, params) = (scene.metrics, scene.params);
        let captures = &params.captures;
        let letter = slot.letter();
        let row = rect.with_max_y(rect.top() + metrics.units(2.75));
        let menu_width = button::width(ui, metrics, "…");
        let (take, menu) = row.split_left_right_at_x(row.right() - menu_width);
        let take = take.with_max_x(take.right() - metrics.units(0.5));

        let thread = scene.edit.recorder.thread();
        let pending = captures.pending(slot, thread);
        let name = format!("Capture {letter}");
        let long = if pending { "Waiting…" } else { &name };
        let short = if pending { "…" } else { letter };
        let fits = take.width() >= button::width(ui, metrics, long);
        let text = if fits { long } else { short };
        let kind = Kind::Toggle(pending);
        let response = button::member(ui, metrics, take, &name, text, kind, group);
        let response = help::tip_with(response, || {
            if pending {
                "Waits for enough sound; click to give up".to_owned()
            } else {
                format!("Keeps the timbre that plays now as {letter}")
            }
        });
        if response.clicked() {
            if pending {
                captures.withdraw(slot, thread);
            } else {
                captures.request(slot, self.seconds, thread);
            }
        }

        let name = format!("Timbre {letter}");
        let button = button::member(ui, metrics, menu, &name, "…", Kind::Push, group);
        if response.secondary_clicked() || button.secondary_clicked() {
            Popup::open_id(ui.ctx(), Popup::default_response_id(&button));
        }
        let button = help::tip_with(button, || {
            format!("Clear {letter}, keep it as a timbre of your own, or load one")
        });
        let Self {
            library,
            menus,
            copies,
            ..
        } = self;
        let (menu, present) = (&mut menus[slot as usize], copies[slot as usize].as_ref());
        let shown = Popup::menu(&button)
            .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
            .show(|ui| menu.entries(ui, metrics, &library.timbres(), slot, present));
        match shown {
            Some(shown) => {
                if let Some(wish) = shown.inner {
                    let mut rest = UnautomatedSettings::of(params, thread);
                    let is_filled = wish.captured.is_some();
                    rest.captures[slot as usize] = wish.captured;
                    scene
                        .edit
                        .recorder
                        .load(&wish.words, params, &BTreeMap::new(), rest);
                    if is_filled {
                        aim::lead_to_captures(ui, scene);
                    }
                }
            }
            None => menu.close(),
        }

        let picture = rect.with_min_y(row.bottom() + metrics.units(0.5));
        if picture.height() >= metrics.units(2.0) {
            draw_picture(ui, metrics, picture, slot, present);
        }
    }
}

/// Draws the choice of how long a capture listens back.
fn draw_time(ui: &mut Ui, metrics: Metrics, rect: Rect, seconds: &mut f32) {
    let row = metrics.units(2.75);
    let room = rect.with_max_y(rect.top() + row);
    let mut child = ui.new_child(UiBuilder::new().max_rect(room).id_salt("capture time"));
    child.spacing_mut().interact_size.y = row;
    child.spacing_mut().button_padding.x = metrics.units(0.75);
    let response = child.name_inputs("Capture Time", |ui| {
        ComboBox::from_id_salt("capture time")
            .selected_text(format!("{seconds} s"))
            .width(room.width())
            .show_ui(ui, |ui| {
                for length in LENGTHS {
                    ui.selectable_value(seconds, length, format!("{length} s"));
                }
            })
            .response
    });
    help::tip(
        response,
        "How much of the sound just heard a capture is the mean of",
    );
    let below = rect.with_min_y(room.bottom() + metrics.units(0.25));
    if below.height() >= metrics.units(1.75) {
        look::paint_text(
            ui,
            below.with_max_y(below.top() + metrics.units(2.0)),
            Align2::LEFT_CENTER,
            "averaged",
            metrics.small(),
            metrics.palette.dim,
        );
    }
}

/// Draws the captured spectrum, small, and its name.
fn draw_picture(ui: &Ui, metrics: Metrics, rect: Rect, slot: Slot, captured: Option<&Captured>) {
    let palette = metrics.palette;
    let radius = CornerRadius::same(look::rounded(metrics.units(0.5)));
    ui.painter().rect(
        rect,
        radius,
        palette.background,
        Stroke::new(1.0, palette.edge),
        egui::StrokeKind::Inside,
    );
    let inside = rect.shrink(metrics.units(0.5));
    let text = captured.map_or("empty", |captured| &captured.name);
    let (label, picture) = name_and_picture(ui, metrics, inside, text);
    if let Some(captured) = captured {
        let line = spectrum_line(&captured.levels, picture);
        let stroke = Stroke::new(metrics.units(0.2), palette.accent);
        ui.painter().add(Shape::line(line, stroke));
    }
    let color = if captured.is_some() {
        palette.text
    } else {
        palette.dim
    };
    look::paint_text(ui, label, Align2::LEFT_CENTER, text, metrics.small(), color);

    let name = format!("Picture of {}", slot.letter());
    let response = ui.interact(rect, ui.scope_id().with(&name), Sense::hover());
    response.widget_info(|| WidgetInfo {
        current_text_value: Some(text.to_owned()),
        ..WidgetInfo::labeled(Role::Image, true, &name)
    });
    help::tip_with(response, || match captured {
        Some(captured) => format!(
            "{}: its spectrum, low notes left, high ones right; taken with {}",
            captured.name, captured.model
        ),
        None => format!(
            "Empty: play something, then press Capture {}",
            slot.letter()
        ),
    });
}

/// The rooms of a captured timbre's name and of its spectrum: one above the other where it is high enough, else side by side.
fn name_and_picture(ui: &Ui, metrics: Metrics, rect: Rect, name: &str) -> (Rect, Rect) {
    let line = metrics.units(1.75);
    if rect.height() >= 2.5 * line {
        return rect.split_top_bottom_at_y(rect.top() + line);
    }
    let wanted = look::text_width(ui, name, metrics.small()) + 1.0;
    let width = wanted.min(0.6 * rect.width());
    let (label, picture) = rect.split_left_right_at_x(rect.left() + width);
    (
        label,
        picture.with_min_x(picture.left() + metrics.units(0.75)),
    )
}

/// Lays levels as a line through `rect`, the highest at its top.
fn spectrum_line(levels: &[f32], rect: Rect) -> Vec<Pos2> {
    let highest = levels.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let last = levels.len().saturating_sub(1).max(1) as f32;
    levels
        .iter()
        .enumerate()
        .map(|(band, level)| {
            let down = ((highest - level) / PICTURE_RANGE).clamp(0.0, 1.0);
            Pos2::new(
                rect.left() + rect.width() * band as f32 / last,
                rect.top() + rect.height() * down,
            )
        })
        .collect()
}
