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

use super::{
    control_menu::{self, Indication, MenuAction, MenuLine},
    host_menu::{HostAnswer, HostWish},
};
use crate::{params::MoodringParams, thread::MayBlock};

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
    /// How often tags had been chosen for the host to read when its main thread was called for that.
    tags_known: AtomicU32,
    /// What the host has told of its parameters, and how often.
    indications: Mutex<Vec<(ParamPtr, Indication)>>,
    indicated: AtomicU32,
}

/// The way to the host's main thread.
type Caller = Arc<Mutex<Box<dyn HostMainThreadCaller>>>;

#[derive(Default)]
struct State {
    wish: Option<HostWish>,
    answer: Option<HostAnswer>,
    chosen: Vec<(ParamPtr, MenuAction)>,
    /// The way to the host's main thread, while a window is open.
    caller: Option<Caller>,
    repaint: Option<RepaintNotifier>,
    /// The instance's parameters, once there is an editor.
    params: Weak<MoodringParams>,
    /// The parameter whose menu was asked for last on a control with a number that can be typed.
    typed: Option<ParamPtr>,
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

    /// Calls the host's main thread, which tells the host that what it reads is of other tags, if they have been chosen so often and it was
    /// not called for that yet. On the window's thread.
    pub fn note_tags(&self, changes: u32) {
        if self.tags_known.swap(changes, Ordering::AcqRel) != changes {
            let caller = self.state().caller.clone();
            call(caller);
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
        call(caller);
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

fn call(caller: Option<Caller>) {
    if let Some(caller) = caller {
        caller
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .call_main_thread();
    }
}

/// The window's way to the host's main thread, which the editor shares.
struct SharedCaller(Caller);

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

    /// Counts the calls.
    #[derive(Clone, Default)]
    struct Counter(Arc<AtomicU32>);

    impl HostMainThreadCaller for Counter {
        fn call_main_thread(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn the_main_thread_is_called_once_for_tags_that_are_chosen_anew() {
        let (host, calls) = (HostSide::default(), Counter::default());
        let _caller = host.open(Box::new(calls.clone()));
        for (changes, called) in [(0, 0), (1, 1), (1, 1), (3, 2)] {
            host.note_tags(changes);
            assert_eq!(calls.0.load(Ordering::Relaxed), called);
        }
    }

    #[test]
    fn what_a_closed_window_asked_for_is_forgotten() {
        let (host, params) = (HostSide::default(), MoodringParams::default());
        let mix = params.mix.as_ptr();
        assert!(!host.choose(mix, MenuAction::Reset), "no window");
        let _caller = host.open(Box::<Counter>::default());
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
}
