//! The main thread's side of one plugin instance.

mod editor;
pub mod params;
pub mod ports;

use std::ffi::CString;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use clack_extensions::latency::PluginLatency;
use clack_extensions::preset_discovery::PluginPresetLoad;
use clack_extensions::preset_discovery::preset_data::Location;
use clack_extensions::render::{PluginRender, RenderMode};
use clack_extensions::state::PluginState;
use clack_host::extensions::Extension;
use clack_host::extensions::prelude::PluginExtensionSide;
use clack_host::prelude::*;

use crate::descriptor::Descriptor;
use crate::editor::EditorWindow;
use crate::error::HostError;
use crate::handlers::{Handlers, MainThread, Requests, Shared};
use crate::processor::Processor;

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
    pub(crate) fn new(entry: &PluginEntry, descriptor: Descriptor) -> Result<Self, HostError> {
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
}

impl Drop for Plugin {
    fn drop(&mut self) {
        self.close_editor();
    }
}
