//! What the editor asks of the host besides parameters, and what the host tells it: the host's own menu for a control, and what it does to a
//! parameter. The window's thread asks; the host's main thread answers, in `entry`, which is the only place that calls the host.

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

use nice_plug::{editor::HostMainThreadCaller, prelude::ParamPtr};
use nice_plug_egui::RepaintNotifier;

use super::control_menu::{self, Indication, MenuAction, MenuLine};
use crate::{params::MoodringParams, thread::MayBlock};

/// The most that is kept of a host's text, in characters.
const LONGEST_TEXT: usize = 200;
/// The most entries that are shown of a host's menu.
const MOST_ENTRIES: usize = 200;
/// The most choices in the host's menu that wait for the window.
const MOST_CHOICES: usize = 16;

/// The host, as the editor knows it: one for each instance, shared by the host's main thread and the window's.
#[derive(Default)]
pub struct HostSide {
    state: Mutex<State>,
    /// Whether the host has menus for controls.
    has_menu: AtomicBool,
    /// Whether a window is open.
    is_open: AtomicBool,
    /// What the host has told of its parameters, and how often.
    indications: Mutex<Vec<(ParamPtr, Indication)>>,
    indicated: AtomicU32,
}

#[derive(Default)]
struct State {
    wish: Option<HostWish>,
    answer: Option<HostAnswer>,
    chosen: Vec<(ParamPtr, MenuAction)>,
    /// The way to the host's main thread, while a window is open.
    caller: Option<Arc<Mutex<Box<dyn HostMainThreadCaller>>>>,
    repaint: Option<RepaintNotifier>,
    /// The instance's parameters, once there is an editor.
    params: Weak<MoodringParams>,
    /// The parameter whose menu was asked for last on a control with a number that can be typed.
    typed: Option<ParamPtr>,
}

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

impl HostSide {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says whose host it is, and how the window is woken.
    pub fn introduce(&self, params: &Arc<MoodringParams>, repaint: RepaintNotifier) {
        let mut state = self.state();
        state.repaint = Some(repaint);
        state.params = Arc::downgrade(params);
    }

    /// Moodring's own lines for a parameter in the host's menu: none while no window is open to carry them out. On the host's main thread.
    pub fn own_lines(&self, param: ParamPtr, thread: &impl MayBlock) -> Vec<MenuLine> {
        if !self.is_open() {
            return Vec::new();
        }
        let (params, is_typed) = {
            let state = self.state();
            (state.params.upgrade(), state.typed == Some(param))
        };
        let lines = params.and_then(|params| {
            let param = params.any(param)?;
            Some(control_menu::lines(&params, &param, is_typed, thread))
        });
        lines.unwrap_or_default()
    }

    /// Says whether the host has menus for controls.
    pub fn set_has_menu(&self, has_menu: bool) {
        self.has_menu.store(has_menu, Ordering::Release);
    }

    /// Whether the host has menus for controls.
    pub fn has_menu(&self) -> bool {
        self.has_menu.load(Ordering::Acquire)
    }

    /// Whether a window is open, which carries out what is chosen in the host's menu.
    pub fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Acquire)
    }

    /// A window is open; what it returns is the window's own way to the main thread.
    pub fn open(&self, caller: Box<dyn HostMainThreadCaller>) -> Box<dyn HostMainThreadCaller> {
        let shared = Arc::new(Mutex::new(caller));
        self.state().caller = Some(shared.clone());
        self.is_open.store(true, Ordering::Release);
        Box::new(SharedCaller(shared))
    }

    /// The window is closed: nothing of it is kept.
    pub fn close(&self) {
        self.is_open.store(false, Ordering::Release);
        let before = {
            let mut state = self.state();
            (state.wish, state.answer) = (None, None);
            state.chosen.clear();
            state.caller.take()
        };
        // The host's and the framework's own, and none of our locks.
        drop(before);
    }

    /// Grants the wish that waits, if one does. On the host's main thread.
    pub fn grant(&self, grant: impl FnOnce(HostWish) -> Option<HostAnswer>) {
        let Some(wish) = self.state().wish.take() else {
            return;
        };
        // A host's menu may stay for as long as the user likes.
        let answer = grant(wish);
        let repaint = {
            let mut state = self.state();
            state.answer = answer;
            state.repaint.clone()
        };
        if let Some(repaint) = repaint {
            repaint.request_repaint();
        }
    }

    /// Asks the host's main thread for something, in the place of what was asked before. On the window's thread.
    pub fn ask(&self, wish: HostWish) {
        let caller = {
            let mut state = self.state();
            if let HostWish::Menu {
                target, is_typed, ..
            } = wish
            {
                state.typed = target.filter(|_| is_typed);
            }
            state.wish = Some(wish);
            state.answer = None;
            state.caller.clone()
        };
        if let Some(caller) = caller {
            caller
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .call_main_thread();
        }
    }

    /// Gives up what was asked; `false` if the host is at it already.
    pub fn withdraw(&self) -> bool {
        self.state().wish.take().is_some()
    }

    /// What the host has answered, once.
    pub fn take_answer(&self) -> Option<HostAnswer> {
        self.state().answer.take()
    }

    /// Notes what was chosen of the plugin's own entries in the host's menu. `false` if no window is open to carry it out.
    pub fn choose(&self, param: ParamPtr, action: MenuAction) -> bool {
        if !self.is_open() {
            return false;
        }
        let repaint = {
            let mut state = self.state();
            if state.chosen.len() < MOST_CHOICES {
                state.chosen.push((param, action));
            }
            state.repaint.clone()
        };
        if let Some(repaint) = repaint {
            repaint.request_repaint();
        }
        true
    }

    /// What was chosen since the last call.
    pub fn take_chosen(&self) -> Vec<(ParamPtr, MenuAction)> {
        std::mem::take(&mut self.state().chosen)
    }

    /// Notes what the host says of a parameter.
    pub fn indicate(&self, param: ParamPtr, change: impl FnOnce(&mut Indication)) {
        {
            let mut all = self
                .indications
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let place = all.iter().position(|(known, _)| *known == param);
            let mut told = place.map_or_else(Indication::default, |place| all.remove(place).1);
            change(&mut told);
            if told != Indication::default() {
                all.push((param, told));
            }
        }
        self.indicated.fetch_add(1, Ordering::Release);
        let repaint = self.state().repaint.clone();
        if let Some(repaint) = repaint {
            repaint.request_repaint();
        }
    }

    /// How often the host has said something of its parameters.
    pub fn indicated(&self) -> u32 {
        self.indicated.load(Ordering::Acquire)
    }

    /// All that the host has said of its parameters.
    pub fn indications(&self) -> Vec<(ParamPtr, Indication)> {
        let all = self.indications.lock();
        all.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl fmt::Debug for HostSide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostSide")
            .field("has_menu", &self.has_menu)
            .finish_non_exhaustive()
    }
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

