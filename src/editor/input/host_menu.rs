//! The host's own menu for a control: what is asked of it, and what it answers.

use nice_plug::prelude::ParamPtr;

/// The most that is kept of a host's text, in characters.
const LONGEST_TEXT: usize = 200;
/// The most entries that are shown of a host's menu.
const MOST_ENTRIES: usize = 200;

/// What is asked of the host's main thread.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum HostWish {
    /// The host's menu for a parameter, or for the plugin as a whole.
    Menu {
        /// The parameter.
        target: Option<ParamPtr>,
        /// Where it is wanted, in pixels from the window's upper left corner.
        at: [i32; 2],
        /// Whether its control has a number that can be typed.
        is_typed: bool,
    },
    /// What an entry of that menu does.
    Perform {
        /// The parameter that the menu is of.
        target: Option<ParamPtr>,
        /// The entry's number.
        action: u32,
    },
}

/// What the host's main thread answers to a wish for a menu.
#[derive(Debug, Clone, PartialEq)]
pub enum HostAnswer {
    /// The host shows its menu itself, with the plugin's entries in it.
    Shown,
    /// What the host has to offer, for a menu of the plugin's; nothing if it refuses.
    Entries(Vec<HostEntry>),
}

/// One line of a host's menu.
#[derive(Debug, Clone, PartialEq)]
pub struct HostEntry {
    /// What it says.
    pub text: String,
    /// Whether it can be chosen.
    pub is_enabled: bool,
    /// What it is.
    pub kind: EntryKind,
}

/// What a line of a host's menu is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// Does something: its number.
    Action(u32),
    /// Is on or off, and is turned over by its number.
    Check(u32, bool),
    /// A line between two groups.
    Separator,
    /// A heading.
    Title,
    /// What follows is in a menu of its own.
    Begin,
    /// The end of such a menu.
    End,
}

impl HostEntry {
    /// An entry whose text is a host's, which may be of any length.
    pub fn new(text: &str, is_enabled: bool, kind: EntryKind) -> Self {
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        Self {
            text: line.chars().take(LONGEST_TEXT).collect(),
            is_enabled,
            kind,
        }
    }

    /// Whether a menu with so many entries takes another.
    pub fn fits(entries: &[Self]) -> bool {
        entries.len() < MOST_ENTRIES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hosts_text_is_one_line_of_a_bearable_length() {
        let entry = HostEntry::new("Learn\nMIDI", true, EntryKind::Title);
        assert_eq!(entry.text, "Learn MIDI");
        let long = HostEntry::new(&"é".repeat(1_000), true, EntryKind::Title);
        assert_eq!(long.text.chars().count(), LONGEST_TEXT);
    }
}
