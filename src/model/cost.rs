//! What a network costs, reckoned from its graph.

use std::{
    ops::AddAssign,
    panic::{AssertUnwindSafe, catch_unwind},
};

use tract_onnx::{
    prelude::*,
    tract_core::{
        internal::DimLike,
        ops::{Cost, scan::Scan},
    },
};

use super::{ModelError, card::TensorEntry, network};

/// What a network costs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NetworkCost {
    /// Numbers that it learned.
    pub parameters: u64,
    /// Multiplications, each with an addition, of one answer.
    pub multiply_adds: u64,
    /// Bytes of its weights, and of what it keeps in between while it answers.
    pub bytes: u64,
}

impl AddAssign for NetworkCost {
    fn add_assign(&mut self, other: Self) {
        self.parameters += other.parameters;
        self.multiply_adds += other.multiply_adds;
        self.bytes += other.bytes;
    }
}

impl NetworkCost {
    /// What a network's file costs, for the card's tensors.
    ///
    /// # Errors
    /// As [`Network::load`](super::network::Network::load).
    pub(super) fn of(
        file: &str,
        bytes: &[u8],
        input: &TensorEntry,
        outputs: &[&TensorEntry],
    ) -> Result<Self, ModelError> {
        let error = |why: String| ModelError::network(file, "the graph", &why);
        let reckoned = catch_unwind(AssertUnwindSafe(|| {
            let model = network::graph(file, bytes, input, outputs)?;
            let model = model
                .into_typed()
                .and_then(TypedModel::into_decluttered)
                .map_err(|why| error(format!("{why:#}")))?;
            reckon(&model).map_err(|why| error(format!("{why:#}")))
        }));
        reckoned.unwrap_or_else(|_| Err(error("tract panicked while loading it".to_owned())))
    }
}

fn reckon(model: &TypedModel) -> TractResult<NetworkCost> {
    let mut cost = NetworkCost::default();
    for node in model.nodes() {
        if let Some(weights) = node
            .outputs
            .first()
            .and_then(|output| output.fact.konst.as_ref())
            && node.inputs.is_empty()
            && weights.datum_type().is_float()
            // A single number is a formula's, and not learnt.
            && weights.len() > 1
        {
            cost.parameters += weights.len() as u64;
        }
        let inputs = model.node_input_facts(node.id)?;
        if let Some(scan) = node.op_as::<Scan>() {
            let body = reckon(&scan.body)?;
            let turns = scan
                .iteration_count(&inputs)
                .map_or(Ok(1), |turns| turns.to_usize())?;
            cost.parameters += body.parameters;
            cost.multiply_adds += turns as u64 * body.multiply_adds;
        }
        for (kind, count) in node.op.cost(&inputs)? {
            if matches!(kind, Cost::FMA(_)) {
                cost.multiply_adds += count.to_usize()? as u64;
            }
        }
    }
    let order = model.eval_order()?;
    let kept = model.eval_tmp_memory_usage(&order, |node| !node.inputs.is_empty())?;
    let mut most = 0;
    for (_, bytes) in kept {
        most = most.max(bytes.to_usize()?);
    }
    cost.bytes = 4 * cost.parameters + most as u64;
    Ok(cost)
}
