//! The window, its content, and what is around the panels: header, status line, the frame.

use std::sync::Arc;

use nice_plug::{
    editor::{SizeConstraints, dpi::LogicalSize},
    prelude::ResizeHint,
};
use nice_plug_egui::{EguiNiceSettings, GraphicsConfig, RepaintNotifier};

use self::content::EditorApp;
use crate::{
    editor::input::HostSide,
    params::MoodringParams,
    telemetry::{Snapshot, Wanted},
};

mod content;
mod context_menu;
mod draw;
mod header;
mod layout;
mod model_costs;
mod models_menu;
mod mood_ring;
mod native;
mod page;
mod painting;
mod partial_paint;
mod preferences;
mod state;
mod status_bar;
mod window;

pub use self::{
    draw::draw,
    layout::LEAST_SIZE,
    page::Page,
    preferences::{PREFERENCES_VARIABLE, Preferences, UserFiles},
    state::UiState,
    window::MoodringEditor,
};

/// Makes the editor. `source` is called before each frame to fill in what is shown, and told what is wanted
/// of the next frames; `repaint` is how the engine asks for one; `host` is the host, besides its parameters.
pub fn create(
    params: Arc<MoodringParams>,
    repaint: RepaintNotifier,
    host: Arc<HostSide>,
    source: impl FnMut(&mut Snapshot, Wanted) + Send + 'static,
) -> Option<MoodringEditor> {
    host.introduce(&params, repaint.clone());
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
        EditorApp::new(params, host, source),
    )
}
