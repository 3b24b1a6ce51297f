//! What is seen: one file a panel; draws from a [`Snapshot`](crate::telemetry::Snapshot), never touches the engine's insides.
//!
//! - `listen_panel`: what is heard, with `tag_columns`, `timeline`, `listen_tools` and `readout_file`; `morph_panel`: what
//!   is done to it; `status_bar`: what it costs
//! - `header`: the line above them; `pages`: the pages and the room that each panel gets; `help`: the line below
//! - `knob`, `slider`, `button`: the controls; `control`: their gestures, and how they reach the host; `text_entry`:
//!   typed values
//! - `preset_bar`, `preset_menu`, `preset_dialog`: presets; `presets`: what is known of them
//! - `recorder`: the way of every edit to the host; `undo`: what it remembers; `compare`: two settings to go between
//! - `models_menu`: the choice of models; `preferences`: what the user likes
//! - `theme`: colours, type and spacing; `mood_ring`: the frame's colour
//! - `window`, `keys`, `renderer`: the window it is in, the host's keys, and what draws it
//!
//! Nothing here asks for the next frame by itself, but for a colour that is on its way: the window draws when the user does something, when the host changes a
//! parameter, and when whoever owns the [`RepaintNotifier`] has news.

use std::{sync::Arc, time::Duration};

use egui::{Ui, Vec2};
use nice_plug::{
    context::{PluginApi, gui::GuiContext},
    editor::{SizeConstraints, dpi::LogicalSize},
    prelude::{ParamSetter, ResizeHint},
};
use nice_plug_egui::{
    EguiNiceSettings, Frame, GraphicsConfig, NiceEguiApp, RepaintNotifier, baseview::HandlerError,
    resizable_window::ResizableWindow,
};

use crate::params::MoodringParams;
use crate::telemetry::Snapshot;
use keys::{HostKeys, KeyUse};
use recorder::Recorder;
use theme::Metrics;

mod button;
mod capture_panel;
mod compare;
mod control;
mod frequency;
mod header;
mod help;
mod keys;
mod knob;
mod listen_panel;
mod listen_tools;
mod map_handle;
mod map_labels;
mod map_panel;
mod models_menu;
mod mood_ring;
mod morph_layout;
mod morph_panel;
mod pages;
mod preferences;
mod preset_bar;
mod preset_dialog;
mod preset_menu;
mod presets;
mod readout_file;
mod recorder;
mod renderer;
mod slider;
mod source_panel;
mod spectrogram;
mod spectrum_panel;
mod spectrum_plot;
mod status_bar;
mod tag_columns;
mod text_entry;
pub mod theme;
mod timbre_menu;
mod timeline;
mod undo;
mod window;

pub use control::UiState;
pub use pages::Page;
pub use preferences::{PREFERENCES_VARIABLE, Preferences, UserFiles};
pub use theme::Theme;
pub use window::MoodringEditor;

/// The smallest window, in logical pixels.
pub const LEAST_SIZE: (f32, f32) = (640.0, 400.0);

/// Draws the whole editor into all of `ui`'s room. Needs no window, so that tests can drive it.
pub fn draw(
    ui: &mut Ui,
    params: &MoodringParams,
    setter: &ParamSetter<'_>,
    snapshot: &Snapshot,
    state: &mut UiState,
) {
    let window = ui.max_rect();
    let metrics = Metrics::new(window.size(), state.preferences.theme);
    if state.styled != Some(metrics) {
        state.styled = Some(metrics);
        theme::apply(ui.ctx(), metrics);
        // This frame was begun in the old style.
        ui.ctx().request_repaint();
    }
    let frame = pages::WindowLayout::new(metrics, window);
    let frozen = state.frozen.clone();
    let heard = frozen.as_deref().unwrap_or(snapshot);
    state.mood_ring.follow(ui, heard, state.by_software);
    let overview = pages::overview(
        metrics,
        frame.page,
        morph_panel::least_height(metrics),
        listen_panel::most_height(metrics),
    );
    let panels = match state.preferences.page {
        Page::Overview => &overview[..],
        Page::Listen | Page::Morph | Page::Spectrum => &[frame.page],
    };
    pages::draw_around(ui, metrics, window, frame.page, panels, state);

    let now = ui.input(|input| input.time);
    let recorder = Recorder::new(setter, std::mem::take(&mut state.presets.history), now);
    let mut edit = control::Edit {
        setter: &recorder,
        state,
    };
    let presets = header::draw(ui, metrics, frame.header, params, heard, &mut edit);
    preset_bar::draw(ui, metrics, presets, params, &mut edit);
    match edit.state.preferences.page {
        Page::Overview => {
            let [listen, morph] = overview;
            listen_panel::draw(ui, metrics, listen, params, heard, &mut edit);
            morph_panel::draw(ui, metrics, morph, params, snapshot, &mut edit);
        }
        Page::Listen => {
            listen_panel::draw(ui, metrics, frame.page, params, heard, &mut edit);
        }
        Page::Morph => {
            morph_panel::draw(ui, metrics, frame.page, params, snapshot, &mut edit);
        }
        Page::Spectrum => spectrum_panel::draw(ui, metrics, frame.page, snapshot, &mut edit),
    }
    let models = &params.models;
    status_bar::draw(ui, metrics, frame.status, snapshot, models, &mut edit);
    help::draw(ui, metrics, frame.help, &edit.state.notice);
    state.presets.history = recorder.into_history();
}

