//! The main thread's side of one plugin instance.
#![allow(unsafe_code, reason = "a plugin is foreign code")]

use std::ffi::{CStr, CString};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use clack_extensions::audio_ports::{AudioPortFlags, AudioPortInfoBuffer, PluginAudioPorts};
use clack_extensions::audio_ports_config::{AudioPortsConfigBuffer, PluginAudioPortsConfig};
use clack_extensions::gui::{GuiSize, PluginGui};
use clack_extensions::latency::PluginLatency;
use clack_extensions::params::{ParamInfoBuffer, ParamInfoFlags, PluginParams};
use clack_extensions::preset_discovery::PluginPresetLoad;
use clack_extensions::preset_discovery::preset_data::Location;
use clack_extensions::render::{PluginRender, RenderMode};
use clack_extensions::state::PluginState;
use clack_host::extensions::Extension;
use clack_host::extensions::prelude::PluginExtensionSide;
use clack_host::prelude::*;

use crate::editor::{EditorWindow, Key};
use crate::error::HostError;
use crate::events::{self, OutputEvent, ParamEvent};
use crate::handlers::{Handlers, MainThread, Requests, Shared};
use crate::{Display, Processor};

/// A loaded `.clap` file.
pub struct Bundle {
    path: PathBuf,
    entry: PluginEntry,
}

/// What a plugin says about itself before it is created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Descriptor {
    /// Unique id in reverse-domain notation.
    pub id: String,
    /// Name shown to users.
    pub name: String,
    /// Who made it.
    pub vendor: String,
    /// Version, free-form.
    pub version: String,
    /// CLAP feature tags such as `audio-effect`.
    pub features: Vec<String>,
}

impl Bundle {
    /// Loads the library and calls its entry point.
    ///
    /// # Errors
    /// [`HostError::Load`].
    pub fn load(path: impl AsRef<Path>) -> Result<Self, HostError> {
        let path = path.as_ref().to_owned();
        // SAFETY: loading runs the library's code; a host exists to trust the plugins that its user points it at.
        match unsafe { PluginEntry::load(&path) } {
            Ok(entry) => Ok(Self { path, entry }),
            Err(error) => Err(HostError::Load {
                path,
                found: error.to_string(),
            }),
        }
    }

    /// Every plugin in the file.
    pub fn descriptors(&self) -> Vec<Descriptor> {
        let Some(factory) = self.entry.get_plugin_factory() else {
            return Vec::new();
        };
        factory
            .plugin_descriptors()
            .map(|descriptor| Descriptor {
                id: text(descriptor.id()),
                name: text(descriptor.name()),
                vendor: text(descriptor.vendor()),
                version: text(descriptor.version()),
                features: descriptor
                    .features()
                    .map(|feature| text(Some(feature)))
                    .collect(),
            })
            .collect()
    }

    /// Creates an instance of the plugin with that id. The calling thread becomes its main thread.
    ///
    /// # Errors
    /// [`HostError::NoPlugin`] for an unknown id, [`HostError::Lifecycle`] if the plugin fails to initialise.
    pub fn create(&self, id: &str) -> Result<Plugin, HostError> {
        let descriptor = self
            .descriptors()
            .into_iter()
            .find(|descriptor| descriptor.id == id)
            .ok_or_else(|| HostError::NoPlugin {
                path: self.path.clone(),
                wanted: format!("`{id}`"),
            })?;
        Plugin::new(&self.entry, descriptor)
    }

    /// Whether the file's factory makes a plugin of that id, listed or not. It should of listed ones only.
    pub fn makes(&self, id: &str) -> bool {
        let descriptor = Descriptor {
            id: id.to_owned(),
            name: String::new(),
            vendor: String::new(),
            version: String::new(),
            features: Vec::new(),
        };
        Plugin::new(&self.entry, descriptor).is_ok()
    }

