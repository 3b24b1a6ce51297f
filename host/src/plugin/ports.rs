//! An instance's audio ports and their arrangements.

use clack_extensions::audio_ports::{AudioPortFlags, AudioPortInfoBuffer, PluginAudioPorts};
use clack_extensions::audio_ports_config::{AudioPortsConfigBuffer, PluginAudioPortsConfig};
use clack_host::utils::ClapId;

use super::Plugin;
use crate::error::HostError;

/// One audio port, a bus in other formats' words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// Name shown to users.
    pub name: String,
    /// Number of channels.
    pub channel_count: usize,
    /// Whether it is the main port. The others are side chains.
    pub is_main: bool,
}

/// One arrangement of audio ports that the plugin offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// To be given to [`Plugin::select_layout`].
    pub id: ClapId,
    /// Name shown to users.
    pub name: String,
    /// Channels of the main input; 0 for none.
    pub input_channels: usize,
    /// Channels of the main output; 0 for none.
    pub output_channels: usize,
}

impl Plugin {
    /// The arrangements of audio ports on offer; the first is the default.
    pub fn layouts(&mut self) -> Vec<Layout> {
        let Ok(configs) = self.extension::<PluginAudioPortsConfig>("audio-ports-config") else {
            return Vec::new();
        };
        let handle = self.instance.plugin_handle();
        let mut buffer = AudioPortsConfigBuffer::new();
        (0..configs.count(&handle))
            .filter_map(|index| {
                let config = configs.get(&handle, index, &mut buffer)?;
                Some(Layout {
                    id: config.id,
                    name: String::from_utf8_lossy(config.name).into_owned(),
                    input_channels: config
                        .main_input
                        .map_or(0, |port| port.channel_count as usize),
                    output_channels: config
                        .main_output
                        .map_or(0, |port| port.channel_count as usize),
                })
            })
            .collect()
    }

    /// Switches to the first layout with that many channels in and out.
    ///
    /// # Errors
    /// [`HostError::Refused`] if there is none, or while active.
    pub fn select_channels(&mut self, channel_count: usize) -> Result<(), HostError> {
        let layout = self
            .layouts()
            .into_iter()
            .find(|layout| {
                layout.input_channels == channel_count && layout.output_channels == channel_count
            })
            .ok_or_else(|| {
                HostError::refused(format!(
                    "has no layout with {channel_count} channels in and out"
                ))
            })?;
        self.select_layout(layout.id)
    }

    /// Switches to another arrangement of audio ports.
    ///
    /// # Errors
    /// [`HostError::Refused`] for an unknown id, or while active.
    pub fn select_layout(&mut self, id: ClapId) -> Result<(), HostError> {
        if self.instance.is_active() {
            return Err(HostError::refused(
                "is active: deactivate it before changing the layout",
            ));
        }
        let configs: PluginAudioPortsConfig = self.extension("audio-ports-config")?;
        configs
            .select(&self.instance.plugin_handle(), id)
            .map_err(|_| HostError::refused(format!("refuses layout {}", id.get())))
    }

    /// The input ports of the current layout.
    pub fn input_ports(&mut self) -> Vec<Port> {
        self.ports(true)
    }

    /// The output ports of the current layout.
    pub fn output_ports(&mut self) -> Vec<Port> {
        self.ports(false)
    }

    fn ports(&mut self, is_input: bool) -> Vec<Port> {
        let Ok(ports) = self.extension::<PluginAudioPorts>("audio-ports") else {
            return Vec::new();
        };
        let handle = self.instance.plugin_handle();
        let mut buffer = AudioPortInfoBuffer::new();
        (0..ports.count(&handle, is_input))
            .filter_map(|index| {
                let info = ports.get(&handle, index, is_input, &mut buffer)?;
                Some(Port {
                    name: String::from_utf8_lossy(info.name).into_owned(),
                    channel_count: info.channel_count as usize,
                    is_main: info.flags.contains(AudioPortFlags::IS_MAIN),
                })
            })
            .collect()
    }
}
