//! Settings under a name, and what they look like in a file.
#![allow(unsafe_code, reason = "nice-plug reaches parameters by pointer")]

use std::collections::BTreeMap;

use nice_plug::prelude::{Param, ParamPtr, Params};
use serde::{Deserialize, Serialize};

use super::{Kept, LibraryError, text, timbre::checked};
use crate::{
    foreign_text::wrong_name,
    json_text,
    params::{
        Captured, MoodringParams, MorphSource, Slot, pointer,
        typed::{self, Refusal},
    },
    thread::MayBlock,
};

/// Layout of the files that this version writes, and the only one that it reads.
const SCHEMA: u32 = 1;

/// Parameters that belong to the track and to the ear, not to the sound: a preset leaves them alone unless it names them.
const LEFT_ALONE: [&str; 3] = ["bypass", "output", "average"];

/// How far two normalized values may lie apart and still be the same: a host may keep them in another form.
const SAME: f32 = 1e-4;

/// Settings under a name.
///
/// ```
/// use moodring::library::{Kept, Preset};
/// use moodring::params::MoodringParams;
/// use moodring::thread::MainThread;
///
/// # fn main() -> Result<(), moodring::library::LibraryError> {
/// let text = r#"{"schema": 1, "name": "Airy", "values": {"latent_1": 1.5, "mix": "60 %"}}"#;
/// let preset = Preset::parse("Airy.json", text.as_bytes())?;
/// let params = MoodringParams::default();
/// preset.settings()?.put(&params, &MainThread::assume());
/// assert_eq!(params.mix.value(), 0.6);
///
/// // A value that is none is refused by the field's name.
/// let wrong = text.replace("60 %", "loud");
/// let why = Preset::parse("Airy.json", wrong.as_bytes()).unwrap_err();
/// assert!(why.to_string().contains("mix"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Preset {
    /// What it is called.
    pub name: String,
    /// What it does to the sound, in a few plain words; may be empty.
    pub does: String,
    /// Values by the parameters' permanent ids. A parameter of the sound that isn't named has its default.
    pub values: BTreeMap<String, Value>,
    /// The captured timbres that go with it; a slot that is empty here is left alone.
    pub captures: [Option<Captured>; 2],
}

/// A parameter's value as a file has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// On or off.
    Switch(bool),
    /// The plain value, in the parameter's own unit.
    Number(f32),
    /// One of several, by its permanent id; or any value as the plugin writes it, such as `80 %`.
    Text(String),
}

/// What a preset comes to: values for parameters, normalized to 0..1, and the captured timbres to put in place.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// By permanent id.
    pub values: BTreeMap<String, f32>,
    /// A slot that is empty here is left alone.
    pub captures: [Option<Captured>; 2],
}

/// The file's content.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    schema: u32,
    name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    does: String,
    #[serde(deserialize_with = "json_text::each_once")]
    values: BTreeMap<String, Value>,
    #[serde(default, skip_serializing_if = "is_empty")]
    captures: Slots,
}

/// Captured timbres by their letter.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Slots {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    a: Option<Captured>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    b: Option<Captured>,
}

fn is_empty(slots: &Slots) -> bool {
    slots.a.is_none() && slots.b.is_none()
}

/// The preset that leaves the sound alone: every parameter of the sound has its default.
pub fn neutral() -> Preset {
    Preset {
        name: "Neutral".to_owned(),
        does: "Leaves the sound alone".to_owned(),
        values: BTreeMap::new(),
        captures: [None, None],
    }
}

impl Preset {
    /// The present settings under `name`. The captured timbres come along if Morph leads to them.
    pub fn of(name: &str, params: &MoodringParams, thread: &impl MayBlock) -> Self {
        let values = params
            .param_map()
            .into_iter()
            .filter(|(id, ..)| !LEFT_ALONE.contains(&id.as_str()))
            // SAFETY: the pointers are those of `params`, which is borrowed for all of this.
            .map(|(id, param, _)| (id, unsafe { present(param) }))
            .collect();
        let captures = match params.morph_source.unmodulated_plain_value() {
            MorphSource::Captures => params.captures.both(thread),
            _ => [None, None],
        };
        Self {
            name: name.to_owned(),
            does: String::new(),
            values,
            captures,
        }
    }

