//! What a bare host has for the plugin.
#![allow(unsafe_code, reason = "CLAP is a C interface")]

use std::cell::Cell;
use std::ffi::{CStr, c_char, c_void};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use super::menus::{CONTEXT_MENU, MenuTold};
use clap_sys::{
    ext::{
        context_menu::CLAP_EXT_CONTEXT_MENU,
        gui::{CLAP_EXT_GUI, clap_host_gui},
        latency::{CLAP_EXT_LATENCY, clap_host_latency},
        params::{
            CLAP_EXT_PARAMS, CLAP_PARAM_RESCAN_TEXT, clap_host_params, clap_param_rescan_flags,
        },
        preset_load::{CLAP_EXT_PRESET_LOAD, clap_host_preset_load},
        state::{CLAP_EXT_STATE, clap_host_state},
        thread_check::{CLAP_EXT_THREAD_CHECK, clap_host_thread_check},
        track_info::{CLAP_EXT_TRACK_INFO, clap_host_track_info, clap_track_info},
        voice_info::{CLAP_EXT_VOICE_INFO, clap_host_voice_info},
    },
    host::clap_host,
};

/// Every extension that a host of this kind can have.
pub const EXTENSIONS: [&CStr; 9] = [
    CLAP_EXT_CONTEXT_MENU,
    CLAP_EXT_GUI,
    CLAP_EXT_LATENCY,
    CLAP_EXT_PARAMS,
    CLAP_EXT_PRESET_LOAD,
    CLAP_EXT_STATE,
    CLAP_EXT_THREAD_CHECK,
    CLAP_EXT_TRACK_INFO,
    CLAP_EXT_VOICE_INFO,
];

/// What the plugin has asked the host for, or told it.
#[derive(Default)]
pub struct Told {
    pub callback: AtomicBool,
    pub process: AtomicU32,
    pub rescans: AtomicU32,
    /// How often it was told that the texts of values have changed.
    pub texts: AtomicU32,
    pub flush: AtomicBool,
    pub presets_loaded: AtomicU32,
    pub presets_refused: std::sync::Mutex<Vec<String>>,
    pub menu: MenuTold,
    pub(super) given: Vec<&'static CStr>,
    /// Whether every function of every extension is null.
    pub(super) hollow: bool,
}

pub(super) unsafe fn told<'a>(host: *const clap_host) -> &'a Told {
    // SAFETY: a `Told` of this host, which outlives the plugin.
    unsafe { &*(*host).host_data.cast() }
}

pub(super) unsafe extern "C" fn get_extension(
    host: *const clap_host,
    id: *const c_char,
) -> *const c_void {
    // SAFETY: a name that ends in 0.
    let (told, id) = unsafe { (told(host), CStr::from_ptr(id)) };
    if !told.given.contains(&id) {
        return ptr::null();
    }
    if told.hollow {
        // No extension has more functions than this.
        static NOTHING: [usize; 8] = [0; 8];
        return (&raw const NOTHING).cast();
    }
    match id {
        _ if id == CLAP_EXT_CONTEXT_MENU => (&raw const CONTEXT_MENU).cast(),
        _ if id == CLAP_EXT_GUI => (&raw const GUI).cast(),
        _ if id == CLAP_EXT_LATENCY => (&raw const LATENCY).cast(),
        _ if id == CLAP_EXT_PARAMS => (&raw const PARAMS).cast(),
        _ if id == CLAP_EXT_PRESET_LOAD => (&raw const PRESET_LOAD).cast(),
        _ if id == CLAP_EXT_STATE => (&raw const STATE).cast(),
        _ if id == CLAP_EXT_THREAD_CHECK => (&raw const THREAD_CHECK).cast(),
        _ if id == CLAP_EXT_TRACK_INFO => (&raw const TRACK_INFO).cast(),
        _ if id == CLAP_EXT_VOICE_INFO => (&raw const VOICE_INFO).cast(),
        _ => ptr::null(),
    }
}

