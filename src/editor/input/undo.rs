//! Remembers edits, step by step, so that they can be undone and done again. A gesture is a step; so is a preset; the host's
//! automation is none.

use nice_plug::prelude::ParamPtr;

use crate::{
    params::{Captured, MoodringParams, PresetName, Slot},
    thread::EditorThread,
};

/// Most steps that are remembered.
const MOST_STEPS: usize = 200;

/// Notches of the wheel and presses of an arrow key that follow each other within this time are one step, in seconds.
const PAUSE: f64 = 0.7;

/// The steps of one setting, on the window's thread.
#[derive(Debug, Default)]
pub struct EditHistory {
    done: Vec<Step>,
    undone: Vec<Step>,
    /// The gestures that are under way, as one step.
    open: Option<Step>,
    /// Parameters whose gesture is under way.
    held: Vec<ParamPtr>,
    /// Time of the present frame, on egui's clock.
    pub now: f64,
}

/// What one edit changed.
#[derive(Debug, Clone)]
pub struct Step {
    /// The parameter that was changed first, or the preset.
    name: String,
    /// What was changed of parameters, each once.
    pub changes: Vec<Change>,
    /// What was changed besides parameters.
    pub rest: Option<(UnautomatedSettings, UnautomatedSettings)>,
    /// Time at which it began, on egui's clock.
    began: f64,
    /// Time at which it, or what it took in, ended.
    ended: f64,
    /// Whether it was over in the frame in which it began, as a notch of the wheel is.
    at_once: bool,
}

/// One parameter's value before and after, normalized.
#[derive(Debug, Clone, Copy)]
pub struct Change {
    /// The parameter.
    pub param: ParamPtr,
    /// The value before, normalized.
    pub before: f32,
    /// The value after, normalized.
    pub after: f32,
    /// Whether it has one value only after another, as a switch has.
    pub stepped: bool,
}

/// The settings that aren't parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct UnautomatedSettings {
    /// What is in the slots A and B.
    pub captures: [Option<Captured>; 2],
    /// The preset in use; `None` is the neutral one.
    pub preset: Option<PresetName>,
}

impl UnautomatedSettings {
    /// Reads the present ones.
    pub fn of(params: &MoodringParams, thread: &EditorThread) -> Self {
        Self {
            captures: params.captures.both(thread),
            preset: params.preset.get(thread),
        }
    }

    /// Puts them in place.
    pub fn put(&self, params: &MoodringParams, thread: &EditorThread) {
        for (slot, captured) in Slot::ALL.into_iter().zip(&self.captures) {
            // Every change costs Morph a look at the latents.
            if params.captures.get(slot, thread) != *captured {
                params.captures.set(slot, captured.clone(), thread);
            }
        }
        params.preset.choose(self.preset.clone(), thread);
    }
}

impl Step {
    /// Makes a step that is done within the present frame.
    pub fn new(
        name: String,
        changes: Vec<Change>,
        rest: Option<(UnautomatedSettings, UnautomatedSettings)>,
        now: f64,
    ) -> Self {
        Self {
            name,
            changes,
            rest,
            began: now,
            ended: now,
            at_once: true,
        }
    }

    /// Says what was changed, for the button.
    pub fn words(&self) -> String {
        match self.changes.len() {
            2.. if self.rest.is_none() => {
                format!("{} and {} more", self.name, self.changes.len() - 1)
            }
            _ => self.name.clone(),
        }
    }

    /// Whether `next` goes on where this one ended.
    fn goes_on_with(&self, next: &Self) -> bool {
        if self.ended == next.began {
            // A choice that sets two parameters is one choice.
            return true;
        }
        let ([own], [others]) = (self.changes.as_slice(), next.changes.as_slice()) else {
            return false;
        };
        own.param == others.param
            && !own.stepped
            && self.at_once
            && next.at_once
            && next.began - self.ended < PAUSE
            && self.rest.is_none()
            && next.rest.is_none()
    }

    fn take_in(&mut self, next: Self) {
        for change in next.changes {
            match self
                .changes
                .iter_mut()
                .find(|own| own.param == change.param)
            {
                Some(own) => own.after = change.after,
                None => self.changes.push(change),
            }
        }
        self.rest = match (self.rest.take(), next.rest) {
            (Some((before, _)), Some((_, after))) => Some((before, after)),
            (own, others) => own.or(others),
        };
        self.ended = next.ended;
    }

    fn changes_nothing(&self) -> bool {
        self.changes
            .iter()
            .all(|change| change.before == change.after)
            && self
                .rest
                .as_ref()
                .is_none_or(|(before, after)| before == after)
    }
}

impl EditHistory {
    /// Begins a gesture on `change.param`.
    pub fn begin(&mut self, name: &str, change: Change) {
        let now = self.now;
        let open = self
            .open
            .get_or_insert_with(|| Step::new(name.to_owned(), Vec::new(), None, now));
        if !open.changes.iter().any(|own| own.param == change.param) {
            open.changes.push(change);
        }
        if !self.held.contains(&change.param) {
            self.held.push(change.param);
        }
    }

    /// Takes the gesture on `param` to a value.
    pub fn set(&mut self, param: ParamPtr, normalized: f32) {
        let change = self
            .open
            .iter_mut()
            .flat_map(|open| &mut open.changes)
            .find(|change| change.param == param);
        if let Some(change) = change {
            change.after = normalized;
        }
    }

    /// Ends the gesture on `param`. The step is done when no other is under way.
    pub fn end(&mut self, param: ParamPtr) {
        self.held.retain(|held| *held != param);
        if self.held.is_empty()
            && let Some(mut step) = self.open.take()
        {
            step.ended = self.now;
            step.at_once = step.began == self.now;
            self.push(step);
        }
    }

