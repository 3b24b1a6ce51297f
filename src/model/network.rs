//! One ONNX network with one input, and outputs, of fixed shapes, run by tract.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use tract_onnx::prelude::*;

use crate::foreign_text::one_line;

use super::{
    ModelError,
    card::TensorEntry,
    profile::{OperatorTime, operator_times},
    vector_state,
};

/// A loaded network; clones share the weights.
#[derive(Clone)]
pub(super) struct Network {
    plan: Arc<TypedRunnableModel>,
    file: Arc<str>,
    input_shape: Arc<[usize]>,
    output_lens: Arc<[usize]>,
}

impl Network {
    /// Loads and optimises a network, and checks its tensors against the card's. `outputs` are those that are wanted, one at least.
    ///
    /// # Errors
    /// [`ModelError::Network`] when tract can't load it, or a tensor's name or shape isn't the card's.
    pub(super) fn load(
        file: &str,
        bytes: &[u8],
        input: &TensorEntry,
        outputs: &[&TensorEntry],
    ) -> Result<Self, ModelError> {
        // A hostile file may break an assertion deep in the parser: that is a bad file, not our crash.
        catch_unwind(AssertUnwindSafe(|| {
            Self::load_unguarded(file, bytes, input, outputs)
        }))
        .unwrap_or_else(|_| {
            let why = "tract panicked while loading it";
            Err(ModelError::network(file, "the graph", why))
        })
    }

    fn load_unguarded(
        file: &str,
        bytes: &[u8],
        input: &TensorEntry,
        outputs: &[&TensorEntry],
    ) -> Result<Self, ModelError> {
        let error = |field: &str, why: String| ModelError::network(file, field, &why);
        let tract = |field: &'static str| move |why: TractError| error(field, format!("{why:#}"));

        let model = graph(file, bytes, input, outputs)?;
        let model = model.into_optimized().map_err(tract("the graph"))?;
        for (index, output) in outputs.iter().enumerate() {
            let fact = model.output_fact(index).map_err(tract("output"))?;
            let shape: Vec<usize> = fact
                .shape
                .as_concrete()
                .map(<[usize]>::to_vec)
                .unwrap_or_default();
            if shape != output.shape {
                return Err(error(
                    "output",
                    format!(
                        "`{}` has shape {shape:?}, the card says {:?}",
                        one_line(&output.name),
                        output.shape
                    ),
                ));
            }
            if fact.datum_type != f32::datum_type() {
                return Err(error(
                    "output",
                    format!("`{}` is {:?}, expected F32", output.name, fact.datum_type),
                ));
            }
        }
        let plan = model.into_runnable().map_err(tract("the graph"))?;
        let network = Self {
            plan,
            file: file.into(),
            input_shape: input.shape.as_slice().into(),
            output_lens: outputs
                .iter()
                .map(|output| output.shape.iter().product())
                .collect(),
        };
        // The first run builds tract's caches; a model that can't run is found out here rather than on stage.
        let zeros = vec![0.0; input.shape.iter().product()];
        network.run(&zeros)?;
        Ok(network)
    }

    /// Runs the network on `input`, row-major and as long as the card's shape says; gives its outputs likewise. Allocates.
    ///
    /// # Errors
    /// [`ModelError::Network`] when a length is wrong, tract fails, or an output isn't finite.
    pub(super) fn run(&self, input: &[f32]) -> Result<Vec<Vec<f32>>, ModelError> {
        let error = |field: &str, why: String| ModelError::network(&self.file, field, &why);
        let tensor = Tensor::from_shape(&self.input_shape, input)
            .map_err(|why| error("input", why.to_string()))?;
        let outputs = self
            .plan
            .spawn()
            .and_then(|mut state| {
                state.run_plan_with_eval(tvec!(tensor.into_tvalue()), vector_state::eval)
            })
            .map_err(|why| error("run", why.to_string()))?;
        let lens = self.output_lens.iter();
        let checked = outputs.iter().zip(lens).map(|(values, len)| {
            let values = values
                .try_as_plain_ram()
                .and_then(|values| values.as_slice::<f32>())
                .map_err(|why| error("output", why.to_string()))?;
            if values.len() != *len {
                return Err(error(
                    "output",
                    format!("has {} values, expected {len}", values.len()),
                ));
            }
            if !values.iter().all(|value| value.is_finite()) {
                return Err(error("output", "is not finite".to_owned()));
            }
            Ok(values.to_vec())
        });
        checked.collect()
    }

