//! One instance of the plugin, as the host holds it.

use std::ffi::CStr;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use clap_sys::{
    ext::{
        audio_ports::{CLAP_EXT_AUDIO_PORTS, clap_plugin_audio_ports},
        gui::{CLAP_EXT_GUI, clap_plugin_gui},
        params::{CLAP_EXT_PARAMS, CLAP_PARAM_RESCAN_TEXT, clap_plugin_params},
        state::{CLAP_EXT_STATE, clap_plugin_state},
        tail::{CLAP_EXT_TAIL, clap_plugin_tail},
    },
    host::clap_host,
    id::clap_id,
    plugin::clap_plugin,
};
use nice_plug::{plugin::PluginState, prelude::ParamPtr, wrapper::clap::Wrapper};

use super::host::Host;
use crate::{
    engine::Process,
    entry::readings::Told,
    params::pointer,
    plugin::{HostCalls, Moodring},
    thread::MainThread,
};

/// What stands between a host and the framework's object. The host's pointer to its plugin is one to this.
///
/// The host owns it, and all of its threads share it: what changes after [`Instance::new`] is atomic.
#[repr(C)]
pub struct Instance {
    /// What the host holds. Its data is the framework's object, and the framework's functions look for nothing else, so that they
    /// can be called with this.
    plugin: clap_plugin,
    /// The framework's own functions.
    pub framework: clap_plugin,
    /// The framework's extensions.
    pub theirs: Tables,
    /// What the host gets in their place.
    pub ours: Tables,
    /// The framework's host.
    pub host: Box<Host>,
    pub params: Box<[Param]>,
    /// Counts the host's calls for sound.
    pub calls: HostCalls,
    /// What the host has been told of what is heard. Only tried by the audio thread, and nobody else has it.
    pub told: Mutex<Told>,
    /// How often tags had been chosen when the host was told that the texts of what is heard have changed.
    pub tags_told: AtomicU32,
    /// Where it was made.
    pub home: Process,
    /// Whether it is activated.
    pub active: AtomicBool,
    /// Channels of the main output, as it was activated.
    pub output_channels: AtomicU32,
    /// How long the output goes on after the input, in samples; 0 before the first activation.
    pub tail: AtomicU32,
    /// Whether the editor is open.
    pub editor_open: AtomicBool,
    /// Whether the host was told that it need not process for now.
    pub asleep: AtomicBool,
}

/// The extensions in which something is replaced.
pub struct Tables {
    pub params: clap_plugin_params,
    /// `None` where there is no editor.
    pub gui: Option<clap_plugin_gui>,
    pub state: clap_plugin_state,
    pub tail: clap_plugin_tail,
}

/// A parameter, and what the host has put on top of it. All of the host's threads share it.
pub struct Param {
    pub id: clap_id,
    pub pointer: ParamPtr,
    /// Bits of the last modulation, in units of the host's values.
    modulation: AtomicU64,
}

impl Param {
    /// The modulation that the host has sent last, in units of its values. Wait-free.
    pub fn modulation(&self) -> f64 {
        f64::from_bits(self.modulation.load(Ordering::Relaxed))
    }

    /// Notes a modulation. Wait-free.
    pub fn note_modulation(&self, amount: f64) {
        self.modulation.store(amount.to_bits(), Ordering::Relaxed);
    }

    /// The host's highest value; the lowest is 0. Those of a stepped parameter are whole numbers.
    pub fn highest(&self) -> f64 {
        // SAFETY: the parameters live as long as the framework's object, and that as long as the instance.
        unsafe { self.pointer.step_count() }.unwrap_or(1) as f64
    }

    /// Sets a value, in the host's units, that modulation at the end of the range has kept from being set. Wait-free.
    pub fn keep_under_modulation(&self, value: f64) {
        let amount = self.modulation();
        if amount == 0.0 {
            return;
        }
        self.modulate(0.0);
        let normalized = (value / self.highest()) as f32;
        // SAFETY: as above; all that it changes is atomic.
        unsafe { pointer::set_normalized(self.pointer, normalized) };
        self.modulate(amount);
    }

    /// Puts a modulation in place without noting it. Wait-free.
    fn modulate(&self, amount: f64) {
        let share = (amount / self.highest()) as f32;
        // SAFETY: as above; all that it changes is atomic.
        unsafe { pointer::set_modulation(self.pointer, share) };
    }
}

impl Instance {
    /// Makes one around the framework's object; `None` if that is not what it was built for. The host
    /// gets `calls` and the tables that `replace` makes of the framework's.
    ///
    /// # Safety
    /// The functions that replace the framework's look for this, by [`Instance::of`].
    pub unsafe fn new(
        host: Box<Host>,
        calls: impl FnOnce(clap_plugin) -> clap_plugin,
        replace: impl FnOnce(&Tables) -> Tables,
        _: &MainThread,
    ) -> Option<Box<Self>> {
        let calls_for_sound = HostCalls::default();
        // SAFETY: the host is in a box of its own, which is dropped after the framework's object.
        let wrapper = calls_for_sound.given_to(|| unsafe { Wrapper::<Moodring>::new(host.seen()) });
        let params = wrapper
            .param_ptr_to_hash
            .iter()
            .map(|(pointer, id)| Param {
                id: *id,
                pointer: *pointer,
                modulation: AtomicU64::new(0),
            })
            .collect();
        let framework = *wrapper.clap_plugin.borrow();
        // SAFETY: the framework's own object, asked for its own extensions.
        let theirs = unsafe { Tables::of(&framework)? };
        let instance = Self {
            plugin: calls(framework),
            framework,
            ours: replace(&theirs),
            theirs,
            host,
            params,
            calls: calls_for_sound,
            told: Mutex::default(),
            tags_told: AtomicU32::new(0),
            home: Process::current(),
            active: AtomicBool::new(false),
            output_channels: AtomicU32::new(0),
            tail: AtomicU32::new(0),
            editor_open: AtomicBool::new(false),
            asleep: AtomicBool::new(false),
        };
        // The framework takes this reference back when it is destroyed: it is the one that its data stands for.
        let _ = Arc::into_raw(wrapper);
        Some(Box::new(instance))
    }

