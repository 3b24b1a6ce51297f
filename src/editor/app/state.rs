//! Composes what the panels remember between two frames.

use std::sync::Arc;

use nice_plug::prelude::ParamSetter;

use super::{
    context_menu::ContextMenu,
    models_menu::ModelsMenu,
    mood_ring::MoodRing,
    page::Page,
    painting::{Pace, Painting},
    preferences::{KeptPreferences, Preferences, UserFiles},
    status_bar::LateWarning,
};
use crate::editor::{
    input::{Edit, EditHistory, Gestures, HostSide, Marks, Recorder},
    look::Metrics,
    panels::{
        about::AboutPanel, listen::ListenPanel, measure::MeasurePanel, meters::MeterPanel,
        morph::MorphPanel, presets::PresetBar, spectrum::SpectrumPanel,
    },
    widgets::help::Notice,
};
use crate::telemetry::Wanted;

/// What the editor remembers between two frames, on the window's thread; nothing of it is part of the plugin's state. Each
/// panel has its own part.
#[derive(Debug, Default)]
pub struct UiState {
    pub(super) gestures: Gestures,
    /// What can be undone; the frame's recorder has it while it is drawn.
    pub(super) history: EditHistory,
    /// What the help line says for a while.
    pub(super) notice: Notice,
    pub(super) preferences: KeptPreferences,
    /// The sizes and colours that popups and tooltips were last styled for.
    pub(super) styled: Option<Metrics>,
    pub(super) mood_ring: MoodRing,
    pub(super) painting: Painting,
    pub(super) pace: Pace,
    pub(super) models_menu: ModelsMenu,
    pub(super) late_warning: LateWarning,
    pub(super) about: AboutPanel,
    pub(super) listen: ListenPanel,
    pub(super) morph: MorphPanel,
    pub(super) spectrum: SpectrumPanel,
    pub(super) measure: MeasurePanel,
    pub(super) meters: MeterPanel,
    pub(super) presets: PresetBar,
    /// The host, besides its parameters.
    pub(super) host: Arc<HostSide>,
    pub(super) marks: Marks,
    pub(super) context_menu: ContextMenu,
    /// Whether the last frame had a use for a key that hosts have a use for, too.
    pub(super) took_key: bool,
}

impl UiState {
    /// Loads the preferences from the user's file, as the user left them.
    pub fn of_user(files: UserFiles) -> Self {
        let file = files.preferences.as_deref();
        let preferences = file.map(Preferences::read).unwrap_or_default();
        Self::new(preferences, files)
    }

    /// Starts with these preferences; changes of them are written to the user's file.
    pub fn new(preferences: Preferences, files: UserFiles) -> Self {
        Self {
            preferences: KeptPreferences::new(preferences, files.preferences),
            listen: ListenPanel::new(files.readouts),
            morph: MorphPanel::new(files.library.clone()),
            presets: PresetBar::new(files.library),
            ..Self::default()
        }
    }

    /// Starts anew for a window that is opened again. What can be undone and compared outlives the window; the rest is as the
    /// user's files say.
    pub(super) fn reopened(self, files: UserFiles) -> Self {
        let mut state = Self::of_user(files);
        state.history = self.history;
        state.host = self.host;
        state.presets.take_over(self.presets);
        state
    }

    /// The same, in a host that has been told of.
    #[must_use]
    pub fn in_host(self, host: Arc<HostSide>) -> Self {
        Self { host, ..self }
    }

    /// What is wanted of the next frames.
    pub fn wanted(&self) -> Wanted {
        let page = self.preferences.get().page;
        let is_measuring = page == Page::Measure && !self.about.is_open;
        Wanted {
            motion: Some(self.pace.motion(self.painting, page)),
            spectra_together: self.painting.spectra_together(),
            measures: if is_measuring { self.measure.run() } else { 0 },
        }
    }

    /// Ends the gestures that are under way, if any: the window may close in the middle of one.
    pub fn end_gesture(&mut self, setter: &ParamSetter<'_>) {
        let history = std::mem::take(&mut self.history);
        let now = history.now;
        let recorder = Recorder::new(setter, history, Marks::default(), now);
        Edit {
            recorder: &recorder,
            gestures: &mut self.gestures,
        }
        .end_gestures();
        (self.history, ..) = recorder.into_parts();
    }
}
