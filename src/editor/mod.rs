//! What is seen: one file a panel; draws from a [`Snapshot`], never touches the engine's insides.
//!
//! - `listen_panel`: what is heard; `morph_panel`: what is done to it; `status_bar`: what it costs
//! - `knob`, `slider`: the controls; `control`: their gestures, and how they reach the host
//! - `models_menu`: the choice of models
//! - `theme`: colours, type and spacing
//! - `snapshot`: the values that are drawn
//! - `window`, `keys`: the window it is in, and the host's keys
//!
//! Nothing here asks for the next frame by itself: the window draws when the user does something, when the host changes a
//! parameter, and when whoever owns the [`RepaintNotifier`] has news.

use std::sync::Arc;

use egui::{Align2, Pos2, Rect, Ui, Vec2};
use nice_plug::{
    context::gui::GuiContext,
    editor::{SizeConstraints, dpi::LogicalSize},
    prelude::{ParamSetter, ResizeHint},
};
use nice_plug_egui::{
    EguiNiceSettings, Frame, KeyCapture, NiceEguiApp, RepaintNotifier, baseview::HandlerError,
    resizable_window::ResizableWindow,
};

use crate::params::MoodringParams;
use keys::HostKeys;

mod control;
mod keys;
mod knob;
mod listen_panel;
mod models_menu;
mod morph_panel;
mod slider;
mod snapshot;
mod status_bar;
pub mod theme;
mod window;

pub use control::UiState;
pub use snapshot::{Codes, Sidechain, Snapshot, Spectrum, Status};
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
    let metrics = theme::Metrics::for_window(window.size());
    if state.styled != Some(metrics) {
        state.styled = Some(metrics);
        theme::apply(ui.ctx(), metrics);
        // This frame was begun in the old style.
        ui.ctx().request_repaint();
    }
    let gap = metrics.unit;
    ui.painter().rect_filled(window, 0, theme::BACKGROUND);

    let inside = window.shrink2(Vec2::new(gap, 0.0));
    let (header, rest) = inside.split_top_bottom_at_y(inside.top() + metrics.units(4.5));
    let (panels, status) = rest.split_top_bottom_at_y(rest.bottom() - metrics.units(3.5));
    // Both panels gain from a taller window, until the list is full.
    let least = morph_panel::least_height(metrics);
    let spare = (panels.height() - gap - 2.0 * least).max(0.0);
    let full = listen_panel::most_height(metrics) + gap;
    let morph_top = (panels.bottom() - least - 0.45 * spare).min(panels.top() + full);
    let (listen, morph) = panels.split_top_bottom_at_y(morph_top);

    let mut edit = control::Edit { setter, state };
    draw_header(ui, metrics, header, params, setter);
    listen_panel::draw(
        ui,
        metrics,
        listen.with_max_y(listen.bottom() - gap),
        params,
        snapshot,
        &mut edit,
    );
    morph_panel::draw(ui, metrics, morph, params, snapshot, &mut edit);
    // The corner is the window's grip.
    let status = status
        .with_min_x(status.left() + gap)
        .with_max_x(status.right() - metrics.units(1.5));
    let menu = &mut edit.state.models_menu;
    status_bar::draw(ui, metrics, status, snapshot, &params.models, menu);
}

fn draw_header(
    ui: &Ui,
    metrics: theme::Metrics,
    rect: Rect,
    params: &MoodringParams,
    setter: &ParamSetter<'_>,
) {
    // The mark: a ring of the three kinds' colours.
    let radius = metrics.units(1.0);
    let center = Pos2::new(rect.left() + metrics.units(2.0), rect.center().y);
    for (index, kind) in crate::model::TagKind::ALL.into_iter().enumerate() {
        let third = std::f32::consts::TAU / 3.0;
        let points = (0..=16)
            .map(|step| {
                let angle = third * (index as f32 + 0.05 + 0.9 * step as f32 / 16.0);
                center + radius * Vec2::angled(angle)
            })
            .collect();
        let stroke = egui::Stroke::new(metrics.units(0.45), theme::kind_color(kind));
        ui.painter().add(egui::Shape::line(points, stroke));
    }
    theme::label(
        ui,
        rect.with_min_x(center.x + metrics.units(2.0)),
        Align2::LEFT_CENTER,
        "Moodring",
        metrics.title(),
        theme::TEXT,
    );
    let width = slider::switch_width(ui, metrics, &params.bypass);
    let bypass = rect
        .with_min_x(rect.right() - width)
        .shrink2(Vec2::new(0.0, metrics.units(0.75)));
    slider::switch(ui, metrics, bypass, &params.bypass, theme::WARNING, setter)
        .on_hover_text("Lets the input through untouched, delayed as the output is");
}

/// The editor's window content. It holds no part of the engine, only a way to ask what there is to show.
pub struct EditorApp {
    params: Arc<MoodringParams>,
    /// Fills the snapshot with the present values.
    source: Box<dyn FnMut(&mut Snapshot) + Send>,
    snapshot: Snapshot,
    state: UiState,
    /// The way to the host's automation; there is one while a window is open.
    context: Option<GuiContext>,
    /// The way back for keys; there is one while a window is open on X11.
    keys: Option<HostKeys>,
    /// Whether a control had the focus at the end of the last frame.
    had_focus: bool,
}

impl NiceEguiApp for EditorApp {
    fn build(
        &mut self,
        _egui_ctx: egui::Context,
        context: GuiContext,
        frame: &mut Frame,
    ) -> Result<(), HandlerError> {
        frame.set_clear_color(theme::BACKGROUND.into());
        frame.set_key_capture(KeyCapture::CaptureKeys(keys::own_keys()));
        self.keys = HostKeys::of(frame.baseview_window());
        self.had_focus = false;
        self.state = UiState::default();
        self.context = Some(context);
        Ok(())
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut Frame) {
        (self.source)(&mut self.snapshot);
        let Some(context) = &self.context else {
            return;
        };
        let setter = context.param_setter();
        ResizableWindow::new("moodring")
            .min_size(Vec2::from(LEAST_SIZE))
            .show(ui, |ui| {
                draw(ui, &self.params, &setter, &self.snapshot, &mut self.state);
            });
        let has_focus = ui.ctx().egui_wants_keyboard_input();
        if let Some(keys) = &self.keys {
            // A key that gives or takes the focus is the editor's own.
            keys.hand_back(has_focus || self.had_focus);
        }
        self.had_focus = has_focus;
    }

    fn editor_closed(&mut self) {
        self.keys = None;
        if let Some(context) = self.context.take() {
            self.state.end_gesture(&context.param_setter());
        }
    }
}

/// Makes the editor. `source` is called before each frame to fill in what is shown; `repaint` is how the engine asks for
/// one.
pub fn create(
    params: Arc<MoodringParams>,
    repaint: RepaintNotifier,
    source: impl FnMut(&mut Snapshot) + Send + 'static,
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
            had_focus: false,
        },
    )
}