    /// Adds a step that is done.
    pub fn push(&mut self, step: Step) {
        if step.changes_nothing() {
            return;
        }
        self.undone.clear();
        match self.done.last_mut() {
            Some(last) if last.goes_on_with(&step) => {
                last.take_in(step);
                // There and back is no step.
                if last.changes_nothing() {
                    self.done.pop();
                }
            }
            _ => self.done.push(step),
        }
        if self.done.len() > MOST_STEPS {
            self.done.remove(0);
        }
    }

    /// What would be undone.
    pub fn last(&self) -> Option<&Step> {
        self.done.last()
    }

    /// What would be done again.
    pub fn next(&self) -> Option<&Step> {
        self.undone.last()
    }

    /// Takes the last step back; returns what its parameters and the rest were before.
    pub fn undo(&mut self) -> Option<Step> {
        let step = self.done.pop()?;
        self.undone.push(step.clone());
        Some(step)
    }

    /// Takes the last step that was undone forth again.
    pub fn redo(&mut self) -> Option<Step> {
        let mut step = self.undone.pop()?;
        // Nothing goes on where a step ended that was done again.
        step.ended = f64::NEG_INFINITY;
        self.done.push(step.clone());
        Some(step)
    }
}

#[cfg(test)]
mod tests {
    use nice_plug::prelude::Param;

    use super::*;

    /// A gesture over some frames that ends with `values` in turn.
    fn edit(history: &mut EditHistory, param: &impl Param, from: f32, values: &[f32]) {
        let change = Change {
            param: param.as_ptr(),
            before: from,
            after: from,
            stepped: param.step_count().is_some(),
        };
        history.begin(param.name(), change);
        for value in values {
            history.set(change.param, *value);
            if values.len() > 1 {
                history.now += 0.1;
            }
        }
        history.end(change.param);
    }

    fn steps(history: &EditHistory) -> Vec<(String, Vec<(f32, f32)>)> {
        let changes = |step: &Step| {
            let changes = step.changes.iter();
            changes
                .map(|change| (change.before, change.after))
                .collect()
        };
        let steps = history.done.iter();
        steps.map(|step| (step.words(), changes(step))).collect()
    }

    #[test]
    fn notches_are_one_step_until_there_is_a_pause() {
        let params = MoodringParams::default();
        let (mix, bypass) = (&params.mix, &params.bypass);
        let mut history = EditHistory::default();
        for (at, from, to) in [
            (0.0, 0.5, 0.6),
            (0.3, 0.6, 0.7),
            (0.9, 0.7, 0.8),
            (2.0, 0.8, 0.9),
        ] {
            history.now = at;
            edit(&mut history, mix, from, &[to]);
        }
        let mix_steps = [(0.5, 0.8), (0.8, 0.9)].map(|step| ("Mix".to_owned(), vec![step]));
        assert_eq!(steps(&history), mix_steps);
        // A drag is a step of its own, however soon it comes.
        history.now = 2.1;
        edit(&mut history, mix, 0.9, &[0.5, 0.4]);
        assert_eq!(steps(&history).len(), 3);
        history.now += 0.1;
        edit(&mut history, mix, 0.4, &[0.3]);
        assert_eq!(steps(&history).len(), 4, "a notch after a drag is another");
        // A switch is turned over twice, not notched.
        history.now += 0.1;
        edit(&mut history, bypass, 0.0, &[1.0]);
        history.now += 0.1;
        edit(&mut history, bypass, 1.0, &[0.0]);
        assert_eq!(steps(&history).len(), 6);
    }

    #[test]
    fn there_and_back_is_no_step() {
        let params = MoodringParams::default();
        let mut history = EditHistory::default();
        edit(&mut history, &params.mix, 0.5, &[0.6]);
        history.now = 0.1;
        edit(&mut history, &params.mix, 0.6, &[0.5]);
        assert!(history.last().is_none());
        edit(&mut history, &params.mix, 0.5, &[0.7, 0.5]);
        assert!(history.last().is_none());
    }

    #[test]
    fn gestures_that_overlap_are_one_step() {
        let params = MoodringParams::default();
        let mut history = EditHistory::default();
        let changes = [&params.map_x, &params.map_y].map(|param| Change {
            param: param.as_ptr(),
            before: 0.5,
            after: 0.5,
            stepped: false,
        });
        for change in changes {
            history.begin("Map X", change);
        }
        for change in changes {
            history.now += 0.1;
            history.set(change.param, 0.75);
        }
        for change in changes {
            history.now += 0.1;
            assert!(history.last().is_none());
            history.end(change.param);
        }
        let expected = ("Map X and 1 more".to_owned(), vec![(0.5, 0.75); 2]);
        assert_eq!(steps(&history), [expected]);
        // One that is over in the same frame as the next begins is one choice with it.
        edit(&mut history, &params.morph, 0.0, &[1.0]);
        assert_eq!(steps(&history).len(), 1);
        history.undo().unwrap();
        assert!(history.last().is_none());
        assert_eq!(history.redo().unwrap().changes.len(), 3);
    }

    #[test]
    fn only_so_many_steps_are_remembered() {
        let params = MoodringParams::default();
        let mut history = EditHistory::default();
        for step in 0..MOST_STEPS + 10 {
            history.now = 10.0 * step as f64;
            edit(&mut history, &params.mix, step as f32, &[step as f32 + 1.0]);
        }
        assert_eq!(history.done.len(), MOST_STEPS);
        let mut undone = 0;
        while history.undo().is_some() {
            undone += 1;
        }
        assert_eq!((undone, history.undone.len()), (MOST_STEPS, MOST_STEPS));
    }
}
