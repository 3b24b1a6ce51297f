//! A control's value as text, which can be clicked and typed over.

use egui::{Align2, Color32, CursorIcon, Key, Modifiers, Rect, Response, Sense, Ui};
use nice_plug::prelude::{FloatParam, Param};

use super::control;
use crate::{
    editor::{
        input::{Edit, Outcome, TextEntry, steps},
        look::{self, Metrics},
    },
    params::typed::Refusal,
};

/// A control's value, and how it is painted.
pub struct Number<'a> {
    /// The parameter whose value it is.
    pub param: &'a FloatParam,
    /// The value as it is shown.
    pub text: &'a str,
    /// The room for it.
    pub place: Rect,
    /// Where it is in its room.
    pub align: Align2,
    /// The colour of the text.
    pub color: Color32,
}

/// Draws the number of `control`, or the field in which it is typed. A click with Alt or Ctrl on the number resets it; another click or Enter on the control opens the
/// field, Enter commits what it holds, and Escape or a click elsewhere leaves it.
pub fn number(
    ui: &Ui,
    metrics: Metrics,
    control: &mut Response,
    number: &Number<'_>,
    edit: &mut Edit<'_>,
) {
    if !is_typed(ui, metrics, control, number, edit) {
        let font = metrics.body();
        look::paint_text(
            ui,
            number.place,
            number.align,
            number.text,
            font,
            number.color,
        );
    }
}

/// Draws the field if it is open. Returns whether it covers the number.
fn is_typed(
    ui: &Ui,
    metrics: Metrics,
    control: &mut Response,
    number: &Number<'_>,
    edit: &mut Edit<'_>,
) -> bool {
    let is_open = edit
        .gestures
        .entry
        .as_ref()
        .is_some_and(|entry| entry.belongs_to(control.id));
    if !is_open {
        // No part of the Tab order: Enter on the control does the same.
        let id = control.id.with("entry").with("open");
        let target = ui.interact(number.place, id, Sense::CLICK);
        if target.hovered() && !control.dragged() {
            ui.set_cursor_icon(CursorIcon::Text);
        }
        if target.secondary_clicked() {
            control::ask_at_pointer(ui, edit.recorder, control, number.param.as_ptr());
        }
        let enter = control.has_focus()
            && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
        if target.clicked() && steps::is_reset(ui, &target) {
            let default = number.param.default_normalized_value();
            commit(ui, control, number.param, default, edit);
            return false;
        }
        if !(enter || target.clicked()) {
            return false;
        }
        edit.gestures.entry = Some(TextEntry::new(control.id, number.text));
    }
    let Some(entry) = edit.gestures.entry.as_mut() else {
        return false;
    };
    match entry.show(ui, metrics, number.place, number.param, number.text) {
        Outcome::Open => {}
        Outcome::Refused(Refusal::Range { nearest }) => {
            let (name, typed) = (number.param.name(), entry.text());
            let end = number.param.normalized_value_to_string(nearest, true);
            let remark = format!("{name}: {typed} is out of its range, {end} is the nearest");
            edit.gestures.remark = Some(remark);
            commit(ui, control, number.param, nearest, edit);
        }
        Outcome::Refused(why) => entry.refuse(why),
        Outcome::Entered(normalized) => commit(ui, control, number.param, normalized, edit),
        Outcome::Left => {
            edit.gestures.entry = None;
            // Escape goes back to where Enter came from; a click has given the focus to something else.
            if ui.input(|input| input.key_pressed(Key::Escape)) {
                control.request_focus();
            }
        }
    }
    true
}

/// Sets the value that was meant, and closes the field.
fn commit(
    ui: &Ui,
    control: &mut Response,
    param: &FloatParam,
    normalized: f32,
    edit: &mut Edit<'_>,
) {
    edit.gestures.entry = None;
    edit.set_once(ui, control.id, param, normalized);
    control.mark_changed();
    control.request_focus();
}
