//! The host's functions as the framework gets to see them: each passes the call on, if the host has one to pass it to.

use std::ffi::{CStr, c_char, c_void};
use std::ptr;

use clap_sys::{
    ext::{
        gui::{CLAP_EXT_GUI, clap_host_gui},
        latency::{CLAP_EXT_LATENCY, clap_host_latency},
        params::{CLAP_EXT_PARAMS, clap_host_params, clap_param_rescan_flags},
        thread_check::{CLAP_EXT_THREAD_CHECK, clap_host_thread_check},
        track_info::{CLAP_EXT_TRACK_INFO, clap_host_track_info, clap_track_info},
    },
    host::clap_host,
};

use super::host::{Host, of};
use crate::thread::MainThread;

/// Makes what stands in for a host.
///
/// # Safety
/// The host outlives it.
pub unsafe fn stand_in(real: *const clap_host, main: &MainThread) -> Box<Host> {
    // SAFETY: the caller's promise; the functions look for the stand-in alone.
    unsafe {
        let seen = clap_host {
            get_extension: Some(get_extension),
            request_restart: Some(request_restart),
            request_process: Some(request_process),
            request_callback: Some(request_callback),
            ..*real
        };
        Host::new(real, seen, main)
    }
}

unsafe extern "C" fn get_extension(host: *const clap_host, id: *const c_char) -> *const c_void {
    // SAFETY: the framework's own call, with a name that ends in 0.
    let (host, name) = unsafe { (of(host), CStr::from_ptr(id)) };
    if name == CLAP_EXT_GUI {
        return (&raw const GUI).cast();
    }
    if name == CLAP_EXT_PARAMS {
        return (&raw const PARAMS).cast();
    }
    if name == CLAP_EXT_THREAD_CHECK {
        return (&raw const THREAD_CHECK).cast();
    }
    // With these the framework does more where the host has them.
    let latency = host.extension(|all| all.latency);
    if name == CLAP_EXT_LATENCY && latency.is_some_and(|latency| latency.changed.is_some()) {
        return (&raw const LATENCY).cast();
    }
    let track_info = host.extension(|all| all.track_info);
    if name == CLAP_EXT_TRACK_INFO && track_info.is_some_and(|info| info.get.is_some()) {
        return (&raw const TRACK_INFO).cast();
    }
    ptr::null()
}

unsafe extern "C" fn request_restart(host: *const clap_host) {
    // SAFETY: the framework's own call.
    unsafe { of(host) }.request_restart();
}

unsafe extern "C" fn request_process(host: *const clap_host) {
    // SAFETY: the framework's own call.
    unsafe { of(host) }.request_process();
}

unsafe extern "C" fn request_callback(host: *const clap_host) {
    // SAFETY: the framework's own call.
    unsafe { of(host) }.request_callback();
}

/// Without the host's part the editor keeps its size.
static GUI: clap_host_gui = clap_host_gui {
    resize_hints_changed: Some(gui_resize_hints_changed),
    request_resize: Some(gui_request_resize),
    request_show: Some(gui_request_show),
    request_hide: Some(gui_request_hide),
    closed: Some(gui_closed),
};

unsafe extern "C" fn gui_resize_hints_changed(host: *const clap_host) {
    // SAFETY: the framework's own call, passed on to the host's own function.
    unsafe {
        let host = of(host);
        let gui = host.extension(|all| all.gui);
        if let Some(changed) = gui.and_then(|gui| gui.resize_hints_changed) {
            changed(host.real());
        }
    }
}

unsafe extern "C" fn gui_request_resize(host: *const clap_host, width: u32, height: u32) -> bool {
    // SAFETY: as above.
    unsafe {
        let host = of(host);
        host.extension(|all| all.gui)
            .and_then(|gui| gui.request_resize)
            .is_some_and(|request| request(host.real(), width, height))
    }
}

unsafe extern "C" fn gui_request_show(host: *const clap_host) -> bool {
    // SAFETY: as above.
    unsafe {
        let host = of(host);
        host.extension(|all| all.gui)
            .and_then(|gui| gui.request_show)
            .is_some_and(|request| request(host.real()))
    }
}

