//! What a frame is drawn from.

use super::{input::Edit, look::Metrics, widgets::help::Notice};
use crate::{params::MoodringParams, telemetry::Snapshot};

/// What one frame is drawn from, and what it may change; made anew for every frame, on the window's thread. What a panel
/// remembers until the next frame is its own, and not in here.
pub struct Scene<'a> {
    /// Sizes and colours.
    pub metrics: Metrics,
    /// The parameters, to be read; they are changed through `edit`.
    pub params: &'a MoodringParams,
    /// What is heard and done.
    pub snapshot: &'a Snapshot,
    /// The way to change parameters.
    pub edit: Edit<'a>,
    /// What the help line says for a while.
    pub notice: &'a mut Notice,
}

impl Scene<'_> {
    /// The same scene with another snapshot.
    pub fn with_snapshot<'b>(&'b mut self, snapshot: &'b Snapshot) -> Scene<'b> {
        Scene {
            metrics: self.metrics,
            params: self.params,
            snapshot,
            edit: self.edit.reborrow(),
            notice: self.notice,
        }
    }
}
