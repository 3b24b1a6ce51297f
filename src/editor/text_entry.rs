//! Typed entry: the field that opens over a control's value.

use egui::{
    Id, Key, Modifiers, PopupAnchor, Rect, Response, Sense, TextEdit, Tooltip, Ui, UiBuilder, Vec2,
    WidgetInfo,
    text::{CCursor, CCursorRange},
};
use nice_plug::prelude::{FloatParam, Param};

use super::{control::Edit, theme::Metrics};
use crate::params::typed::{self, Refusal};

/// The field that is open; there is at most one.
#[derive(Debug)]
pub(super) struct TextEntry {
    /// The control whose value is typed.
    control: Id,
    text: String,
    /// Why what was entered makes no value.
    refused: Option<Refusal>,
    /// Whether it has just come up and wants the focus.
    fresh: bool,
}

/// What became of a field in this frame.
enum Outcome {
    Open,
    Entered(f32),
    Refused(Refusal),
    Left,
}

impl Edit<'_> {
    /// Lets the value of `control` be typed: a click on `number`, where its text is painted, or Enter on the control opens
    /// the field, Enter commits what it holds, and Escape or a click elsewhere leaves it. Returns whether the field covers
    /// `number`.
    pub(super) fn typed(
        &mut self,
        ui: &Ui,
        metrics: Metrics,
        control: &mut Response,
        param: &FloatParam,
        number: Rect,
        text: &str,
    ) -> bool {
        let id = control.id.with("entry");
        let is_open = |edit: &Self| {
            let entry = edit.state.entry.as_ref();
            entry.is_some_and(|entry| entry.control == control.id)
        };
        if !is_open(self) {
            // No part of the Tab order: Enter on the control does the same.
            let target = ui.interact(number, id.with("open"), Sense::CLICK);
            if target.hovered() && !control.dragged() {
                ui.set_cursor_icon(egui::CursorIcon::Text);
            }
            let enter = control.has_focus()
                && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
            if !(enter || target.clicked()) {
                return false;
            }
            self.state.entry = Some(TextEntry {
                control: control.id,
                text: text.to_owned(),
                refused: None,
                fresh: true,
            });
        }
        let Some(entry) = self.state.entry.as_mut() else {
            return false;
        };
        match entry.show(ui, metrics, id, number, param, text) {
            Outcome::Open => {}
            Outcome::Refused(Refusal::Range { nearest }) => {
                let (name, typed) = (param.name(), entry.text.trim());
                let end = param.normalized_value_to_string(nearest, true);
                let beyond = format!("{name}: {typed} is out of its range, {end} is the nearest");
                self.state.notice.say(ui, beyond);
                self.enter(ui, control, param, nearest);
            }
            Outcome::Refused(why) => entry.refused = Some(why),
            Outcome::Entered(normalized) => self.enter(ui, control, param, normalized),
            Outcome::Left => {
                self.state.entry = None;
                // Escape goes back to where Enter came from; a click has given the focus to something else.
                if ui.input(|input| input.key_pressed(Key::Escape)) {
                    control.request_focus();
                }
            }
        }
        true
    }

    /// Closes the field with the value that was meant.
    fn enter(&mut self, ui: &Ui, control: &mut Response, param: &FloatParam, normalized: f32) {
        self.state.entry = None;
        self.set_once(ui, control.id, param, normalized);
        control.mark_changed();
        control.request_focus();
    }
}

impl TextEntry {
    fn show(
        &mut self,
        ui: &Ui,
        metrics: Metrics,
        id: Id,
        number: Rect,
        param: &FloatParam,
        present: &str,
    ) -> Outcome {
        let place = Rect::from_center_size(
            number.center(),
            Vec2::new(
                number
                    .width()
                    .clamp(metrics.units(8.0), metrics.units(12.0)),
                metrics.units(2.25),
            ),
        );
        // The field may be wider than the number: it comes in from the window's edge, and keeps to the number's right end.
        let place = place.translate(Vec2::new(number.right() - place.right(), 0.0).min(Vec2::ZERO));
        let mut room = Ui::new(
            ui.ctx().clone(),
            id.with("room"),
            UiBuilder::new().layer_id(ui.layer_id()).max_rect(place),
        );
        // Room for its edge.
        room.set_clip_rect(place.expand(2.0));
        if self.refused.is_some() {
            let edge = egui::Stroke::new(1.5, metrics.palette.warning);
            let visuals = room.visuals_mut();
            visuals.selection.stroke = edge;
            visuals.widgets.hovered.bg_stroke = edge;
        }
        let before = self.text.clone();
        let field = room.put(
            place,
            TextEdit::singleline(&mut self.text)
                .id(id)
                .font(metrics.body())
                .align(egui::Align2::LEFT_CENTER)
                .margin(Vec2::new(metrics.units(0.5), 0.0)),
        );
        field.widget_info(|| WidgetInfo {
            label: Some(format!("{} value", param.name())),
            ..WidgetInfo::text_edit(true, &before, &self.text, "")
        });
        if std::mem::take(&mut self.fresh) {
            field.request_focus();
            self.select_all(ui, id);
            return Outcome::Open;
        }
        if field.changed() {
            self.refused = None;
        }
        if let Some(why) = &self.refused {
            let anchor = PopupAnchor::ParentRect(place);
            Tooltip::always_open(ui.ctx().clone(), ui.layer_id(), id.with("refusal"), anchor).show(
                |ui| {
                    let why = match why {
                        Refusal::Unit { found, expected } => {
                            format!("“{found}” stands for something else than {expected}")
                        }
                        _ => "This is no value".to_owned(),
                    };
                    ui.label(format!("{why}: type one like “{present}”"));
                },
            );
        }
        if !field.lost_focus() {
            return if field.has_focus() {
                Outcome::Open
            } else {
                Outcome::Left
            };
        }
        if !ui.input(|input| input.key_pressed(Key::Enter)) {
            return Outcome::Left;
        }
        match typed::number(param, &self.text) {
            Ok(normalized) => Outcome::Entered(normalized),
            Err(why) => {
                if !matches!(why, Refusal::Range { .. }) {
                    field.request_focus();
                }
                Outcome::Refused(why)
            }
        }
    }

    /// What is typed first replaces the present value.
    fn select_all(&self, ui: &Ui, id: Id) {
        let all = CCursorRange::two(CCursor::new(0), CCursor::new(self.text.chars().count()));
        let mut state = TextEdit::load_state(ui.ctx(), id).unwrap_or_default();
        state.cursor.set_char_range(Some(all));
        state.store(ui.ctx(), id);
    }
}
