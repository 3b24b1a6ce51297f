//! A control's menu: who asks for it, what of Moodring's own is in it, and the marks on a control that say what holds for its parameter.

use std::sync::{Mutex, PoisonError};

use egui::{Id, Pos2};
use nice_plug::prelude::{ParamPtr, Params};

use crate::{
    params::{AnyParam, MoodringParams},
    thread::MayBlock,
};

/// The value that was copied last, as text with its unit: what is copied in one instance is pasted in another.
static COPIED: Mutex<Option<String>> = Mutex::new(None);

/// Keeps a value to be pasted.
pub fn copy(text: String) {
    *COPIED.lock().unwrap_or_else(PoisonError::into_inner) = Some(text);
}

/// The value that was copied last.
pub fn copied() -> Option<String> {
    let copied = COPIED.lock();
    copied.unwrap_or_else(PoisonError::into_inner).clone()
}

/// What a control's menu does to its parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MenuAction {
    /// Brings the default back.
    Reset,
    /// Opens the field in which the value is typed.
    Type,
    /// Keeps the value, to be pasted.
    Copy,
    /// Takes the value that was copied.
    Paste,
    /// Locks the parameter, or unlocks it.
    Lock,
}

impl MenuAction {
    /// All of them, in the order in which they are listed; an action's number is its place here.
    pub const ALL: [Self; 5] = [Self::Reset, Self::Type, Self::Copy, Self::Paste, Self::Lock];
}

/// A menu that was asked for in a frame.
#[derive(Debug, Clone, PartialEq)]
pub struct MenuWish {
    /// The parameters that it is about; none for the window's own menu.
    pub params: Vec<ParamPtr>,
    /// The control that it was asked for on.
    pub control: Option<Id>,
    /// Whether the control has a number that can be typed.
    pub is_typed: bool,
    /// Where it is to open.
    pub at: Pos2,
}

/// A line of Moodring's own in a control's menu.
#[derive(Debug, Clone, PartialEq)]
pub struct MenuLine {
    /// What it does.
    pub action: MenuAction,
    /// What it says.
    pub text: String,
    /// Whether there is something to do.
    pub is_enabled: bool,
    /// Whether it is on, where it is on or off.
    pub is_checked: Option<bool>,
}

/// The lines for a parameter. Locks.
pub fn lines(
    params: &MoodringParams,
    param: &AnyParam<'_>,
    is_typed: bool,
    thread: &impl MayBlock,
) -> Vec<MenuLine> {
    let (value, default) = (param.value(), param.default_value());
    let is_locked = params.locks.get(thread).contains(param.id());
    let copied = copied();
    let line = |action: MenuAction| {
        let (text, is_enabled, is_checked) = match action {
            MenuAction::Reset => {
                let text = format!("Reset to {}", param.text(default));
                (text, value != default, None)
            }
            MenuAction::Type => ("Type a value…".to_owned(), true, None),
            MenuAction::Copy => (format!("Copy {}", param.text(value)), true, None),
            MenuAction::Paste => match &copied {
                Some(copied) => (format!("Paste {copied}"), param.read(copied).is_ok(), None),
                None => ("Paste".to_owned(), false, None),
            },
            MenuAction::Lock => {
                let text = "Locked against presets and 1/2".to_owned();
                (text, true, Some(is_locked))
            }
        };
        MenuLine {
            action,
            text,
            is_enabled,
            is_checked,
        }
    };
    MenuAction::ALL
        .into_iter()
        .filter(|action| is_typed || *action != MenuAction::Type)
        .map(line)
        .collect()
}

/// What the host says that it does to a parameter.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Indication {
    /// What the parameter is mapped to, if it is mapped to a controller.
    pub mapping: Option<Mapping>,
    /// Whether it is automated.
    pub automation: Automation,
    /// The colour in which the host shows the automation: red, green, blue.
    pub automation_color: Option<[u8; 3]>,
}

/// A controller of the host's that is mapped to a parameter.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Mapping {
    /// A short name, which may be empty.
    pub label: String,
    /// A longer one, which may be empty.
    pub words: String,
    /// The colour in which the host shows it: red, green, blue.
    pub color: Option<[u8; 3]>,
}

/// What the host does with a parameter's automation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Automation {
    /// There is none.
    #[default]
    None,
    /// There is some, which doesn't play.
    Present,
    /// It plays.
    Playing,
    /// It is recorded.
    Recording,
    /// It would play, and the user's hand overrides it.
    Overriding,
}

/// What holds for parameters at the moment: what is locked, and what the host says of them.
#[derive(Debug, Clone, Default)]
pub struct Marks {
    locked: Vec<ParamPtr>,
    indications: Vec<(ParamPtr, Indication)>,
    /// How often the host had said something.
    indicated: u32,
}

/// What holds for one parameter.
#[derive(Debug, Clone, Copy, Default)]
pub struct Mark<'a> {
    /// Whether it is locked.
    pub is_locked: bool,
    /// What the host says of it.
    pub indication: Option<&'a Indication>,
}

impl Marks {
    /// Takes in what has changed since the last frame; `told` is what the host has said, with how often it has said something. Locks.
    pub fn follow(
        &mut self,
        params: &MoodringParams,
        indicated: u32,
        told: impl FnOnce() -> Vec<(ParamPtr, Indication)>,
        thread: &impl MayBlock,
    ) {
        let locked = params.locks.get(thread);
        self.locked.clear();
        if !locked.is_empty() {
            let map = params.param_map().into_iter();
            let map = map.filter(|(id, ..)| locked.contains(id));
            self.locked.extend(map.map(|(_, param, _)| param));
        }
        if self.indicated != indicated {
            self.indicated = indicated;
            self.indications = told();
        }
    }

    /// What holds for a parameter.
    pub fn of(&self, param: ParamPtr) -> Mark<'_> {
        let told = self.indications.iter().find(|(known, _)| *known == param);
        Mark {
            is_locked: self.locked.contains(&param),
            indication: told.map(|(_, told)| told),
        }
    }
}

impl Mark<'_> {
    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        !self.is_locked && self.indication.is_none()
    }

    /// What it says, in words.
    pub fn words(&self) -> String {
        let mut words = Vec::new();
        if self.is_locked {
            words.push("Locked: presets and 1/2 leave it alone".to_owned());
        }
        if let Some(told) = self.indication {
            if let Some(mapping) = &told.mapping {
                let name = [&mapping.words, &mapping.label];
                let name = name.into_iter().find(|name| !name.is_empty());
                words.push(match name {
                    Some(name) => format!("Mapped to {name}"),
                    None => "Mapped to a controller".to_owned(),
                });
            }
            let automation = match told.automation {
                Automation::None => None,
                Automation::Present => Some("Automated"),
                Automation::Playing => Some("Automation plays"),
                Automation::Recording => Some("Automation is recorded"),
                Automation::Overriding => Some("Automation is overridden"),
            };
            words.extend(automation.map(str::to_owned));
        }
        words.join("; ")
    }
}
