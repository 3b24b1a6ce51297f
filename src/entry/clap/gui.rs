//! The editor, as the host opens it.

use std::ffi::c_char;
use std::sync::atomic::Ordering;

use clap_sys::{
    ext::gui::{clap_plugin_gui, clap_window},
    plugin::clap_plugin,
};

use super::instance::Instance;
use crate::thread::MainThread;

/// The framework's extension with what is put right in it.
pub fn replaced(theirs: &clap_plugin_gui) -> clap_plugin_gui {
    clap_plugin_gui {
        is_api_supported: Some(is_api_supported),
        create: Some(create),
        destroy: Some(destroy),
        adjust_size: Some(adjust_size),
        set_parent: Some(set_parent),
        ..*theirs
    }
}

/// The framework's own extension.
///
/// # Safety
/// The pointer is a host's to its plugin, or null.
unsafe fn theirs<'a>(plugin: *const clap_plugin) -> Option<(&'a Instance, &'a clap_plugin_gui)> {
    // SAFETY: the caller's promise.
    let instance = unsafe { Instance::of(plugin)? };
    Some((instance, instance.theirs.gui.as_ref()?))
}

unsafe extern "C" fn is_api_supported(
    plugin: *const clap_plugin,
    api: *const c_char,
    is_floating: bool,
) -> bool {
    // SAFETY: the host's own call.
    unsafe {
        match theirs(plugin).and_then(|(_, gui)| gui.is_api_supported) {
            Some(original) if !api.is_null() => original(plugin, api, is_floating),
            _ => false,
        }
    }
}

/// An open editor shows what is done to silence, too, so that the plugin doesn't sleep meanwhile.
unsafe extern "C" fn create(
    plugin: *const clap_plugin,
    api: *const c_char,
    is_floating: bool,
) -> bool {
    // SAFETY: the host's own call.
    unsafe {
        let Some((instance, gui)) = theirs(plugin) else {
            return false;
        };
        let created = match gui.create {
            Some(original) if !api.is_null() => original(plugin, api, is_floating),
            _ => false,
        };
        if created {
            instance.editor_open.store(true, Ordering::Relaxed);
            instance.wake();
        }
        created
    }
}

unsafe extern "C" fn destroy(plugin: *const clap_plugin) {
    // SAFETY: the host's own pointer to an instance.
    if let Some(instance) = unsafe { Instance::of(plugin) } {
        close(instance, &MainThread::assume());
    }
}

/// Closes the editor, if it is open. Waits for the window to be gone.
pub fn close(instance: &Instance, _: &MainThread) {
    if !instance.editor_open.swap(false, Ordering::Relaxed) {
        return;
    }
    let gui = instance.theirs.gui.as_ref();
    if let Some(original) = gui.and_then(|gui| gui.destroy) {
        // SAFETY: the framework's own function.
        unsafe { original(instance.plugin()) };
    }
}

unsafe extern "C" fn adjust_size(
    plugin: *const clap_plugin,
    width: *mut u32,
    height: *mut u32,
) -> bool {
    // SAFETY: the host's own call.
    unsafe {
        match theirs(plugin).and_then(|(_, gui)| gui.adjust_size) {
            Some(original) if !width.is_null() && !height.is_null() => {
                original(plugin, width, height)
            }
            _ => false,
        }
    }
}

unsafe extern "C" fn set_parent(plugin: *const clap_plugin, window: *const clap_window) -> bool {
    // SAFETY: the host's own call.
    unsafe {
        let named = window.as_ref().is_some_and(|window| !window.api.is_null());
        match theirs(plugin).and_then(|(_, gui)| gui.set_parent) {
            Some(original) if named => original(plugin, window),
            _ => false,
        }
    }
}
