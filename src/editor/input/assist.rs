//! Tells screen readers of a continuous control, and takes what they ask of it.

use egui::{
    Id, Response, Role, Ui, WidgetInfo,
    accesskit::{Action, ActionData},
};
use nice_plug::prelude::{FloatParam, Param};

/// Counts the steps that a screen reader asked for.
pub fn steps(ui: &Ui, id: Id) -> f32 {
    ui.input(|input| {
        let asked = |action| input.num_accesskit_action_requests(id, action) as f32;
        asked(Action::Increment) - asked(Action::Decrement)
    })
}

/// Returns the value that a screen reader asked for, as a number or as text, normalized.
pub fn value(ui: &Ui, id: Id, param: &FloatParam) -> Option<f32> {
    ui.input(|input| {
        input
            .accesskit_action_requests(id, Action::SetValue)
            .filter_map(|request| match &request.data {
                Some(ActionData::NumericValue(value)) => {
                    Some(param.preview_normalized(*value as f32))
                }
                Some(ActionData::Value(text)) => param.string_to_normalized_value(text),
                _ => None,
            })
            .last()
            .filter(|normalized| normalized.is_finite())
    })
}

/// Tells screen readers (and tests) a continuous control's name, value, range and text.
pub fn describe(ui: &Ui, response: &Response, param: &FloatParam, normalized: f32, text: &str) {
    response.widget_info(|| WidgetInfo {
        label: Some(param.name().to_owned()),
        value: Some(f64::from(param.preview_plain(normalized))),
        current_text_value: Some(text.to_owned()),
        ..WidgetInfo::new(Role::Slider)
    });
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_min_numeric_value(f64::from(param.preview_plain(0.0)));
        node.set_max_numeric_value(f64::from(param.preview_plain(1.0)));
        node.add_action(Action::SetValue);
        node.add_action(Action::Increment);
        node.add_action(Action::Decrement);
    });
}
