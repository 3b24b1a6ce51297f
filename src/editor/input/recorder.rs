//! Tells the host of every edit, as gestures, and writes it into the history of what can be undone.
#![allow(
    unsafe_code,
    reason = "nice-plug's gestures take parameters by pointer"
)]

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
};

use nice_plug::prelude::{Param, ParamPtr, ParamSetter, Params};

use super::{
    control_menu::{Marks, MenuWish},
    undo::{Change, EditHistory, Step, UnautomatedSettings},
};
use crate::{
    params::{AnyParam, MoodringParams},
    thread::EditorThread,
};

/// Takes edits during one frame, as nice-plug's `ParamSetter` does, and remembers them; on the window's thread.
pub struct Recorder<'a> {
    host: &'a ParamSetter<'a>,
    thread: EditorThread,
    history: RefCell<EditHistory>,
    marks: Marks,
    menu: RefCell<Option<MenuWish>>,
    took_key: Cell<bool>,
}

impl<'a> Recorder<'a> {
    /// Starts for the frame at `now`, on egui's clock, with the edits so far and what holds for parameters.
    pub fn new(
        host: &'a ParamSetter<'a>,
        mut history: EditHistory,
        marks: Marks,
        now: f64,
    ) -> Self {
        history.now = now;
        Self {
            host,
            // There is a setter only while the window is open, and a recorder only while a frame is drawn.
            thread: EditorThread::assume(),
            history: RefCell::new(history),
            marks,
            menu: RefCell::new(None),
            took_key: Cell::new(false),
        }
    }

    /// What holds for parameters at the moment.
    pub fn marks(&self) -> &Marks {
        &self.marks
    }

    /// Has a control's menu opened at the frame's end.
    pub fn ask_menu(&self, wish: MenuWish) {
        *self.menu.borrow_mut() = Some(wish);
    }

    /// The menu that was asked for in this frame.
    pub fn take_menu(&self) -> Option<MenuWish> {
        self.menu.borrow_mut().take()
    }

    /// Notes that this frame had a use for a key that hosts have a use for, too.
    pub fn take_key(&self) {
        self.took_key.set(true);
    }

    /// Returns the thread that draws the frame.
    pub fn thread(&self) -> &EditorThread {
        &self.thread
    }

    /// Returns the history, with what was edited in this frame, what holds for parameters, and whether a key was taken that hosts have a
    /// use for, too.
    pub fn into_parts(self) -> (EditHistory, Marks, bool) {
        let took_key = self.took_key.get();
        (self.history.into_inner(), self.marks, took_key)
    }

    /// Exchanges the history for another setting's.
    pub fn swap_history(&self, other: &mut EditHistory) {
        let mut history = self.history.borrow_mut();
        other.now = history.now;
        std::mem::swap(&mut *history, other);
    }

    /// Begins a gesture on `param`.
    pub fn begin_set_parameter(&self, param: &impl Param) {
        let before = param.unmodulated_normalized_value();
        let change = Change {
            param: param.as_ptr(),
            before,
            after: before,
            stepped: param.step_count().is_some(),
        };
        self.history.borrow_mut().begin(param.name(), change);
        self.host.begin_set_parameter(param);
    }

    /// Takes the gesture to a plain value.
    pub fn set_parameter<P: Param>(&self, param: &P, value: P::Plain) {
        self.set_parameter_normalized(param, param.preview_normalized(value));
    }

    /// Takes the gesture to a normalized value.
    pub fn set_parameter_normalized(&self, param: &impl Param, normalized: f32) {
        self.history.borrow_mut().set(param.as_ptr(), normalized);
        self.host.set_parameter_normalized(param, normalized);
    }

    /// Ends the gesture on `param`.
    pub fn end_set_parameter(&self, param: &impl Param) {
        self.end(param.as_ptr());
    }

    /// Ends the gesture on the parameter behind a pointer.
    pub fn end(&self, param: ParamPtr) {
        self.history.borrow_mut().end(param);
        // SAFETY: the context checks that it knows the parameter.
        unsafe { self.host.raw_context.raw_end_set_parameter(param) };
    }

