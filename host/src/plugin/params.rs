//! An instance's parameters, outside of the audio.

use std::ffi::CString;

use clack_extensions::params::{ParamInfoBuffer, ParamInfoFlags, PluginParams};
use clack_host::prelude::*;

use super::Plugin;
use crate::error::HostError;
use crate::events::{self, OutputEvent, ParamEvent};

/// A parameter, as the plugin describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// Permanent id.
    pub id: ClapId,
    /// Name shown to users.
    pub name: String,
    /// Group, nested by slashes; empty for none.
    pub module: String,
    /// Lowest value. (nice-plug: always 0.)
    pub min: f64,
    /// Highest value. (nice-plug: 1, or the number of steps of a stepped parameter.)
    pub max: f64,
    /// Value of a fresh instance.
    pub default: f64,
    /// Stepped, automatable, bypass, hidden and so on.
    pub flags: ParamInfoFlags,
}

impl Plugin {
    /// Every parameter, in the plugin's order.
    ///
    /// # Errors
    /// [`HostError::Refused`] without the params extension.
    pub fn params(&mut self) -> Result<Vec<Param>, HostError> {
        let params: PluginParams = self.extension("params")?;
        let handle = self.instance.plugin_handle();
        let mut buffer = ParamInfoBuffer::new();
        Ok((0..params.count(&handle))
            .filter_map(|index| {
                let info = params.get_info(&handle, index, &mut buffer)?;
                Some(Param {
                    id: info.id,
                    name: String::from_utf8_lossy(info.name).into_owned(),
                    module: String::from_utf8_lossy(info.module).into_owned(),
                    min: info.min_value,
                    max: info.max_value,
                    default: info.default_value,
                    flags: info.flags,
                })
            })
            .collect())
    }

    /// The parameter with that name.
    ///
    /// # Errors
    /// [`HostError::UnknownParam`], which lists the names that there are.
    pub fn param(&mut self, name: &str) -> Result<Param, HostError> {
        let params = self.params()?;
        params
            .iter()
            .find(|param| param.name == name)
            .cloned()
            .ok_or_else(|| HostError::UnknownParam {
                wanted: name.to_owned(),
                known: params
                    .iter()
                    .map(|param| format!("`{}`", param.name))
                    .collect::<Vec<_>>()
                    .join(", "),
            })
    }

    /// The parameter's current value, without what modulation makes of it.
    ///
    /// # Errors
    /// [`HostError::Refused`] for an unknown id.
    pub fn value(&mut self, id: ClapId) -> Result<f64, HostError> {
        let params: PluginParams = self.extension("params")?;
        params
            .get_value(&self.instance.plugin_handle(), id)
            .ok_or_else(|| HostError::refused(format!("has no value for parameter {}", id.get())))
    }

    /// A value as the user reads it, unit included.
    ///
    /// # Errors
    /// [`HostError::Refused`] for an unknown id.
    pub fn value_to_text(&mut self, id: ClapId, value: f64) -> Result<String, HostError> {
        let params: PluginParams = self.extension("params")?;
        let mut buffer = [0; 256];
        params
            .value_to_text(&self.instance.plugin_handle(), id, value, &mut buffer)
            .map(|text| String::from_utf8_lossy(text).into_owned())
            .map_err(|_| {
                HostError::refused(format!("has no text for {value} of parameter {}", id.get()))
            })
    }

    /// The value that the user means by a text.
    ///
    /// # Errors
    /// [`HostError::ParamText`] if the parameter doesn't understand it.
    pub fn text_to_value(&mut self, param: &Param, text: &str) -> Result<f64, HostError> {
        let params: PluginParams = self.extension("params")?;
        let handle = self.instance.plugin_handle();
        CString::new(text)
            .ok()
            .and_then(|c_text| params.text_to_value(&handle, param.id, &c_text))
            .ok_or_else(|| HostError::ParamText {
                param: param.name.clone(),
                text: text.to_owned(),
            })
    }

    /// The event that sets the parameter called `name` to what the user means by `text`, at `frame`.
    ///
    /// # Errors
    /// [`HostError::UnknownParam`], [`HostError::ParamText`].
    pub fn set_at(
        &mut self,
        frame: usize,
        name: &str,
        text: &str,
    ) -> Result<ParamEvent, HostError> {
        let param = self.param(name)?;
        let value = self.text_to_value(&param, text)?;
        Ok(ParamEvent {
            frame,
            id: param.id,
            value,
        })
    }

    /// Hands parameter changes over while the plugin is inactive, and collects its own.
    ///
    /// # Errors
    /// [`HostError::Refused`] while active: then changes go through [`Processor::process`](crate::Processor::process).
    pub fn flush(&mut self, events: &[ParamEvent]) -> Result<Vec<OutputEvent>, HostError> {
        let params: PluginParams = self.extension("params")?;
        let (mut input, mut output) = (EventBuffer::new(), EventBuffer::new());
        events::encode(events, &mut input);
        let mut handle = self.instance.inactive_plugin_handle().ok_or_else(|| {
            HostError::refused("is active: send parameter changes with the audio")
        })?;
        params.flush(&mut handle, &input.as_input(), &mut output.as_output());
        Ok(events::decode(&output).collect())
    }
}
