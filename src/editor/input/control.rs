//! What all continuous controls have in common: the gestures, and how they reach the host.
#![allow(
    unsafe_code,
    reason = "nice-plug's gestures take parameters by pointer"
)]

use std::{path::Path, sync::Arc};

use egui::{
    Id, Key, Modifiers, MouseWheelUnit, Rect, Response, Role, Ui, WidgetInfo,
    accesskit::{Action, ActionData},
};
use nice_plug::prelude::{Enum, EnumParam, FloatParam, Param, ParamPtr, ParamSetter};

use crate::editor::{
    app::preferences::{Preferences, UserFiles},
    input::recorder::Recorder,
    panels::presets::current::Presets,
};
use crate::telemetry::Snapshot;

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
    /// Values that were set lately; a drag over the map holds two at once.
    held: Vec<Held>,
    pub(in crate::editor) entry: Option<crate::editor::input::text_entry::TextEntry>,
    pub(in crate::editor) map: crate::editor::panels::morph::map::MapState,
    pub(in crate::editor) captures: crate::editor::panels::morph::captures::CaptureState,
    pub(in crate::editor) spectrum: crate::editor::panels::spectrum::SpectrumState,
    pub(in crate::editor) morph_view: crate::editor::panels::morph::layout::MorphTab,
    pub(in crate::editor) models_menu: crate::editor::app::models_menu::ModelsMenu,
    /// The sizes and colours that popups and tooltips were last styled for.
    pub(in crate::editor) styled: Option<crate::editor::look::theme::Metrics>,
    pub(in crate::editor) preferences: Preferences,
    /// Where the preferences are kept, and what is saved goes.
    pub(in crate::editor) files: UserFiles,
    /// What the help line says for a while.
    pub(in crate::editor) notice: crate::editor::widgets::help::Notice,
    pub(in crate::editor) mood_ring: crate::editor::app::mood_ring::MoodRing,
    /// Whether the processor computes the window's pixels.
    pub(in crate::editor) by_software: bool,
    /// What was shown when the readout was frozen.
    pub(in crate::editor) frozen: Option<Arc<Snapshot>>,
    pub(in crate::editor) timeline: crate::editor::panels::listen::timeline::Timeline,
    /// Presets, what can be undone, and the setting to compare with.
    pub(in crate::editor) presets: Presets,
}

impl UiState {
    /// That of a user, as they left it last time.
    pub fn of_user(files: UserFiles) -> Self {
        let file = files.preferences.as_deref();
        let preferences = file.map(Preferences::read).unwrap_or_default();
        Self::new(preferences, files)
    }

    /// That of somebody with these preferences.
    pub fn new(preferences: Preferences, files: UserFiles) -> Self {
        Self {
            preferences,
            presets: Presets::new(files.library.clone()),
            files,
            ..Self::default()
        }
    }

    /// That of a window that is opened again: what can be undone outlives the window, the rest is as the user left it.
    pub(in crate::editor) fn reopened(self, files: UserFiles) -> Self {
        let mut state = Self::of_user(files);
        state.presets.take_over(self.presets);
        state
    }

    /// The folder that readouts are saved to.
    pub(in crate::editor) fn readout_folder(&self) -> Option<&Path> {
        self.files.readouts.as_deref()
    }

    /// Changes the preferences, and keeps them.
    pub(in crate::editor) fn prefer(&mut self, change: impl FnOnce(&mut Preferences)) {
        change(&mut self.preferences);
        if let Some(file) = &self.files.preferences {
            // They hold for as long as the window is open, at least.
            let _ = self.preferences.write(file);
        }
    }

    /// Ends the gestures that are under way, if any: the window may close in the middle of one.
    pub fn end_gesture(&mut self, setter: &ParamSetter<'_>) {
        for param in self.let_go() {
            self.presets.history.end(param);
            // SAFETY: the pointer was made from a parameter of the plugin whose editor this state belongs to, and the
            // context checks that it knows it.
            unsafe { setter.raw_context.raw_end_set_parameter(param) };
        }
    }

