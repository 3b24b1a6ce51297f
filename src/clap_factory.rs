//! The CLAP entry point, in the place of `nice_export_clap!`: what nice-plug 0.4.2 takes on trust in `process` is checked here.
//!
//! nice-plug reads one input port more than the host has given when the host leaves the sidechain out, splits the block at
//! events that lie behind its end, and copies as many channels as the host's input has, however few the output has. So
//! the factory hands out the framework's own object with its `process` replaced by one that hands it nothing of the sort.
//!
//! It also adds what nice-plug doesn't know: the presets of [`clap_presets`].
//!
//! With a nice-plug that has this right, this file goes and the macro comes back.
#![allow(unsafe_code, reason = "CLAP is a C interface")]

use std::ffi::{CStr, c_char, c_void};
use std::sync::{Arc, OnceLock};

use clap_sys::{
    audio_buffer::clap_audio_buffer,
    entry::clap_plugin_entry,
    events::{clap_event_header, clap_input_events},
    factory::plugin_factory::{CLAP_PLUGIN_FACTORY_ID, clap_plugin_factory},
    host::clap_host,
    plugin::{clap_plugin, clap_plugin_descriptor},
    process::{CLAP_PROCESS_ERROR, clap_process, clap_process_status},
    version::CLAP_VERSION,
};
use nice_plug::wrapper::{
    clap::{PluginDescriptor, Wrapper},
    setup_logger,
};

use crate::{clap_presets, framework_thread, plugin::Moodring};

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

/// Most input ports of any layout: the main one and the sidechain.
const PORTS: usize = 2;

type Process = unsafe extern "C" fn(*const clap_plugin, *const clap_process) -> clap_process_status;

/// The framework's own `process`: the same for all instances.
static PROCESS: OnceLock<Process> = OnceLock::new();

type GetExtension = unsafe extern "C" fn(*const clap_plugin, *const c_char) -> *const c_void;

/// The framework's own `get_extension`: the same for all instances.
static GET_EXTENSION: OnceLock<GetExtension> = OnceLock::new();

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
    if id.is_null() || unsafe { CStr::from_ptr(id) } != descriptor().clap_id() {
        return std::ptr::null();
    }
    framework_thread::CLAP.is_in_use(keep);
    // SAFETY: the host's own callbacks. The framework takes this reference back when the plugin is destroyed.
    let plugin = unsafe {
        (*Arc::into_raw(Wrapper::<Moodring>::new(host)))
            .clap_plugin
            .as_ptr()
    };
    // SAFETY: nobody else has this object yet.
    unsafe {
        if let Some(original) = (*plugin).process.replace(process_what_is_there) {
            PROCESS.get_or_init(|| original);
        }
        if let Some(original) = (*plugin).get_extension.replace(get_extension) {
            GET_EXTENSION.get_or_init(|| original);
        }
    }
    plugin
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

/// The framework's extensions, and those that are added to them.
unsafe extern "C" fn get_extension(plugin: *const clap_plugin, id: *const c_char) -> *const c_void {
    if id.is_null() {
        return std::ptr::null();
    }
    // SAFETY: a name that ends in 0, by the standard.
    let added = clap_presets::extension(unsafe { CStr::from_ptr(id) });
    match GET_EXTENSION.get() {
        // SAFETY: the host's own call.
        Some(original) if added.is_null() => unsafe { original(plugin, id) },
        _ => added,
    }
}

/// Calls the framework's `process` with exactly [`PORTS`] inputs, no more input channels than output channels, and no
/// event behind the block's end.
unsafe extern "C" fn process_what_is_there(
    plugin: *const clap_plugin,
    process: *const clap_process,
) -> clap_process_status {
    let (Some(original), false) = (PROCESS.get(), process.is_null()) else {
        return CLAP_PROCESS_ERROR;
    };
    // SAFETY: the host's own, and only copied.
    let told = unsafe { *process };
    let mut inputs = [NO_INPUT; PORTS];
    if !told.audio_inputs.is_null() {
        let given = (told.audio_inputs_count as usize).min(PORTS);
        // SAFETY: so many there are.
        let given = unsafe { std::slice::from_raw_parts(told.audio_inputs, given) };
        for (input, given) in inputs.iter_mut().zip(given) {
            // SAFETY: the host's own port.
            if unsafe { is_whole(given) } {
                *input = *given;
            }
        }
    }
    if told.audio_outputs_count > 0 && !told.audio_outputs.is_null() {
        // SAFETY: there is one.
        let channels = unsafe { (*told.audio_outputs).channel_count };
        inputs[0].channel_count = inputs[0].channel_count.min(channels);
    }
    // SAFETY: the host's own list, or null.
    let events = unsafe { Within::block(told.in_events, told.frames_count) };
    let list = clap_input_events {
        ctx: (&raw const events).cast_mut().cast(),
        size: Some(size_within),
        get: Some(get_within),
    };
    let guarded = clap_process {
        audio_inputs: inputs.as_ptr(),
        audio_inputs_count: PORTS as u32,
        in_events: &list,
        ..told
    };
    // SAFETY: the host's own call, with less in it.
    unsafe { original(plugin, &guarded) }
}

/// A port that the host hasn't given.
const NO_INPUT: clap_audio_buffer = clap_audio_buffer {
    data32: std::ptr::null_mut(),
    data64: std::ptr::null_mut(),
    channel_count: 0,
    latency: 0,
    constant_mask: 0,
};

/// Whether all of a port's channels are there.
///
/// # Safety
/// The port is a host's.
unsafe fn is_whole(port: &clap_audio_buffer) -> bool {
    if port.data32.is_null() {
        return false;
    }
    // SAFETY: so many pointers there are.
    let channels = unsafe { std::slice::from_raw_parts(port.data32, port.channel_count as usize) };
    channels.iter().all(|channel| !channel.is_null())
}

/// The events of a block, without those behind its end.
struct Within {
    events: *const clap_input_events,
    count: u32,
}

impl Within {
    /// Events come in the order of their times, by the standard.
    ///
    /// # Safety
    /// `events` is a host's list or null.
    unsafe fn block(events: *const clap_input_events, frames: u32) -> Self {
        let mut within = Self { events, count: 0 };
        if events.is_null() {
            return within;
        }
        // SAFETY: the host's list, asked as the standard has it.
        unsafe {
            let (Some(size), Some(get)) = ((*events).size, (*events).get) else {
                return within;
            };
            for index in 0..size(events) {
                let event = get(events, index);
                if !event.is_null() && (*event).time >= frames.max(1) {
                    break;
                }
                within.count = index + 1;
            }
        }
        within
    }
}

unsafe extern "C" fn size_within(list: *const clap_input_events) -> u32 {
    // SAFETY: a list that `process_what_is_there` has made, for as long as that runs.
    unsafe { (*(*list).ctx.cast::<Within>()).count }
}

unsafe extern "C" fn get_within(
    list: *const clap_input_events,
    index: u32,
) -> *const clap_event_header {
    // SAFETY: as above; the list within is the host's.
    unsafe {
        let within = &*(*list).ctx.cast::<Within>();
        match (*within.events).get {
            Some(get) if index < within.count => get(within.events, index),
            _ => std::ptr::null(),
        }
    }
}
