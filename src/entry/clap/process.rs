//! The audio thread's calls, and those around them.

use std::ptr;
use std::sync::atomic::Ordering;

use clap_sys::{
    audio_buffer::clap_audio_buffer,
    ext::{
        latency::{CLAP_EXT_LATENCY, clap_plugin_latency},
        tail::clap_plugin_tail,
    },
    plugin::clap_plugin,
    process::{
        CLAP_PROCESS_CONTINUE, CLAP_PROCESS_CONTINUE_IF_NOT_QUIET, CLAP_PROCESS_ERROR,
        CLAP_PROCESS_SLEEP, clap_process, clap_process_status,
    },
};

use super::{
    events::{Events, Output},
    instance::{Instance, output_channels},
};
use crate::{
    plugin::tail,
    thread::{AudioThread, MainThread},
};

/// Most input ports of any layout: the main one and the sidechain.
const PORTS: usize = 2;

pub const TAIL: clap_plugin_tail = clap_plugin_tail {
    get: Some(tail_samples),
};

pub unsafe extern "C" fn activate(
    plugin: *const clap_plugin,
    sample_rate: f64,
    min_frames: u32,
    max_frames: u32,
) -> bool {
    // SAFETY: the host's own pointer to an instance.
    let Some(instance) = (unsafe { Instance::of(plugin) }) else {
        return false;
    };
    let original = instance.framework.activate;
    let before = latency(instance, plugin);
    let main = MainThread::assume();
    let (activated, tail) = tail::told_by(|| {
        instance.host.while_activating(&main, || {
            // SAFETY: the host's own call.
            original.is_some_and(|original| unsafe {
                original(plugin, sample_rate, min_frames, max_frames)
            })
        })
    });
    if activated {
        if latency(instance, plugin) != before {
            instance.host.tell_latency();
        }
        instance.tail.store(tail, Ordering::Relaxed);
        let channels = output_channels(instance);
        instance.output_channels.store(channels, Ordering::Relaxed);
    }
    instance.asleep.store(false, Ordering::Relaxed);
    instance.active.store(activated, Ordering::Release);
    activated
}

/// What the framework says of the latency, in samples.
fn latency(instance: &Instance, plugin: *const clap_plugin) -> u32 {
    let get_extension = instance.framework.get_extension;
    // SAFETY: the framework's own functions, with the host's own pointer to an instance.
    unsafe {
        let table: *const clap_plugin_latency = get_extension.map_or(ptr::null(), |get| {
            get(plugin, CLAP_EXT_LATENCY.as_ptr()).cast()
        });
        let get = table.as_ref().and_then(|latency| latency.get);
        get.map_or(0, |get| get(plugin))
    }
}

pub unsafe extern "C" fn deactivate(plugin: *const clap_plugin) {
    // SAFETY: the host's own pointer to an instance.
    let Some(instance) = (unsafe { Instance::of(plugin) }) else {
        return;
    };
    instance.active.store(false, Ordering::Release);
    instance.asleep.store(false, Ordering::Relaxed);
    if let Some(original) = instance.framework.deactivate {
        // SAFETY: the host's own call.
        unsafe { original(plugin) };
    }
}

pub unsafe extern "C" fn start_processing(plugin: *const clap_plugin) -> bool {
    // SAFETY: the host's own pointer to an instance.
    let Some(instance) = (unsafe { Instance::of(plugin) }) else {
        return false;
    };
    let audio = AudioThread::assume();
    instance.host.as_audio_thread(&audio, || {
        let original = instance.framework.start_processing;
        // SAFETY: the host's own call.
        original.is_some_and(|original| unsafe { original(plugin) })
    })
}

pub unsafe extern "C" fn stop_processing(plugin: *const clap_plugin) {
    // SAFETY: the host's own pointer to an instance.
    let Some(instance) = (unsafe { Instance::of(plugin) }) else {
        return;
    };
    let audio = AudioThread::assume();
    instance.host.as_audio_thread(&audio, || {
        if let Some(original) = instance.framework.stop_processing {
            // SAFETY: the host's own call.
            unsafe { original(plugin) };
        }
    });
}

pub unsafe extern "C" fn reset(plugin: *const clap_plugin) {
    // SAFETY: the host's own pointer to an instance.
    let Some(instance) = (unsafe { Instance::of(plugin) }) else {
        return;
    };
    let audio = AudioThread::assume();
    instance.host.as_audio_thread(&audio, || {
        if let Some(original) = instance.framework.reset {
            // SAFETY: the host's own call.
            unsafe { original(plugin) };
        }
    });
}

