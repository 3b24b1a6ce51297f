//! The extension by which a host loads a preset that its browser has found.

use std::ffi::c_char;

use clap_sys::{
    ext::preset_load::clap_plugin_preset_load,
    factory::preset_discovery::clap_preset_discovery_location_kind, plugin::clap_plugin,
};

use super::{host::PresetLocation, instance::Instance};
use crate::{
    entry::{
        clap_presets::{PresetPlace, apply, find},
        text::utf8,
    },
    thread::MainThread,
};

pub static TABLE: clap_plugin_preset_load = clap_plugin_preset_load {
    from_location: Some(from_location),
};

unsafe extern "C" fn from_location(
    plugin: *const clap_plugin,
    kind: clap_preset_discovery_location_kind,
    location: *const c_char,
    key: *const c_char,
) -> bool {
    // SAFETY: the host's own pointer to an instance.
    let Some(instance) = (unsafe { Instance::of(plugin) }) else {
        return false;
    };
    let main = MainThread::assume();
    let told = PresetLocation {
        kind,
        location,
        key,
    };
    // SAFETY: texts that end in 0, by the standard.
    let (location, key) = unsafe { (utf8(location), utf8(key)) };
    let place = PresetPlace {
        kind,
        location,
        key,
    };
    match find(place) {
        Ok((settings, name)) => {
            let mut state = instance.state(&main);
            apply(&settings, name, &mut state, &main);
            let loaded = instance.load(state, &main);
            if loaded {
                instance.host.preset_loaded(told);
            }
            loaded
        }
        Err(why) => {
            instance.host.preset_refused(told, &why);
            false
        }
    }
}
