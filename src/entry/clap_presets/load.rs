//! Finds the preset that a host's browser names, and writes it into a state.
#![allow(unsafe_code, reason = "CLAP is a C interface")]

use std::{collections::BTreeSet, path::Path};

use clap_sys::factory::preset_discovery::{
    CLAP_PRESET_DISCOVERY_LOCATION_FILE, CLAP_PRESET_DISCOVERY_LOCATION_PLUGIN,
    clap_preset_discovery_location_kind,
};
use nice_plug::{plugin::PluginState, prelude::Params};

use crate::{
    library::{FileStore, Preset, Settings, factory_presets},
    params::{Captured, MoodringParams, PresetName, pointer},
    thread::MainThread,
};

/// Where a host says that a preset is.
#[derive(Clone, Copy)]
pub struct PresetPlace<'a> {
    /// What kind of place it is.
    pub kind: clap_preset_discovery_location_kind,
    /// The file's path; `None` if the host gave no readable one.
    pub location: Option<&'a str>,
    /// The preset's name at that place; `None` if the host gave no readable one.
    pub key: Option<&'a str>,
}

/// Finds the preset at a place, and the name that projects know it by. Reads files.
///
/// # Errors
/// A line that says why there is none, for the host to show.
pub fn find(place: PresetPlace<'_>) -> Result<(Settings, PresetName), String> {
    let (preset, name) = read(place)?;
    let settings = preset.settings().map_err(|why| why.to_string())?;
    Ok((settings, name))
}

fn read(place: PresetPlace<'_>) -> Result<(Preset, PresetName), String> {
    match place.kind {
        CLAP_PRESET_DISCOVERY_LOCATION_PLUGIN => {
            let wanted = place.key.unwrap_or_default();
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
            let file = place
                .location
                .ok_or("location: none, expected a file's path in UTF-8")?;
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

/// Writes a preset into a state; what the preset doesn't name stays, and so does what is locked.
pub fn apply(settings: &Settings, name: PresetName, state: &mut PluginState, thread: &MainThread) {
    let params = MoodringParams::default();
    settings.put(&params, thread);
    let field = |state: &PluginState, id: &str| state.fields.get(id).cloned().unwrap_or_default();
    let locked: BTreeSet<String> = serde_json::from_str(&field(state, "locks")).unwrap_or_default();
    for (id, param, _) in params.param_map() {
        if settings.values.contains_key(&id) && !locked.contains(&id) {
            // SAFETY: the pointers are those of `params`, which is still here.
            let value = unsafe { pointer::saved(param, thread) };
            state.params.insert(id, value);
        }
    }
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
