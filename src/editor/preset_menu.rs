//! The menu of presets: Moodring's own, the user's, and what can be done with them.

use egui::{Button, Popup, Response, ScrollArea, TextWrapMode, Ui};

use super::{
    control::Edit,
    help,
    preset_bar::{COPY_WORDS, Part, copy_name, travel_words},
    preset_dialog::Dialog,
    theme::Metrics,
};
use crate::{
    library::{Kept as _, factory_presets, neutral},
    params::{MoodringParams, PresetName},
};

/// Opens below `anchor` when that is clicked. What is `hidden` from the bar is in it, too.
pub(super) fn show(
    anchor: &Response,
    metrics: Metrics,
    params: &MoodringParams,
    edit: &mut Edit<'_>,
    hidden: &[Part],
) {
    let shown = Popup::menu(anchor)
        .width(anchor.rect.width().max(metrics.units(26.0)))
        .show(|ui| {
            let presets = &mut edit.state.presets;
            let opened = !std::mem::replace(&mut presets.menu_open, true);
            if opened {
                presets.users = presets.library.presets().list();
            }
            // A name is never broken; the menu grows with it.
            ui.style_mut().wrap_mode = Some(TextWrapMode::Extend);
            // Room for the lines below the list stays free at any size of window.
            let below = metrics.units(20.0 + 3.5 * hidden.len() as f32);
            let most = ui.ctx().content_rect().height() - below;
            ScrollArea::vertical()
                .max_height(most.max(metrics.units(12.0)))
                .show(ui, |ui| list(ui, params, edit, opened));
            ui.separator();
            actions(ui, edit);
            if !hidden.is_empty() {
                ui.separator();
                shortcuts(ui, params, edit, hidden);
            }
        })
        .is_some();
    edit.state.presets.menu_open = shown;
}

/// The presets, each to be loaded with a click. When the menu has just been `opened`, the one in use comes into view.
fn list(ui: &mut Ui, params: &MoodringParams, edit: &mut Edit<'_>, opened: bool) {
    let presets = &edit.state.presets;
    let mut chosen = None;
    let mut entry = |ui: &mut Ui, choice: Option<PresetName>, name: &str, words: &str| {
        let selected = presets.choice() == choice.as_ref();
        let response = help::tip(ui.selectable_label(selected, name), words);
        if selected && opened {
            response.scroll_to_me(None);
        }
        if response.clicked() {
            chosen = Some(choice);
        }
    };
    let neutral = neutral();
    entry(ui, None, neutral.name(), &neutral.does);
    for factory in factory_presets() {
        let choice = PresetName::Factory(factory.id.to_owned());
        entry(
            ui,
            Some(choice),
            factory.preset.name(),
            &factory.preset.does,
        );
    }
    ui.separator();
    ui.weak("Yours");
    if presets.users.is_empty() {
        ui.weak("none yet: Save As keeps the present settings");
    }
    for user in &presets.users {
        match &user.content {
            Ok(preset) => {
                let choice = PresetName::User(user.name.clone());
                let words = if preset.does.is_empty() {
                    "One of your presets"
                } else {
                    &preset.does
                };
                entry(ui, Some(choice), &user.name, words);
            }
            Err(why) => {
                let label = format!("{} ({})", user.name, why.in_short());
                ui.add_enabled(false, Button::selectable(false, label))
                    .on_disabled_hover_text(why.to_string());
            }
        }
    }
    if let Some(choice) = chosen {
        let state = &mut *edit.state;
        state
            .presets
            .load(ui, params, edit.setter, choice, &mut state.notice);
    }
}

/// What can be done with the present settings and with the user's preset that is in use.
fn actions(ui: &mut Ui, edit: &mut Edit<'_>) {
    let presets = &mut edit.state.presets;
    let own = match presets.choice() {
        Some(PresetName::User(name)) => Some(name.clone()),
        _ => None,
    };
    let suggested = own.clone().unwrap_or_default();
    if help::tip(
        ui.button("Save As…"),
        "Keeps the present settings as a preset of yours",
    )
    .clicked()
    {
        presets.dialog = Some(Dialog::save(suggested));
    }
    let Some(name) = own else {
        return;
    };
    if help::tip(
        ui.button("Rename…"),
        "Gives this preset of yours another name",
    )
    .clicked()
    {
        presets.dialog = Some(Dialog::rename(name.clone()));
    }
    if help::tip(
        ui.button("Delete…"),
        "Deletes this preset of yours, after asking",
    )
    .clicked()
    {
        presets.dialog = Some(Dialog::delete(name));
    }
}

/// What the bar has no room for.
fn shortcuts(ui: &mut Ui, params: &MoodringParams, edit: &mut Edit<'_>, hidden: &[Part]) {
    if hidden.contains(&Part::Undo) {
        for (back, step) in [
            (true, edit.setter.undo_name()),
            (false, edit.setter.redo_name()),
        ] {
            let words = travel_words(back, step.as_deref());
            if ui.add_enabled(step.is_some(), Button::new(words)).clicked() {
                edit.state.presets.travel(ui, params, edit.setter, back);
            }
        }
    }
    if hidden.contains(&Part::Compare) {
        let presets = &mut edit.state.presets;
        let words = format!("Compare: hear setting {}", presets.compare.other());
        if help::tip(ui.button(words), "Goes back and forth between two settings").clicked() {
            presets.switch(ui, params, edit.setter);
        }
    }
    if hidden.contains(&Part::Copy) && help::tip(ui.button(copy_name(edit)), COPY_WORDS).clicked() {
        edit.state
            .presets
            .compare
            .copy(params, edit.setter.thread());
    }
}
