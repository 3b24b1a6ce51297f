//! The presets' part of the header: which one it is, the one before and the next, undo and redo, and two settings to compare.

use egui::{Key, Modifiers, Rect, Role, Ui, WidgetInfo};

use super::{
    button::{self, Kind},
    control::Edit,
    help, preset_dialog, preset_menu,
    theme::Metrics,
};
use crate::params::MoodringParams;

/// The least width of the preset's name, in units.
const LEAST_NAME: f32 = 9.0;
/// The most that it takes where there is room.
const MOST_NAME: f32 = 26.0;

/// What stands beside the preset's name, the first of it the last to go when room is scarce.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Undo,
    Compare,
    Steps,
    Copy,
}

impl Part {
    const ALL: [Self; 4] = [Self::Undo, Self::Compare, Self::Steps, Self::Copy];

    /// Its width, in units, with the gap beside it.
    fn width(self) -> f32 {
        match self {
            Self::Undo => 12.25,
            Self::Compare => 5.75,
            Self::Steps => 5.5,
            Self::Copy => 5.25,
        }
    }
}

/// The parts that have room beside the name in `width` units.
fn parts(width: f32) -> Vec<Part> {
    let mut rest = width - LEAST_NAME;
    Part::ALL
        .into_iter()
        .take_while(|part| {
            rest -= part.width();
            rest >= 0.0
        })
        .collect()
}

/// Draws into `rect`, and answers Ctrl+Z and Ctrl+Shift+Z. What has no room is in the menu.
pub(super) fn draw(
    ui: &Ui,
    metrics: Metrics,
    rect: Rect,
    params: &MoodringParams,
    edit: &mut Edit<'_>,
) {
    let recorder = edit.setter;
    edit.state.presets.refresh(params, recorder);
    take_shortcuts(ui, params, edit);

    let parts = parts(rect.width() / metrics.unit);
    let has = |part| parts.contains(&part);
    let beside: f32 = parts.iter().map(|part| part.width()).sum();
    let name = (rect.width() - metrics.units(beside)).min(metrics.units(MOST_NAME));

    let mut left = rect.left();
    let mut take = |units: f32, gap: f32| {
        let taken = rect
            .with_min_x(left)
            .with_max_x(left + metrics.units(units));
        left = taken.right() + metrics.units(gap);
        taken
    };
    let presets = &mut edit.state.presets;
    let notice = &mut edit.state.notice;
    if has(Part::Steps) {
        for (name, text, forward, words) in [
            ("Previous preset", "‹", false, "The preset before this one"),
            ("Next preset", "›", true, "The preset after this one"),
        ] {
            let response = button::button(ui, metrics, take(2.5, 0.25), name, text, Kind::Push);
            if help::tip(response, words).clicked() {
                presets.step(ui, params, recorder, forward, notice);
            }
        }
    }
    let place = take(name / metrics.unit, 0.75);
    let hidden = Part::ALL.into_iter().filter(|part| !has(*part)).collect();
    draw_name(ui, metrics, place, params, edit, hidden);
    if has(Part::Undo) {
        for back in [true, false] {
            draw_travel(ui, metrics, take(5.75, 0.25), back, params, edit);
        }
        take(0.0, 0.5);
    }
    let presets = &mut edit.state.presets;
    if has(Part::Compare) {
        for number in [1, 2] {
            let heard = presets.compare.heard() == number;
            let name = format!("Setting {number}");
            let text = number.to_string();
            let response = button::button(
                ui,
                metrics,
                take(2.5, 0.0),
                &name,
                &text,
                Kind::Choice(heard),
            );
            let response = help::tip(
                response,
                "Two settings to compare: 1 and 2, each with its own steps to undo",
            );
            if response.clicked() && !heard {
                presets.switch(ui, params, recorder);
            }
        }
        take(0.0, 0.5);
    }
    if has(Part::Copy) {
        let text = format!("{} › {}", presets.compare.heard(), presets.compare.other());
        let name = copy_name(edit);
        let response = button::button(ui, metrics, take(4.75, 0.0), &name, &text, Kind::Push);
        if help::tip(response, COPY_WORDS).clicked() {
            edit.state
                .presets
                .compare
                .copy(params, edit.setter.thread());
        }
    }
    preset_dialog::draw(ui, metrics, params, edit);
}

/// What the copying does.
pub(super) const COPY_WORDS: &str = "Makes the other setting the same as the one you hear";

/// What the copying is called.
pub(super) fn copy_name(edit: &Edit<'_>) -> String {
    let compare = &edit.state.presets.compare;
    format!("Copy setting {} to {}", compare.heard(), compare.other())
}

/// The preset's name, which opens the menu.
fn draw_name(
    ui: &Ui,
    metrics: Metrics,
    rect: Rect,
    params: &MoodringParams,
    edit: &mut Edit<'_>,
    hidden: Vec<Part>,
) {
    let presets = &edit.state.presets;
    let edited = presets.is_edited(params, ui.input(|input| input.time), edit.setter.thread());
    let text = format!("{}{}", presets.name(), if edited { " •" } else { "" });
    let response = button::button(ui, metrics, rect, "Preset", &text, Kind::Menu);
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
    preset_menu::show(&response, metrics, params, edit, &hidden);
}

/// What a step's button says.
pub(super) fn travel_words(back: bool, step: Option<&str>) -> String {
    match (back, step) {
        (true, Some(step)) => format!("Undo {step} (Ctrl+Z)"),
        (true, None) => "Nothing to undo".to_owned(),
        (false, Some(step)) => format!("Redo {step} (Ctrl+Shift+Z)"),
        (false, None) => "Nothing to redo".to_owned(),
    }
}

fn draw_travel(
    ui: &Ui,
    metrics: Metrics,
    rect: Rect,
    back: bool,
    params: &MoodringParams,
    edit: &mut Edit<'_>,
) {
    let (name, step) = if back {
        ("Undo", edit.setter.undo_name())
    } else {
        ("Redo", edit.setter.redo_name())
    };
    let kind = if step.is_some() {
        Kind::Push
    } else {
        Kind::Idle
    };
    let response = button::button(ui, metrics, rect, name, name, kind);
    let response = help::tip_with(response, || travel_words(back, step.as_deref()));
    if response.clicked() {
        let presets = &mut edit.state.presets;
        presets.travel(ui, params, edit.setter, back);
    }
}

/// Ctrl+Z undoes, Ctrl+Shift+Z and Ctrl+Y do again, unless someone is typing: then they are the text's.
fn take_shortcuts(ui: &Ui, params: &MoodringParams, edit: &mut Edit<'_>) {
    edit.state.presets.took_key = false;
    if ui.ctx().text_edit_focused() || edit.state.presets.dialog.is_some() {
        return;
    }
    for (modifiers, key, back) in [
        (Modifiers::COMMAND | Modifiers::SHIFT, Key::Z, false),
        (Modifiers::COMMAND, Key::Z, true),
        (Modifiers::COMMAND, Key::Y, false),
    ] {
        let available = if back {
            edit.setter.undo_name().is_some()
        } else {
            edit.setter.redo_name().is_some()
        };
        // A key with nothing to do here is the host's.
        if available && ui.input_mut(|input| input.consume_key(modifiers, key)) {
            let presets = &mut edit.state.presets;
            presets.took_key |= presets.travel(ui, params, edit.setter, back);
        }
    }
}