    /// Creates an instance of the first plugin in the file. The calling thread becomes its main thread.
    ///
    /// # Errors
    /// Those of [`Bundle::create`].
    pub fn create_first(&self) -> Result<Plugin, HostError> {
        let descriptor =
            self.descriptors()
                .into_iter()
                .next()
                .ok_or_else(|| HostError::NoPlugin {
                    path: self.path.clone(),
                    wanted: "at all".to_owned(),
                })?;
        Plugin::new(&self.entry, descriptor)
    }
}

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

/// One plugin instance, as seen from the host's main thread; the audio thread's side is [`Processor`].
///
/// Dropping it closes the editor and destroys the instance. Hand the processor back by [`Plugin::deactivate`] first:
/// clack leaks an instance whose processor is still alive.
pub struct Plugin {
    instance: PluginInstance<Handlers>,
    descriptor: Descriptor,
    requests: Arc<Requests>,
    editor: Option<EditorWindow>,
}

impl Plugin {
    fn new(entry: &PluginEntry, descriptor: Descriptor) -> Result<Self, HostError> {
        let nul = |_| HostError::refused("has an id with a NUL in it");
        let info = HostInfo::new("Moodring host", "Moodring", "", env!("CARGO_PKG_VERSION"))
            .map_err(nul)?;
        let id = CString::new(descriptor.id.as_str()).map_err(nul)?;
        let requests = Arc::new(Requests::default());
        let main_thread = std::thread::current().id();
        let instance = PluginInstance::new(
            |_| Shared {
                requests: Arc::clone(&requests),
                main_thread,
            },
            |_| MainThread {
                requests: Arc::clone(&requests),
            },
            entry,
            &id,
            &info,
        )
        .map_err(HostError::lifecycle("initialise"))?;
        Ok(Self {
            instance,
            descriptor,
            requests,
            editor: None,
        })
    }

    /// What the plugin says about itself.
    pub fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    fn extension<E: Extension<ExtensionSide = PluginExtensionSide>>(
        &mut self,
        name: &str,
    ) -> Result<E, HostError> {
        self.instance
            .plugin_handle()
            .get_extension()
            .ok_or_else(|| HostError::refused(format!("has no `{name}` extension")))
    }

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
    /// [`HostError::Refused`] while active: then changes go through [`Processor::process`].
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

    /// Tells the plugin whether it may take its time (a bounce) or not. A plugin that is active may ask for a restart:
    /// see [`Plugin::take_restart_request`].
    ///
    /// # Errors
    /// [`HostError::Refused`].
    pub fn set_render_mode(&mut self, mode: RenderMode) -> Result<(), HostError> {
        let render: PluginRender = self.extension("render")?;
        render
            .set(&self.instance.plugin_handle(), mode)
            .map_err(|_| HostError::refused(format!("refuses the render mode {mode:?}")))
    }

    /// Prepares for blocks of `min_frames..=max_frames` at `sample_rate` Hz.
    ///
    /// # Errors
    /// [`HostError::Lifecycle`] if the plugin refuses or is active already, [`HostError::Block`] for a maximum of 0
    /// or below the minimum.
    pub fn activate(
        &mut self,
        sample_rate: f64,
        min_frames: usize,
        max_frames: usize,
    ) -> Result<Processor, HostError> {
        self.activate_lying(sample_rate, min_frames, max_frames, max_frames)
    }

    /// Like [`Plugin::activate`], for a host that breaks its word: it announces blocks of `min_frames..=max_frames` and
    /// then sends longer ones, of up to `real_max_frames`.
    ///
    /// # Errors
    /// Those of [`Plugin::activate`].
    pub fn activate_lying(
        &mut self,
        sample_rate: f64,
        min_frames: usize,
        max_frames: usize,
        real_max_frames: usize,
    ) -> Result<Processor, HostError> {
        let size = |frames: usize| u32::try_from(frames.max(1)).ok();
        let (Some(min_frames_count), Some(max_frames_count)) = (size(min_frames), size(max_frames))
        else {
            return Err(HostError::Block {
                found: format!("{max_frames} frames don't fit 32 bits"),
            });
        };
        if max_frames == 0 || min_frames > max_frames {
            return Err(HostError::Block {
                found: format!("{min_frames} to {max_frames} frames are no range"),
            });
        }
        let configuration = PluginAudioConfiguration {
            sample_rate,
            min_frames_count,
            max_frames_count,
        };
        let (inputs, outputs) = (self.input_ports(), self.output_ports());
        let processor = self
            .instance
            .activate(|_, _| (), configuration)
            .map_err(HostError::lifecycle("activate"))?;
        Ok(Processor::new(
            processor,
            sample_rate,
            real_max_frames,
            &inputs,
            &outputs,
        ))
    }

