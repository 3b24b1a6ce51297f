//! What of the readout is shown: kept with the project, no part of the sound.

mod places;

use nice_plug::params::persist::PersistentField;
use serde::{Deserialize, Serialize};

pub use places::{KeptPlace, KeptPlaces, LONGEST_PLACE_NAME, MOST_PLACES};

use super::saving::saving_thread;
use crate::{
    engine::{ForkSafeGuard, ForkSafeMutex},
    model::{LONGEST_NAME, TagInfo, TagKind},
    thread::MayBlock,
};

/// More tags than anybody watches; a project can't name more.
const MOST_PINNED: usize = 64;

/// What of the readout is shown.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ViewSettings {
    /// The tags that stay on top, in the order in which they were pinned.
    pinned: Vec<PinnedTag>,
    /// Tags with less than this are hidden unless they are pinned: a probability, 0 to 1.
    threshold: f32,
}

/// A tag by its name, since another tagger may have it in another place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct PinnedTag {
    kind: TagKind,
    name: String,
}

impl ViewSettings {
    /// The probability below which tags are hidden, 0 to 1.
    pub fn threshold(&self) -> f32 {
        self.threshold
    }

    /// Whether a tag stays on top.
    pub fn is_pinned(&self, tag: &TagInfo) -> bool {
        self.pinned
            .iter()
            .any(|pinned| pinned.kind == tag.kind && pinned.name == tag.name)
    }
}

/// The present [`ViewSettings`]. The editor and the main thread share it. What takes a thread's marker locks.
#[derive(Debug, Default)]
pub struct EditorView(ForkSafeMutex<ViewSettings>);

impl EditorView {
    /// A copy of the settings.
    pub fn get(&self, thread: &impl MayBlock) -> ViewSettings {
        self.lock(thread).clone()
    }

    /// Hides tags with less than `threshold`, a probability of 0 to 1.
    pub fn hide_below(&self, threshold: f32, thread: &impl MayBlock) {
        self.lock(thread).threshold = threshold;
    }

    /// Pins a tag, or lets it go.
    pub fn toggle(&self, tag: &TagInfo, thread: &impl MayBlock) {
        let mut settings = self.lock(thread);
        let before = settings.pinned.len();
        settings
            .pinned
            .retain(|pinned| pinned.kind != tag.kind || pinned.name != tag.name);
        if settings.pinned.len() == before && before < MOST_PINNED {
            settings.pinned.push(PinnedTag {
                kind: tag.kind,
                name: tag.name.clone(),
            });
        }
    }

    fn lock(&self, _: &impl MayBlock) -> ForkSafeGuard<'_, ViewSettings> {
        self.0.lock()
    }
}

impl PersistentField<'_, ViewSettings> for EditorView {
    fn set(&self, mut settings: ViewSettings) {
        // No tagger that loads has a tag of such a name: a project's may be of any length.
        settings
            .pinned
            .retain(|pinned| pinned.name.chars().count() <= LONGEST_NAME);
        settings.pinned.truncate(MOST_PINNED);
        settings.threshold = settings.threshold.clamp(0.0, 1.0);
        *self.lock(&saving_thread()) = settings;
    }

    fn map<F, R>(&self, f: F) -> R
    where
        F: Fn(&ViewSettings) -> R,
    {
        f(&self.lock(&saving_thread()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::thread::MainThread;

    #[test]
    fn of_a_projects_pins_only_those_stay_that_a_tag_can_have() {
        const MAIN: MainThread = MainThread::assume();
        let tag = |name: &str| PinnedTag {
            kind: TagKind::Genre,
            name: name.to_owned(),
        };
        let view = EditorView::default();
        view.set(ViewSettings {
            pinned: vec![tag(&"a".repeat(1_000_000)), tag("rock")],
            threshold: 7.0,
        });
        let expected = ViewSettings {
            pinned: vec![tag("rock")],
            threshold: 1.0,
        };
        assert_eq!(view.get(&MAIN), expected);
    }
}