    /// Forgets what was set last; returns the parameters whose gestures are still under way.
    pub(in crate::editor) fn let_go(&mut self) -> Vec<ParamPtr> {
        self.held
            .drain(..)
            .filter(|held| held.dragging)
            .map(|held| held.param)
            .collect()
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
pub(in crate::editor) enum Travel {
    /// Up is more; the whole range takes this many points.
    Vertical(f32),
    /// The value follows the pointer along this track.
    Along(Rect),
}

/// What controls need to change parameters.
pub(in crate::editor) struct Edit<'a> {
    pub setter: &'a Recorder<'a>,
    pub state: &'a mut UiState,
}

impl Edit<'_> {
    /// Handles drag, click, wheel, keys and double-click on `response`, and returns the normalized value to draw.
    pub(in crate::editor) fn gestures(
        &mut self,
        ui: &Ui,
        response: &mut Response,
        param: &FloatParam,
        travel: Travel,
    ) -> f32 {
        let (now, shift) = ui.input(|input| (input.time, input.modifiers.shift));
        let pace = pace(ui);
        let before = self.value(response.id, param, now);
        let mut after = before;

        if response.drag_started_by(egui::PointerButton::Primary) {
            self.end_gestures();
            if let Travel::Along(track) = travel
                && !shift
                && let Some(origin) = ui.input(|input| input.pointer.press_origin())
                && track.contains(origin)
            {
                after = along(track, origin.x);
            }
            self.begin(response.id, param, before);
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
            if self.drag_to(response.id, param, after) {
                response.mark_changed();
            }
            if response.drag_stopped() || !ui.input(|input| input.pointer.any_down()) {
                self.end(ui, response.id, param);
            }
            return after;
        }

        if response.double_clicked() {
            after = param.default_normalized_value();
        } else if response.clicked_by(egui::PointerButton::Primary)
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
            let (right, up) = arrows(ui, response.id);
            steps += right + up;
        }
        steps += assisted_steps(ui, response.id);
        if steps != 0.0 {
            after = (after + steps * STEP * pace).clamp(0.0, 1.0);
        }
        if let Some(asked) = assisted_value(ui, response.id, param) {
            after = asked;
        }
        // A reset is told to the host even when nothing changes here: it may have missed the last change.
        if after != before || response.double_clicked() {
            self.set_once(ui, response.id, param, after);
            response.mark_changed();
        }
        after
    }

    /// Ends the gestures that are under way, if any.
    pub(in crate::editor) fn end_gestures(&mut self) {
        for param in self.state.let_go() {
            self.setter.end(param);
        }
    }

    /// The value to show: the one that was set here last, until the parameter has had time to follow.
    pub(in crate::editor) fn value(&self, id: Id, param: &FloatParam, now: f64) -> f32 {
        match self.held(id) {
            Some(held) if now < held.until => held.normalized,
            _ => param.unmodulated_normalized_value(),
        }
    }

    /// Whether a drag that [`begin`](Self::begin) started is under way.
    pub(in crate::editor) fn is_dragging(&self, id: Id) -> bool {
        self.held(id).is_some_and(|held| held.dragging)
    }

    /// Starts a gesture on `param`, which the control shows as `normalized`. The caller has ended any other.
    pub(in crate::editor) fn begin(&mut self, id: Id, param: &FloatParam, normalized: f32) {
        self.setter.begin_set_parameter(param);
        self.hold(id, param, normalized, true, f64::INFINITY);
    }

    /// Goes on with a gesture. Returns whether this changed the value.
    pub(in crate::editor) fn drag_to(
        &mut self,
        id: Id,
        param: &FloatParam,
        normalized: f32,
    ) -> bool {
        let changes = self
            .held(id)
            .is_some_and(|held| held.normalized != normalized);
        if changes {
            self.setter.set_parameter_normalized(param, normalized);
            self.hold(id, param, normalized, true, f64::INFINITY);
        }
        changes
    }

    /// Ends a gesture.
    pub(in crate::editor) fn end(&mut self, ui: &Ui, id: Id, param: &FloatParam) {
        self.setter.end_set_parameter(param);
        if let Some(normalized) = self.held(id).map(|held| held.normalized) {
            self.settle(ui, id, param, normalized);
        }
    }

    /// A whole gesture at once.
    pub(in crate::editor) fn set_once(
        &mut self,
        ui: &Ui,
        id: Id,
        param: &FloatParam,
        normalized: f32,
    ) {
        self.setter.begin_set_parameter(param);
        self.setter.set_parameter_normalized(param, normalized);
        self.setter.end_set_parameter(param);
        self.settle(ui, id, param, normalized);
    }

    /// Chooses from a list in one gesture, if that is not chosen already.
    pub(in crate::editor) fn choose<T: Enum + PartialEq + Copy>(
        &self,
        param: &EnumParam<T>,
        choice: T,
    ) {
        if param.unmodulated_plain_value() != choice {
            self.setter.begin_set_parameter(param);
            self.setter.set_parameter(param, choice);
            self.setter.end_set_parameter(param);
        }
    }

    fn held(&self, id: Id) -> Option<&Held> {
        self.state.held.iter().find(|held| held.id == id)
    }

    fn hold(&mut self, id: Id, param: &FloatParam, normalized: f32, dragging: bool, until: f64) {
        self.state.held.retain(|held| held.id != id);
        self.state.held.push(Held {
            id,
            param: param.as_ptr(),
            normalized,
            dragging,
            until,
        });
    }

    fn settle(&mut self, ui: &Ui, id: Id, param: &FloatParam, normalized: f32) {
        let now = ui.input(|input| input.time);
        self.state.held.retain(|held| held.until > now);
        self.hold(id, param, normalized, false, now + SETTLING);
        // One frame, to show what the host made of it.
        ui.ctx()
            .request_repaint_after(std::time::Duration::from_secs_f64(SETTLING));
    }
}

