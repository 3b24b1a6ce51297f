//! Two settings to go back and forth between, called 1 and 2. Each has its own preset and its own steps to undo.

use std::collections::BTreeMap;

use crate::editor::input::{EditHistory, Recorder, UnautomatedSettings};
use crate::{library::Settings, params::MoodringParams, thread::EditorThread};

/// Parameters that stay as they are: they aren't what is compared.
const SHARED: [&str; 2] = ["bypass", "average"];

/// Which of the two settings is heard, and the other one; on the window's thread.
#[derive(Debug, Default)]
pub struct Compare {
    /// Whether setting 2 is the one that is heard.
    second: bool,
    /// The other one; until there has been one, it is the same.
    other: Option<Setting>,
}

/// All that makes one of the two.
#[derive(Debug)]
struct Setting {
    /// Normalized, by id.
    values: BTreeMap<String, f32>,
    rest: UnautomatedSettings,
    history: EditHistory,
}

impl Setting {
    fn of(params: &MoodringParams, thread: &EditorThread) -> Self {
        let mut values = Settings::of(params, thread).values;
        for id in SHARED {
            values.remove(id);
        }
        Self {
            values,
            rest: UnautomatedSettings::of(params, thread),
            history: EditHistory::default(),
        }
    }
}

impl Compare {
    /// The number of the setting that is heard, from 1.
    pub fn heard(&self) -> usize {
        if self.second { 2 } else { 1 }
    }

    /// The number of the other one.
    pub fn other(&self) -> usize {
        if self.second { 1 } else { 2 }
    }

    /// Makes the other one heard.
    pub fn switch(&mut self, params: &MoodringParams, recorder: &Recorder<'_>) {
        let thread = recorder.thread();
        let mut left = Setting::of(params, thread);
        let mut entered = self
            .other
            .take()
            .unwrap_or_else(|| Setting::of(params, thread));
        recorder.replace(params, &entered.values, &entered.rest);
        recorder.swap_history(&mut entered.history);
        left.history = entered.history;
        self.other = Some(left);
        self.second = !self.second;
    }

    /// Makes the other one the same as the one that is heard.
    pub fn copy(&mut self, params: &MoodringParams, thread: &EditorThread) {
        self.other = Some(Setting::of(params, thread));
    }
}