    /// Sets a parameter of whatever kind, in one gesture.
    pub fn set_any(&self, param: &AnyParam<'_>, normalized: f32) {
        let change = Change {
            param: param.pointer(),
            before: param.value(),
            after: normalized,
            stepped: param.is_stepped(),
        };
        {
            let mut history = self.history.borrow_mut();
            history.begin(param.name(), change);
            history.end(change.param);
        }
        self.tell(std::iter::once((change.param, normalized)));
    }

    /// Sets all of `values` (normalized, by id) and `rest`, as one step called `name`. What is locked stays.
    pub fn load(
        &self,
        name: &str,
        params: &MoodringParams,
        values: &BTreeMap<String, f32>,
        rest: UnautomatedSettings,
    ) {
        let changes = changes(params, values, &self.thread);
        self.tell(changes.iter().map(|change| (change.param, change.after)));
        let before = UnautomatedSettings::of(params, &self.thread);
        rest.put(params, &self.thread);
        let mut history = self.history.borrow_mut();
        let now = history.now;
        history.push(Step::new(
            name.to_owned(),
            changes,
            Some((before, rest)),
            now,
        ));
    }

    /// Remembers a step called `name` that was done already, and not here: a capture that the sound has filled.
    pub fn happened(&self, name: &str, before: UnautomatedSettings, after: UnautomatedSettings) {
        let mut history = self.history.borrow_mut();
        let now = history.now;
        let rest = Some((before, after));
        history.push(Step::new(name.to_owned(), Vec::new(), rest, now));
    }

    /// Does what [`Recorder::load`] does, but as no step.
    pub fn replace(
        &self,
        params: &MoodringParams,
        values: &BTreeMap<String, f32>,
        rest: &UnautomatedSettings,
    ) {
        let changes = changes(params, values, &self.thread);
        self.tell(changes.iter().map(|change| (change.param, change.after)));
        rest.put(params, &self.thread);
    }

    /// Names what would be undone.
    pub fn undo_name(&self) -> Option<String> {
        self.history.borrow().last().map(Step::words)
    }

    /// Names what would be done again.
    pub fn redo_name(&self) -> Option<String> {
        self.history.borrow().next().map(Step::words)
    }

    /// Undoes the last step. `false` if there is none.
    pub fn undo(&self, params: &MoodringParams) -> bool {
        let Some(step) = self.history.borrow_mut().undo() else {
            return false;
        };
        self.tell(
            step.changes
                .iter()
                .map(|change| (change.param, change.before)),
        );
        if let Some((before, _)) = &step.rest {
            before.put(params, &self.thread);
        }
        true
    }

    /// Does the step again that was undone last. `false` if there is none.
    pub fn redo(&self, params: &MoodringParams) -> bool {
        let Some(step) = self.history.borrow_mut().redo() else {
            return false;
        };
        self.tell(
            step.changes
                .iter()
                .map(|change| (change.param, change.after)),
        );
        if let Some((_, after)) = &step.rest {
            after.put(params, &self.thread);
        }
        true
    }

    /// Tells the host, as gestures that hold all the parameters at once.
    fn tell(&self, values: impl Iterator<Item = (ParamPtr, f32)> + Clone) {
        let host = self.host.raw_context;
        // SAFETY: the context checks that it knows the parameters.
        unsafe {
            for (param, _) in values.clone() {
                host.raw_begin_set_parameter(param);
            }
            for (param, normalized) in values.clone() {
                host.raw_set_parameter_normalized(param, normalized);
            }
            for (param, _) in values {
                host.raw_end_set_parameter(param);
            }
        }
    }
}

/// Returns what has to change for `values` to be so, as far as it isn't locked.
fn changes(
    params: &MoodringParams,
    values: &BTreeMap<String, f32>,
    thread: &EditorThread,
) -> Vec<Change> {
    let locked = params.locks.get(thread);
    params
        .param_map()
        .into_iter()
        .filter(|(id, ..)| !locked.contains(id))
        .filter_map(|(id, param, _)| {
            let after = *values.get(&id)?;
            // SAFETY: the pointers are those of `params`, which is borrowed for all of this.
            let (before, stepped) = unsafe {
                (
                    param.unmodulated_normalized_value(),
                    param.step_count().is_some(),
                )
            };
            (before != after).then_some(Change {
                param,
                before,
                after,
                stepped,
            })
        })
        .collect()
}