/// What is left of every movement: all of it, or a little while Shift is held.
pub(in crate::editor) fn pace(ui: &Ui) -> f32 {
    if ui.input(|input| input.modifiers.shift) {
        FINE
    } else {
        1.0
    }
}

/// Where `x` is along the track, 0 to 1.
fn along(track: Rect, x: f32) -> f32 {
    ((x - track.left()) / track.width().max(1.0)).clamp(0.0, 1.0)
}

/// Steps of the wheel in this frame. Read from the events, since egui's own sum is smoothed over many frames.
pub(in crate::editor) fn wheel(ui: &Ui) -> f32 {
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

/// Steps of the arrow keys on the control that has the focus: to the right, and up.
pub(in crate::editor) fn arrows(ui: &Ui, id: Id) -> (f32, f32) {
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
            let count = input.count_and_consume_key(Modifiers::NONE, key)
                + input.count_and_consume_key(Modifiers::SHIFT, key);
            count as f32
        };
        (
            pressed(Key::ArrowRight) - pressed(Key::ArrowLeft),
            pressed(Key::ArrowUp) - pressed(Key::ArrowDown),
        )
    })
}

/// Steps that a screen reader asked for.
fn assisted_steps(ui: &Ui, id: Id) -> f32 {
    ui.input(|input| {
        let asked = |action| input.num_accesskit_action_requests(id, action) as f32;
        asked(Action::Increment) - asked(Action::Decrement)
    })
}

/// The value that a screen reader asked for, as a number or as text, normalized.
fn assisted_value(ui: &Ui, id: Id, param: &FloatParam) -> Option<f32> {
    ui.input(|input| {
        input
            .accesskit_action_requests(id, Action::SetValue)
            .filter_map(|request| match &request.data {
                Some(ActionData::NumericValue(value)) => {
                    Some(param.preview_normalized(*value as f32))
                }
                Some(ActionData::Value(text)) => param.string_to_normalized_value(text),
                _ => None,
            })
            .last()
            .filter(|normalized| normalized.is_finite())
    })
}

/// Tells screen readers (and tests) a continuous control's name, value, range and text.
pub(in crate::editor) fn describe(
    ui: &Ui,
    response: &Response,
    param: &FloatParam,
    normalized: f32,
    text: &str,
) {
    response.widget_info(|| WidgetInfo {
        label: Some(param.name().to_owned()),
        value: Some(f64::from(param.preview_plain(normalized))),
        current_text_value: Some(text.to_owned()),
        ..WidgetInfo::new(Role::Slider)
    });
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_min_numeric_value(f64::from(param.preview_plain(0.0)));
        node.set_max_numeric_value(f64::from(param.preview_plain(1.0)));
        node.add_action(Action::SetValue);
        node.add_action(Action::Increment);
        node.add_action(Action::Decrement);
    });
}