unsafe extern "C" fn gui_request_hide(host: *const clap_host) -> bool {
    // SAFETY: as above.
    unsafe {
        let host = of(host);
        host.extension(|all| all.gui)
            .and_then(|gui| gui.request_hide)
            .is_some_and(|request| request(host.real()))
    }
}

unsafe extern "C" fn gui_closed(host: *const clap_host, _was_destroyed: bool) {
    // SAFETY: the framework's own call.
    unsafe { of(host) }.editor_closed();
}

static PARAMS: clap_host_params = clap_host_params {
    rescan: Some(params_rescan),
    // The framework never clears anything.
    clear: None,
    request_flush: Some(params_request_flush),
};

unsafe extern "C" fn params_rescan(host: *const clap_host, flags: clap_param_rescan_flags) {
    // SAFETY: the framework's own call, passed on to the host's own function.
    unsafe {
        let host = of(host);
        let params = host.extension(|all| all.params);
        if let Some(rescan) = params.and_then(|params| params.rescan) {
            rescan(host.real(), flags);
        }
    }
}

/// A host that can't be asked to fetch changes gets them with the next block; if none is processed, they are taken over in its
/// callback.
unsafe extern "C" fn params_request_flush(host: *const clap_host) {
    // SAFETY: as above.
    unsafe {
        let own = of(host);
        let params = own.extension(|all| all.params);
        match params.and_then(|params| params.request_flush) {
            Some(request) => request(own.real()),
            None => own.flush_in_callback(),
        }
    }
}

static LATENCY: clap_host_latency = clap_host_latency {
    changed: Some(latency_changed),
};

unsafe extern "C" fn latency_changed(host: *const clap_host) {
    // SAFETY: as above.
    unsafe { of(host) }.latency_changed();
}

static THREAD_CHECK: clap_host_thread_check = clap_host_thread_check {
    is_main_thread: Some(is_main_thread),
    is_audio_thread: Some(is_audio_thread),
};

/// Where the host doesn't say, a thread is the main one if it made the plugin and no block is processed meanwhile: the audio
/// thread can't ask for its own name without allocating.
unsafe extern "C" fn is_main_thread(host: *const clap_host) -> bool {
    // SAFETY: as above.
    unsafe {
        let host = of(host);
        let check = host.extension(|all| all.thread_check);
        match check.and_then(|check| check.is_main_thread) {
            Some(is_main_thread) => is_main_thread(host.real()),
            None => !host.is_in_audio_call() && host.is_makers_thread(),
        }
    }
}

unsafe extern "C" fn is_audio_thread(host: *const clap_host) -> bool {
    // SAFETY: as above.
    unsafe {
        let host = of(host);
        let check = host.extension(|all| all.thread_check);
        match check.and_then(|check| check.is_audio_thread) {
            Some(is_audio_thread) => is_audio_thread(host.real()),
            None => host.is_in_audio_call(),
        }
    }
}

static TRACK_INFO: clap_host_track_info = clap_host_track_info {
    get: Some(track_info),
};

unsafe extern "C" fn track_info(host: *const clap_host, info: *mut clap_track_info) -> bool {
    // SAFETY: as above.
    unsafe {
        let host = of(host);
        host.extension(|all| all.track_info)
            .and_then(|info| info.get)
            .is_some_and(|get| get(host.real(), info))
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
        let main = MainThread::assume();
        // SAFETY: the real one outlives it.
        let host = unsafe { stand_in(&real, &main) };
        host.meet(&main);
        let close = || {
            // SAFETY: as the framework does it.
            unsafe {
                let seen = host.seen();
                let gui = (*seen).get_extension.unwrap()(seen, CLAP_EXT_GUI.as_ptr());
                (*gui.cast::<clap_host_gui>()).closed.unwrap()(seen, true);
            }
        };
        host.in_callback(&main, || {
            close();
            assert_eq!(TOLD.get(), 0, "within the callback");
        });
        assert_eq!(TOLD.get(), 1);
        host.in_callback(&main, || ());
        assert_eq!(TOLD.get(), 1, "once");
        close();
        assert_eq!(TOLD.get(), 2, "at once otherwise");
    }
}