/// How long the output goes on after the input, in samples.
unsafe extern "C" fn tail_samples(plugin: *const clap_plugin) -> u32 {
    // SAFETY: the host's own pointer to an instance.
    unsafe { Instance::of(plugin) }.map_or(0, |instance| instance.tail.load(Ordering::Relaxed))
}

/// Calls the framework's `process` with exactly [`PORTS`] inputs, no more channels than there are and no event behind the
/// block's end, and says when a track may sleep.
pub unsafe extern "C" fn process(
    plugin: *const clap_plugin,
    process: *const clap_process,
) -> clap_process_status {
    // SAFETY: the host's own pointers, one to an instance.
    let (Some(instance), Some(told)) = (unsafe { (Instance::of(plugin), process.as_ref()) }) else {
        return CLAP_PROCESS_ERROR;
    };
    if !instance.active.load(Ordering::Acquire) {
        return CLAP_PROCESS_ERROR;
    }
    instance.asleep.store(false, Ordering::Relaxed);
    instance.calls.count();
    let audio = AudioThread::assume();
    // SAFETY: the host's own block.
    let status = instance
        .host
        .as_audio_thread(&audio, || unsafe { process_what_is_there(instance, told) });
    if let Some(get) = instance.theirs.tail.get {
        // SAFETY: the framework's own function, which any thread may call.
        let tail = unsafe { get(plugin) };
        if tail > 0 {
            instance.tail.store(tail, Ordering::Relaxed);
        }
    }
    if status == CLAP_PROCESS_SLEEP {
        instance.asleep.store(true, Ordering::Relaxed);
    }
    status
}

/// # Safety
/// It is a host's block.
unsafe fn process_what_is_there(instance: &Instance, told: &clap_process) -> clap_process_status {
    let Some(original) = instance.framework.process else {
        return CLAP_PROCESS_ERROR;
    };
    let channels = instance.output_channels.load(Ordering::Relaxed);
    // SAFETY: the host's own ports.
    let output = unsafe { told.audio_outputs.as_mut() }
        .filter(|output| told.audio_outputs_count > 0 && unsafe { is_whole(output) });
    let mut outputs = [NO_PORT];
    if let Some(output) = &output {
        outputs[0] = **output;
        outputs[0].channel_count = output.channel_count.min(channels);
    }
    let mut inputs = [NO_PORT; PORTS];
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
    inputs[0].channel_count = inputs[0].channel_count.min(outputs[0].channel_count);
    // SAFETY: the host's own lists, or null, and the host's own call with less in it.
    let status = unsafe {
        let events = Events::new(instance, told.in_events, told.frames_count);
        let list = events.list();
        // Nobody else has it: a host calls for one block at a time.
        let mut heard = instance.told.try_lock().ok();
        let own_events = Output::new(instance, told.out_events, heard.as_deref_mut());
        let own_list = own_events.list();
        let guarded = clap_process {
            audio_inputs: inputs.as_ptr(),
            audio_inputs_count: PORTS as u32,
            audio_outputs: outputs.as_mut_ptr(),
            audio_outputs_count: u32::from(output.is_some()),
            in_events: &list,
            out_events: &own_list,
            ..*told
        };
        let status = original(instance.plugin(), &guarded);
        own_events.tell_readings(told.frames_count.saturating_sub(1));
        status
    };
    let processed = told.frames_count > 0 && outputs[0].channel_count == channels;
    // `plugin.rs` says so in silence; the framework does where there was nothing to process.
    let silent = status == CLAP_PROCESS_CONTINUE_IF_NOT_QUIET && processed;
    if let Some(output) = output {
        // SAFETY: the host's own port, which is whole.
        unsafe { clear_the_rest(output, channels, told.frames_count) };
        output.constant_mask = if silent { u64::MAX } else { 0 };
    }
    match status {
        CLAP_PROCESS_CONTINUE_IF_NOT_QUIET => {
            if silent && !instance.editor_open.load(Ordering::Relaxed) {
                CLAP_PROCESS_SLEEP
            } else {
                CLAP_PROCESS_CONTINUE
            }
        }
        status => status,
    }
}

/// A port that the host hasn't given.
const NO_PORT: clap_audio_buffer = clap_audio_buffer {
    data32: ptr::null_mut(),
    data64: ptr::null_mut(),
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

/// Silences the channels from `first` on, which the plugin knows nothing of.
///
/// # Safety
/// The port is a host's, whole, and each channel has so many frames.
unsafe fn clear_the_rest(port: &clap_audio_buffer, first: u32, frames: u32) {
    for channel in first..port.channel_count {
        // SAFETY: the caller's promise.
        unsafe {
            let channel = *port.data32.add(channel as usize);
            std::slice::from_raw_parts_mut(channel, frames as usize).fill(0.0);
        }
    }
}
