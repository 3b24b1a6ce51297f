//! What every control that has a parameter has besides its face: marks that say what holds for the parameter, and a menu.

use egui::{
    Color32, Id, Key, Modifiers, Pos2, Rect, Response, Sense, Shape, Stroke, Ui, Vec2,
    accesskit::Action,
};
use nice_plug::prelude::ParamPtr;

use crate::editor::{
    input::{Automation, Mark, MenuWish, Recorder},
    look::{self, Metrics},
};

/// A control's parameter, and where its marks go.
#[derive(Debug, Clone, Copy)]
pub struct Control {
    /// The parameter.
    pub param: ParamPtr,
    /// The place of the control's name: the marks stand behind it.
    pub name: Rect,
    /// Whether the control's number can be typed.
    pub is_typed: bool,
}

impl Control {
    /// Draws the marks, tells screen readers of them, and opens the menu if it is asked for. Call it when the control is drawn.
    pub fn finish(&self, ui: &Ui, metrics: Metrics, recorder: &Recorder<'_>, response: &Response) {
        offer_menu(ui, recorder, response, &[self.param], self.is_typed);
        let mark = recorder.marks().of(self.param);
        if mark.is_empty() {
            return;
        }
        let words = mark.words();
        let place = draw_marks(ui, metrics, self.name, mark);
        let id = response.id.with("marks");
        ui.interact(place, id, Sense::hover()).on_hover_text(&words);
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_description(words);
        });
    }
}

/// Opens the menu of `params` when it is asked for on `response`: by the right button, by Shift+F10 while it has the focus, or by a
/// screen reader.
pub fn offer_menu(
    ui: &Ui,
    recorder: &Recorder<'_>,
    response: &Response,
    params: &[ParamPtr],
    is_typed: bool,
) {
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.add_action(Action::ShowContextMenu);
    });
    let by_key =
        response.has_focus() && ui.input_mut(|input| input.consume_key(Modifiers::SHIFT, Key::F10));
    if by_key {
        recorder.take_key();
    }
    let by_reader =
        ui.input(|input| input.has_accesskit_action_request(response.id, Action::ShowContextMenu));
    let by_hand = response.secondary_clicked();
    if by_key || by_reader || by_hand {
        let pointer = ui.input(|input| input.pointer.interact_pos());
        let at = pointer.filter(|_| by_hand);
        recorder.ask_menu(MenuWish {
            params: params.to_vec(),
            control: Some(response.id),
            is_typed,
            at: at.unwrap_or_else(|| response.rect.left_bottom()),
        });
    }
}

/// Opens the menu of a control whose number was pressed by the right button.
pub fn ask_at_pointer(ui: &Ui, recorder: &Recorder<'_>, control: &Response, param: ParamPtr) {
    let pointer = ui.input(|input| input.pointer.interact_pos());
    recorder.ask_menu(MenuWish {
        params: vec![param],
        control: Some(control.id),
        is_typed: true,
        at: pointer.unwrap_or_else(|| control.rect.left_bottom()),
    });
}

/// Draws the marks behind a name; returns where they are.
fn draw_marks(ui: &Ui, metrics: Metrics, name: Rect, mark: Mark<'_>) -> Rect {
    let size = metrics.units(1.0);
    let mut at = Pos2::new(name.right() + 0.75 * size, name.center().y);
    let begin = at;
    if mark.is_locked {
        draw_padlock(ui, metrics, at);
        at.x += 1.4 * size;
    }
    let own = |color: Option<[u8; 3]>| {
        color.map(|[red, green, blue]| readable(metrics, Color32::from_rgb(red, green, blue)))
    };
    if let Some(told) = mark.indication {
        if let Some(mapping) = &told.mapping {
            let color = own(mapping.color).unwrap_or(metrics.palette.accent);
            let arm = 0.45 * size;
            let corners = [Vec2::X, Vec2::Y, -Vec2::X, -Vec2::Y].map(|side| at + arm * side);
            ui.painter()
                .add(Shape::convex_polygon(corners.to_vec(), color, Stroke::NONE));
            at.x += 1.4 * size;
        }
        if told.automation != Automation::None {
            let color = own(told.automation_color).unwrap_or(match told.automation {
                Automation::Recording => metrics.palette.warning,
                Automation::Playing => metrics.palette.accent,
                _ => metrics.palette.dim,
            });
            draw_automation(ui, metrics, at, told.automation, color);
            at.x += 1.4 * size;
        }
    }
    Rect::from_min_max(
        Pos2::new(begin.x - 0.7 * size, name.top()),
        Pos2::new(at.x - 0.7 * size, name.bottom()),
    )
}

/// A colour of the host's that can be told from the panel.
fn readable(metrics: Metrics, color: Color32) -> Color32 {
    look::mix(color, metrics.palette.text, 0.25)
}

fn draw_padlock(ui: &Ui, metrics: Metrics, center: Pos2) {
    let unit = metrics.units(1.0);
    let ink = metrics.palette.text;
    let body = Rect::from_center_size(
        center + Vec2::new(0.0, 0.2 * unit),
        Vec2::new(0.9 * unit, 0.65 * unit),
    );
    ui.painter().rect_filled(body, 1.0, ink);
    let bow: Vec<Pos2> = (0..=8)
        .map(|step| {
            let angle = std::f32::consts::PI * (1.0 + step as f32 / 8.0);
            Pos2::new(body.center().x, body.top()) + 0.3 * unit * Vec2::angled(angle)
        })
        .collect();
    ui.painter()
        .add(Shape::line(bow, Stroke::new(metrics.units(0.15), ink)));
}

/// A line that rises and falls, as automation does; a dot where it is recorded, a stroke through it where it is overridden.
fn draw_automation(
    ui: &Ui,
    metrics: Metrics,
    center: Pos2,
    automation: Automation,
    color: Color32,
) {
    let unit = metrics.units(1.0);
    let points = [(-0.5, 0.4), (-0.15, -0.35), (0.15, 0.2), (0.5, -0.4)];
    let points = points.map(|(x, y)| center + unit * Vec2::new(x, y));
    let stroke = Stroke::new(metrics.units(0.2), color);
    ui.painter().add(Shape::line(points.to_vec(), stroke));
    match automation {
        Automation::Recording => {
            ui.painter()
                .circle_filled(center + 0.35 * unit * Vec2::splat(1.0), 0.25 * unit, color);
        }
        Automation::Overriding => {
            let across = unit * Vec2::new(0.5, 0.5);
            ui.painter()
                .line_segment([center - across, center + across], stroke);
        }
        Automation::None | Automation::Present | Automation::Playing => {}
    }
}

/// The id of the window's own menu.
pub fn menu_id() -> Id {
    Id::unique("control menu")
}
