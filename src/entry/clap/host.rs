//! What stands between the framework and the host: the framework calls this, and this calls the host where it can.
//! `host_tables` has the functions.

use std::ffi::{CStr, CString, c_char};
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, ThreadId};

use clap_sys::{
    ext::{
        context_menu::{
            CLAP_EXT_CONTEXT_MENU, CLAP_EXT_CONTEXT_MENU_COMPAT, clap_host_context_menu,
        },
        gui::{CLAP_EXT_GUI, clap_host_gui},
        latency::{CLAP_EXT_LATENCY, clap_host_latency},
        params::{CLAP_EXT_PARAMS, clap_host_params},
        preset_load::{CLAP_EXT_PRESET_LOAD, CLAP_EXT_PRESET_LOAD_COMPAT, clap_host_preset_load},
        thread_check::{CLAP_EXT_THREAD_CHECK, clap_host_thread_check},
        track_info::{CLAP_EXT_TRACK_INFO, clap_host_track_info},
    },
    factory::preset_discovery::clap_preset_discovery_location_kind,
    host::clap_host,
};

use crate::thread::{AudioThread, MainThread};

/// A host, and what the framework is given in its place. The host's threads and the framework's share it: what changes is atomic, or
/// is set once by the main thread. A host's functions want the host's own pointer, so that each of them needs one here that
/// passes the call on.
pub struct Host {
    /// What the framework is given; its data is this object.
    seen: clap_host,
    real: *const clap_host,
    /// The host's own extensions, once it may be asked for them.
    extensions: OnceLock<Extensions>,
    main_thread: ThreadId,
    /// Whether a call that belongs to the audio thread is under way.
    in_audio_call: AtomicBool,
    /// Whether the host's callback is under way, in which the framework holds on to its editor.
    in_callback: AtomicBool,
    /// Whether the host is activating the plugin, which is when the latency may change.
    activating: AtomicBool,
    /// Whether the host is to be told that the editor's window is gone.
    closed: AtomicBool,
    /// Whether the editor has changed something that the host can't be asked to fetch.
    flush: AtomicBool,
}

/// The extensions of a host; each may be null. The main thread asks for them once; any thread reads them.
pub struct Extensions {
    pub context_menu: *const clap_host_context_menu,
    pub gui: *const clap_host_gui,
    pub latency: *const clap_host_latency,
    pub params: *const clap_host_params,
    preset_load: *const clap_host_preset_load,
    pub thread_check: *const clap_host_thread_check,
    pub track_info: *const clap_host_track_info,
}

/// A preset, as the host has named it; the texts may be null.
#[derive(Clone, Copy)]
pub struct PresetLocation {
    pub kind: clap_preset_discovery_location_kind,
    pub location: *const c_char,
    pub key: *const c_char,
}

impl Host {
    /// Stands in for a host; this thread is then the main one. The framework is given `seen`.
    ///
    /// # Safety
    /// The host `real` outlives it, and the functions of `seen` find this by [`of`].
    pub unsafe fn new(real: *const clap_host, seen: clap_host, _: &MainThread) -> Box<Self> {
        let mut host = Box::new(Self {
            seen,
            real,
            extensions: OnceLock::new(),
            main_thread: thread::current().id(),
            in_audio_call: AtomicBool::new(false),
            in_callback: AtomicBool::new(false),
            activating: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            flush: AtomicBool::new(false),
        });
        host.seen.host_data = (&raw mut *host).cast();
        host
    }

    /// What the framework is given. It lives as long as this.
    pub fn seen(&self) -> *const clap_host {
        &raw const self.seen
    }

    /// Asks the host for its extensions, which it has from the plugin's `init` on.
    pub fn meet(&self, _: &MainThread) {
        self.extensions.get_or_init(|| Extensions {
            context_menu: [CLAP_EXT_CONTEXT_MENU, CLAP_EXT_CONTEXT_MENU_COMPAT]
                .map(|name| self.ask(name))
                .into_iter()
                .find(|found: &*const clap_host_context_menu| !found.is_null())
                .unwrap_or(ptr::null()),
            gui: self.ask(CLAP_EXT_GUI),
            latency: self.ask(CLAP_EXT_LATENCY),
            params: self.ask(CLAP_EXT_PARAMS),
            preset_load: [CLAP_EXT_PRESET_LOAD, CLAP_EXT_PRESET_LOAD_COMPAT]
                .map(|name| self.ask(name))
                .into_iter()
                .find(|found: &*const clap_host_preset_load| !found.is_null())
                .unwrap_or(ptr::null()),
            thread_check: self.ask(CLAP_EXT_THREAD_CHECK),
            track_info: self.ask(CLAP_EXT_TRACK_INFO),
        });
    }

    fn ask<T>(&self, name: &CStr) -> *const T {
        // SAFETY: the host outlives this, and is asked as the standard has it.
        match unsafe { (*self.real).get_extension } {
            // SAFETY: as above.
            Some(get) => unsafe { get(self.real, name.as_ptr()).cast() },
            None => ptr::null(),
        }
    }

    /// An extension of the host's, which lives as long as it does.
    pub fn extension<T>(&self, which: impl Fn(&Extensions) -> *const T) -> Option<&T> {
        // SAFETY: the host's own table of that name, or null.
        self.extensions
            .get()
            .and_then(|extensions| unsafe { which(extensions).as_ref() })
    }

