//! Fills the window: asks for a snapshot, draws the frame, and gives keys back to the host.

use std::sync::Arc;

use egui::{Ui, Vec2, ViewportCommand};
use nice_plug::context::{PluginApi, gui::GuiContext};
use nice_plug_egui::{Frame, NiceEguiApp, baseview::HandlerError};

use super::{
    draw::draw,
    native::{early_map::map_for_a_moment, grip, host_size::HostSize, renderer},
    painting::{Painting, thread_time},
    partial_paint::{PartialPaint, surface},
    preferences::UserFiles,
    state::UiState,
};
use crate::{
    editor::{
        input::{
            HostSide,
            button_frames::ButtonFrames,
            keys::{HostKeys, KeyUse},
        },
        look::{self, Metrics},
    },
    params::MoodringParams,
    telemetry::{Snapshot, Wanted},
};

/// Fills a snapshot with the present values, and is told what is wanted of the next ones.
type Source = Box<dyn FnMut(&mut Snapshot, Wanted) + Send>;

/// The window's content: the window's thread has it while the window is open, and the host's main thread ends its gestures
/// once that thread is gone. It holds no part of the engine, only a way to ask what there is to show.
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
    /// The keys that were wanted since they were given back last.
    keys_kept: KeyUse,
    /// The size that the host lets the window have.
    host_size: HostSize,
}

impl EditorApp {
    /// Content for a window that isn't open yet. `source` is called before each frame.
    pub fn new(
        params: Arc<MoodringParams>,
        host: Arc<HostSide>,
        source: impl FnMut(&mut Snapshot, Wanted) + Send + 'static,
    ) -> Self {
        Self {
            params,
            source: Box::new(source),
            snapshot: Snapshot::default(),
            state: UiState::default().in_host(host),
            context: None,
            keys: None,
            keys_used: KeyUse::default(),
            keys_kept: KeyUse::default(),
            host_size: HostSize::default(),
        }
    }

    /// What the host has said about the window's size, for whoever hears it.
    pub fn host_size(&self) -> HostSize {
        self.host_size.clone()
    }

    /// The host, besides its parameters.
    pub fn host(&self) -> Arc<HostSide> {
        self.state.host.clone()
    }

    /// Gives the keys back that this frame had no use for.
    fn hand_back_keys(&mut self, context: &egui::Context, used: KeyUse) {
        // A key that gives or takes the focus is the editor's own.
        self.keys_kept = self.keys_kept.max(used).max(self.keys_used);
        // Whose a key is that waits for the next frame is known then.
        let waits = context.with_plugin(|frames: &mut ButtonFrames| frames.is_holding());
        if waits == Some(true) {
            return;
        }
        let kept = std::mem::take(&mut self.keys_kept);
        if let Some(keys) = &mut self.keys {
            keys.hand_back(kept);
        }
    }
}

impl NiceEguiApp for EditorApp {
    fn build(
        &mut self,
        egui_ctx: egui::Context,
        context: GuiContext,
        frame: &mut Frame,
    ) -> Result<(), HandlerError> {
        // Before the first frame, which would have no letters.
        look::load_fonts(&egui_ctx);
        egui_ctx.add_plugin(ButtonFrames::default());
        self.keys_used = KeyUse::default();
        self.keys_kept = KeyUse::default();
        frame.set_key_capture(self.keys_used.capture());
        map_for_a_moment(frame.baseview_window());
        self.keys = HostKeys::of(frame.baseview_window());
        self.state = std::mem::take(&mut self.state).reopened(UserFiles::of_this_user());
        self.state.painting = match renderer::is_software(frame) {
            false => Painting::Card,
            true if surface::keep_picture(frame) => Painting::Parts,
            true => Painting::Whole,
        };
        egui_ctx.add_plugin(PartialPaint::default());
        renderer::keep_loaded();
        self.context = Some(context);
        Ok(())
    }

    fn ui(&mut self, ui: &mut Ui, frame: &mut Frame) {
        // See look::panel.
        let face = self.state.preferences.get().theme.palette().panel;
        renderer::clear_with(frame, face);
        if self.state.painting == Painting::Parts {
            let begin = |parts: &mut PartialPaint| parts.begin(face);
            ui.ctx().with_plugin(begin);
        }
        self.state.pace.picture(thread_time());
        (self.source)(&mut self.snapshot, self.state.wanted());
        let Some(context) = &self.context else {
            return;
        };
        let setter = context.param_setter();
        let changes = self.params.activation_changes();
        if let Some(size) = self.host_size.way_back() {
            let size = Vec2::new(size.width as f32, size.height as f32);
            let points = size / ui.ctx().pixels_per_point();
            ui.send_viewport_cmd(ViewportCommand::InnerSize(points));
        }
        let metrics = Metrics::new(ui.clip_rect().size(), self.state.preferences.get().theme);
        grip::show(ui, metrics, self.host_size.is_fixed(), |ui| {
            draw(ui, &self.params, &setter, &self.snapshot, &mut self.state);
        });
        // CLAP hosts hear of it from the audio thread, which has no way to a VST3 host.
        if self.params.activation_changes() != changes && context.plugin_api() == PluginApi::Vst3 {
            context.request_restart();
        }
        let wanted = KeyUse::of(ui.ctx());
        // A shortcut is one frame's: the next key is the host's again.
        let used = if self.state.presets.took_key() || self.state.took_key {
            KeyUse::All
        } else {
            wanted
        };
        self.hand_back_keys(ui.ctx(), used);
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
