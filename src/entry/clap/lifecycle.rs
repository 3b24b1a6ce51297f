//! The plugin's own functions: how an instance is made and destroyed, and which extensions it has.

use std::ffi::{CStr, c_char, c_void};
use std::sync::atomic::Ordering;

use clap_sys::{
    ext::{
        context_menu::{CLAP_EXT_CONTEXT_MENU, CLAP_EXT_CONTEXT_MENU_COMPAT},
        gui::CLAP_EXT_GUI,
        param_indication::{CLAP_EXT_PARAM_INDICATION, CLAP_EXT_PARAM_INDICATION_COMPAT},
        params::CLAP_EXT_PARAMS,
        preset_load::{CLAP_EXT_PRESET_LOAD, CLAP_EXT_PRESET_LOAD_COMPAT},
        state::CLAP_EXT_STATE,
        tail::CLAP_EXT_TAIL,
    },
    host::clap_host,
    plugin::clap_plugin,
};

use super::{
    context_menu, gui, host_tables,
    instance::{Instance, Tables},
    param_indication, params, preset_load, process, state,
};
use crate::{entry::background_thread, thread::MainThread};

/// Makes an instance; null if the framework's object is not what it was built for. The host owns
/// it, until it calls its `destroy`.
///
/// # Safety
/// The host is whole, and outlives it.
pub unsafe fn create(host: *const clap_host, main: &MainThread) -> *const clap_plugin {
    let calls = |framework| clap_plugin {
        init: Some(init),
        destroy: Some(destroy),
        activate: Some(process::activate),
        deactivate: Some(process::deactivate),
        start_processing: Some(process::start_processing),
        stop_processing: Some(process::stop_processing),
        reset: Some(process::reset),
        process: Some(process::process),
        get_extension: Some(get_extension),
        on_main_thread: Some(on_main_thread),
        ..framework
    };
    // SAFETY: the caller's promise; all these functions look for an instance.
    let instance =
        unsafe { Instance::new(host_tables::stand_in(host, main), calls, replaced, main) };
    instance.map_or(std::ptr::null(), |instance| Box::into_raw(instance).cast())
}

/// The framework's extensions with what is put right in them.
fn replaced(theirs: &Tables) -> Tables {
    Tables {
        params: params::TABLE,
        gui: theirs.gui.as_ref().map(gui::replaced),
        state: state::TABLE,
        tail: process::TAIL,
    }
}

unsafe extern "C" fn init(plugin: *const clap_plugin) -> bool {
    // SAFETY: the host's own pointer to an instance.
    let Some(instance) = (unsafe { Instance::of(plugin) }) else {
        return false;
    };
    instance.host.meet(&MainThread::assume());
    let menu = instance.host.extension(|all| all.context_menu);
    let has_menu = menu.is_some_and(context_menu::is_usable);
    instance.calls.host().set_has_menu(has_menu);
    // SAFETY: the framework's own function, on the main thread.
    instance
        .framework
        .init
        .is_some_and(|init| unsafe { init(plugin) })
}

unsafe extern "C" fn destroy(plugin: *const clap_plugin) {
    // SAFETY: as above.
    let Some(instance) = (unsafe { Instance::of(plugin) }) else {
        return;
    };
    // A host may have left it open.
    gui::close(instance, &MainThread::assume());
    if !instance.home.is_current() {
        background_thread::outlive();
    }
    if let Some(destroy) = instance.framework.destroy {
        // SAFETY: the framework's own function, for the last time.
        unsafe { destroy(plugin) };
    }
    // SAFETY: `create` has made it, and the host is done with it.
    drop(unsafe { Box::from_raw(plugin.cast_mut().cast::<Instance>()) });
}

/// The framework's extensions, with what is put right, and those that are added to them.
unsafe extern "C" fn get_extension(plugin: *const clap_plugin, id: *const c_char) -> *const c_void {
    // SAFETY: as above.
    let Some(instance) = (unsafe { Instance::of(plugin) }) else {
        return std::ptr::null();
    };
    if id.is_null() {
        return std::ptr::null();
    }
    // SAFETY: a name that ends in 0, by the standard.
    let name = unsafe { CStr::from_ptr(id) };
    let ours = &instance.ours;
    if name == CLAP_EXT_PARAMS {
        return (&raw const ours.params).cast();
    }
    if name == CLAP_EXT_STATE {
        return (&raw const ours.state).cast();
    }
    if name == CLAP_EXT_TAIL {
        return (&raw const ours.tail).cast();
    }
    if name == CLAP_EXT_GUI {
        return match &ours.gui {
            Some(gui) => (&raw const *gui).cast(),
            None => std::ptr::null(),
        };
    }
    if name == CLAP_EXT_PRESET_LOAD || name == CLAP_EXT_PRESET_LOAD_COMPAT {
        return (&raw const preset_load::TABLE).cast();
    }
    if name == CLAP_EXT_CONTEXT_MENU || name == CLAP_EXT_CONTEXT_MENU_COMPAT {
        return (&raw const context_menu::TABLE).cast();
    }
    if name == CLAP_EXT_PARAM_INDICATION || name == CLAP_EXT_PARAM_INDICATION_COMPAT {
        return (&raw const param_indication::TABLE).cast();
    }
    match instance.framework.get_extension {
        // SAFETY: the host's own call.
        Some(original) => unsafe { original(plugin, id) },
        None => std::ptr::null(),
    }
}

unsafe extern "C" fn on_main_thread(plugin: *const clap_plugin) {
    // SAFETY: as above.
    let Some(instance) = (unsafe { Instance::of(plugin) }) else {
        return;
    };
    let main = MainThread::assume();
    if let Some(original) = instance.framework.on_main_thread {
        // SAFETY: the host's own call.
        instance
            .host
            .in_callback(&main, || unsafe { original(plugin) });
    }
    context_menu::serve(instance, &main);
    instance.tell_texts(&main);
    if instance.host.take_flush() && !instance.active.load(Ordering::Relaxed) {
        params::flush_alone(instance, &main);
    }
}