    /// The instance that a host means; `None` if it means none.
    ///
    /// # Safety
    /// The pointer is null or one to an instance's first field, and not destroyed for as long as the result is used.
    pub unsafe fn of<'a>(plugin: *const clap_plugin) -> Option<&'a Self> {
        // SAFETY: the caller's promise; the plugin is an instance's first field.
        unsafe { plugin.cast::<Self>().as_ref() }
    }

    /// What the framework's functions are called with.
    pub fn plugin(&self) -> *const clap_plugin {
        &raw const self.plugin
    }

    fn wrapper(&self) -> &Wrapper<Moodring> {
        // SAFETY: the framework's object is the data of its plugin, and is there until it is destroyed.
        unsafe { &*self.plugin.plugin_data.cast() }
    }

    /// The parameter of that id.
    pub fn param(&self, id: clap_id) -> Option<&Param> {
        self.params.iter().find(|param| param.id == id)
    }

    /// The present state. Locks and allocates.
    pub fn state(&self, _: &MainThread) -> PluginState {
        self.wrapper().get_state_object()
    }

    /// Takes a state over and tells the host of the new values; `false` if it is none. Another thread may process meanwhile: that
    /// only ever reads atomic values. `Wrapper::set_state_object_from_gui` would leave it to that
    /// thread, and wait for it.
    pub fn load(&self, mut state: PluginState, main: &MainThread) -> bool {
        // A parameter that is set while modulation has it at an end of its range would keep its old base.
        for param in self.modulated() {
            param.modulate(0.0);
        }
        let loaded = self.wrapper().set_state_inner(&mut state);
        for param in self.modulated() {
            param.modulate(param.modulation());
        }
        self.tell_texts(main);
        // Other models want a restart, which `process` asks for.
        self.wake();
        loaded
    }

    /// Tells the host that the texts of what is heard have changed, if other tags were chosen since it was told last.
    pub fn tell_texts(&self, _: &MainThread) {
        let Some(params) = self.calls.params() else {
            return;
        };
        let changes = params.outputs.tag_changes();
        if self.tags_told.swap(changes, Ordering::AcqRel) == changes {
            return;
        }
        let extension = self.host.extension(|all| all.params);
        if let Some(rescan) = extension.and_then(|params| params.rescan) {
            // SAFETY: the host's own function, on its main thread.
            unsafe { rescan(self.host.real(), CLAP_PARAM_RESCAN_TEXT) };
        }
    }

    fn modulated(&self) -> impl Iterator<Item = &Param> {
        self.params.iter().filter(|param| param.modulation() != 0.0)
    }

    /// Has the host process again if it was told that it need not. Wait-free but for the host's own part.
    pub fn wake(&self) {
        if self.asleep.swap(false, Ordering::Relaxed) {
            self.host.request_process();
        }
    }
}

impl Tables {
    /// The framework's.
    ///
    /// # Safety
    /// It is the framework's plugin.
    unsafe fn of(framework: &clap_plugin) -> Option<Self> {
        // SAFETY: the caller's promise; these names stand for these types.
        unsafe {
            Some(Self {
                params: *extension(framework, CLAP_EXT_PARAMS)?,
                gui: extension(framework, CLAP_EXT_GUI).copied(),
                state: *extension(framework, CLAP_EXT_STATE)?,
                tail: *extension(framework, CLAP_EXT_TAIL)?,
            })
        }
    }
}

/// An extension of the framework's.
///
/// # Safety
/// It is the framework's plugin, and the name stands for the type.
unsafe fn extension<'a, T>(framework: &clap_plugin, id: &CStr) -> Option<&'a T> {
    // SAFETY: the caller's promise.
    unsafe {
        framework.get_extension?(framework, id.as_ptr())
            .cast::<T>()
            .as_ref()
    }
}

/// Makes an object of the framework's that is never dropped.
///
/// # Safety
/// The host is whole, and stays for ever.
pub unsafe fn leak_framework(host: *const clap_host) {
    // SAFETY: the caller's promise.
    std::mem::forget(unsafe { Wrapper::<Moodring>::new(host) });
}

/// How many channels the main output has at present; 0 if that can't be known.
pub fn output_channels(instance: &Instance) -> u32 {
    // SAFETY: the framework's plugin, the name stands for the type, and a port's description may be all zeros.
    unsafe {
        let Some(ports) =
            extension::<clap_plugin_audio_ports>(&instance.framework, CLAP_EXT_AUDIO_PORTS)
        else {
            return 0;
        };
        let mut port = std::mem::zeroed();
        match ports.get {
            Some(get) if get(instance.plugin(), 0, false, &mut port) => port.channel_count,
            _ => 0,
        }
    }
}
