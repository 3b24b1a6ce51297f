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
};

use super::text;
use crate::{
    clap_factory::{Instance, PresetLocation},
    library::{FileStore, Preset, Settings, factory_presets},
    params::{Captured, MoodringParams, PresetName},
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
    // SAFETY: the host's own pointer to an instance.
    let Some(instance) = (unsafe { Instance::of(plugin) }) else {
        return false;
    };
    let told = PresetLocation {
        kind,
        location,
        key,
    };
    // SAFETY: texts that end in 0, by the standard.
    let (location, key) = unsafe { (text(location), text(key)) };
    let found = find(kind, location, key).and_then(|(preset, name)| {
        let settings = preset.settings().map_err(|why| why.to_string())?;
        Ok((settings, name))
    });
    match found {
        Ok((settings, name)) => {
            let mut state = instance.state();
            put(&mut state, &settings, name);
            let loaded = instance.load(state);
            if loaded {
                instance.host().preset_loaded(told);
            }
            loaded
        }
        Err(why) => {
            instance.host().preset_refused(told, &why);
            false
        }
    }
}

/// The preset that a host means, and what projects call it; or a line that says why there is none.
fn find(
    kind: clap_preset_discovery_location_kind,
    location: Option<&str>,
    key: Option<&str>,
) -> Result<(Preset, PresetName), String> {
    match kind {
        CLAP_PRESET_DISCOVERY_LOCATION_PLUGIN => {
            let wanted = key.unwrap_or_default();
            let found = factory_presets()
                .iter()
                .find(|factory| factory.id == wanted);
            match found {
                Some(factory) => {
                    let name = PresetName::Factory(factory.id.to_owned());
                    Ok((factory.preset.clone(), name))
                }
                None => {
                    let known: Vec<_> = factory_presets().iter().map(|known| known.id).collect();
                    Err(format!(
                        "load key `{wanted}`: not one of {}",
                        known.join(", ")
                    ))
                }
            }
        }
        CLAP_PRESET_DISCOVERY_LOCATION_FILE => {
            let file = location.ok_or("location: none, expected a file's path in UTF-8")?;
            let preset =
                FileStore::<Preset>::open(Path::new(file)).map_err(|why| why.to_string())?;
            let name = PresetName::User(preset.name.clone());
            Ok((preset, name))
        }
        other => Err(format!(
            "location kind {other}: expected {CLAP_PRESET_DISCOVERY_LOCATION_FILE} (a file) or {CLAP_PRESET_DISCOVERY_LOCATION_PLUGIN} (in the plugin)"
        )),
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