    /// Stops processing and gives the processor's resources back.
    pub fn deactivate(&mut self, processor: Processor) {
        self.instance.deactivate(processor.into_stopped());
    }

    /// The latency in samples. Valid while active.
    ///
    /// # Errors
    /// [`HostError::Refused`] without the latency extension.
    pub fn latency(&mut self) -> Result<u32, HostError> {
        let latency: PluginLatency = self.extension("latency")?;
        Ok(latency.get(&self.instance.plugin_handle()))
    }

    /// The whole state, as a project file would keep it.
    ///
    /// # Errors
    /// [`HostError::Refused`].
    pub fn save_state(&mut self) -> Result<Vec<u8>, HostError> {
        let state: PluginState = self.extension("state")?;
        let mut bytes = Vec::new();
        state
            .save(&self.instance.plugin_handle(), &mut bytes)
            .map_err(|_| HostError::refused("could not save its state"))?;
        Ok(bytes)
    }

    /// Restores a state.
    ///
    /// # Errors
    /// [`HostError::Refused`] if the plugin can't read it.
    pub fn load_state(&mut self, mut bytes: &[u8]) -> Result<(), HostError> {
        let state: PluginState = self.extension("state")?;
        state
            .load(&self.instance.plugin_handle(), &mut bytes)
            .map_err(|_| HostError::refused("refuses this state"))
    }

    /// Loads one of the plugin's own presets, as a host's browser does.
    ///
    /// # Errors
    /// [`HostError::Refused`] if the plugin has none of that key.
    pub fn load_preset(&mut self, key: &str) -> Result<(), HostError> {
        let presets: PluginPresetLoad = self.extension("preset-load")?;
        let refused = || HostError::refused(format!("refuses the preset `{key}`"));
        let c_key = CString::new(key).map_err(|_| refused())?;
        let handle = self.instance.plugin_handle();
        presets
            .load_from_location(&handle, Location::Plugin, Some(&c_key))
            .map_err(|_| refused())
    }

    /// Does what the plugin asked the main thread for: its callback, the editor's size, the editor's end. Call it
    /// every few milliseconds while the plugin lives; [`Render`](crate::Render) does.
    ///
    /// # Errors
    /// [`HostError::Window`] if the window can't follow.
    pub fn pump(&mut self) -> Result<(), HostError> {
        if self.requests.callback.swap(false, Ordering::AcqRel) {
            self.instance.call_on_main_thread_callback();
        }
        if let Some(editor) = &mut self.editor {
            if let Some(size) = self.requests.take_resize() {
                editor.resize(size)?;
            }
            editor.drain_events()?;
        }
        if self.requests.editor_closed.swap(false, Ordering::AcqRel) {
            self.close_editor();
        }
        Ok(())
    }

    /// Whether the plugin asked to be deactivated and activated again since the last call.
    pub fn take_restart_request(&mut self) -> bool {
        self.requests.restart.swap(false, Ordering::AcqRel)
    }

    /// Whether the plugin asked for [`Plugin::flush`] since the last call: the editor was used while nothing plays.
    pub fn take_flush_request(&mut self) -> bool {
        self.requests.flush.swap(false, Ordering::AcqRel)
    }

    /// Whether the plugin announced other parameter values since the last call, e.g. after a state was loaded.
    pub fn take_values_changed(&mut self) -> bool {
        self.requests.values_changed.swap(false, Ordering::AcqRel)
    }

