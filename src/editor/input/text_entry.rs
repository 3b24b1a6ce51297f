//! Typed entry: the field that opens over a control's value.

use egui::{
    Id, Key, PopupAnchor, Rect, TextEdit, Tooltip, Ui, UiBuilder, Vec2, WidgetInfo,
    text::{CCursor, CCursorRange},
};
use nice_plug::prelude::{FloatParam, Param};

use crate::{
    editor::look::Metrics,
    params::typed::{self, Refusal},
};

/// A field that is open, on the window's thread.
#[derive(Debug)]
pub struct TextEntry {
    /// The control whose value is typed.
    control: Id,
    text: String,
    /// Why what was entered makes no value.
    refused: Option<Refusal>,
    /// Whether it has just come up and wants the focus.
    fresh: bool,
}

/// What became of a field in this frame.
pub enum Outcome {
    /// It stays open: the user is still typing.
    Open,
    /// Enter was pressed on text that makes this value, normalized.
    Entered(f32),
    /// Enter was pressed on text that makes no value of the parameter.
    Refused(Refusal),
    /// The focus went elsewhere, or Escape was pressed.
    Left,
}

impl TextEntry {
    /// A field for `control`, with its value's `text` in it.
    pub fn new(control: Id, text: &str) -> Self {
        Self {
            control,
            text: text.to_owned(),
            refused: None,
            fresh: true,
        }
    }

    /// Whether it is this control's.
    pub fn belongs_to(&self, control: Id) -> bool {
        self.control == control
    }

    /// What is typed.
    pub fn text(&self) -> &str {
        self.text.trim()
    }

    /// Says of what was entered why it makes no value; the field stays open.
    pub fn refuse(&mut self, why: Refusal) {
        self.refused = Some(why);
    }

    /// Draws the field over `number`, where the control's value is, which reads `present`.
    pub fn show(
        &mut self,
        ui: &Ui,
        metrics: Metrics,
        number: Rect,
        param: &FloatParam,
        present: &str,
    ) -> Outcome {
        let id = self.control.with("entry");
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
