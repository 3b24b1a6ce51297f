//! The CLAP entry point, in the place of `nice_export_clap!`: between a host and nice-plug 0.4.2 stands an [`Instance`], which
//! hands either of them only what the other can bear.
//!
//! The host holds the instance's own `clap_plugin`, whose functions call the framework's; the framework holds the instance's
//! own `clap_host`, whose functions call the host's. Each thing that is put right on the way, with its place in nice-plug's
//! `src/wrapper/clap/wrapper.rs` where nothing else is named:
//!
//! | place | what nice-plug does | where it is put right |
//! | --- | --- | --- |
//! | 2753 | aborts when a host without `clap.gui` opens the editor | `host`: a stand-in |
//! | `util.rs`:38 | aborts where a function of the host, of a list or of a stream is null | `host`, `events`, `state` |
//! | 503 | aborts when it is created without a host | [`create`] |
//! | 391 | allocates to know its thread, where the host has no `clap.thread-check` | `host` |
//! | 2378, 2868 | aborts when the host destroys the editor in the call that says that it is gone | `host`: said afterwards |
//! | 2135 | aborts in `process` before `activate` | `process` |
//! | `../util/buffer_management.rs`:211, 204 | aborts at more output channels than the layout has; writes to null | `process` |
//! | 2065 | reads one input port more than the host has given | `process` |
//! | `../util/buffer_management.rs`:234 | copies as many channels as the input has, however few the output has | `process` |
//! | 2262, 3494 | has no word for a track that may sleep, and no tail while it does | `process` |
//! | 2000 | splits a block behind its end | `events` |
//! | 991 | reads an event that isn't there | `events` |
//! | 2267 | keeps the editor's changes to itself when the host takes no events | `events` |
//! | nice-plug-core, `params/float.rs`:213 and the like | forgets a new base while modulation hides it | `events`, [`Instance::load`] |
//! | 3229 | tells the host base and modulation as the value | `params` |
//! | 3163 | aborts when the host asks for one parameter more than there are | `params` |
//! | 2631, 2825, 2959 | reads the name of an API, of a window's, or a size that isn't there | `gui` |
//! | 3470 | trusts a stream to give no more than it was asked for | `state` |
//! | 1495 | has the audio thread load a state that the plugin sets itself, and waits for it | [`Instance::load`] |
//!
//! It also adds what nice-plug doesn't know: the presets of [`clap_presets`].
//!
//! With a nice-plug that has this right, this file goes and the macro comes back.
#![allow(unsafe_code, reason = "CLAP is a C interface")]

mod events;
mod gui;
mod host;
mod instance;
mod params;
mod process;
mod state;

use std::ffi::{CStr, c_char, c_void};
use std::sync::OnceLock;

use clap_sys::{
    entry::clap_plugin_entry,
    factory::plugin_factory::{CLAP_PLUGIN_FACTORY_ID, clap_plugin_factory},
    host::clap_host,
    plugin::{clap_plugin, clap_plugin_descriptor},
    version::CLAP_VERSION,
};
use nice_plug::wrapper::{
    clap::{PluginDescriptor, Wrapper},
    setup_logger,
};

use crate::{clap_presets, framework_thread, plugin::Moodring};

pub use host::PresetLocation;
pub use instance::Instance;

/// What CLAP hosts look for in a library.
#[unsafe(no_mangle)]
#[used]
#[allow(non_upper_case_globals, reason = "hosts look for this name")]
pub static clap_entry: clap_plugin_entry = clap_plugin_entry {
    clap_version: CLAP_VERSION,
    init: Some(init),
    deinit: Some(deinit),
    get_factory: Some(get_factory),
};

static FACTORY: clap_plugin_factory = clap_plugin_factory {
    get_plugin_count: Some(count),
    get_plugin_descriptor: Some(descriptor_of),
    create_plugin: Some(create),
};

fn descriptor() -> &'static PluginDescriptor {
    static DESCRIPTOR: OnceLock<PluginDescriptor> = OnceLock::new();
    DESCRIPTOR.get_or_init(PluginDescriptor::for_plugin::<Moodring>)
}

unsafe extern "C" fn init(_path: *const c_char) -> bool {
    setup_logger::<Moodring>();
    true
}

unsafe extern "C" fn deinit() {}

unsafe extern "C" fn get_factory(id: *const c_char) -> *const c_void {
    if id.is_null() {
        return std::ptr::null();
    }
    // SAFETY: a name that ends in 0, by the standard.
    let id = unsafe { CStr::from_ptr(id) };
    if id == CLAP_PLUGIN_FACTORY_ID {
        (&raw const FACTORY).cast()
    } else {
        clap_presets::factory(id)
    }
}

/// The plugin's id.
pub fn plugin_id() -> &'static CStr {
    descriptor().clap_id()
}

unsafe extern "C" fn count(_: *const clap_plugin_factory) -> u32 {
    1
}

unsafe extern "C" fn descriptor_of(
    _: *const clap_plugin_factory,
    index: u32,
) -> *const clap_plugin_descriptor {
    match index {
        0 => descriptor().clap_plugin_descriptor(),
        _ => std::ptr::null(),
    }
}

unsafe extern "C" fn create(
    _: *const clap_plugin_factory,
    host: *const clap_host,
    id: *const c_char,
) -> *const clap_plugin {
    // SAFETY: a name that ends in 0, by the standard.
    if host.is_null() || id.is_null() || unsafe { CStr::from_ptr(id) } != plugin_id() {
        return std::ptr::null();
    }
    framework_thread::CLAP.is_in_use(keep);
    // SAFETY: the host outlives its plugins, by the standard.
    unsafe { Instance::create(host) }
}

/// Makes an instance that is never dropped, for a host that there isn't.
fn keep() {
    unsafe extern "C" fn extension(_: *const clap_host, _: *const c_char) -> *const c_void {
        std::ptr::null()
    }
    unsafe extern "C" fn nothing(_: *const clap_host) {}
    let host = Box::leak(Box::new(clap_host {
        clap_version: CLAP_VERSION,
        host_data: std::ptr::null_mut(),
        name: c"none".as_ptr(),
        vendor: c"".as_ptr(),
        url: c"".as_ptr(),
        version: c"".as_ptr(),
        get_extension: Some(extension),
        request_restart: Some(nothing),
        request_process: Some(nothing),
        request_callback: Some(nothing),
    }));
    // SAFETY: a host that stays, and has all that the standard asks for.
    std::mem::forget(unsafe { Wrapper::<Moodring>::new(host) });
}