/// The window's way to the host's main thread, which the editor shares.
struct SharedCaller(Arc<Mutex<Box<dyn HostMainThreadCaller>>>);

impl HostMainThreadCaller for SharedCaller {
    fn call_main_thread(&mut self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .call_main_thread();
    }
}

#[cfg(test)]
mod tests {
    use nice_plug::prelude::Param;

    use super::{
        super::control_menu::{Automation, Mapping},
        *,
    };
    use crate::params::MoodringParams;

    #[test]
    fn a_wish_is_granted_once_and_not_after_it_was_withdrawn() {
        let host = HostSide::default();
        let wish = HostWish::Menu {
            target: None,
            at: [3, 4],
            is_typed: false,
        };
        host.ask(wish);
        host.grant(|asked| {
            assert_eq!(asked, wish);
            Some(HostAnswer::Shown)
        });
        host.grant(|_| panic!("granted twice"));
        assert_eq!(host.take_answer(), Some(HostAnswer::Shown));
        assert_eq!(host.take_answer(), None);
        host.ask(wish);
        assert!(host.withdraw() && !host.withdraw());
        host.grant(|_| panic!("withdrawn"));
    }

    #[test]
    fn what_a_closed_window_asked_for_is_forgotten() {
        struct Caller;
        impl HostMainThreadCaller for Caller {
            fn call_main_thread(&mut self) {}
        }
        let (host, params) = (HostSide::default(), MoodringParams::default());
        let mix = params.mix.as_ptr();
        assert!(!host.choose(mix, MenuAction::Reset), "no window");
        let _caller = host.open(Box::new(Caller));
        assert!(host.choose(mix, MenuAction::Lock));
        assert_eq!(host.take_chosen(), [(mix, MenuAction::Lock)]);
        assert!(host.choose(mix, MenuAction::Reset));
        host.ask(HostWish::Perform {
            target: None,
            action: 1,
        });
        host.close();
        assert!(host.take_chosen().is_empty() && !host.withdraw());
    }

    #[test]
    fn what_the_host_takes_back_of_a_parameter_is_gone() {
        let (host, params) = (HostSide::default(), MoodringParams::default());
        let mix = params.mix.as_ptr();
        host.indicate(mix, |told| told.mapping = Some(Mapping::default()));
        host.indicate(mix, |told| told.automation = Automation::Playing);
        let told = host.indications();
        assert!(told[0].1.mapping.is_some() && told[0].1.automation == Automation::Playing);
        host.indicate(mix, |told| told.mapping = None);
        host.indicate(mix, |told| told.automation = Automation::None);
        assert!(host.indications().is_empty());
        assert_eq!(host.indicated(), 4);
    }

    #[test]
    fn a_hosts_text_is_one_line_of_a_bearable_length() {
        let entry = HostEntry::new("Learn\nMIDI", true, EntryKind::Title);
        assert_eq!(entry.text, "Learn MIDI");
        let long = HostEntry::new(&"é".repeat(1_000), true, EntryKind::Title);
        assert_eq!(long.text.chars().count(), LONGEST_TEXT);
    }
}
