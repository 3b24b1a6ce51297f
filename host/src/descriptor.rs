//! What a plugin says about itself.

use std::ffi::CStr;

use clack_host::plugin::PluginDescriptor;

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

impl Descriptor {
    pub(crate) fn of(descriptor: &PluginDescriptor) -> Self {
        Self {
            id: text(descriptor.id()),
            name: text(descriptor.name()),
            vendor: text(descriptor.vendor()),
            version: text(descriptor.version()),
            features: descriptor
                .features()
                .map(|feature| text(Some(feature)))
                .collect(),
        }
    }
}

fn text(c_text: Option<&CStr>) -> String {
    c_text
        .map(|c_text| c_text.to_string_lossy().into_owned())
        .unwrap_or_default()
}
