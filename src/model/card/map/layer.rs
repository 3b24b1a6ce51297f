//! A dense layer of a map's projection.

use serde::Deserialize;

use super::super::check::expect_range;
use crate::model::ModelError;

/// No weight, bias or number of a map is further from 0.
pub(super) const LARGEST: f32 = 1e6;

/// `weights * input + bias`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layer {
    /// Row by row, each as long as the input.
    weights: Vec<f32>,
    bias: Vec<f32>,
}

/// The same, as a file has it.
#[derive(Deserialize)]
pub(super) struct RawLayer {
    weights: Vec<Vec<f32>>,
    bias: Vec<f32>,
}

impl Layer {
    /// A file's layer for inputs of that width, with one output at least and `most` at most. `file` and `field` are for messages.
    ///
    /// # Errors
    /// [`ModelError::Field`], naming the row or the number.
    pub(super) fn read(
        file: &str,
        field: &str,
        raw: RawLayer,
        inputs: usize,
        most: usize,
    ) -> Result<Self, ModelError> {
        let rows = format!("{field}.weights (their rows)");
        expect_range(file, &rows, raw.weights.len(), 1, most)?;
        let mut weights = Vec::with_capacity(raw.weights.len() * inputs);
        for (index, row) in raw.weights.iter().enumerate() {
            expect_numbers(file, &format!("{field}.weights[{index}]"), row, inputs)?;
            weights.extend_from_slice(row);
        }
        let outputs = raw.weights.len();
        expect_numbers(file, &format!("{field}.bias"), &raw.bias, outputs)?;
        Ok(Self {
            weights,
            bias: raw.bias,
        })
    }

    /// Width of what it gives.
    pub(super) fn outputs(&self) -> usize {
        self.bias.len()
    }

    /// What it makes of an input of its width. Allocates.
    pub(super) fn apply(&self, input: &[f32]) -> Vec<f32> {
        let rows = self.weights.chunks_exact(input.len().max(1));
        let sums = rows.zip(&self.bias);
        sums.map(|(row, bias)| bias + row.iter().zip(input).map(|(a, b)| a * b).sum::<f32>())
            .collect()
    }
}

/// Checks that there are so many numbers, and that each is one.
pub(super) fn expect_numbers(
    file: &str,
    field: &str,
    found: &[f32],
    count: usize,
) -> Result<(), ModelError> {
    if found.len() != count {
        let found = format!("{} numbers", found.len());
        return Err(ModelError::field(file, field, found, count));
    }
    for (index, number) in found.iter().enumerate() {
        expect_range(
            file,
            &format!("{field}[{index}]"),
            *number,
            -LARGEST,
            LARGEST,
        )?;
    }
    Ok(())
}
