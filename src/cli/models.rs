//! Which models a command uses.

use std::path::PathBuf;

use crate::model::ModelSource;

/// The option that all commands have.
#[derive(Debug, Clone, clap::Args)]
pub struct Models {
    /// Use the models in this folder (tagger/card.json, timbre/card.json) in place of the embedded ones.
    #[arg(long, value_name = "DIR")]
    models: Option<PathBuf>,
}

impl Models {
    /// Where they are.
    pub fn source(&self) -> ModelSource {
        self.models
            .clone()
            .map_or_else(ModelSource::from_environment, ModelSource::Folder)
    }
}