    /// Whether the plugin announced another latency since the last call.
    pub fn take_latency_changed(&mut self) -> bool {
        self.requests.latency_changed.swap(false, Ordering::AcqRel)
    }

    /// Whether the plugin announced unsaved changes since the last call.
    pub fn take_state_dirty(&mut self) -> bool {
        self.requests.state_dirty.swap(false, Ordering::AcqRel)
    }

    /// Opens the editor in a window of its own on `display`; does nothing when it is open.
    ///
    /// # Errors
    /// [`HostError::Refused`] without an X11 editor, [`HostError::Window`] when the window can't be made.
    pub fn open_editor(&mut self, display: &Display) -> Result<(), HostError> {
        if self.editor.is_none() {
            let gui: PluginGui = self.extension("gui")?;
            let title = self.descriptor.name.clone();
            self.editor = Some(EditorWindow::open(
                &gui,
                &self.instance.plugin_handle(),
                display,
                &title,
            )?);
        }
        Ok(())
    }

    /// The editor's window, if open.
    pub fn editor(&self) -> Option<&EditorWindow> {
        self.editor.as_ref()
    }

    /// Tells the open editor how many physical pixels a logical one has, as hosts do on screens of high density. The window
    /// follows.
    ///
    /// # Errors
    /// [`HostError::Refused`] without an open editor or if the plugin can't do it, [`HostError::Window`] if the window can't
    /// follow.
    pub fn scale_editor(&mut self, scale: f64) -> Result<(), HostError> {
        let gui: PluginGui = self.extension("gui")?;
        let handle = self.instance.plugin_handle();
        gui.set_scale(&handle, scale)
            .map_err(|_| HostError::refused(format!("refuses the scale {scale}")))?;
        let size = gui
            .get_size(&handle)
            .ok_or_else(|| HostError::refused("has an editor of unknown size"))?;
        match &mut self.editor {
            Some(editor) => editor.resize(size),
            None => Err(HostError::refused("has no open editor")),
        }
    }

    /// Asks the open editor to take a size, in pixels, as when a user drags the window's frame: the plugin says which size
    /// near it would do, and gets that one. Returns it.
    ///
    /// # Errors
    /// [`HostError::Refused`] without an open editor or if the plugin can't do it, [`HostError::Window`] if the window can't
    /// follow.
    pub fn resize_editor(&mut self, width: u32, height: u32) -> Result<(u32, u32), HostError> {
        let gui: PluginGui = self.extension("gui")?;
        let handle = self.instance.plugin_handle();
        let editor = self
            .editor
            .as_mut()
            .ok_or_else(|| HostError::refused("has no open editor"))?;
        let wanted = GuiSize { width, height };
        let size = gui.adjust_size(&handle, wanted).unwrap_or(wanted);
        gui.set_size(&handle, size)
            .map_err(|_| HostError::refused(format!("refuses the size {width} x {height}")))?;
        editor.resize(size)?;
        Ok((size.width, size.height))
    }

    /// What the plugin says of its editor's size, in pixels.
    pub fn editor_size(&mut self) -> Option<(u32, u32)> {
        let gui: PluginGui = self.extension("gui").ok()?;
        let size = gui.get_size(&self.instance.plugin_handle())?;
        Some((size.width, size.height))
    }

    /// The keys that came back from the open editor, or that it never got, since the last call; [`Plugin::pump`] collects
    /// them.
    pub fn take_keys(&mut self) -> Vec<Key> {
        self.editor
            .as_mut()
            .map_or_else(Vec::new, EditorWindow::take_keys)
    }

    /// Closes the editor, if open.
    pub fn close_editor(&mut self) {
        if let Some(editor) = self.editor.take()
            && let Ok(gui) = self.extension::<PluginGui>("gui")
        {
            editor.close(&gui, &self.instance.plugin_handle());
        }
    }
}

impl Drop for Plugin {
    fn drop(&mut self) {
        self.close_editor();
    }
}

fn text(c_text: Option<&CStr>) -> String {
    c_text
        .map(|c_text| c_text.to_string_lossy().into_owned())
        .unwrap_or_default()
}