    /// What it comes to.
    ///
    /// # Errors
    /// [`LibraryError::Field`] for a parameter that there isn't and for a value that it doesn't have.
    pub fn settings(&self) -> Result<Settings, LibraryError> {
        self.settings_in(&self.name)
    }

    /// [`Preset::settings`] of one that comes from `file`.
    fn settings_in(&self, file: &str) -> Result<Settings, LibraryError> {
        let defaults = MoodringParams::default();
        let map = defaults.param_map();
        if let Some(id) = self
            .values
            .keys()
            .find(|id| !map.iter().any(|(known, ..)| known == *id))
        {
            let known: Vec<_> = map.iter().map(|(id, ..)| id.as_str()).collect();
            let expected = format!("one of {}", known.join(", "));
            return Err(LibraryError::field(
                file,
                "values",
                format!("`{id}`"),
                expected,
            ));
        }
        let mut values = BTreeMap::new();
        for (id, param, _) in map {
            let normalized = match self.values.get(&id) {
                // SAFETY: the pointer is to a parameter of `defaults`, which is still here.
                Some(value) => unsafe { normalized(param, value) }.map_err(|expected| {
                    LibraryError::field(file, &format!("values.{id}"), value, expected)
                })?,
                None if LEFT_ALONE.contains(&id.as_str()) => continue,
                // SAFETY: as above.
                None => unsafe { param.default_normalized_value() },
            };
            values.insert(id, normalized);
        }
        Ok(Settings {
            values,
            captures: self.captures.clone(),
        })
    }
}

impl Kept for Preset {
    fn name(&self) -> &str {
        &self.name
    }

    fn named(self, name: String) -> Self {
        Self { name, ..self }
    }

    fn parse(file: &str, bytes: &[u8]) -> Result<Self, LibraryError> {
        let content: Content = text::json(file, bytes, SCHEMA)?;
        let captures = [content.captures.a, content.captures.b];
        if let Some((found, expected)) = wrong_name(&content.name) {
            return Err(LibraryError::field(file, "name", found, expected));
        }
        for captured in captures.iter().flatten() {
            checked(file, captured)?;
        }
        let preset = Self {
            name: content.name,
            does: content.does,
            values: content.values,
            captures,
        };
        preset.settings_in(file)?;
        Ok(preset)
    }

    fn to_json(&self) -> String {
        let [a, b] = self.captures.clone();
        let content = Content {
            schema: SCHEMA,
            name: self.name.clone(),
            does: self.does.clone(),
            values: self.values.clone(),
            captures: Slots { a, b },
        };
        // Strings and numbers under names: there is nothing in it that JSON lacks.
        serde_json::to_string_pretty(&content).unwrap_or_default()
    }
}

impl Settings {
    /// All parameters as they are, and both captured timbres.
    pub fn of(params: &MoodringParams, thread: &impl MayBlock) -> Self {
        Self {
            values: params
                .param_map()
                .into_iter()
                // SAFETY: the pointers are those of `params`, which is borrowed for all of this.
                .map(|(id, param, _)| (id, unsafe { param.unmodulated_normalized_value() }))
                .collect(),
            captures: params.captures.both(thread),
        }
    }

    /// Makes everything so, in parameters that no host knows.
    pub fn put(&self, params: &MoodringParams, thread: &impl MayBlock) {
        for (id, param, _) in params.param_map() {
            if let Some(normalized) = self.values.get(&id) {
                // SAFETY: the pointers are those of `params`, which is borrowed for all of this.
                unsafe { pointer::set_normalized(param, *normalized) };
            }
        }
        for (slot, captured) in Slot::ALL.into_iter().zip(&self.captures) {
            if captured.is_some() {
                params.captures.set(slot, captured.clone(), thread);
            }
        }
    }

