//! The menu of models: offers those that Moodring comes with, and the folders in the user's models folder.

use std::path::PathBuf;

use egui::{Popup, Response, Ui};

use super::model_costs::KnownCosts;
use crate::{
    model::{ModelReference, library, library_folder},
    params::ModelChoice,
    thread::EditorThread,
};

/// What the menu shows, on the window's thread. It looks the folders up when it opens.
#[derive(Debug, Default)]
pub struct ModelsMenu {
    /// What is offered, and what each refers to as it is now: a folder that can't be referred to isn't measured.
    folders: Vec<(PathBuf, Option<ModelReference>)>,
    costs: KnownCosts,
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
                    self.look_up(choice, thread);
                }
                self.entries(ui, choice, thread);
            })
            .is_some();
        self.open = shown;
    }

    fn look_up(&mut self, choice: &ModelChoice, thread: &EditorThread) {
        let mut folders = library();
        // The present one is listed even where its folder isn't any more: that is how one sees what is missing.
        if let Some(present) = choice.get(thread)
            && !folders.contains(&present.folder)
        {
            folders.push(present.folder);
        }
        let referred = |folder: PathBuf| {
            let reference = ModelReference::to(&folder).ok();
            (folder, reference)
        };
        self.folders = folders.into_iter().map(referred).collect();
        self.refusal = None;
    }

    fn entries(&mut self, ui: &mut Ui, choice: &ModelChoice, thread: &EditorThread) {
        let present = choice.get(thread);
        if ui
            .selectable_label(present.is_none(), "Moodring's own models")
            .clicked()
        {
            choice.choose(None, thread);
        }
        self.costs.show(ui, None, thread);
        for (folder, reference) in &self.folders {
            let chosen = present
                .as_ref()
                .is_some_and(|present| present.folder == *folder);
            let name = folder.file_name().unwrap_or(folder.as_os_str());
            let entry = ui
                .selectable_label(chosen, name.to_string_lossy())
                .on_hover_text(folder.display().to_string());
            if entry.clicked() {
                match ModelReference::to(folder) {
                    Ok(reference) => choice.choose(Some(reference), thread),
                    Err(why) => self.refusal = Some(why.to_string()),
                }
            }
            if reference.is_some() {
                self.costs.show(ui, reference.as_ref(), thread);
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
