//! Parameters, as the host asks for them.

use std::ffi::c_char;
use std::ptr;
use std::sync::atomic::Ordering;

use clap_sys::{
    events::{clap_input_events, clap_output_events},
    ext::params::{clap_param_info, clap_plugin_params},
    id::clap_id,
    plugin::clap_plugin,
};

use super::{
    events::{Events, Output},
    instance::{Instance, Param},
    readings,
};
use crate::{
    entry::text::utf8,
    params::{READINGS, typed},
    thread::{AudioThread, MainThread},
};

/// The extension, in the place of the framework's.
pub const TABLE: clap_plugin_params = clap_plugin_params {
    count: Some(count),
    get_info: Some(get_info),
    get_value: Some(get_value),
    value_to_text: Some(value_to_text),
    text_to_value: Some(text_to_value),
    flush: Some(flush),
};

/// The framework's parameters, and behind them what is heard.
unsafe extern "C" fn count(plugin: *const clap_plugin) -> u32 {
    // SAFETY: the host's own pointer to an instance.
    let instance = unsafe { Instance::of(plugin) };
    instance.map_or(0, |instance| (instance.params.len() + READINGS) as u32)
}

unsafe extern "C" fn get_info(
    plugin: *const clap_plugin,
    index: u32,
    info: *mut clap_param_info,
) -> bool {
    // SAFETY: the host's own pointer to an instance.
    let Some(instance) = (unsafe { Instance::of(plugin) }) else {
        return false;
    };
    let heard = (index as usize).checked_sub(instance.params.len());
    match (heard, instance.theirs.params.get_info) {
        // SAFETY: the host's own call.
        (None, Some(original)) => unsafe { original(plugin, index, info) },
        (Some(heard), _) => match readings::info(heard) {
            Some(told) if !info.is_null() => {
                // SAFETY: a place for one.
                unsafe { info.write(told) };
                true
            }
            _ => false,
        },
        (None, None) => false,
    }
}

/// The value that the host has set, or the editor or a state has: what the host's modulation makes of it is the host's to know,
/// and a host that writes back what it has read must not find it changed.
unsafe extern "C" fn get_value(plugin: *const clap_plugin, id: clap_id, value: *mut f64) -> bool {
    // SAFETY: the host's own pointers, one to an instance.
    let (instance, value) = unsafe { (Instance::of(plugin), value.as_mut()) };
    let (Some(instance), Some(value)) = (instance, value) else {
        return false;
    };
    let Some(param) = instance.param(id) else {
        let heard = readings::value(instance, id);
        *value = heard.unwrap_or(*value);
        return heard.is_some();
    };
    // SAFETY: the parameters live as long as the instance.
    *value = in_the_hosts_units(param, unsafe {
        param.pointer.unmodulated_normalized_value()
    });
    true
}

unsafe extern "C" fn value_to_text(
    plugin: *const clap_plugin,
    id: clap_id,
    value: f64,
    text: *mut c_char,
    size: u32,
) -> bool {
    // SAFETY: the host's own pointer to an instance.
    let Some(instance) = (unsafe { Instance::of(plugin) }) else {
        return false;
    };
    if text.is_null() || size == 0 {
        return false;
    }
    if let Some(heard) = readings::text(instance, id, value, &MainThread::assume()) {
        // SAFETY: so much room there is.
        readings::copy(&heard, unsafe {
            std::slice::from_raw_parts_mut(text, size as usize)
        });
        return true;
    }
    match instance.theirs.params.value_to_text {
        // SAFETY: the host's own call.
        Some(original) => unsafe { original(plugin, id, value, text, size) },
        None => false,
    }
}

/// The value that a text means, as people type it.
unsafe extern "C" fn text_to_value(
    plugin: *const clap_plugin,
    id: clap_id,
    text: *const c_char,
    value: *mut f64,
) -> bool {
    // SAFETY: the host's own pointers, one to an instance.
    let (instance, value) = unsafe { (Instance::of(plugin), value.as_mut()) };
    let (Some(instance), Some(value)) = (instance, value) else {
        return false;
    };
    let Some(param) = instance.param(id) else {
        // SAFETY: a text that ends in 0, by the standard.
        let heard = unsafe { utf8(text) }.and_then(|text| readings::meant(id, text));
        *value = heard.unwrap_or(*value);
        return heard.is_some();
    };
    // SAFETY: a text that ends in 0, by the standard; the parameters live as long as the instance.
    let meant = unsafe { utf8(text).and_then(|text| typed::nearest(param.pointer, text)) };
    let Some(normalized) = meant else {
        return false;
    };
    *value = in_the_hosts_units(param, normalized);
    true
}

/// A normalised value as the host knows it: steps are counted.
fn in_the_hosts_units(param: &Param, normalized: f32) -> f64 {
    let (normalized, highest) = (f64::from(normalized), param.highest());
    if highest > 1.0 {
        (normalized * highest).round()
    } else {
        normalized
    }
}

unsafe extern "C" fn flush(
    plugin: *const clap_plugin,
    input: *const clap_input_events,
    output: *const clap_output_events,
) {
    // SAFETY: the host's own pointer to an instance.
    let Some(instance) = (unsafe { Instance::of(plugin) }) else {
        return;
    };
    // By the standard it is the audio thread's while the plugin is active, and the main thread's otherwise.
    if instance.active.load(Ordering::Relaxed) {
        let audio = AudioThread::assume();
        // SAFETY: the host's own lists, or null.
        instance
            .host
            .as_audio_thread(&audio, || unsafe { flush_lists(instance, input, output) });
    } else {
        // SAFETY: as above.
        unsafe { flush_lists(instance, input, output) };
    }
}

/// Takes over what the editor has changed, with no host that wants to know. To be called while not active.
pub fn flush_alone(instance: &Instance, _: &MainThread) {
    // SAFETY: there are no lists.
    unsafe { flush_lists(instance, ptr::null(), ptr::null()) };
}

/// # Safety
/// The lists are a host's or null.
unsafe fn flush_lists(
    instance: &Instance,
    input: *const clap_input_events,
    output: *const clap_output_events,
) {
    // SAFETY: the caller's promise. A flush has no end that an event could lie behind.
    unsafe {
        let events = Events::new(instance, input, u32::MAX);
        let output = Output::new(instance, output, None);
        if let Some(original) = instance.theirs.params.flush {
            original(instance.plugin(), &events.list(), &output.list());
        }
    }
}
