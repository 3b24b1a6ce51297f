//! The menu of a captured timbre: clear it, keep it under a name, load, rename and delete those
//! that were kept.

use std::path::PathBuf;

use egui::{Align, Align2, Label, RichText, ScrollArea, TextEdit, Ui, WidgetInfo};

use crate::editor::look::Metrics;
use crate::{
    library::{Entry, FileStore, LibraryError, TimbreFile},
    params::{Captured, LONGEST_NAME, Slot},
};

/// What a slot is to hold from now on.
#[derive(Debug)]
pub struct Wish {
    /// What was done, as it can be undone.
    pub words: String,
    /// The timbre; `None` clears the slot.
    pub captured: Option<Captured>,
}

/// One captured timbre's menu, on the window's thread. Its list is looked up when it opens and after each change.
#[derive(Debug, Default)]
pub struct TimbreMenu {
    open: bool,
    kept: Vec<Entry<TimbreFile>>,
    /// The name that is typed, for the timbre to be kept.
    name: String,
    /// Whether keeping it would replace another file, which the user hasn't agreed to yet.
    replaces: bool,
    /// The file that is being renamed, and its new name so far.
    renamed: Option<(PathBuf, String)>,
    /// The file that goes if its button is pressed once more.
    doomed: Option<PathBuf>,
    /// Why the last wish could not be granted.
    refusal: Option<String>,
    /// What was chosen in this frame.
    wish: Option<Wish>,
}

impl TimbreMenu {
    /// Forgets what was typed; the list is looked up again next time.
    pub fn close(&mut self) {
        if self.open {
            *self = Self::default();
        }
    }

    /// Draws the menu's entries for `slot`, which holds `present`, and returns what was chosen for it.
    pub fn entries(
        &mut self,
        ui: &mut Ui,
        metrics: Metrics,
        store: &FileStore<TimbreFile>,
        slot: Slot,
        present: Option<&Captured>,
    ) -> Option<Wish> {
        if !std::mem::replace(&mut self.open, true) {
            self.kept = store.list();
            self.name = present.map_or(String::new(), |captured| captured.name.clone());
        }
        if let Some(present) = present {
            self.keep(ui, store, slot, present);
            if ui.button(format!("Clear {}", slot.letter())).clicked() {
                self.choose(ui, format!("Clear {}", slot.letter()), None);
            }
            ui.separator();
        }
        self.list(ui, store, slot);
        if let Some(refusal) = &self.refusal {
            let refusal = RichText::new(refusal).color(metrics.palette.warning);
            ui.add(Label::new(refusal).halign(Align::LEFT));
        }
        self.wish.take()
    }

    fn choose(&mut self, ui: &Ui, words: String, captured: Option<Captured>) {
        self.wish = Some(Wish { words, captured });
        ui.close();
    }

    /// Draws what keeps the present timbre as a file, under the name that is typed.
    fn keep(&mut self, ui: &mut Ui, store: &FileStore<TimbreFile>, slot: Slot, present: &Captured) {
        ui.horizontal(|ui| {
            let before = self.name.clone();
            let field = ui.add(
                TextEdit::singleline(&mut self.name)
                    .align(Align2::LEFT_CENTER)
                    .desired_width(ui.spacing().interact_size.y * 6.0)
                    .char_limit(LONGEST_NAME),
            );
            field.widget_info(|| WidgetInfo {
                label: Some(format!("Name of {}", slot.letter())),
                ..WidgetInfo::text_edit(true, &before, &self.name, "")
            });
            if field.changed() {
                self.replaces = false;
            }
            let words = if self.replaces {
                "Replace"
            } else {
                "Save as timbre"
            };
            if !ui.button(words).clicked() {
                return;
            }
            let named = Captured {
                name: self.name.clone(),
                ..present.clone()
            };
            match store.save(TimbreFile(named.clone()), self.replaces) {
                Ok(name) => {
                    let words = format!("Name of {}", slot.letter());
                    self.choose(ui, words, Some(Captured { name, ..named }));
                }
                Err(why) => {
                    self.replaces = matches!(why, LibraryError::Taken { .. });
                    self.refusal = Some(why.to_string());
                }
            }
        });
    }

