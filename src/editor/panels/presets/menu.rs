//! The menu of presets: Moodring's own, the user's, and what can be done with them.

use egui::{Button, Popup, Response, ScrollArea, TextWrapMode, Ui};

use super::{
    current::Presets,
    dialog::Dialog,
    parts::{COPY_WORDS, Part, copy_name, travel_words},
};
use crate::{
    editor::{scene::Scene, widgets::help},
    library::{Entry, Kept as _, Preset, factory_presets, neutral},
    params::PresetName,
};

/// What the menu remembers between two frames, on the window's thread.
#[derive(Debug, Default)]
pub struct PresetMenu {
    /// The user's presets, looked up when the menu opens.
    users: Vec<Entry<Preset>>,
    open: bool,
}

impl PresetMenu {
    /// Opens below `anchor` when that is clicked. What is `hidden` from the bar is in it, too. Returns the question that was
    /// asked for, if any.
    pub fn show(
        &mut self,
        anchor: &Response,
        scene: &mut Scene<'_>,
        presets: &mut Presets,
        hidden: &[Part],
    ) -> Option<Dialog> {
        let metrics = scene.metrics;
        let shown = Popup::menu(anchor)
            .width(anchor.rect.width().max(metrics.units(26.0)))
            .show(|ui| {
                let opened = !std::mem::replace(&mut self.open, true);
                if opened {
                    self.users = presets.library.presets().list();
                }
                // A name is never broken; the menu grows with it.
                ui.style_mut().wrap_mode = Some(TextWrapMode::Extend);
                // Room for the lines below the list stays free at any size of window.
                let below = metrics.units(20.0 + 3.5 * hidden.len() as f32);
                let most = ui.ctx().content_rect().height() - below;
                ScrollArea::vertical()
                    .max_height(most.max(metrics.units(12.0)))
                    .show(ui, |ui| self.list(ui, scene, presets, opened));
                ui.separator();
                let asked = actions(ui, presets);
                if !hidden.is_empty() {
                    ui.separator();
                    shortcuts(ui, scene, presets, hidden);
                }
                asked
            });
        self.open = shown.is_some();
        shown?.inner
    }

    /// Draws the presets, each to be loaded with a click. When the menu has just been `opened`, the one in use comes into view.
    fn list(&self, ui: &mut Ui, scene: &mut Scene<'_>, presets: &mut Presets, opened: bool) {
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
            let preset = &factory.preset;
            entry(ui, Some(choice), preset.name(), &preset.does);
        }
        ui.separator();
        ui.weak("Yours");
        if self.users.is_empty() {
            ui.weak("none yet: Save As keeps the present settings");
        }
        for user in &self.users {
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
            presets.load(ui, scene, choice);
        }
    }
}

/// Draws what can be done with the present settings and with the user's preset that is in use. Returns the question that
/// has to be answered first.
fn actions(ui: &mut Ui, presets: &Presets) -> Option<Dialog> {
    let own = match presets.choice() {
        Some(PresetName::User(name)) => Some(name.clone()),
        _ => None,
    };
    let mut asked = None;
    let save = help::tip(
        ui.button("Save As…"),
        "Keeps the present settings as a preset of yours",
    );
    if save.clicked() {
        asked = Some(Dialog::save(own.clone().unwrap_or_default()));
    }
    let Some(name) = own else {
        return asked;
    };
    let rename = help::tip(
        ui.button("Rename…"),
        "Gives this preset of yours another name",
    );
    if rename.clicked() {
        asked = Some(Dialog::rename(name.clone()));
    }
    let delete = help::tip(
        ui.button("Delete…"),
        "Deletes this preset of yours, after asking",
    );
    if delete.clicked() {
        asked = Some(Dialog::delete(name));
    }
    asked
}

/// Draws what the bar has no room for.
fn shortcuts(ui: &mut Ui, scene: &Scene<'_>, presets: &mut Presets, hidden: &[Part]) {
    if hidden.contains(&Part::Undo) {
        let recorder = scene.edit.recorder;
        for (back, step) in [(true, recorder.undo_name()), (false, recorder.redo_name())] {
            let words = travel_words(back, step.as_deref());
            if ui.add_enabled(step.is_some(), Button::new(words)).clicked() {
                presets.travel(ui, scene, back);
            }
        }
    }
    if hidden.contains(&Part::Compare) {
        let words = format!("Compare: hear setting {}", presets.compare.other());
        if help::tip(ui.button(words), "Goes back and forth between two settings").clicked() {
            presets.switch(ui, scene);
        }
    }
    let compare = &mut presets.compare;
    if hidden.contains(&Part::Copy)
        && help::tip(ui.button(copy_name(compare)), COPY_WORDS).clicked()
    {
        compare.copy(scene.params, scene.edit.recorder.thread());
    }
}
