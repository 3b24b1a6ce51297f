//! The host's extensions as the framework gets to see them: each function passes the call on, if there is one to pass it to.

use std::sync::atomic::Ordering;
use std::thread;

use clap_sys::{
    ext::{
        gui::clap_host_gui,
        latency::clap_host_latency,
        params::{clap_host_params, clap_param_rescan_flags},
        thread_check::clap_host_thread_check,
        track_info::{clap_host_track_info, clap_track_info},
    },
    host::clap_host,
};

use super::{of, request_callback};

/// Without the host's part the editor keeps its size.
pub static GUI: clap_host_gui = clap_host_gui {
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
            changed(host.real);
        }
    }
}

unsafe extern "C" fn gui_request_resize(host: *const clap_host, width: u32, height: u32) -> bool {
    // SAFETY: as above.
    unsafe {
        let host = of(host);
        host.extension(|all| all.gui)
            .and_then(|gui| gui.request_resize)
            .is_some_and(|request| request(host.real, width, height))
    }
}

unsafe extern "C" fn gui_request_show(host: *const clap_host) -> bool {
    // SAFETY: as above.
    unsafe {
        let host = of(host);
        host.extension(|all| all.gui)
            .and_then(|gui| gui.request_show)
            .is_some_and(|request| request(host.real))
    }
}

unsafe extern "C" fn gui_request_hide(host: *const clap_host) -> bool {
    // SAFETY: as above.
    unsafe {
        let host = of(host);
        host.extension(|all| all.gui)
            .and_then(|gui| gui.request_hide)
            .is_some_and(|request| request(host.real))
    }
}

unsafe extern "C" fn gui_closed(host: *const clap_host, _was_destroyed: bool) {
    // SAFETY: the framework's own call.
    let host = unsafe { of(host) };
    if host.in_callback.load(Ordering::Relaxed) {
        host.closed.store(true, Ordering::Relaxed);
    } else {
        host.tell_closed();
    }
}

pub static PARAMS: clap_host_params = clap_host_params {
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
            rescan(host.real, flags);
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
            Some(request) => request(own.real),
            None => {
                own.flush.store(true, Ordering::Relaxed);
                request_callback(host);
            }
        }
    }
}

pub static LATENCY: clap_host_latency = clap_host_latency {
    changed: Some(latency_changed),
};

unsafe extern "C" fn latency_changed(host: *const clap_host) {
    // SAFETY: as above.
    unsafe {
        let host = of(host);
        let latency = host.extension(|all| all.latency);
        if let Some(changed) = latency.and_then(|latency| latency.changed) {
            changed(host.real);
        }
    }
}

pub static THREAD_CHECK: clap_host_thread_check = clap_host_thread_check {
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
            Some(is_main_thread) => is_main_thread(host.real),
            None => {
                !host.in_audio_call.load(Ordering::Relaxed)
                    && thread::current().id() == host.main_thread
            }
        }
    }
}

unsafe extern "C" fn is_audio_thread(host: *const clap_host) -> bool {
    // SAFETY: as above.
    unsafe {
        let host = of(host);
        let check = host.extension(|all| all.thread_check);
        match check.and_then(|check| check.is_audio_thread) {
            Some(is_audio_thread) => is_audio_thread(host.real),
            None => host.in_audio_call.load(Ordering::Relaxed),
        }
    }
}

pub static TRACK_INFO: clap_host_track_info = clap_host_track_info {
    get: Some(track_info),
};

unsafe extern "C" fn track_info(host: *const clap_host, info: *mut clap_track_info) -> bool {
    // SAFETY: as above.
    unsafe {
        let host = of(host);
        host.extension(|all| all.track_info)
            .and_then(|info| info.get)
            .is_some_and(|get| get(host.real, info))
    }
}
