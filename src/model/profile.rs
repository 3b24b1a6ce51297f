//! Where a network's time goes, operator by operator.

use std::{sync::Arc, time::Instant};

use tract_onnx::prelude::*;

use super::{ModelError, vector_state::eval};

/// What one node of a network's graph takes, as tract runs it: one of the file's may have become several.
#[derive(Debug, Clone, PartialEq)]
pub struct OperatorTime {
    /// The node's name, which begins with that of the file's.
    pub node: String,
    /// What it does.
    pub operator: String,
    /// Its least time of several answers, in seconds: others' work on the computer doesn't count.
    pub seconds: f64,
}

/// The times of a network's nodes, in the order in which they are run. Looking at the clock between them takes time of its own.
///
/// # Errors
/// [`ModelError::Network`] when tract fails. `file` is for messages.
pub(super) fn operator_times(
    file: &str,
    network: &Arc<TypedRunnableModel>,
    shape: &[usize],
    answers: usize,
) -> Result<Vec<OperatorTime>, ModelError> {
    let failed = |why: TractError| ModelError::network(file, "run", &format!("{why:#}"));
    let input = Tensor::zero::<f32>(shape).map_err(failed)?.into_tvalue();
    let mut state = network.spawn().map_err(failed)?;
    let mut times: Vec<(usize, OperatorTime)> = Vec::new();
    // The first answer fills caches, and isn't counted.
    for answer in 0..=answers {
        state
            .run_plan_with_eval(tvec!(input.clone()), |context, state, node, inputs| {
                let begun = Instant::now();
                let outputs = eval(context, state, node, inputs);
                let seconds = begun.elapsed().as_secs_f64();
                if answer > 0 {
                    let known = times.iter_mut().find(|(id, _)| *id == node.id);
                    match known {
                        Some((_, time)) => time.seconds = time.seconds.min(seconds),
                        None => times.push((
                            node.id,
                            OperatorTime {
                                node: node.name.clone(),
                                operator: node.op.name().into_owned(),
                                seconds,
                            },
                        )),
                    }
                }
                outputs
            })
            .map_err(failed)?;
    }
    Ok(times.into_iter().map(|(_, time)| time).collect())
}
