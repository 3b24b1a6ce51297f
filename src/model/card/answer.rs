//! From what a network puts out to a probability per tag.

use super::check::{elements, expect_one_of, expect_range};
use crate::model::ModelError;

/// Probabilities are taken as so far from 0 and 1 at least where they become logits.
const LEAST_DOUBT: f32 = 1e-6;

/// What is still to be done to a network's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Activation {
    /// Nothing: it gives probabilities.
    None,
    /// It gives logits, each by itself.
    Sigmoid,
    /// It gives logits of tags of which one is right.
    Softmax,
}

/// How a network's output is read.
#[derive(Debug, Clone, PartialEq)]
pub struct AnswerReading {
    activation: Activation,
    tags: usize,
    /// Each tag's slope and offset; empty where the network is calibrated or isn't at all.
    calibration: Vec<Option<Calibration>>,
}

/// What makes of a tag's logit that of a probability that can be believed (J. Platt, "Probabilistic outputs for support vector
/// machines", 1999): `slope * logit + offset`.
#[derive(Debug, Clone, Copy, PartialEq, serde::Deserialize)]
pub(super) struct Calibration {
    slope: f32,
    offset: f32,
}

impl AnswerReading {
    /// How a card wants it read that has so many tags. `file` is for messages.
    ///
    /// # Errors
    /// [`ModelError::Field`] for another activation, another shape, or a calibration out of range.
    pub(super) fn read(
        file: &str,
        activation: Option<&str>,
        shape: &[usize],
        calibration: Vec<Option<Calibration>>,
    ) -> Result<Self, ModelError> {
        let activation = activation.unwrap_or("none");
        let activations = ["none", "sigmoid", "softmax"];
        expect_one_of(file, "output.activation", activation, &activations)?;
        let tags = calibration.len();
        let rows = elements(shape.split_last().map_or(&[], |(_, others)| others));
        if shape.last() != Some(&tags) || !(1..=4_096).contains(&rows) {
            return Err(ModelError::field(
                file,
                "output.shape",
                format!("{shape:?}"),
                format!("[1, {tags}], or with more rows, whose mean is the answer"),
            ));
        }
        for (index, Calibration { slope, offset }) in calibration
            .iter()
            .enumerate()
            .filter_map(|(index, both)| Some((index, (*both)?)))
        {
            let field = |name: &str| format!("tags[{index}].calibration.{name}");
            expect_range(file, &field("slope"), slope, -1e3, 1e3)?;
            expect_range(file, &field("offset"), offset, -1e3, 1e3)?;
        }
        Ok(Self {
            activation: match activation {
                "sigmoid" => Activation::Sigmoid,
                "softmax" => Activation::Softmax,
                _ => Activation::None,
            },
            tags,
            calibration,
        })
    }

    /// Writes a probability per tag into `probabilities`, from what the network put out: one row, or the mean of several.
    pub fn probabilities(&self, output: &[f32], probabilities: &mut [f32]) {
        let rows = output.chunks_exact(self.tags.max(1));
        let share = 1.0 / rows.len().max(1) as f32;
        probabilities.fill(0.0);
        let mut activated = vec![0.0; self.tags];
        for row in rows {
            activated.copy_from_slice(row);
            self.activate(&mut activated);
            for (sum, value) in probabilities.iter_mut().zip(&activated) {
                *sum += share * value;
            }
        }
        let calibrated = probabilities.iter_mut().zip(&self.calibration);
        for (probability, calibration) in calibrated {
            if let Some(Calibration { slope, offset }) = calibration {
                let sure = probability.clamp(LEAST_DOUBT, 1.0 - LEAST_DOUBT);
                *probability = sigmoid(slope * (sure / (1.0 - sure)).ln() + offset);
            }
            *probability = probability.clamp(0.0, 1.0);
        }
    }

    fn activate(&self, row: &mut [f32]) {
        match self.activation {
            Activation::None => {}
            Activation::Sigmoid => row.iter_mut().for_each(|value| *value = sigmoid(*value)),
            Activation::Softmax => {
                let greatest = row.iter().copied().fold(f32::MIN, f32::max);
                row.iter_mut()
                    .for_each(|value| *value = (*value - greatest).exp());
                let sum: f32 = row.iter().sum();
                row.iter_mut().for_each(|value| *value /= sum);
            }
        }
    }
}

fn sigmoid(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(activation: &str, output: &[f32], calibration: &[Option<Calibration>]) -> Vec<f32> {
        let tags = calibration.len();
        let shape = [output.len() / tags, tags];
        let reading =
            AnswerReading::read("card", Some(activation), &shape, calibration.to_vec()).unwrap();
        let mut probabilities = vec![0.0; tags];
        reading.probabilities(output, &mut probabilities);
        probabilities
    }

    fn near(found: &[f32], wanted: &[f32]) {
        let apart = found.iter().zip(wanted).map(|(a, b)| (a - b).abs());
        assert!(apart.fold(0.0, f32::max) < 1e-5, "{found:?}, {wanted:?}");
    }

    #[test]
    fn what_a_network_puts_out_becomes_probabilities() {
        near(&read("none", &[0.25, 1.5], &[None; 2]), &[0.25, 1.0]);
        near(
            &read("sigmoid", &[0.0, 3f32.ln()], &[None; 2]),
            &[0.5, 0.75],
        );
        near(
            &read("softmax", &[7.0, 7.0 + 3f32.ln()], &[None; 2]),
            &[0.25, 0.75],
        );
        near(
            &read("none", &[0.2, 0.4, 0.4, 0.8], &[None; 2]),
            &[0.3, 0.6],
        );
    }

    #[test]
    fn a_tag_s_logit_is_calibrated() {
        let halved = Some(Calibration {
            slope: 0.5,
            offset: 0.0,
        });
        let raised = Some(Calibration {
            slope: 1.0,
            offset: 9f32.ln(),
        });
        near(&read("none", &[0.9, 0.5], &[halved, raised]), &[0.75, 0.9]);
        near(
            &read("sigmoid", &[9f32.ln(), 0.0], &[halved, None]),
            &[0.75, 0.5],
        );
    }
}
