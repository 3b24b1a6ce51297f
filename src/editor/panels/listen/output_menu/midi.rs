//! The page of MIDI.

use egui::{Checkbox, DragValue, Grid, Role, Ui, WidgetInfo};

use crate::{
    editor::{scene::Scene, widgets::help},
    params::{HeadlineMidi, LAST_CONTROLLER, MIDI_CHANNELS, MidiSettings, OutputSettings, Reading},
};

pub fn contents(ui: &mut Ui, scene: &Scene<'_>, settings: &mut OutputSettings) {
    help::tip(
        ui.checkbox(&mut settings.midi.on, "Send MIDI"),
        "To the host, which hands it on to instruments, lights and other tracks",
    );
    let words = "Of all controllers: 1 to 16; drag, or type";
    channel(ui, "Channel", words, &mut settings.midi.channel);
    let learn = &scene.params.outputs.learn;
    Grid::new("controllers").num_columns(4).show(ui, |ui| {
        for (index, reading) in Reading::all().into_iter().enumerate() {
            let name = reading.name();
            let tag = match reading {
                Reading::Tag(tag) => settings.tags.get(tag).and_then(Option::as_ref),
                Reading::Valence | Reading::Arousal => None,
            };
            let shown = match (reading, tag) {
                (Reading::Tag(_), None) => format!("{name}: none"),
                (_, Some(tag)) => format!("{name}: {}", tag.name),
                _ => name.clone(),
            };
            if let Some(wish) = row(ui, &mut settings.midi, index, &name, &shown) {
                learn.ask(wish.0, wish.1);
            }
            ui.end_row();
        }
    });
    ui.separator();
    ui.horizontal(|ui| {
        ui.label("Large words");
        for (choice, name) in HeadlineMidi::ALL {
            let present = settings.midi.headlines == choice;
            let spoken = format!("Large words as MIDI: {name}");
            let place = ui.selectable_label(present, name);
            place.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, present, &spoken));
            let words =
                "What goes out when a large word changes: its note for 250 ms, or its program";
            if help::tip(place, words).clicked() {
                settings.midi.headlines = choice;
            }
        }
    });
    let words = "Of genres: 1 to 16; instruments and moods have the two that follow";
    channel(
        ui,
        "Genres on channel",
        words,
        &mut settings.midi.headline_channel,
    );
}

/// Draws what carries one reading. Returns the channel and the controller that are to be learnt, if that was asked for.
fn row(
    ui: &mut Ui,
    midi: &mut MidiSettings,
    index: usize,
    name: &str,
    shown: &str,
) -> Option<(u8, u8)> {
    let controller = midi.controllers.get_mut(index)?;
    let mut on = controller.is_some();
    let check = ui.add(Checkbox::new(&mut on, shown));
    let spoken = format!("Send {name}");
    check.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, on, &spoken));
    if check.changed() {
        let usual = MidiSettings::default().controllers.get(index).copied();
        *controller = usual.flatten().filter(|_| on);
    }
    let channel = midi.channel;
    let Some(number) = controller else {
        ui.weak("not sent");
        return None;
    };
    let field = ui.add(
        DragValue::new(number)
            .range(0..=LAST_CONTROLLER)
            .prefix("CC "),
    );
    let spoken = format!("Controller of {name}");
    let value = f64::from(*number);
    field.widget_info(|| WidgetInfo {
        label: Some(spoken.clone()),
        value: Some(value),
        ..WidgetInfo::new(Role::SpinButton)
    });
    help::tip(field, "0 to 119; drag, or type");
    let learn = ui.add_enabled(midi.on, egui::Button::new("Learn"));
    let spoken = format!("Learn {name}");
    let enabled = midi.on;
    learn.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, &spoken));
    let words =
        "Sends this controller once at 127 and back, for a host or synthesizer that is learning";
    help::tip(learn, words)
        .clicked()
        .then_some((channel, *number))
}

fn channel(ui: &mut Ui, name: &str, words: &str, channel: &mut u8) {
    ui.horizontal(|ui| {
        let caption = ui.label(name);
        let field = ui.add(DragValue::new(channel).range(MIDI_CHANNELS));
        help::tip(field.labelled_by(caption.id), words);
    });
}