    /// Whether everything is as it is here, but for what is locked.
    pub fn hold(&self, params: &MoodringParams, thread: &impl MayBlock) -> bool {
        let locked = params.locks.get(thread);
        let captured = |slot: Slot, wanted: &Option<Captured>| {
            wanted.is_none() || params.captures.get(slot, thread) == *wanted
        };
        Slot::ALL
            .into_iter()
            .zip(&self.captures)
            .all(|(slot, wanted)| captured(slot, wanted))
            && params.param_map().into_iter().all(|(id, param, _)| {
                locked.contains(&id)
                    || self.values.get(&id).is_none_or(|wanted| {
                        // SAFETY: the pointers are those of `params`, which is borrowed for all of this.
                        let present = unsafe { param.unmodulated_normalized_value() };
                        (present - wanted).abs() <= SAME
                    })
            })
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Switch(on) => write!(f, "{on}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "`{text}`"),
        }
    }
}

/// A parameter's value as a file has it.
///
/// # Safety
/// The parameter must be there.
unsafe fn present(param: ParamPtr) -> Value {
    // SAFETY: the caller's promise.
    unsafe {
        match param {
            ParamPtr::FloatParam(param) => Value::Number((*param).unmodulated_plain_value()),
            ParamPtr::IntParam(param) => Value::Number((*param).unmodulated_plain_value() as f32),
            ParamPtr::BoolParam(param) => Value::Switch((*param).unmodulated_plain_value()),
            ParamPtr::EnumParam(inner) => match (*inner).unmodulated_plain_id() {
                Some(id) => Value::Text(id.to_owned()),
                None => Value::Text(
                    param.normalized_value_to_string(param.unmodulated_normalized_value(), false),
                ),
            },
        }
    }
}

/// A file's value for a parameter that is nobody else's, normalized; or what is expected in its place.
///
/// # Safety
/// The parameter must be there.
unsafe fn normalized(param: ParamPtr, value: &Value) -> Result<f32, String> {
    // SAFETY: the caller's promise.
    unsafe {
        let read = |text: &str| typed::value(param, text).ok();
        match (param, value) {
            (ParamPtr::FloatParam(_) | ParamPtr::IntParam(_), Value::Number(number)) => {
                let range = param.preview_plain(0.0)..=param.preview_plain(1.0);
                if range.contains(number) {
                    Ok(param.preview_normalized(*number))
                } else {
                    Err(format!("{} to {}", range.start(), range.end()))
                }
            }
            (ParamPtr::FloatParam(_) | ParamPtr::IntParam(_), Value::Text(text)) => {
                typed::value(param, text).map_err(|why| match why {
                    Refusal::NoValue => "a number".to_owned(),
                    Refusal::Unit { expected, .. } => format!("a number in {expected}"),
                    Refusal::Range { .. } => {
                        let shown = |end| param.normalized_value_to_string(end, true);
                        format!("{} to {}", shown(0.0), shown(1.0))
                    }
                })
            }
            (ParamPtr::BoolParam(_), Value::Switch(on)) => Ok(f32::from(u8::from(*on))),
            (ParamPtr::BoolParam(_), Value::Text(text)) => {
                read(text).ok_or_else(|| "true or false".to_owned())
            }
            (ParamPtr::EnumParam(inner), Value::Text(text)) => {
                if (*inner).set_from_id(text) {
                    Ok(param.unmodulated_normalized_value())
                } else {
                    read(text).ok_or_else(|| "the id of one of its values".to_owned())
                }
            }
            (ParamPtr::FloatParam(_) | ParamPtr::IntParam(_), _) => Err("a number".to_owned()),
            (ParamPtr::BoolParam(_), _) => Err("true or false".to_owned()),
            (ParamPtr::EnumParam(_), _) => Err("the id of one of its values".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests;
