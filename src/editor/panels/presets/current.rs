//! Which preset is in use and whether it was edited; loads another, undoes, and goes between two settings.

use std::time::Duration;

use egui::Ui;

use super::compare::Compare;
use crate::{
    editor::{
        input::{EditHistory, UnautomatedSettings},
        scene::Scene,
    },
    library::{self, Library, LibraryError, Settings, factory_presets},
    params::{MoodringParams, PresetName},
    thread::EditorThread,
};

/// How long after a preset was loaded its parameters are taken to have its values, in seconds: a CLAP host takes changes
/// over with its next block only.
const SETTLING: f64 = 0.2;

/// What is known of presets between two frames, on the window's thread.
#[derive(Debug, Default)]
pub struct Presets {
    /// The user's presets.
    pub library: Library,
    /// The other setting.
    pub compare: Compare,
    present: Option<CurrentPreset>,
    /// [`PresetChoice::loads`](crate::params::PresetChoice::loads) that all this belongs to.
    loads: u32,
    /// Time at which the parameters are believed again, on egui's clock.
    settled: f64,
}

/// The preset in use.
#[derive(Debug)]
struct CurrentPreset {
    choice: Option<PresetName>,
    name: String,
    does: String,
    /// What it comes to, or why that can't be told.
    settings: Result<Settings, LibraryError>,
}

impl Presets {
    /// Starts with the presets in `library`, none of them looked at.
    pub fn new(library: Library) -> Self {
        Self {
            library,
            ..Self::default()
        }
    }

    /// Takes over what outlives a window: the other setting, and which project all this belongs to.
    pub fn take_over(&mut self, from: Self) {
        self.compare = from.compare;
        self.loads = from.loads;
    }

    /// Looks up what has changed since the last frame: another project, another preset.
    pub fn refresh(&mut self, scene: &Scene<'_>) {
        let params = scene.params;
        let loads = params.preset.loads();
        if loads != self.loads {
            self.loads = loads;
            self.compare = Compare::default();
            scene
                .edit
                .recorder
                .swap_history(&mut EditHistory::default());
        }
        let choice = params.preset.get(scene.edit.recorder.thread());
        if self
            .present
            .as_ref()
            .is_none_or(|present| present.choice != choice)
        {
            self.present = Some(self.look_up(choice));
        }
    }

    fn look_up(&self, choice: Option<PresetName>) -> CurrentPreset {
        let found = match &choice {
            None => Ok(library::neutral()),
            Some(PresetName::Factory(id)) => factory_presets()
                .iter()
                .find(|factory| factory.id == id)
                .map(|factory| factory.preset.clone())
                .ok_or_else(|| (id.clone(), LibraryError::Unknown { id: id.clone() })),
            Some(PresetName::User(name)) => self
                .library
                .presets()
                .load(name)
                .map_err(|why| (name.clone(), why)),
        };
        match found {
            Ok(preset) => CurrentPreset {
                settings: preset.settings(),
                name: preset.name,
                does: preset.does,
                choice,
            },
            Err((name, why)) => CurrentPreset {
                name,
                does: String::new(),
                settings: Err(why),
                choice,
            },
        }
    }

    /// The name of the preset in use.
    pub fn name(&self) -> &str {
        self.present
            .as_ref()
            .map_or("", |present| present.name.as_str())
    }

    /// The preset in use as projects refer to it.
    pub fn choice(&self) -> Option<&PresetName> {
        self.present.as_ref()?.choice.as_ref()
    }

    /// What the preset in use does, or what is wrong with it.
    pub fn words(&self) -> String {
        match &self.present {
            Some(present) => match &present.settings {
                Ok(_) => present.does.clone(),
                Err(why) => why.to_string(),
            },
            None => String::new(),
        }
    }

    /// Whether the settings are others than those of the preset in use, as far as that is known.
    pub fn is_edited(&self, params: &MoodringParams, now: f64, thread: &EditorThread) -> bool {
        now >= self.settled
            && self.present.as_ref().is_some_and(|present| {
                present
                    .settings
                    .as_ref()
                    .is_ok_and(|settings| !settings.hold(params, thread))
            })
    }

    /// Loads a preset: one step that can be undone.
    pub fn load(&mut self, ui: &Ui, scene: &mut Scene<'_>, choice: Option<PresetName>) {
        let params = scene.params;
        let present = self.look_up(choice);
        match &present.settings {
            Ok(settings) => {
                let mut rest = UnautomatedSettings::of(params, scene.edit.recorder.thread());
                for (slot, captured) in rest.captures.iter_mut().zip(&settings.captures) {
                    if captured.is_some() {
                        slot.clone_from(captured);
                    }
                }
                rest.preset.clone_from(&present.choice);
                let step = format!("preset {}", present.name);
                let recorder = scene.edit.recorder;
                recorder.load(&step, params, &settings.values, rest);
                self.present = Some(present);
                self.settle(ui);
            }
            Err(why) => scene.notice.refuse(ui, why.to_string()),
        }
    }

    /// Loads the next preset, or the one before.
    pub fn step(&mut self, ui: &Ui, scene: &mut Scene<'_>, forward: bool) {
        let factory = factory_presets()
            .iter()
            .map(|factory| PresetName::Factory(factory.id.to_owned()));
        let users = self.library.presets().list().into_iter();
        let users = users
            .filter(|entry| entry.content.is_ok())
            .map(|entry| PresetName::User(entry.name));
        let all: Vec<_> = std::iter::once(None)
            .chain(factory.chain(users).map(Some))
            .collect();
        let choice = scene.params.preset.get(scene.edit.recorder.thread());
        let at = all.iter().position(|other| *other == choice).unwrap_or(0);
        let next = if forward { at + 1 } else { at + all.len() - 1 } % all.len();
        if let Some(choice) = all.into_iter().nth(next) {
            self.load(ui, scene, choice);
        }
    }

    /// Undoes the last step, or does the step again that was undone last. Returns whether there was one.
    pub fn travel(&mut self, ui: &Ui, scene: &Scene<'_>, back: bool) -> bool {
        let (recorder, params) = (scene.edit.recorder, scene.params);
        let went = if back {
            recorder.undo(params)
        } else {
            recorder.redo(params)
        };
        if went {
            self.settle(ui);
        }
        went
    }

    /// Makes the other of the two settings heard.
    pub fn switch(&mut self, ui: &Ui, scene: &Scene<'_>) {
        self.compare.switch(scene.params, scene.edit.recorder);
        self.settle(ui);
    }

    /// Notes that the settings are those of the preset of that name, which was saved just now.
    pub fn saved(&mut self, params: &MoodringParams, name: String, thread: &EditorThread) {
        params.preset.choose(Some(PresetName::User(name)), thread);
        self.forget();
    }

    /// Looks the preset in use up again: its file has changed.
    pub fn forget(&mut self) {
        self.present = None;
    }

    fn settle(&mut self, ui: &Ui) {
        self.settled = ui.input(|input| input.time) + SETTLING;
        ui.ctx()
            .request_repaint_after(Duration::from_secs_f64(SETTLING));
    }
}
