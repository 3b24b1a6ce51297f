//! The plane through the latent space.

use serde::Deserialize;

use crate::model::{LATENTS, Latent, ModelError};

/// `matrix * latent + offset`, latents in latent units; what a card calls its map.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(in crate::model) struct Projection {
    matrix: [Latent; 2],
    offset: [f32; 2],
}

impl Projection {
    /// The same, as a card may have it. `file` is for messages.
    ///
    /// # Errors
    /// [`ModelError::Field`] for a number that can't be one of a projection.
    pub(in crate::model::card) fn checked(self, file: &str) -> Result<Self, ModelError> {
        for number in self.matrix.iter().flatten().chain(&self.offset) {
            if number.is_nan() || number.abs() > 1e3 {
                let expected = "numbers within 1000";
                return Err(ModelError::field(file, "map", number, expected));
            }
        }
        Ok(self)
    }

    /// For a card without one: the first two latents, given with the others as mean and standard deviation, at two and a half
    /// standard deviations from their means at the edges.
    pub(in crate::model::card) fn of_first_latents(
        latents: impl Iterator<Item = (f32, f32)>,
    ) -> Self {
        let mut projection = Self {
            matrix: [[0.0; LATENTS]; 2],
            offset: [0.0; 2],
        };
        let axes = projection.matrix.iter_mut().zip(&mut projection.offset);
        for (index, ((row, offset), (mean, std))) in axes.zip(latents).enumerate() {
            let scale = 1.0 / (2.5 * std);
            if let Some(weight) = row.get_mut(index) {
                *weight = scale;
            }
            *offset = -mean * scale;
        }
        projection
    }

    /// Where a latent is on the plane.
    pub fn at(&self, latent: &Latent) -> [f32; 2] {
        let mut at = self.offset;
        for (value, row) in at.iter_mut().zip(&self.matrix) {
            *value += row.iter().zip(latent).map(|(a, b)| a * b).sum::<f32>();
        }
        at
    }

    /// How far latents spread on the plane that have these standard deviations: one standard deviation, the mean over both axes.
    pub fn spread(&self, std: &Latent) -> f32 {
        let variance = |row: &Latent| -> f32 {
            row.iter()
                .zip(std)
                .map(|(weight, std)| (weight * std).powi(2))
                .sum()
        };
        (self.matrix.iter().map(variance).sum::<f32>() / 2.0).sqrt()
    }
}
