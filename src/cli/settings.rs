//! `--set NAME=VALUE`: by the text that the plugin itself reads.
#![allow(unsafe_code, reason = "nice-plug reaches parameters by pointer")]

use nice_plug::prelude::{ParamPtr, Params};

use super::CliError;
use crate::params::{MoodringParams, choice, pointer};

/// Sets the parameter that a `NAME=VALUE` names.
pub(super) fn set(params: &MoodringParams, setting: &str) -> Result<(), CliError> {
    let error = |why: String| CliError::Setting {
        setting: setting.to_owned(),
        why,
    };
    let (name, value) = setting
        .split_once('=')
        .ok_or_else(|| error("expected NAME=VALUE".to_owned()))?;
    let (name, value) = (name.trim(), value.trim());
    let map = params.param_map();
    let names: Vec<_> = map
        .iter()
        // SAFETY: the pointers are those of `params`, which is borrowed for all of this.
        .map(|(_, param, _)| unsafe { param.name() })
        .collect();
    let found = choice::find(name, &names).or_else(|| map.iter().position(|(id, ..)| id == name));
    let Some((_, param, _)) = found.and_then(|index| map.get(index)) else {
        let nearest = choice::nearest_first(name, &names).join(", ");
        return Err(error(format!(
            "there is no parameter `{name}`; there are {nearest}"
        )));
    };
    // SAFETY: as above; nobody else uses these parameters.
    unsafe {
        let normalized = choice::normalized(*param, value).ok_or_else(|| {
            error(format!(
                "`{value}` is no value of it: {}",
                values(*param, value)
            ))
        })?;
        pointer::set_normalized(*param, normalized);
    }
    Ok(())
}

/// What a parameter takes, in words, for somebody who typed `value`.
///
/// # Safety
/// The parameter must be there.
unsafe fn values(param: ParamPtr, value: &str) -> String {
    // SAFETY: the caller's promise.
    unsafe {
        if let ParamPtr::FloatParam(_) | ParamPtr::IntParam(_) = param {
            let text = |normalized| param.normalized_value_to_string(normalized, true);
            return format!("it takes {} to {}", text(0.0), text(1.0));
        }
        let choices = choice::choices(param);
        let names: Vec<_> = choices.iter().map(String::as_str).collect();
        format!(
            "it takes {}",
            choice::nearest_first(value, &names).join(", ")
        )
    }
}
