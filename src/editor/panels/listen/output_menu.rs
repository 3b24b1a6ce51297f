//! Where the answers go beside the window: OSC, and the session's log, behind one button.

use egui::{Popup, PopupCloseBehavior, Rect, TextEdit, Ui};

use crate::{
    editor::{
        input::FocusGroup,
        look::Metrics,
        scene::Scene,
        widgets::{
            button::{self, Kind},
            help,
        },
    },
    params::OutputSettings,
};

/// The longer of the button's texts.
pub const WIDEST: &str = "Output on";

/// Draws the button, and the menu below it while that is open.
pub fn draw(ui: &Ui, scene: &mut Scene<'_>, rect: Rect, group: &mut FocusGroup) {
    let metrics = scene.metrics;
    let thread = scene.edit.recorder.thread();
    let outputs = &scene.params.outputs;
    let before = outputs.get(thread);
    let text = if before.osc || before.log {
        WIDEST
    } else {
        "Output"
    };
    let anchor = button::member(ui, metrics, rect, "Output", text, Kind::Push, group);
    let words =
        "Sends what is heard to lights, visuals and other programs (OSC), or keeps it in a file";
    let anchor = help::tip(anchor, words);
    Popup::menu(&anchor)
        .width(metrics.units(32.0))
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| {
            let mut settings = before.clone();
            contents(ui, metrics, &mut settings);
            if settings != before {
                outputs.choose(settings, thread);
            }
        });
}

fn contents(ui: &mut Ui, metrics: Metrics, settings: &mut OutputSettings) {
    ui.checkbox(&mut settings.osc, "Send OSC");
    field(ui, metrics, "To", &mut settings.address);
    if settings.receiver().is_none() {
        let words = "Type a number and a port, such as 127.0.0.1:9000";
        ui.colored_label(metrics.palette.warning, words);
    }
    field(ui, metrics, "Name", &mut settings.name);
    ui.weak("Addresses begin with /moodring, and with the name if there is one");
    ui.separator();
    ui.checkbox(&mut settings.log, "Log the session");
    ui.weak("Each answer, as a line of JSON, in a new file in Documents/Moodring");
}

fn field(ui: &mut Ui, metrics: Metrics, caption: &str, text: &mut String) {
    ui.horizontal(|ui| {
        let caption = ui.add_sized(
            [metrics.units(6.0), ui.spacing().interact_size.y],
            egui::Label::new(caption),
        );
        ui.add(TextEdit::singleline(text).desired_width(f32::INFINITY))
            .labelled_by(caption.id);
    });
}