    /// Runs `call` so that the framework takes this thread for the audio thread, even where the host can't say so.
    pub fn as_audio_thread<T>(&self, _: &AudioThread, call: impl FnOnce() -> T) -> T {
        let before = self.in_audio_call.swap(true, Ordering::Relaxed);
        let result = call();
        self.in_audio_call.store(before, Ordering::Relaxed);
        result
    }

    /// Runs the framework's part of the host's callback, and tells the host afterwards what it may answer at once.
    pub fn in_callback(&self, _: &MainThread, call: impl FnOnce()) {
        self.in_callback.store(true, Ordering::Relaxed);
        call();
        self.in_callback.store(false, Ordering::Relaxed);
        if self.closed.swap(false, Ordering::Relaxed) {
            self.tell_closed();
        }
    }

    /// Runs the framework's part of an activation. What the framework says of the latency meanwhile stays here: it would ask for another activation to tell of it,
    /// while the host may be told in this one.
    pub fn while_activating<T>(&self, _: &MainThread, call: impl FnOnce() -> T) -> T {
        self.activating.store(true, Ordering::Relaxed);
        let result = call();
        self.activating.store(false, Ordering::Relaxed);
        result
    }

    /// Asks the host for another activation, unless it is at one.
    pub fn request_restart(&self) {
        if self.activating.load(Ordering::Relaxed) {
            return;
        }
        // SAFETY: the host's own function; any thread may call it.
        unsafe {
            if let Some(request) = (*self.real).request_restart {
                request(self.real);
            }
        }
    }

    /// Passes on that the latency has changed, unless [`Self::while_activating`] does.
    pub fn latency_changed(&self) {
        if !self.activating.load(Ordering::Relaxed) {
            self.tell_latency();
        }
    }

    /// Tells the host that the latency has changed, within its call to activate.
    pub fn tell_latency(&self) {
        let latency = self.extension(|all| all.latency);
        if let Some(changed) = latency.and_then(|latency| latency.changed) {
            // SAFETY: the host's own function.
            unsafe { changed(self.real) };
        }
    }

    /// Tells the host that the editor's window is gone: at once, or at the end of the host's callback if that is under way.
    pub fn editor_closed(&self) {
        if self.in_callback.load(Ordering::Relaxed) {
            self.closed.store(true, Ordering::Relaxed);
        } else {
            self.tell_closed();
        }
    }

    fn tell_closed(&self) {
        if let Some(closed) = self.extension(|all| all.gui).and_then(|gui| gui.closed) {
            // SAFETY: the host's own function.
            unsafe { closed(self.real, true) };
        }
    }

    /// The host itself, to call its functions with.
    pub fn real(&self) -> *const clap_host {
        self.real
    }

    /// Whether a call that belongs to the audio thread is under way. Wait-free.
    pub fn is_in_audio_call(&self) -> bool {
        self.in_audio_call.load(Ordering::Relaxed)
    }

    /// Whether this thread has made the plugin. Allocates when a thread calls it for the first time.
    pub fn is_makers_thread(&self) -> bool {
        thread::current().id() == self.main_thread
    }

    /// Notes that the editor has changed something that the host can't be asked to fetch, and asks for the callback.
    pub fn flush_in_callback(&self) {
        self.flush.store(true, Ordering::Relaxed);
        self.request_callback();
    }

    /// Asks for the host's callback.
    pub fn request_callback(&self) {
        // SAFETY: the host's own function; any thread may call it.
        unsafe {
            if let Some(request) = (*self.real).request_callback {
                request(self.real);
            }
        }
    }

    /// Whether the editor has changed something since the last call that the host can't be asked to fetch.
    pub fn take_flush(&self) -> bool {
        self.flush.swap(false, Ordering::Relaxed)
    }

    /// Asks for the first block after a sleep.
    pub fn request_process(&self) {
        // SAFETY: the host's own function; any thread may call it.
        unsafe {
            if let Some(request) = (*self.real).request_process {
                request(self.real);
            }
        }
    }

    /// Says which preset was loaded.
    pub fn preset_loaded(&self, preset: PresetLocation) {
        let PresetLocation {
            kind,
            location,
            key,
        } = preset;
        let host = self.extension(|all| all.preset_load);
        if let Some(loaded) = host.and_then(|host| host.loaded) {
            // SAFETY: the host's own function, with the texts that it has given.
            unsafe { loaded(self.real, kind, location, key) };
        }
    }

    /// Says why a preset was not loaded.
    pub fn preset_refused(&self, preset: PresetLocation, why: &str) {
        let PresetLocation {
            kind,
            location,
            key,
        } = preset;
        let host = self.extension(|all| all.preset_load);
        if let (Some(on_error), Ok(why)) = (host.and_then(|host| host.on_error), CString::new(why))
        {
            // SAFETY: as above; the words live until it returns.
            unsafe { on_error(self.real, kind, location, key, 0, why.as_ptr()) };
        }
    }
}

/// The stand-in that the framework calls with.
///
/// # Safety
/// The pointer is one that [`Host::seen`] gave out.
pub unsafe fn of<'a>(host: *const clap_host) -> &'a Host {
    // SAFETY: the caller's promise.
    unsafe { &*(*host).host_data.cast() }
}
