//! A preset into a plugin, as the host's browser asks for it.
#![allow(unsafe_code, reason = "CLAP is a C interface")]

use std::ffi::c_char;
use std::path::Path;

use clap_sys::{
    ext::preset_load::clap_plugin_preset_load,
    factory::preset_discovery::{
        CLAP_PRESET_DISCOVERY_LOCATION_FILE, CLAP_PRESET_DISCOVERY_LOCATION_PLUGIN,
        clap_preset_discovery_location_kind,
    },
    plugin::clap_plugin,
};
use nice_plug::{
    plugin::{ParamValue, PluginState},
    prelude::{ParamPtr, Params},
    wrapper::clap::Wrapper,
};

use super::text;
use crate::{
    library::{Preset, Settings, Shelf, factory_presets},
    params::{Captured, MoodringParams, PresetName},
    plugin::Moodring,
};

/// What a host that finds presets loads them with.
pub static EXTENSION: clap_plugin_preset_load = clap_plugin_preset_load {
    from_location: Some(from_location),
};

unsafe extern "C" fn from_location(
    plugin: *const clap_plugin,
    kind: clap_preset_discovery_location_kind,
    location: *const c_char,
    key: *const c_char,
) -> bool {
    // SAFETY: texts that end in 0, by the standard.
    let (location, key) = unsafe { (text(location), text(key)) };
    let Some((preset, name)) = find(kind, location, key) else {
        return false;
    };
    let Ok(settings) = preset.settings() else {
        return false;
    };
    if plugin.is_null() {
        return false;
    }
    // SAFETY: one that `clap_factory` has made: its data is the framework's wrapper, which is there until it is destroyed.
    let wrapper = unsafe { &*(*plugin).plugin_data.cast::<Wrapper<Moodring>>() };
    let mut state = wrapper.get_state_object();
    put(&mut state, &settings, name);
    // What is playing takes it over at the end of its block, and the host is told of the new values.
    wrapper.set_state_object_from_gui(state);
    true
}

/// The preset that a host means, and what projects call it.
fn find(
    kind: clap_preset_discovery_location_kind,
    location: Option<&str>,
    key: Option<&str>,
) -> Option<(Preset, PresetName)> {
    match kind {
        CLAP_PRESET_DISCOVERY_LOCATION_PLUGIN => {
            let factory = factory_presets()
                .iter()
                .find(|factory| Some(factory.id) == key)?;
            let name = PresetName::Factory(factory.id.to_owned());
            Some((factory.preset.clone(), name))
        }
        CLAP_PRESET_DISCOVERY_LOCATION_FILE => {
            let preset = Shelf::<Preset>::open(Path::new(location?)).ok()?;
            let name = PresetName::User(preset.name.clone());
            Some((preset, name))
        }
        _ => None,
    }
}

/// Changes a state to what a preset comes to.
fn put(state: &mut PluginState, settings: &Settings, name: PresetName) {
    let params = MoodringParams::default();
    settings.put(&params);
    for (id, param, _) in params.param_map() {
        if settings.values.contains_key(&id) {
            // SAFETY: the pointers are those of `params`, which is still here.
            let value = unsafe { plain(param) };
            state.params.insert(id, value);
        }
    }
    let field = |state: &PluginState, id: &str| state.fields.get(id).cloned().unwrap_or_default();
    let mut slots: [Option<Captured>; 2] =
        serde_json::from_str(&field(state, "captures")).unwrap_or_default();
    for (slot, captured) in slots.iter_mut().zip(&settings.captures) {
        if captured.is_some() {
            slot.clone_from(captured);
        }
    }
    for (id, text) in [
        ("captures", serde_json::to_string(&slots)),
        ("preset", serde_json::to_string(&Some(name))),
    ] {
        if let Ok(text) = text {
            state.fields.insert(id.to_owned(), text);
        }
    }
}

/// A parameter's value as a state has it.
///
/// # Safety
/// The parameter must be there.
unsafe fn plain(param: ParamPtr) -> ParamValue {
    // SAFETY: the caller's promise.
    unsafe {
        match param {
            ParamPtr::FloatParam(_) => ParamValue::F32(param.unmodulated_plain_value()),
            ParamPtr::IntParam(_) => ParamValue::I32(param.unmodulated_plain_value() as i32),
            ParamPtr::BoolParam(_) => ParamValue::Bool(param.unmodulated_normalized_value() > 0.5),
            ParamPtr::EnumParam(inner) => match (*inner).unmodulated_plain_id() {
                Some(id) => ParamValue::String(id.to_owned()),
                None => ParamValue::I32(param.unmodulated_plain_value() as i32),
            },
        }
    }
}
