//! The page of OSC and of the session's log.

use egui::{Align2, TextEdit, Ui};

use super::note;
use crate::{editor::look::Metrics, params::OutputSettings};

pub fn contents(ui: &mut Ui, metrics: Metrics, settings: &mut OutputSettings) {
    ui.checkbox(&mut settings.osc, "Send OSC");
    field(ui, metrics, "To", &mut settings.address);
    if settings.receiver().is_none() {
        let words = "Type a number and a port, such as 127.0.0.1:9000";
        ui.colored_label(metrics.palette.warning, words);
    }
    field(ui, metrics, "Name", &mut settings.name);
    note(
        ui,
        "Addresses begin with /moodring, and with the name if there is one",
    );
    ui.separator();
    ui.checkbox(&mut settings.log, "Log the session");
    note(
        ui,
        "Each answer, as a line of JSON, in a new file in Documents/Moodring",
    );
}

fn field(ui: &mut Ui, metrics: Metrics, caption: &str, text: &mut String) {
    ui.horizontal(|ui| {
        let caption = ui.add_sized(
            [metrics.units(6.0), ui.spacing().interact_size.y],
            egui::Label::new(caption),
        );
        ui.add(
            TextEdit::singleline(text)
                .align(Align2::LEFT_CENTER)
                .desired_width(f32::INFINITY),
        )
        .labelled_by(caption.id);
    });
}