    /// What each of its nodes takes: see [`operator_times`].
    ///
    /// # Errors
    /// [`ModelError::Network`] when tract fails.
    pub(super) fn operator_times(&self, answers: usize) -> Result<Vec<OperatorTime>, ModelError> {
        operator_times(&self.file, &self.plan, &self.input_shape, answers)
    }

    /// [`Self::run`] of a network of which one output is wanted, which is written into `output`.
    ///
    /// # Errors
    /// The same, and when `output` is of another length.
    pub(super) fn run_into(&self, input: &[f32], output: &mut [f32]) -> Result<(), ModelError> {
        let outputs = self.run(input)?;
        let values = outputs.first().map(Vec::as_slice).unwrap_or_default();
        if values.len() != output.len() {
            let why = format!("has {} values, expected {}", values.len(), output.len());
            return Err(ModelError::network(&self.file, "output", &why));
        }
        output.copy_from_slice(values);
        Ok(())
    }
}

/// A network's graph with one input of the card's shape, and the card's outputs.
///
/// # Errors
/// As [`Network::load`].
pub(super) fn graph(
    file: &str,
    bytes: &[u8],
    input: &TensorEntry,
    outputs: &[&TensorEntry],
) -> Result<InferenceModel, ModelError> {
    let error = |field: &str, why: String| ModelError::network(file, field, &why);
    let tract = |field: &'static str| move |why: TractError| error(field, format!("{why:#}"));

    let mut model = onnx()
        .model_for_read(&mut std::io::Cursor::new(bytes))
        .map_err(tract("the ONNX graph"))?;

    let inputs = model.input_outlets().map_err(tract("inputs"))?.to_vec();
    let [only_input] = inputs.as_slice() else {
        return Err(error(
            "inputs",
            format!("{} of them, expected 1", inputs.len()),
        ));
    };
    let found_name = model.node(only_input.node).name.clone();
    if found_name != input.name {
        return Err(error(
            "input",
            format!(
                "is named `{}`, the card says `{}`",
                one_line(&found_name),
                one_line(&input.name)
            ),
        ));
    }
    let declared = model
        .input_fact(0)
        .map_err(tract("input"))?
        .shape
        .as_concrete_finite()
        .map_err(tract("input"))?;
    if let Some(declared) = declared
        && declared.as_slice() != input.shape
    {
        return Err(error(
            "input",
            format!("has shape {declared:?}, the card says {:?}", input.shape),
        ));
    }
    // A network may have more outputs than we read (the encoder's log-variance): keep only the card's.
    let outlets: Result<Vec<OutletId>, ModelError> = outputs
        .iter()
        .map(|output| {
            outlet(&model, output)
                .ok_or_else(|| error("output", format!("there is none named `{}`", output.name)))
        })
        .collect();
    model
        .select_output_outlets(&outlets?)
        .map_err(tract("output"))?;

    let fact = f32::fact(&input.shape).into();
    model.with_input_fact(0, fact).map_err(tract("the graph"))
}

/// The outlet of that name, or of a node of that name.
fn outlet(model: &InferenceModel, output: &TensorEntry) -> Option<OutletId> {
    model
        .nodes()
        .iter()
        .flat_map(|node| (0..node.outputs.len()).map(move |slot| OutletId::new(node.id, slot)))
        .find(|outlet| {
            model.outlet_label(*outlet) == Some(output.name.as_str())
                || model.node(outlet.node).name == output.name
        })
}
