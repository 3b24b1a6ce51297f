//! Saved states of earlier versions, and incomplete ones.
#![allow(unsafe_code, reason = "nice-plug reaches parameters by pointer")]

use std::collections::BTreeSet;

use nice_plug::{
    plugin::ParamValue,
    prelude::{Param, ParamPtr, Params, PluginState},
};

use crate::params::{
    Captured, KeptPlace, LatencyMode, MoodringParams, OutputSettings, PresetName, ViewSettings,
};

/// Brings a state to the present layout, so that what it loads to never depends on what was there before.
///
/// Schema 1 knew no models: those that Moodring comes with were used. Schema 2 knew no captured timbres. A parameter that the state doesn't name, because it
/// is younger, and one whose value is of another kind gets its default; a number out of range gets the nearest in it:
/// nice-plug takes numbers and indices as they come. A state without any parameter isn't one, and changes nothing.
pub(super) fn migrate(state: &mut PluginState) {
    if state.params.is_empty() {
        state.fields.clear();
        return;
    }
    let schema = state
        .fields
        .get("schema")
        .and_then(|text| text.parse::<u32>().ok())
        .unwrap_or(1);
    if schema < 2 {
        state.fields.insert("models".to_owned(), "null".to_owned());
    }
    // Schema 3 added the captured timbres. What isn't such a pair would leave those of the state before.
    let captures = state.fields.get("captures").map_or("", String::as_str);
    if schema < 3 || serde_json::from_str::<[Option<Captured>; 2]>(captures).is_err() {
        let none = "[null,null]".to_owned();
        state.fields.insert("captures".to_owned(), none);
    }
    // So did it the preset's name, which the settings don't depend on.
    let preset = state.fields.get("preset").map_or("", String::as_str);
    if serde_json::from_str::<Option<PresetName>>(preset).is_err() {
        state.fields.insert("preset".to_owned(), "null".to_owned());
    }
    // Before there was a choice, every project was one of the studio.
    let latency = state.fields.get("latency").map_or("", String::as_str);
    if serde_json::from_str::<LatencyMode>(latency).is_err() {
        let studio = "\"studio\"".to_owned();
        state.fields.insert("latency".to_owned(), studio);
    }
    // The view came without a schema of its own: what isn't one is the default.
    let view = state.fields.get("view").map_or("", String::as_str);
    if serde_json::from_str::<ViewSettings>(view).is_err() {
        state.fields.insert("view".to_owned(), "{}".to_owned());
    }
    // So did the places on the map of music. One that makes no sense is left out: the others are worth having.
    let places = state.fields.get("places").map_or("", String::as_str);
    let places = serde_json::from_str::<Vec<serde_json::Value>>(places).unwrap_or_default();
    let places: Vec<KeptPlace> = places
        .into_iter()
        .filter_map(|place| serde_json::from_value(place).ok())
        .filter(KeptPlace::is_sound)
        .collect();
    let places = serde_json::to_string(&places).unwrap_or_else(|_| "[]".to_owned());
    state.fields.insert("places".to_owned(), places);
    // So did the outputs, which are off in a project that doesn't know them.
    let outputs = state.fields.get("outputs").map_or("", String::as_str);
    if serde_json::from_str::<OutputSettings>(outputs).is_err() {
        state.fields.insert("outputs".to_owned(), "{}".to_owned());
    }
    // So did the locks: nothing is locked in a project that doesn't know them.
    let locks = state.fields.get("locks").map_or("", String::as_str);
    if serde_json::from_str::<BTreeSet<String>>(locks).is_err() {
        state.fields.insert("locks".to_owned(), "[]".to_owned());
    }
    let defaults = MoodringParams::default();
    for (id, param, _) in defaults.param_map() {
        let found = state.params.get(&id);
        // SAFETY: the pointers are to parameters of `defaults`, which is still here.
        let sound = unsafe {
            match (param, found) {
                (ParamPtr::FloatParam(param), found) => ParamValue::F32(match found {
                    Some(ParamValue::F32(value)) => {
                        value.clamp((*param).preview_plain(0.0), (*param).preview_plain(1.0))
                    }
                    _ => (*param).default_plain_value(),
                }),
                (ParamPtr::IntParam(param), found) => ParamValue::I32(match found {
                    Some(ParamValue::I32(value)) => {
                        (*value).clamp((*param).preview_plain(0.0), (*param).preview_plain(1.0))
                    }
                    _ => (*param).default_plain_value(),
                }),
                (ParamPtr::BoolParam(param), found) => ParamValue::Bool(match found {
                    Some(ParamValue::Bool(value)) => *value,
                    _ => (*param).default_plain_value(),
                }),
                (ParamPtr::EnumParam(param), found) => match found {
                    Some(ParamValue::String(id)) if (*param).set_from_id(id) => continue,
                    _ => ParamValue::I32((*param).default_plain_value()),
                },
            }
        };
        state.params.insert(id, sound);
    }
}
