//! The parts of the bar that stand beside the preset's name, and the words on those that the menu shows, too.

use super::compare::Compare;

/// The least width of the preset's name, in units.
const LEAST_NAME: f32 = 10.5;

/// The width from which on the name has all the room that it wants and all parts stand beside it, in units.
pub const FULL_WIDTH: f32 = 12.0 + 12.25 + 5.75 + 5.5 + 5.25;

/// What stands beside the preset's name, the first of it the last to go when room is scarce.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Undo,
    Compare,
    Steps,
    Copy,
}

impl Part {
    /// All parts, the last to go first.
    pub const ALL: [Self; 4] = [Self::Undo, Self::Compare, Self::Steps, Self::Copy];

    /// The part's width, in units, with the gap beside it; `is_short`: where Undo and Redo are signs.
    pub fn width(self, is_short: bool) -> f32 {
        match self {
            Self::Undo if is_short => 6.0,
            Self::Undo => 12.25,
            Self::Compare => 5.75,
            Self::Steps => 5.5,
            Self::Copy => 5.25,
        }
    }
}

/// Returns the parts that have room beside the name in `width` units.
pub fn parts(width: f32, is_short: bool) -> Vec<Part> {
    let mut rest = width - LEAST_NAME;
    Part::ALL
        .into_iter()
        .take_while(|part| {
            rest -= part.width(is_short);
            rest >= 0.0
        })
        .collect()
}

/// The help for the copying.
pub const COPY_WORDS: &str = "Makes the other setting the same as the one you hear";

/// Names the copying, for the button.
pub fn copy_name(compare: &Compare) -> String {
    format!("Copy setting {} to {}", compare.heard(), compare.other())
}

/// What the button of undo or redo says, for the step that it would take.
pub fn travel_words(back: bool, step: Option<&str>) -> String {
    match (back, step) {
        (true, Some(step)) => format!("Undo {step} (Ctrl+Z)"),
        (true, None) => "Nothing to undo".to_owned(),
        (false, Some(step)) => format!("Redo {step} (Ctrl+Shift+Z)"),
        (false, None) => "Nothing to redo".to_owned(),
    }
}
