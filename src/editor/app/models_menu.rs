//! The menu of models: offers those that Moodring comes with, and the folders in the user's models folder.

use std::path::PathBuf;

use egui::{Popup, Response, Ui};

use crate::{
    model::{ModelReference, library, library_folder},
    params::ModelChoice,
    thread::EditorThread,
};

/// What the menu shows, on the window's thread. It looks the folders up when it opens.
#[derive(Debug, Default)]
pub struct ModelsMenu {
    folders: Vec<PathBuf>,
    open: bool,
    /// Why the last choice could not be made.
    refusal: Option<String>,
}

impl ModelsMenu {
    /// Opens below `anchor` when that is clicked.
    pub fn show(&mut self, anchor: &Response, choice: &ModelChoice, thread: &EditorThread) {
        let shown = Popup::menu(anchor)
            .show(|ui| {
                if !std::mem::replace(&mut self.open, true) {
                    self.folders = library();
                    self.refusal = None;
                }
                self.entries(ui, choice, thread);
            })
            .is_some();
        self.open = shown;
    }

    fn entries(&mut self, ui: &mut Ui, choice: &ModelChoice, thread: &EditorThread) {
        let present = choice.get(thread);
        if ui
            .selectable_label(present.is_none(), "Moodring's own models")
            .clicked()
        {
            choice.choose(None, thread);
        }
        // The present one is listed even where its folder isn't any more: that is how one sees what is missing.
        let mut folders = self.folders.clone();
        if let Some(present) = &present
            && !folders.contains(&present.folder)
        {
            folders.push(present.folder.clone());
        }
        for folder in folders {
            let chosen = present
                .as_ref()
                .is_some_and(|present| present.folder == folder);
            let name = folder.file_name().unwrap_or(folder.as_os_str());
            let entry = ui
                .selectable_label(chosen, name.to_string_lossy())
                .on_hover_text(folder.display().to_string());
            if entry.clicked() {
                match ModelReference::to(&folder) {
                    Ok(reference) => choice.choose(Some(reference), thread),
                    Err(why) => self.refusal = Some(why.to_string()),
                }
            }
        }
        if let Some(refusal) = &self.refusal {
            ui.label(refusal);
        }
        ui.separator();
        ui.weak(match library_folder() {
            Some(folder) => format!("More models: put folders into {}", folder.display()),
            None => "More models: this system has no folder for them".to_owned(),
        });
    }
}
