//! What a card lists: files and tensors.

use serde::Deserialize;

/// A file of the model, relative to the card's folder.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::model) struct FileEntry {
    pub file: String,
    pub sha256: String,
}

/// One tensor of a network.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::model) struct TensorEntry {
    pub name: String,
    pub shape: Vec<usize>,
}

/// A network and its tensors.
#[derive(Debug, Clone)]
pub(in crate::model) struct NetworkEntry {
    pub file: FileEntry,
    pub input: TensorEntry,
    pub output: TensorEntry,
}
