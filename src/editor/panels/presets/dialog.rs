//! The question that is asked before a preset is saved, renamed or deleted.

use egui::{Align2, Button, Id, Key, Modal, TextEdit, Ui};

use super::current::Presets;
use crate::editor::{look::Metrics, scene::Scene};
use crate::{
    library::{LibraryError, Preset},
    params::{MoodringParams, PresetName},
    thread::EditorThread,
};

/// A question that is open, on the window's thread.
#[derive(Debug)]
pub struct Dialog {
    task: Task,
    /// The name that is typed.
    name: String,
    /// Why it can't be done like that.
    refusal: Option<LibraryError>,
    /// Whether the text has had the focus: it gets it once.
    focused: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Task {
    Save,
    /// The name of the preset that gets another one.
    Rename(String),
    /// The name of the preset that goes.
    Delete(String),
}

/// What the user wants now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Yes,
    No,
    Later,
}

impl Dialog {
    /// Asks for the name to save the present settings under; `name` is suggested.
    pub fn save(name: String) -> Self {
        Self::new(Task::Save, name)
    }

    /// Asks for another name for a preset of the user's.
    pub fn rename(name: String) -> Self {
        Self::new(Task::Rename(name.clone()), name)
    }

    /// Asks whether a preset of the user's is to be deleted.
    pub fn delete(name: String) -> Self {
        Self::new(Task::Delete(name.clone()), name)
    }

    fn new(task: Task, name: String) -> Self {
        Self {
            task,
            name,
            refusal: None,
            focused: false,
        }
    }

    /// Whether the next Yes replaces a preset of the same name.
    fn replaces(&self) -> bool {
        self.task == Task::Save && matches!(self.refusal, Some(LibraryError::Taken { .. }))
    }

    fn contents(&mut self, ui: &mut Ui, metrics: Metrics) -> Answer {
        ui.set_width(
            metrics
                .units(38.0)
                .min(ui.ctx().content_rect().width() - metrics.units(8.0)),
        );
        let (title, yes) = match &self.task {
            Task::Save if self.replaces() => ("Save preset", "Replace"),
            Task::Save => ("Save preset", "Save"),
            Task::Rename(_) => ("Rename preset", "Rename"),
            Task::Delete(_) => ("Delete preset", "Delete"),
        };
        ui.heading(title);
        let mut answer = Answer::Later;
        let named = !self.name.trim().is_empty();
        if let Task::Delete(name) = &self.task {
            ui.label(format!(
                "Delete `{name}` for good? The settings stay as they are."
            ));
        } else {
            let caption = ui.label("Name");
            let text = ui
                .add(
                    TextEdit::singleline(&mut self.name)
                        .align(Align2::LEFT_CENTER)
                        .desired_width(f32::INFINITY),
                )
                .labelled_by(caption.id);
            if !std::mem::replace(&mut self.focused, true) {
                text.request_focus();
            }
            if text.changed() {
                self.refusal = None;
            }
            // Enter takes the focus away from the text: that is how it shows.
            if named && text.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) {
                answer = Answer::Yes;
            }
        }
        if let Some(why) = &self.refusal {
            ui.colored_label(metrics.palette.warning, why.to_string());
        }
        ui.horizontal(|ui| {
            if ui.add_enabled(named, Button::new(yes)).clicked() {
                answer = Answer::Yes;
            }
            if ui.button("Cancel").clicked() {
                answer = Answer::No;
            }
        });
        answer
    }

    /// Does what was asked for; returns what to tell the user.
    fn carry_out(
        &mut self,
        params: &MoodringParams,
        presets: &mut Presets,
        thread: &EditorThread,
    ) -> Result<String, LibraryError> {
        let store = presets.library.presets();
        match &self.task {
            Task::Save => {
                let name = store.save(Preset::of(&self.name, params, thread), self.replaces())?;
                let folder = store
                    .folder()
                    .map(|folder| folder.display().to_string())
                    .unwrap_or_default();
                presets.saved(params, name.clone(), thread);
                Ok(format!("Saved `{name}` in {folder}"))
            }
            Task::Rename(old) => {
                let name = store.rename(&store.file(old)?, &self.name)?;
                presets.saved(params, name.clone(), thread);
                Ok(format!("`{old}` is `{name}` now"))
            }
            Task::Delete(name) => {
                store.delete(&store.file(name)?)?;
                if params.preset.get(thread) == Some(PresetName::User(name.clone())) {
                    params.preset.choose(None, thread);
                }
                presets.forget();
                Ok(format!("Deleted `{name}`"))
            }
        }
    }
}

/// Draws the open question, if there is one, and does what is answered.
pub fn draw(ui: &Ui, scene: &mut Scene<'_>, presets: &mut Presets, open: &mut Option<Dialog>) {
    let Some(mut dialog) = open.take() else {
        return;
    };
    let metrics = scene.metrics;
    let modal =
        Modal::new(Id::unique("preset dialog")).show(ui.ctx(), |ui| dialog.contents(ui, metrics));
    let answer = match modal.inner {
        Answer::Later if modal.should_close() => Answer::No,
        answer => answer,
    };
    match answer {
        Answer::No => return,
        Answer::Later => {}
        Answer::Yes => {
            match dialog.carry_out(scene.params, presets, scene.edit.recorder.thread()) {
                Ok(done) => {
                    scene.notice.say(ui, done);
                    return;
                }
                Err(why) => dialog.refusal = Some(why),
            }
        }
    }
    *open = Some(dialog);
}