pub(super) unsafe extern "C" fn request_callback(host: *const clap_host) {
    // SAFETY: this host's own pointer, as in all functions below.
    unsafe { told(host) }
        .callback
        .store(true, Ordering::Release);
}

pub(super) unsafe extern "C" fn request_process(host: *const clap_host) {
    // SAFETY: this host's own pointer.
    unsafe { told(host) }
        .process
        .fetch_add(1, Ordering::Release);
}

pub(super) unsafe extern "C" fn nothing(_: *const clap_host) {}

static GUI: clap_host_gui = clap_host_gui {
    resize_hints_changed: Some(nothing),
    request_resize: Some(request_resize),
    request_show: Some(no),
    request_hide: Some(no),
    closed: Some(closed),
};

unsafe extern "C" fn request_resize(_: *const clap_host, _: u32, _: u32) -> bool {
    false
}

unsafe extern "C" fn no(_: *const clap_host) -> bool {
    false
}

unsafe extern "C" fn closed(_: *const clap_host, _: bool) {}

static LATENCY: clap_host_latency = clap_host_latency {
    changed: Some(nothing),
};

static PARAMS: clap_host_params = clap_host_params {
    rescan: Some(rescan),
    clear: None,
    request_flush: Some(request_flush),
};

unsafe extern "C" fn rescan(host: *const clap_host, flags: clap_param_rescan_flags) {
    // SAFETY: this host's own pointer.
    let told = unsafe { told(host) };
    told.rescans.fetch_add(1, Ordering::Release);
    if flags & CLAP_PARAM_RESCAN_TEXT != 0 {
        told.texts.fetch_add(1, Ordering::Release);
    }
}

unsafe extern "C" fn request_flush(host: *const clap_host) {
    // SAFETY: this host's own pointer.
    unsafe { told(host) }.flush.store(true, Ordering::Release);
}

static PRESET_LOAD: clap_host_preset_load = clap_host_preset_load {
    on_error: Some(preset_refused),
    loaded: Some(preset_loaded),
};

unsafe extern "C" fn preset_refused(
    host: *const clap_host,
    _: u32,
    _: *const c_char,
    _: *const c_char,
    _: i32,
    why: *const c_char,
) {
    // SAFETY: this host's own pointer.
    let (told, why) = unsafe { (told(host), CStr::from_ptr(why)) };
    let why = why.to_str().unwrap().to_owned();
    told.presets_refused.lock().unwrap().push(why);
}

unsafe extern "C" fn preset_loaded(
    host: *const clap_host,
    _: u32,
    _: *const c_char,
    _: *const c_char,
) {
    // SAFETY: this host's own pointer.
    let told = unsafe { told(host) };
    told.presets_loaded.fetch_add(1, Ordering::Release);
}

static STATE: clap_host_state = clap_host_state {
    mark_dirty: Some(nothing),
};

static THREAD_CHECK: clap_host_thread_check = clap_host_thread_check {
    is_main_thread: Some(is_main_thread),
    is_audio_thread: Some(is_audio_thread),
};

thread_local! {
    /// Whether this thread is in a call of the audio thread's.
    static PROCESSING: Cell<bool> = const { Cell::new(false) };
}

unsafe extern "C" fn is_main_thread(_: *const clap_host) -> bool {
    !PROCESSING.get()
}

unsafe extern "C" fn is_audio_thread(_: *const clap_host) -> bool {
    PROCESSING.get()
}

static TRACK_INFO: clap_host_track_info = clap_host_track_info {
    get: Some(track_info),
};

unsafe extern "C" fn track_info(_: *const clap_host, _: *mut clap_track_info) -> bool {
    false
}

static VOICE_INFO: clap_host_voice_info = clap_host_voice_info {
    changed: Some(nothing),
};

/// Runs `call` as the audio thread.
pub(super) fn as_audio<T>(call: impl FnOnce() -> T) -> T {
    PROCESSING.set(true);
    let result = call();
    PROCESSING.set(false);
    result
}