/// Fills a snapshot with the present values, and is told how often to wake the editor for what moves all the time.
type Source = Box<dyn FnMut(&mut Snapshot, Option<Duration>) + Send>;

/// The editor's window content. It holds no part of the engine, only a way to ask what there is to show.
pub struct EditorApp {
    params: Arc<MoodringParams>,
    source: Source,
    snapshot: Snapshot,
    state: UiState,
    /// The way to the host's automation; there is one while a window is open.
    context: Option<GuiContext>,
    /// The way back for keys; there is one while a window is open on X11.
    keys: Option<HostKeys>,
    /// The keys that were wanted at the end of the last frame.
    keys_used: KeyUse,
}

impl NiceEguiApp for EditorApp {
    fn build(
        &mut self,
        _egui_ctx: egui::Context,
        context: GuiContext,
        frame: &mut Frame,
    ) -> Result<(), HandlerError> {
        self.keys_used = KeyUse::default();
        frame.set_key_capture(self.keys_used.capture());
        self.keys = HostKeys::of(frame.baseview_window());
        self.state = std::mem::take(&mut self.state).reopened(UserFiles::of_this_user());
        self.state.by_software = renderer::is_software(frame);
        self.context = Some(context);
        Ok(())
    }

    fn ui(&mut self, ui: &mut Ui, frame: &mut Frame) {
        // See theme::panel.
        let face = self.state.preferences.theme.palette().panel;
        frame.set_clear_color(face.into());
        let motion = self.state.preferences.page.motion(self.state.by_software);
        (self.source)(&mut self.snapshot, motion);
        let Some(context) = &self.context else {
            return;
        };
        let setter = context.param_setter();
        let models = self.params.models.changes();
        ResizableWindow::new("moodring")
            .min_size(Vec2::from(LEAST_SIZE))
            .show(ui, |ui| {
                draw(ui, &self.params, &setter, &self.snapshot, &mut self.state);
            });
        // CLAP hosts hear of it from the audio thread, which has no way to a VST3 host.
        if self.params.models.changes() != models && context.plugin_api() == PluginApi::Vst3 {
            context.request_restart();
        }
        let wanted = KeyUse::of(ui.ctx());
        // A shortcut is one frame's: the next key is the host's again.
        let used = if self.state.presets.took_key {
            KeyUse::All
        } else {
            wanted
        };
        if let Some(keys) = &mut self.keys {
            // A key that gives or takes the focus is the editor's own.
            keys.hand_back(used.max(self.keys_used));
        }
        if wanted != self.keys_used {
            self.keys_used = wanted;
            frame.set_key_capture(wanted.capture());
        }
    }

    fn editor_closed(&mut self) {
        self.keys = None;
        if let Some(context) = self.context.take() {
            self.state.end_gesture(&context.param_setter());
        }
    }
}

/// Makes the editor. `source` is called before each frame to fill in what is shown, and told how often frames are wanted for
/// what moves all the time; `repaint` is how the engine asks for one.
pub fn create(
    params: Arc<MoodringParams>,
    repaint: RepaintNotifier,
    source: impl FnMut(&mut Snapshot, Option<Duration>) + Send + 'static,
) -> Option<MoodringEditor> {
    let resize_hint = ResizeHint {
        size_constraints: SizeConstraints::min_logical_size(LogicalSize::new(
            LEAST_SIZE.0,
            LEAST_SIZE.1,
        )),
        ..ResizeHint::resizable()
    };
    let settings = EguiNiceSettings::new()
        .with_tile("Moodring")
        // Flat colours have no bands that noise could hide.
        .with_graphics_config(GraphicsConfig {
            dithering: false,
            ..GraphicsConfig::default()
        })
        .with_resize_hint(resize_hint);
    MoodringEditor::new(
        Arc::clone(&params.editor_state),
        repaint,
        settings,
        EditorApp {
            params,
            source: Box::new(source),
            snapshot: Snapshot::default(),
            state: UiState::default(),
            context: None,
            keys: None,
            keys_used: KeyUse::default(),
        },
    )
}
