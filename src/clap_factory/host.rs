//! The host as the framework gets to see it: with no hole in it.

mod tables;

use std::ffi::{CStr, CString, c_char, c_void};
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, ThreadId};

use clap_sys::{
    ext::{
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

/// A host, and what the framework is given in its place. A host's functions want the host's own pointer, so that each of them
/// needs one here that passes the call on.
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
    /// Whether the host is to be told that the editor's window is gone.
    closed: AtomicBool,
    /// Whether the editor has changed something that the host can't be asked to fetch.
    flush: AtomicBool,
}

/// What a host has beyond what every host has; each may be null.
struct Extensions {
    gui: *const clap_host_gui,
    latency: *const clap_host_latency,
    params: *const clap_host_params,
    preset_load: *const clap_host_preset_load,
    thread_check: *const clap_host_thread_check,
    track_info: *const clap_host_track_info,
}

/// A preset, as the host has named it; the texts may be null.
#[derive(Clone, Copy)]
pub struct PresetLocation {
    pub kind: clap_preset_discovery_location_kind,
    pub location: *const c_char,
    pub key: *const c_char,
}

impl Host {
    /// Stands in for a host. To be made on the main thread.
    ///
    /// # Safety
    /// The host outlives it.
    pub(super) unsafe fn new(real: *const clap_host) -> Box<Self> {
        let mut host = Box::new(Self {
            seen: clap_host {
                get_extension: Some(get_extension),
                request_restart: Some(request_restart),
                request_process: Some(request_process),
                request_callback: Some(request_callback),
                // SAFETY: the caller's promise.
                ..unsafe { *real }
            },
            real,
            extensions: OnceLock::new(),
            main_thread: thread::current().id(),
            in_audio_call: AtomicBool::new(false),
            in_callback: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            flush: AtomicBool::new(false),
        });
        host.seen.host_data = (&raw mut *host).cast();
        host
    }

    /// What the framework is given. It lives as long as this.
    pub(super) fn seen(&self) -> *const clap_host {
        &raw const self.seen
    }

    /// Asks the host for its extensions, which it has from the plugin's `init` on.
    pub(super) fn meet(&self) {
        self.extensions.get_or_init(|| Extensions {
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
    fn extension<T>(&self, which: impl Fn(&Extensions) -> *const T) -> Option<&T> {
        // SAFETY: the host's own table of that name, or null.
        self.extensions
            .get()
            .and_then(|extensions| unsafe { which(extensions).as_ref() })
    }

    /// Runs `call` as the audio thread.
    pub(super) fn as_audio_thread<T>(&self, call: impl FnOnce() -> T) -> T {
        let before = self.in_audio_call.swap(true, Ordering::Relaxed);
        let result = call();
        self.in_audio_call.store(before, Ordering::Relaxed);
        result
    }

    /// Runs the framework's part of the host's callback, and tells the host afterwards what it may answer at once.
    pub(super) fn in_callback(&self, call: impl FnOnce()) {
        self.in_callback.store(true, Ordering::Relaxed);
        call();
        self.in_callback.store(false, Ordering::Relaxed);
        if self.closed.swap(false, Ordering::Relaxed) {
            self.tell_closed();
        }
    }

    fn tell_closed(&self) {
        if let Some(closed) = self.extension(|all| all.gui).and_then(|gui| gui.closed) {
            // SAFETY: the host's own function.
            unsafe { closed(self.real, true) };
        }
    }

    /// Whether the editor has changed something since the last call that the host can't be asked to fetch.
    pub(super) fn take_flush(&self) -> bool {
        self.flush.swap(false, Ordering::Relaxed)
    }

    /// Asks for the first block after a sleep.
    pub(super) fn request_process(&self) {
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
unsafe fn of<'a>(host: *const clap_host) -> &'a Host {
    // SAFETY: the caller's promise.
    unsafe { &*(*host).host_data.cast() }
}

unsafe extern "C" fn get_extension(host: *const clap_host, id: *const c_char) -> *const c_void {
    // SAFETY: the framework's own call, with a name that ends in 0.
    let (host, name) = unsafe { (of(host), CStr::from_ptr(id)) };
    if name == CLAP_EXT_GUI {
        return (&raw const tables::GUI).cast();
    }
    if name == CLAP_EXT_PARAMS {
        return (&raw const tables::PARAMS).cast();
    }
    if name == CLAP_EXT_THREAD_CHECK {
        return (&raw const tables::THREAD_CHECK).cast();
    }
    // With these the framework does more where the host has them.
    let latency = host.extension(|all| all.latency);
    if name == CLAP_EXT_LATENCY && latency.is_some_and(|latency| latency.changed.is_some()) {
        return (&raw const tables::LATENCY).cast();
    }
    let track_info = host.extension(|all| all.track_info);
    if name == CLAP_EXT_TRACK_INFO && track_info.is_some_and(|info| info.get.is_some()) {
        return (&raw const tables::TRACK_INFO).cast();
    }
    ptr::null()
}

unsafe extern "C" fn request_restart(host: *const clap_host) {
    // SAFETY: the framework's own call, passed on to the host's own function.
    unsafe {
        let real = of(host).real;
        if let Some(request) = (*real).request_restart {
            request(real);
        }
    }
}

unsafe extern "C" fn request_process(host: *const clap_host) {
    // SAFETY: the framework's own call.
    unsafe { of(host) }.request_process();
}

unsafe extern "C" fn request_callback(host: *const clap_host) {
    // SAFETY: as for `request_restart`.
    unsafe {
        let real = of(host).real;
        if let Some(request) = (*real).request_callback {
            request(real);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use clap_sys::version::CLAP_VERSION;

    use super::*;

    thread_local! {
        static TOLD: Cell<u32> = const { Cell::new(0) };
    }

    unsafe extern "C" fn give(_: *const clap_host, id: *const c_char) -> *const c_void {
        static OWN: clap_host_gui = clap_host_gui {
            resize_hints_changed: None,
            request_resize: None,
            request_show: None,
            request_hide: None,
            closed: Some(closed),
        };
        // SAFETY: a name that ends in 0.
        if unsafe { CStr::from_ptr(id) } == CLAP_EXT_GUI {
            (&raw const OWN).cast()
        } else {
            ptr::null()
        }
    }

    unsafe extern "C" fn closed(_: *const clap_host, _: bool) {
        TOLD.set(TOLD.get() + 1);
    }

    #[test]
    fn a_host_hears_that_the_editor_is_gone_when_it_may_destroy_it() {
        let real = clap_host {
            clap_version: CLAP_VERSION,
            host_data: ptr::null_mut(),
            name: c"test".as_ptr(),
            vendor: c"test".as_ptr(),
            url: c"".as_ptr(),
            version: c"1".as_ptr(),
            get_extension: Some(give),
            request_restart: None,
            request_process: None,
            request_callback: None,
        };
        // SAFETY: the real one outlives it.
        let host = unsafe { Host::new(&real) };
        host.meet();
        let close = || {
            // SAFETY: as the framework does it.
            unsafe {
                let seen = host.seen();
                let gui = (*seen).get_extension.unwrap()(seen, CLAP_EXT_GUI.as_ptr());
                (*gui.cast::<clap_host_gui>()).closed.unwrap()(seen, true);
            }
        };
        host.in_callback(|| {
            close();
            assert_eq!(TOLD.get(), 0, "within the callback");
        });
        assert_eq!(TOLD.get(), 1);
        host.in_callback(|| ());
        assert_eq!(TOLD.get(), 1, "once");
        close();
        assert_eq!(TOLD.get(), 2, "at once otherwise");
    }
}
