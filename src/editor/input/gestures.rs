//! Holds the gestures that are under way, and takes them to the host: begin, set, end.

use std::time::Duration;

use egui::{Id, Ui};
use nice_plug::prelude::{Enum, EnumParam, FloatParam, Param, ParamPtr};

use super::{recorder::Recorder, text_entry::TextEntry};

/// How long a value that was set is shown before the parameter is believed again, in seconds: a CLAP host takes the change
/// over with its next block only.
const SETTLING: f64 = 0.2;

/// What the user holds, on the window's thread: the values that were set lately, and the field in which one is typed.
#[derive(Debug, Default)]
pub struct Gestures {
    /// Values that were set lately; a drag over the map holds two at once.
    held: Vec<Held>,
    /// The field that is open; there is at most one.
    pub entry: Option<TextEntry>,
    /// What the user is to be told of what was entered, until the frame's end.
    pub remark: Option<String>,
}

impl Gestures {
    /// Believes a parameter again at once: it is set elsewhere.
    pub fn forget(&mut self, param: ParamPtr) {
        self.held
            .retain(|held| held.dragging || held.param != param);
    }

    /// Forgets what was set last; returns the parameters whose gestures are still under way.
    fn let_go(&mut self) -> Vec<ParamPtr> {
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

/// How controls change parameters during one frame, on the window's thread.
pub struct Edit<'a> {
    /// The way to the host.
    pub recorder: &'a Recorder<'a>,
    /// What is held.
    pub gestures: &'a mut Gestures,
}

impl Edit<'_> {
    /// Lends the same for a shorter while.
    pub fn reborrow(&mut self) -> Edit<'_> {
        Edit {
            recorder: self.recorder,
            gestures: self.gestures,
        }
    }

    /// Ends the gestures that are under way, if any.
    pub fn end_gestures(&mut self) {
        for param in self.gestures.let_go() {
            self.recorder.end(param);
        }
    }

    /// Returns the value to show: the one that was set here last, until the parameter has had time to follow.
    pub fn value(&self, id: Id, param: &FloatParam, now: f64) -> f32 {
        match self.held(id) {
            Some(held) if now < held.until => held.normalized,
            _ => param.unmodulated_normalized_value(),
        }
    }

    /// Whether a drag that [`begin`](Self::begin) started is under way.
    pub fn is_dragging(&self, id: Id) -> bool {
        self.held(id).is_some_and(|held| held.dragging)
    }

    /// Starts a gesture on `param`, which the control shows as `normalized`. The caller has ended any other.
    pub fn begin(&mut self, id: Id, param: &FloatParam, normalized: f32) {
        self.recorder.begin_set_parameter(param);
        self.hold(id, param, normalized, true, f64::INFINITY);
    }

    /// Goes on with a gesture. Returns whether this changed the value.
    pub fn drag_to(&mut self, id: Id, param: &FloatParam, normalized: f32) -> bool {
        let changes = self
            .held(id)
            .is_some_and(|held| held.normalized != normalized);
        if changes {
            self.recorder.set_parameter_normalized(param, normalized);
            self.hold(id, param, normalized, true, f64::INFINITY);
        }
        changes
    }

    /// Ends a gesture.
    pub fn end(&mut self, ui: &Ui, id: Id, param: &FloatParam) {
        self.recorder.end_set_parameter(param);
        if let Some(normalized) = self.held(id).map(|held| held.normalized) {
            self.settle(ui, id, param, normalized);
        }
    }

    /// Makes a whole gesture at once.
    pub fn set_once(&mut self, ui: &Ui, id: Id, param: &FloatParam, normalized: f32) {
        self.recorder.begin_set_parameter(param);
        self.recorder.set_parameter_normalized(param, normalized);
        self.recorder.end_set_parameter(param);
        self.settle(ui, id, param, normalized);
    }

    /// Chooses from a list in one gesture, if that is not chosen already.
    pub fn choose<T: Enum + PartialEq + Copy>(&self, param: &EnumParam<T>, choice: T) {
        if param.unmodulated_plain_value() != choice {
            self.recorder.begin_set_parameter(param);
            self.recorder.set_parameter(param, choice);
            self.recorder.end_set_parameter(param);
        }
    }

    fn held(&self, id: Id) -> Option<&Held> {
        self.gestures.held.iter().find(|held| held.id == id)
    }

    fn hold(&mut self, id: Id, param: &FloatParam, normalized: f32, dragging: bool, until: f64) {
        self.gestures.held.retain(|held| held.id != id);
        self.gestures.held.push(Held {
            id,
            param: param.as_ptr(),
            normalized,
            dragging,
            until,
        });
    }

    fn settle(&mut self, ui: &Ui, id: Id, param: &FloatParam, normalized: f32) {
        let now = ui.input(|input| input.time);
        self.gestures.held.retain(|held| held.until > now);
        self.hold(id, param, normalized, false, now + SETTLING);
        // One frame, to show what the host made of it.
        ui.ctx()
            .request_repaint_after(Duration::from_secs_f64(SETTLING));
    }
}
