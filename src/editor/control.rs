//! What all continuous controls have in common: the gestures, and how they reach the host.
#![allow(
    unsafe_code,
    reason = "nice-plug's gestures take parameters by pointer"
)]

use egui::{Id, Key, Modifiers, MouseWheelUnit, Rect, Response, Role, Ui, WidgetInfo};
use nice_plug::prelude::{FloatParam, Param, ParamPtr, ParamSetter};

use super::{
    preferences::{Preferences, UserFiles},
    presets::Presets,
    recorder::Recorder,
};

/// Share of the range that one step of the wheel or of an arrow key is.
const STEP: f32 = 1.0 / 60.0;
/// What Shift leaves of every movement.
const FINE: f32 = 0.1;
/// How long a value that was set is shown before the parameter is believed again, in seconds: a CLAP host takes the change
/// over with its next block only.
const SETTLING: f64 = 0.2;

/// What the editor remembers between two frames; nothing of it is part of the plugin's state.
#[derive(Debug, Default)]
pub struct UiState {
    held: Option<Held>,
    pub(super) models_menu: super::models_menu::ModelsMenu,
    /// The sizes that popups and tooltips were last styled for.
    pub(super) styled: Option<super::theme::Metrics>,
    pub(super) preferences: Preferences,
    /// Where the preferences are kept, and what is saved goes.
    files: UserFiles,
    /// What the help line says for a while.
    pub(super) notice: super::help::Notice,
    /// Presets, what can be undone, and the setting to compare with.
    pub(super) presets: Presets,
}

impl UiState {
    /// That of a user, as they left it last time.
    pub fn of_user(files: UserFiles) -> Self {
        Self {
            preferences: files
                .preferences
                .as_deref()
                .map(Preferences::read)
                .unwrap_or_default(),
            presets: Presets::new(files.library.clone()),
            files,
            ..Self::default()
        }
    }

    /// That of a window that is opened again: what can be undone outlives the window, the rest is as the user left it.
    pub(super) fn reopened(self, files: UserFiles) -> Self {
        let mut state = Self::of_user(files);
        state.presets.take_over(self.presets);
        state
    }

    /// Changes the preferences, and keeps them.
    pub(super) fn prefer(&mut self, change: impl FnOnce(&mut Preferences)) {
        change(&mut self.preferences);
        if let Some(file) = &self.files.preferences {
            // They hold for as long as the window is open, at least.
            let _ = self.preferences.write(file);
        }
    }

    /// Ends the gesture that is under way, if any: the window may close in the middle of one.
    pub fn end_gesture(&mut self, setter: &ParamSetter<'_>) {
        if let Some(param) = self.let_go() {
            self.presets.history.end(param);
            // SAFETY: the pointer was made from a parameter of the plugin whose editor this state belongs to, and the
            // context checks that it knows it.
            unsafe { setter.raw_context.raw_end_set_parameter(param) };
        }
    }

    /// Forgets what was set last; returns the parameter whose gesture is still under way.
    fn let_go(&mut self) -> Option<ParamPtr> {
        self.held
            .take()
            .filter(|held| held.dragging)
            .map(|held| held.param)
    }
}

/// The value that was set last, which its parameter may not have yet.
#[derive(Debug)]
struct Held {
    id: Id,
    param: ParamPtr,
    normalized: f32,
    dragging: bool,
    /// Time at which the parameter is believed again.
    until: f64,
}

/// Which way a control is dragged.
#[derive(Debug, Clone, Copy)]
pub(super) enum Travel {
    /// Up is more; the whole range takes this many points.
    Vertical(f32),
    /// The value follows the pointer along this track.
    Along(Rect),
}

/// What controls need to change parameters.
pub(super) struct Edit<'a> {
    pub setter: &'a Recorder<'a>,
    pub state: &'a mut UiState,
}

