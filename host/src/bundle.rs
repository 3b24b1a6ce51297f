//! A `.clap` file and what it says of the plugins in it.
#![allow(unsafe_code, reason = "loading a library runs its code")]

use std::path::{Path, PathBuf};

use clack_host::prelude::*;

use crate::descriptor::Descriptor;
use crate::error::HostError;
use crate::plugin::Plugin;

/// A loaded `.clap` file.
pub struct Bundle {
    path: PathBuf,
    entry: PluginEntry,
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
        factory.plugin_descriptors().map(Descriptor::of).collect()
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