    /// Draws the timbres that were kept.
    fn list(&mut self, ui: &mut Ui, store: &FileStore<TimbreFile>, slot: Slot) {
        if self.kept.is_empty() {
            ui.weak("No timbres of your own yet: capture one and save it");
            return;
        }
        ui.weak(format!("Load into {}", slot.letter()));
        let mut changed = false;
        let kept = std::mem::take(&mut self.kept);
        ScrollArea::vertical()
            .max_height(ui.spacing().interact_size.y * 8.0)
            .show(ui, |ui| {
                for entry in &kept {
                    ui.horizontal(|ui| {
                        if !self.load(ui, slot, entry) {
                            changed |= self.rename(ui, store, entry);
                            changed |= self.delete(ui, store, entry);
                        }
                    });
                }
            });
        self.kept = if changed { store.list() } else { kept };
    }

    /// Draws the button that loads a timbre. Returns whether it was loaded.
    fn load(&mut self, ui: &mut Ui, slot: Slot, entry: &Entry<TimbreFile>) -> bool {
        let clicked = ui.button(&entry.name).clicked();
        if clicked {
            match &entry.content {
                Ok(timbre) => {
                    let words = format!("Load {}", slot.letter());
                    self.choose(ui, words, Some(timbre.0.clone()));
                    return true;
                }
                Err(why) => self.refusal = Some(why.to_string()),
            }
        }
        false
    }

    /// Draws what renames a timbre. Returns whether a file has a new name.
    fn rename(
        &mut self,
        ui: &mut Ui,
        store: &FileStore<TimbreFile>,
        entry: &Entry<TimbreFile>,
    ) -> bool {
        if let Some((file, name)) = &mut self.renamed
            && *file == entry.file
        {
            let before = name.clone();
            let field = ui.add(
                TextEdit::singleline(name)
                    .align(Align2::LEFT_CENTER)
                    .desired_width(ui.spacing().interact_size.y * 4.0)
                    .char_limit(LONGEST_NAME),
            );
            field.widget_info(|| WidgetInfo {
                label: Some(format!("New name of {}", entry.name)),
                ..WidgetInfo::text_edit(true, &before, &*name, "")
            });
            if !named_button(ui, "OK", &format!("Rename {} now", entry.name)) {
                return false;
            }
            match store.rename(&entry.file, name) {
                Ok(_) => {
                    self.renamed = None;
                    self.refusal = None;
                    return true;
                }
                Err(why) => self.refusal = Some(why.to_string()),
            }
        } else if named_button(ui, "Rename", &format!("Rename {}", entry.name)) {
            self.renamed = Some((entry.file.clone(), entry.name.clone()));
        }
        false
    }

    /// Draws the button that deletes a timbre. Returns whether a file is gone.
    fn delete(
        &mut self,
        ui: &mut Ui,
        store: &FileStore<TimbreFile>,
        entry: &Entry<TimbreFile>,
    ) -> bool {
        let asked = self.doomed.as_ref() == Some(&entry.file);
        let words = if asked { "Delete for good" } else { "Delete" };
        if !named_button(ui, words, &format!("{words}: {}", entry.name)) {
            return false;
        }
        if !asked {
            self.doomed = Some(entry.file.clone());
            return false;
        }
        self.doomed = None;
        match store.delete(&entry.file) {
            Ok(()) => true,
            Err(why) => {
                self.refusal = Some(why.to_string());
                false
            }
        }
    }
}

/// A button with `text` that screen readers call `name`, since there are several with the same text. Returns whether it
/// was clicked.
fn named_button(ui: &mut Ui, text: &str, name: &str) -> bool {
    let response = ui.small_button(text);
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, name));
    response.clicked()
}