impl Edit<'_> {
    /// Handles drag, click, wheel, keys and double-click on `response`, and returns the normalized value to draw.
    pub(super) fn gestures(
        &mut self,
        ui: &Ui,
        response: &mut Response,
        param: &FloatParam,
        travel: Travel,
    ) -> f32 {
        let (now, shift) = ui.input(|input| (input.time, input.modifiers.shift));
        let pace = if shift { FINE } else { 1.0 };
        let before = self.value(response.id, param, now);
        let mut after = before;

        if response.drag_started_by(egui::PointerButton::Primary) {
            if let Some(param) = self.state.let_go() {
                self.setter.end(param);
            }
            self.setter.begin_set_parameter(param);
            if let Travel::Along(track) = travel
                && !shift
                && let Some(origin) = ui.input(|input| input.pointer.press_origin())
                && track.contains(origin)
            {
                after = along(track, origin.x);
            }
            self.hold(response.id, param, after, true, f64::INFINITY);
        }
        if self.is_dragging(response.id) {
            if response.dragged_by(egui::PointerButton::Primary) {
                let delta = response.drag_delta();
                after += pace
                    * match travel {
                        Travel::Vertical(points) => -delta.y / points.max(1.0),
                        Travel::Along(track) => delta.x / track.width().max(1.0),
                    };
            }
            after = after.clamp(0.0, 1.0);
            if after != before {
                self.setter.set_parameter_normalized(param, after);
                response.mark_changed();
            }
            self.hold(response.id, param, after, true, f64::INFINITY);
            if response.drag_stopped() || !ui.input(|input| input.pointer.any_down()) {
                self.setter.end_set_parameter(param);
                self.settle(ui, response.id, param, after, now);
            }
            return after;
        }

        if response.double_clicked() {
            after = param.default_normalized_value();
        } else if response.clicked()
            && let Travel::Along(track) = travel
            && let Some(position) = response.interact_pointer_pos()
            && track.contains(position)
        {
            after = along(track, position.x);
        }
        let mut steps = 0.0;
        if response.hovered() {
            steps += wheel(ui);
        }
        if response.has_focus() {
            steps += arrows(ui, response.id);
        }
        if steps != 0.0 {
            after = (after + steps * STEP * pace).clamp(0.0, 1.0);
        }
        // A reset is told to the host even when nothing changes here: it may have missed the last change.
        if after != before || response.double_clicked() {
            self.setter.begin_set_parameter(param);
            self.setter.set_parameter_normalized(param, after);
            self.setter.end_set_parameter(param);
            self.settle(ui, response.id, param, after, now);
            response.mark_changed();
        }
        after
    }

    /// The value to show: the one that was set here last, until the parameter has had time to follow.
    fn value(&self, id: Id, param: &FloatParam, now: f64) -> f32 {
        match &self.state.held {
            Some(held) if held.id == id && now < held.until => held.normalized,
            _ => param.unmodulated_normalized_value(),
        }
    }

    fn is_dragging(&self, id: Id) -> bool {
        self.state
            .held
            .as_ref()
            .is_some_and(|held| held.id == id && held.dragging)
    }

    fn hold(&mut self, id: Id, param: &FloatParam, normalized: f32, dragging: bool, until: f64) {
        self.state.held = Some(Held {
            id,
            param: param.as_ptr(),
            normalized,
            dragging,
            until,
        });
    }

    fn settle(&mut self, ui: &Ui, id: Id, param: &FloatParam, normalized: f32, now: f64) {
        self.hold(id, param, normalized, false, now + SETTLING);
        // One frame, to show what the host made of it.
        ui.ctx()
            .request_repaint_after(std::time::Duration::from_secs_f64(SETTLING));
    }
}

/// Where `x` is along the track, 0 to 1.
fn along(track: Rect, x: f32) -> f32 {
    ((x - track.left()) / track.width().max(1.0)).clamp(0.0, 1.0)
}

/// Steps of the wheel in this frame. Read from the events, since egui's own sum is smoothed over many frames.
pub(super) fn wheel(ui: &Ui) -> f32 {
    ui.input(|input| {
        input
            .events
            .iter()
            .map(|event| match event {
                egui::Event::MouseWheel { unit, delta, .. } => {
                    // Shift turns the wheel sideways on some systems.
                    let delta = if delta.y == 0.0 { delta.x } else { delta.y };
                    match unit {
                        MouseWheelUnit::Point => delta / 20.0,
                        MouseWheelUnit::Line => delta,
                        MouseWheelUnit::Page => delta * 5.0,
                    }
                }
                _ => 0.0,
            })
            .sum()
    })
}

/// Steps of the arrow keys, and of a screen reader, on the control that has the focus.
fn arrows(ui: &Ui, id: Id) -> f32 {
    ui.memory_mut(|memory| {
        memory.set_focus_lock_filter(
            id,
            egui::EventFilter {
                horizontal_arrows: true,
                vertical_arrows: true,
                ..Default::default()
            },
        );
    });
    ui.input_mut(|input| {
        let mut pressed = |key| {
            input.count_and_consume_key(Modifiers::NONE, key)
                + input.count_and_consume_key(Modifiers::SHIFT, key)
        };
        let more = pressed(Key::ArrowUp) + pressed(Key::ArrowRight);
        let less = pressed(Key::ArrowDown) + pressed(Key::ArrowLeft);
        more as f32 - less as f32
    })
}

/// Tells screen readers (and tests) a continuous control's name, value and text.
pub(super) fn describe(response: &Response, param: &FloatParam, normalized: f32, text: &str) {
    response.widget_info(|| WidgetInfo {
        label: Some(param.name().to_owned()),
        value: Some(f64::from(param.preview_plain(normalized))),
        current_text_value: Some(text.to_owned()),
        ..WidgetInfo::new(Role::Slider)
    });
}
