//! What an ONNX file says of itself: its inputs, its outputs, what makes them, and its notes.

use std::{
    collections::{BTreeMap, HashSet},
    io::Cursor,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use tract_onnx::{
    pb::{GraphProto, ModelProto, ValueInfoProto, tensor_shape_proto::dimension, type_proto},
    prelude::Framework,
};

use super::ImportError;

/// Operators behind an activation that leave a probability one.
const THROUGH: [&str; 9] = [
    "Identity",
    "Reshape",
    "Squeeze",
    "Unsqueeze",
    "Flatten",
    "Cast",
    "ReduceMean",
    "Clip",
    "Transpose",
];

/// An input or an output of a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tensor {
    pub name: String,
    /// Its sizes; `None` where a size is free.
    pub shape: Vec<Option<usize>>,
}

impl Tensor {
    fn of(value: &ValueInfoProto) -> Self {
        let Some(type_proto::Value::TensorType(tensor)) =
            value.r#type.as_ref().and_then(|kind| kind.value.as_ref())
        else {
            return Self {
                name: value.name.clone(),
                shape: Vec::new(),
            };
        };
        let sizes = tensor.shape.iter().flat_map(|shape| &shape.dim);
        Self {
            name: value.name.clone(),
            shape: sizes
                .map(|size| match size.value {
                    Some(dimension::Value::DimValue(size)) if size > 0 => {
                        usize::try_from(size).ok()
                    }
                    _ => None,
                })
                .collect(),
        }
    }

    /// Its shape for one answer with so many tags.
    pub fn fixed(&self, tags: usize) -> Vec<usize> {
        match self.shape.split_last() {
            None => vec![1, tags],
            Some((_, rows)) => rows
                .iter()
                .map(|size| size.unwrap_or(1))
                .chain([tags])
                .collect(),
        }
    }

    /// Its shape for people: `[?, 1, 96, 188]`.
    pub fn told(&self) -> String {
        let sizes = self.shape.iter().map(|size| match size {
            Some(size) => size.to_string(),
            None => "?".to_owned(),
        });
        format!("[{}]", sizes.collect::<Vec<_>>().join(", "))
    }
}

/// What an ONNX file says of itself.
pub(super) struct Exported {
    inputs: Vec<Tensor>,
    pub outputs: Vec<Tensor>,
    /// Its metadata, by their keys.
    pub notes: BTreeMap<String, String>,
    graph: GraphProto,
}

impl Exported {
    /// Reads a file's bytes; `network` is for messages.
    ///
    /// # Errors
    /// [`ImportError::NotOnnx`].
    pub fn read(network: &Path, bytes: &[u8]) -> Result<Self, ImportError> {
        let wrong = |why: String| ImportError::NotOnnx {
            network: network.to_owned(),
            why,
        };
        // As in `Network::load`: a hostile file is a bad file, and not our crash.
        let parsed = catch_unwind(AssertUnwindSafe(|| {
            tract_onnx::onnx().proto_model_for_read(&mut Cursor::new(bytes))
        }));
        let model: ModelProto = match parsed {
            Ok(Ok(model)) => model,
            Ok(Err(why)) => return Err(wrong(format!("{why:#}"))),
            Err(_) => return Err(wrong("tract panicked while reading it".to_owned())),
        };
        let graph = model
            .graph
            .filter(|graph| !graph.output.is_empty())
            .ok_or_else(|| wrong("it has no graph with outputs".to_owned()))?;
        // Files of older versions list the weights among the inputs.
        let weights: HashSet<&str> = graph
            .initializer
            .iter()
            .map(|weight| weight.name.as_str())
            .collect();
        let inputs = graph
            .input
            .iter()
            .filter(|input| !weights.contains(input.name.as_str()));
        Ok(Self {
            inputs: inputs.map(Tensor::of).collect(),
            outputs: graph.output.iter().map(Tensor::of).collect(),
            notes: model
                .metadata_props
                .into_iter()
                .map(|note| (note.key, note.value))
                .collect(),
            graph,
        })
    }

    /// The one input.
    ///
    /// # Errors
    /// [`ImportError::Inputs`].
    pub fn only_input(&self, network: &Path) -> Result<&Tensor, ImportError> {
        match self.inputs.as_slice() {
            [input] => Ok(input),
            inputs => Err(ImportError::Inputs {
                network: network.to_owned(),
                found: inputs.len(),
            }),
        }
    }

    /// What is still to be done to an output, in a card's words: nothing where a sigmoid or a softmax makes it, or else a sigmoid.
    pub fn activation_left(&self, output: &str) -> &'static str {
        let mut name = output;
        // No more steps than nodes: a hostile graph may go round in a circle.
        for _ in 0..self.graph.node.len() {
            let made = |name: &str| {
                let mut nodes = self.graph.node.iter();
                nodes.find(|node| node.output.iter().any(|output| output == name))
            };
            match made(name) {
                Some(node) if THROUGH.contains(&node.op_type.as_str()) => {
                    match node.input.first() {
                        Some(input) => name = input,
                        None => break,
                    }
                }
                Some(node) if matches!(node.op_type.as_str(), "Sigmoid" | "Softmax") => {
                    return "none";
                }
                _ => break,
            }
        }
        "sigmoid"
    }

    /// The output that is an embedding: another one than the tags', of one row of a known width.
    pub fn embedding(&self, tags: &str) -> Option<&Tensor> {
        let mut others = self.outputs.iter().filter(|output| output.name != tags);
        others.find(|output| match output.shape.split_last() {
            Some((Some(width), rows)) => {
                *width > 1 && rows.iter().all(|size| matches!(size, None | Some(1)))
            }
            _ => false,
        })
    }
}
