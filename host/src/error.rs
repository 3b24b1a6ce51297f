//! The one error type of this crate.

use std::path::PathBuf;

use clack_host::prelude::PluginInstanceError;

/// What can go wrong when hosting a plugin. Each message is one line and says what to do where that is known.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The file is no loadable CLAP.
    #[error("{}: not a loadable CLAP ({found}); bundle the plugin first", path.display())]
    Load {
        /// The `.clap` file.
        path: PathBuf,
        /// What the loader said.
        found: String,
    },
    /// The file has no plugin of that id, or none at all.
    #[error("{}: no plugin {wanted} in it", path.display())]
    NoPlugin {
        /// The `.clap` file.
        path: PathBuf,
        /// The id asked for.
        wanted: String,
    },
    /// A step of the life cycle failed: creating, activating, starting or processing.
    #[error("the plugin failed to {step}: {source}")]
    Lifecycle {
        /// The step, as an infinitive.
        step: &'static str,
        /// What clack said.
        source: PluginInstanceError,
    },
    /// The plugin lacks an extension, or refuses a call to it.
    #[error("the plugin {refused}")]
    Refused {
        /// What it doesn't do.
        refused: String,
    },
    /// There is no parameter of that name.
    #[error("parameter `{wanted}`: not one of {known}")]
    UnknownParam {
        /// The name asked for.
        wanted: String,
        /// The names that there are, comma-separated.
        known: String,
    },
    /// A parameter doesn't understand a text.
    #[error("parameter `{param}`: can't read `{text}` as a value")]
    ParamText {
        /// The parameter's name.
        param: String,
        /// The text.
        text: String,
    },
    /// A block doesn't fit what was activated.
    #[error("block: {found}")]
    Block {
        /// Which number is wrong, and which would be right.
        found: String,
    },
    /// The X display or the editor's window failed.
    #[error("{0}")]
    Window(String),
    /// A picture could not be written.
    #[error("{}: can't be written ({found}); check the folder, its permissions and the free space", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        found: String,
    },
}

impl HostError {
    pub(crate) fn refused(what: impl Into<String>) -> Self {
        Self::Refused {
            refused: what.into(),
        }
    }

    pub(crate) fn lifecycle(step: &'static str) -> impl FnOnce(PluginInstanceError) -> Self {
        move |source| Self::Lifecycle { step, source }
    }
}
