//! What one instance's halves share: the object that the host holds, the framework's, and the editor.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering},
};

use nice_plug::wrapper::vst3::vst3::{
    ComPtr,
    Steinberg::{
        IPlugView,
        Vst::{
            IComponentHandler, IComponentHandler3, IComponentHandlerTrait, IContextMenu,
            IContextMenu_::Item, IContextMenuTarget, RestartFlags, RestartFlags_,
        },
    },
};
use nice_plug_egui::RepaintNotifier;

use super::values::Values;
use crate::{
    params::MoodringParams,
    plugin::{HostCalls, Moodring},
    thread::{EditorThread, MainThread, MayBlock},
};

/// What the object that the host holds, the framework's half and the editor share. The host's main thread and audio thread and the
/// editor's thread use it: what the audio thread needs is atomic, or only tried.
pub struct Link {
    pub params: Arc<MoodringParams>,
    pub values: Values,
    /// The plugin. Only tried by the audio thread; the main thread has it while nothing plays, as the standard wants.
    pub plugin: Mutex<Moodring>,
    /// Counts the host's calls for sound.
    pub calls: HostCalls,
    /// Wakes the editor. Wait-free.
    pub repaint: RepaintNotifier,
    /// Delay in samples, since the last activation.
    pub latency: AtomicU32,
    /// Whether blocks come or are about to: then they bring the changes.
    is_playing: AtomicBool,
    /// How long the output goes on after the input, in samples, since the last activation.
    pub tail: AtomicU32,
    /// Whether the host runs on its main thread what a window's thread wants, as Linux hosts have to.
    has_run_loop: Mutex<bool>,
    /// Whether one of the host's views has the window.
    pub has_window: AtomicBool,
    /// The view that has it, as the host knows it; null while none has.
    pub view: AtomicPtr<IPlugView>,
    /// The host's menu that the editor shows.
    pub offered: Mutex<Option<Offered>>,
    handler: Mutex<Option<ComPtr<IComponentHandler>>>,
    /// Whether the plugin is activated.
    is_active: AtomicBool,
    /// The count of the choices of models that the activation or the host knows of.
    changes_told: AtomicU32,
    /// How often tags had been chosen when the host was told that the texts of what is heard have changed.
    tags_told: AtomicU32,
}

/// A menu of the host's that the editor shows; the main thread has it.
pub struct Offered {
    /// Held for as long as its entries may be chosen.
    #[allow(dead_code, reason = "it is held, and asked no more")]
    pub menu: ComPtr<IContextMenu>,
    pub entries: Vec<HostItem>,
}

/// An entry of the host's, and who carries it out: nobody, where it is a line between others.
pub type HostItem = (Item, Option<ComPtr<IContextMenuTarget>>);

impl Link {
    pub fn new(plugin: Moodring) -> Self {
        let params = plugin.moodring_params();
        Self {
            values: Values::new(&params),
            is_active: AtomicBool::new(false),
            changes_told: AtomicU32::new(params.activation_changes()),
            tags_told: AtomicU32::new(params.outputs.tag_changes()),
            params,
            calls: plugin.host_calls(),
            repaint: plugin.repaint(),
            plugin: Mutex::new(plugin),
            latency: AtomicU32::new(0),
            is_playing: AtomicBool::new(false),
            tail: AtomicU32::new(0),
            has_run_loop: Mutex::new(false),
            has_window: AtomicBool::new(false),
            view: AtomicPtr::default(),
            offered: Mutex::new(None),
            handler: Mutex::new(None),
        }
    }

    /// Blocks come, or come no more. What the host has set up to now is the sound's from here on. Wait-free.
    pub fn set_playing(&self, is_playing: bool) {
        if self.is_playing.swap(is_playing, Ordering::AcqRel) && is_playing {
            return;
        }
        self.values.settle();
    }

    /// Takes a value from the host or the editor. `false` if there is no such parameter.
    pub fn set(&self, number: u32, value: f64) -> bool {
        let is_known = self
            .values
            .set(number, value, self.is_playing.load(Ordering::Acquire));
        self.repaint.request_repaint();
        is_known
    }

    /// The host takes wishes for its main thread, or takes them no more: none is under way when this returns.
    pub fn set_run_loop(&self, is_there: bool, _: &MainThread) {
        let mut place = self
            .has_run_loop
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *place = is_there;
    }

    /// Leaves a wish for the main thread with the host, if it takes any.
    pub fn in_run_loop(&self, leave: impl FnOnce(), _: &EditorThread) {
        let is_there = self
            .has_run_loop
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if *is_there {
            leave();
        }
    }

    /// The host's ear, or none any more. Locks.
    pub fn set_handler(&self, handler: Option<ComPtr<IComponentHandler>>, _: &MainThread) {
        // Elsewhere than on X11 the window's thread is the host's main thread, which can't wait for itself.
        let has_menu = cfg!(all(unix, not(target_os = "macos")))
            && handler
                .as_ref()
                .is_some_and(|handler| handler.cast::<IComponentHandler3>().is_some());
        self.calls.host().set_has_menu(has_menu);
        let before = {
            let mut place = self.handler.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *place, handler)
        };
        // The host's own code, and none of our locks.
        drop(before);
    }

    /// The host's ear, if it listens. Locks.
    pub fn handler(&self, _: &impl MayBlock) -> Option<ComPtr<IComponentHandler>> {
        let place = self.handler.lock().unwrap_or_else(PoisonError::into_inner);
        place.clone()
    }

    /// Tells the host something, if it listens. Locks.
    pub fn tell(&self, what: impl FnOnce(&ComPtr<IComponentHandler>), thread: &impl MayBlock) {
        if let Some(handler) = self.handler(thread) {
            what(&handler);
        }
    }

    /// Tells the host that these things aren't as it knows them.
    pub fn restart(&self, flags: RestartFlags, thread: &impl MayBlock) {
        let restart = |handler: &ComPtr<IComponentHandler>| {
            // SAFETY: the host's own object, which it keeps until it takes the handler back. What it says is its business.
            unsafe { handler.restartComponent(flags as _) };
        };
        self.tell(restart, thread);
    }

    /// Tells the host that the texts of what is heard have changed, if other tags were chosen since it was told last.
    pub fn tell_texts(&self, main: &MainThread) {
        let changes = self.params.outputs.tag_changes();
        if self.tags_told.swap(changes, Ordering::AcqRel) != changes {
            let flags = RestartFlags_::kParamTitlesChanged | RestartFlags_::kParamValuesChanged;
            self.restart(flags, main);
        }
    }

    /// An activation begins, with models and latency as they are chosen now, or ends.
    pub fn set_active(&self, is_active: bool) {
        let changes = self.params.activation_changes();
        self.changes_told.store(changes, Ordering::Release);
        self.is_active.store(is_active, Ordering::Release);
    }

    /// Models and latency take effect with the next activation: asks for one, if they have changed since the last.
    pub fn ask_for_activation(&self, thread: &impl MayBlock) {
        if !self.is_active.load(Ordering::Acquire) {
            return;
        }
        let changes = self.params.activation_changes();
        if self.changes_told.swap(changes, Ordering::AcqRel) != changes {
            self.restart(RestartFlags_::kLatencyChanged, thread);
        }
    }
}
